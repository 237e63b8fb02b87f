"""Workbooks that are written column by column, read back by the reader that takes what agencies send."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path

import pyarrow as pa
import pytest

from pipelines.ingest.sheet import open_sheet
from pipelines.reports import large_workbook
from pipelines.reports.large_workbook import write_large_workbook
from schemas.file_terms import FileTerms

DAY = date(2026, 11, 1)

FIGURES = pa.table(
    {
        "name": ["=1+1", 'a < b & "c"', None, " x\x01_x0041_ "],
        "n_people": pa.array([12, None, -3, 4_000_000_000], pa.int64()),
        "share": [0.5, 1e-7, float("nan"), None],
        "paid_usd": [1234.5, None, 0.0, 2.25],
        "told_on": [DAY, None, date(1970, 1, 1), date(2000, 2, 29)],
        "suppressed": [True, False, None, True],
    }
)


def read(path: Path, sheet: str) -> list[str]:
    """The rows of a sheet as text, as intake reads them."""
    with open_sheet(BytesIO(path.read_bytes()), replace(FileTerms(), worksheet=sheet)) as text:
        return text.read(10_000).decode().splitlines()


def cells(path: Path, column: str) -> list[str]:
    """The cells of a column of the first sheet, as XML."""
    with zipfile.ZipFile(path) as book:
        return re.findall(rf'<c r="{column}\d+".*?</c>', book.read("xl/worksheets/sheet1.xml").decode())


def test_texts_days_and_flags_are_what_a_strict_reader_reads(tmp_path: Path) -> None:
    book = tmp_path / "book.xlsx"
    tables = {"figures": FIGURES.select(["name", "told_on", "suppressed"]), "none": FIGURES.slice(0, 0)}
    write_large_workbook(book, tables, title="A & B", made_on=DAY)
    assert read(book, "figures") == [
        "name,told on,suppressed",
        "=1+1,2026-11-01,TRUE",
        '"a < b & ""c""",,FALSE',
        ",1970-01-01,",
        " x\x01_x0041_ ,2000-02-29,TRUE",
    ]


def test_a_text_is_never_a_formula_and_what_is_no_number_no_cell(tmp_path: Path) -> None:
    book = tmp_path / "book.xlsx"
    write_large_workbook(book, {"figures": FIGURES}, title="t", made_on=DAY)
    assert cells(book, "A")[1] == '<c r="A2" t="inlineStr"><is><t xml:space="preserve">=1+1</t></is></c>'
    assert [re.search("<v>(.*)</v>", cell)[1] for cell in cells(book, "B")[1:]] == ["12", "-3", "4000000000"]
    assert cells(book, "C")[1:] == ['<c r="C2" s="3"><v>0.5</v></c>', '<c r="C3" s="3"><v>1e-7</v></c>']
    assert cells(book, "D")[1] == '<c r="D2" s="2"><v>1234.5</v></c>'


def test_the_same_tables_give_the_same_bytes_in_pieces_of_any_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_large_workbook(tmp_path / "one.xlsx", {"figures": FIGURES}, title="t", made_on=DAY)
    monkeypatch.setattr(large_workbook, "PIECE_ROWS", 3)
    write_large_workbook(tmp_path / "other.xlsx", {"figures": FIGURES}, title="t", made_on=DAY)
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "other.xlsx").read_bytes()


def test_the_27th_column_is_aa(tmp_path: Path) -> None:
    wide = pa.table({f"c{at}": [at] for at in range(28)})
    write_large_workbook(tmp_path / "book.xlsx", {"wide": wide}, title="t", made_on=DAY)
    assert cells(tmp_path / "book.xlsx", "AB")[1] == '<c r="AB2" s="3"><v>27</v></c>'
