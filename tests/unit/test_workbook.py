"""A workbook has the same bytes whether its cells are written one by one or a column at a time."""

import zipfile
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from pipelines.reports.workbook import write_workbook

DAY = date(2026, 11, 1)


def _table(rows: int) -> pa.Table:
    """Every type, nulls everywhere, rows and runs of rows that are empty, texts that need care."""
    texts = ["=1+1", " leads", "a & b < c", "_x0041_", "", "é\u2028", None, "same", "same", "<r>x</r>"]

    def column(values: list[object], every: int) -> list[object]:
        return [None if at % every == 0 or at % 40 > 21 else values[at % len(values)] for at in range(rows)]

    return pa.table(
        {
            "a_text": pa.array(column(list(texts), 7), pa.string()),
            "paid_usd": pa.array(column([0.1, -0.0, 0.0, 1e300, 1 / 3, 1e-9, 123456789.125], 5), pa.float64()),
            "people": pa.array(column([1, 2, -3, 2**53 + 1], 3), pa.int64()),
            "suppressed": pa.array(column([True, False, None], 4), pa.bool_()),
            "told_as_of_on": pa.array(column([DAY + timedelta(at) for at in range(9)], 6), pa.date32()),
            "another_text": pa.array(column(["same", "new", "a & b < c"], 2), pa.string()),
            "never_told": pa.nulls(rows, pa.float64()),
        }
    )


@pytest.mark.parametrize("rows", [1, 2, 15, 16, 17, 61, 20_000])
def test_a_table_of_arrow_gives_the_bytes_of_its_rows(tmp_path: Path, rows: int) -> None:
    tables = {"first": _table(rows), "second": _table(rows).slice(rows // 2), "third": _table(3)}
    write_workbook(tmp_path / "columns.xlsx", tables, title="T", made_on=DAY)
    by_row = {name: table.to_pylist() for name, table in tables.items()}
    write_workbook(tmp_path / "cells.xlsx", by_row, title="T", made_on=DAY)
    assert (tmp_path / "columns.xlsx").read_bytes() == (tmp_path / "cells.xlsx").read_bytes()


def test_a_column_that_is_none_of_the_usual_is_written_cell_by_cell(tmp_path: Path) -> None:
    long = pa.table({"note": ["x" * 40_000], "people": [1]})
    write_workbook(tmp_path / "columns.xlsx", {"notes": long}, title="T", made_on=DAY)
    write_workbook(tmp_path / "cells.xlsx", {"notes": long.to_pylist()}, title="T", made_on=DAY)
    assert (tmp_path / "columns.xlsx").read_bytes() == (tmp_path / "cells.xlsx").read_bytes()


def test_an_empty_table_has_no_sheet(tmp_path: Path) -> None:
    write_workbook(tmp_path / "book.xlsx", {"none": _table(0), "some": _table(1)}, title="T", made_on=DAY)
    with zipfile.ZipFile(tmp_path / "book.xlsx") as book:
        assert [name for name in book.namelist() if "/worksheets/" in name] == ["xl/worksheets/sheet1.xml"]
