"""Whatever is sent: nothing crashes, no line is lost or made up, no letter changes, and twice is once."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.ingest.content import Text
from pipelines.ingest.preflight import read_header, skip_lines
from pipelines.ingest.problems import UnreadableFileError
from pipelines.ingest.records import LineTooLongError, read_records
from pipelines.ingest.rows import Rows
from schemas.file_terms import FileTerms
from tests.intake import PATIENT_HEADER, County, county, patient

CELL = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
ROWS = st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=8)

GOOD = (PATIENT_HEADER + patient("p1") + patient("p2", '"Ash, Jr"') + patient("p3", '"two\nlines"')).encode()
MUTATIONS = st.lists(
    st.tuples(
        st.integers(0, 10_000),
        st.sampled_from(["change", "insert", "remove", "double"]),
        st.integers(0, 255) | st.sampled_from(list(b'",\n\r\0\x1f')),
    ),
    max_size=6,
)


def mutated(mutations: list[tuple[int, str, int]]) -> bytes:
    changed = bytearray(GOOD)
    for where, kind, byte in mutations:
        at = where % max(1, len(changed))
        if kind == "insert":
            changed.insert(at, byte)
        elif kind == "double":
            changed[at:at] = changed[at : at + byte]
        elif len(changed) > 1 and kind == "remove":
            del changed[at]
        else:
            changed[at] = byte
    return bytes(changed)


def cells(text: bytes, columns: int, chunk: int) -> tuple[list[tuple[str | None, ...]], list[int], Rows]:
    """Fields and lines of the readable rows of a text without header, and what became of the others."""
    rows = Rows(columns, FileTerms())
    found, lines = [], []
    header = b",".join([b"h"] * columns) + b"\n"
    for part in rows.read(_Slowly(header + text, chunk), first_line=1):
        found += list(zip(*(part.fields.column(i).to_pylist() for i in range(columns)), strict=True))
        lines += part.lines.tolist()
    return found, lines, rows


class _Slowly:
    """A stream that gives few bytes at a time."""

    def __init__(self, content: bytes, chunk: int) -> None:
        self._stream, self._chunk = io.BytesIO(content), chunk

    def read(self, size: int, /) -> bytes:
        return self._stream.read(min(size, self._chunk))


@settings(max_examples=200, deadline=None)
@given(rows=ROWS, line_end=st.sampled_from(["\n", "\r\n", "\r"]), chunk=st.sampled_from([1, 7, 100_000]))
def test_any_unicode_text_survives_the_round_trip(rows: list[tuple[str, ...]], line_end: str, chunk: int) -> None:
    written = io.StringIO()
    csv.writer(written, lineterminator=line_end, quoting=csv.QUOTE_ALL).writerows(rows)
    found, _, _ = cells(written.getvalue().encode(), 3, chunk)
    assert found == [tuple(cell or None for cell in row) for row in rows]


@settings(max_examples=200, deadline=None)
@given(text=st.text(st.sampled_from('a,"\n\r\ufeffé'), max_size=40), chunk=st.sampled_from([1, 5, 100_000]))
def test_every_line_is_a_row_or_unreadable_or_blank(text: str, chunk: int) -> None:
    found, lines, rows = cells(text.encode(), 2, chunk)
    refused = [row.line for row in rows.unreadable]
    inside = sum(_breaks(cell) for row in found for cell in row if cell)
    inside += sum(_breaks(row.text) for row in rows.unreadable if row.rule_id != "row.malformed_quotes")
    physical = _breaks(text) + (not text.endswith(("\n", "\r"))) if text else 0
    assert len(set(lines + refused)) == len(lines) + len(refused)
    assert len(lines) + len(refused) + rows.blank_lines + inside == physical


def _breaks(text: str) -> int:
    return text.replace("\r\n", "\n").replace("\r", "\n").count("\n")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(mutations=MUTATIONS)
def test_random_bytes_in_a_good_file_lose_no_line_and_twice_is_once(
    mutations: list[tuple[int, str, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    made = county(tmp_path_factory.mktemp("county"))
    made.deliver({"patient.csv": mutated(mutations)})
    (receipt,) = made.run()
    for counts in receipt.tables.values():
        assert counts.rows_in == counts.accepted + counts.quarantined + counts.superseded
    assert made.take().known == (receipt.delivery_id,)
    _raw_is_as_the_scanner_sees_it(made, mutated(mutations))


def _raw_is_as_the_scanner_sees_it(made: County, sent: bytes) -> None:
    (delivery,) = made.taken()
    if delivery.problems:
        return
    folder = delivery.folder(made.lake)
    unread = folder / "unreadable" / "patient.parquet"
    refused = pl.read_parquet(unread)["_line_number"].to_list() if unread.exists() else []
    lines = made.raw("patient")["_line_number"].to_list() + refused
    expected = []
    for records in read_records(io.BytesIO(sent.removeprefix(b"\xef\xbb\xbf"))):
        expected += records.lines[records.ends > records.starts].tolist() + [line for _, _, line in records.refused]
    assert sorted(lines) == sorted(expected)[1:]


@settings(max_examples=150, deadline=None)
@given(sent=st.binary(max_size=60), chunk=st.sampled_from([4, 5, 1000]), encoding=st.sampled_from(["utf-8", "utf-16"]))
def test_any_bytes_are_text_or_told_to_be_none(sent: bytes, chunk: int, encoding: str) -> None:
    text = Text(_Slowly(sent, chunk), encoding)
    try:
        read = b"".join(iter(lambda: text.read(chunk), b""))
    except UnreadableFileError as bad:
        assert bad.rule_id in ("file.not_utf8", "file.not_in_declared_encoding", "file.nul_byte")
        return
    assert read.decode("utf-8") == sent.decode(encoding).removeprefix("\ufeff" if encoding == "utf-8" else "")


def test_double_encoding_is_counted_across_blocks() -> None:
    twice = "José".encode().decode("windows-1252").encode() * 3
    text = Text(_Slowly(twice, 4), "utf-8")
    while text.read(4):
        pass
    assert text.double_encoded == 3


class _Endless:
    """Two gibibytes of one letter, made as they are read."""

    def __init__(self) -> None:
        self.given = 0

    def read(self, size: int, /) -> bytes:
        self.given += size
        assert self.given < 2**31
        return b"x" * size


def test_a_line_of_two_gibibytes_is_given_up_on_long_before_its_end(tmp_path: Path) -> None:
    endless = _Endless()
    with pytest.raises(LineTooLongError):
        list(read_records(endless))
    assert endless.given < 2**27
    with pytest.raises(UnreadableFileError, match="header_too_long"):
        read_header(_Endless(), county(tmp_path).contracts().of("clinic")[0], 0)
    with pytest.raises(UnreadableFileError, match="header_too_long"):
        skip_lines(_Endless(), 1)
