"""Where records begin and end: on literal bytes, and on any bytes at all."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.ingest.records import LineTooLongError, read_records

REFUSED = -1


def records(content: bytes, **limits: int) -> list[tuple[int, bytes, int]]:
    """Line, content and field count of every record; field count -1 for a line that quoting makes unreadable."""
    found = []
    for chunk in read_records(io.BytesIO(content), **limits):
        for start, end, line, fields in zip(chunk.starts, chunk.ends, chunk.lines, chunk.fields, strict=True):
            found.append((int(line), bytes(chunk.content[start:end]), int(fields)))
        found.extend((line, bytes(chunk.content[start:stop]), REFUSED) for start, stop, line in chunk.refused)
    return sorted(found)


def test_a_line_ends_with_lf_crlf_or_cr() -> None:
    assert records(b"a,b\n1,2\r\n3,4\r5,6") == [(1, b"a,b", 2), (2, b"1,2", 2), (3, b"3,4", 2), (4, b"5,6", 2)]


def test_a_line_break_inside_quotes_does_not_end_the_record() -> None:
    assert records(b'a,b\n1,"x\ny"\n2,z\n') == [(1, b"a,b", 2), (2, b'1,"x\ny"', 2), (4, b"2,z", 2)]


def test_a_comma_inside_quotes_separates_nothing() -> None:
    assert records(b'"a,""b""",c\n') == [(1, b'"a,""b""",c', 2)]


def test_a_stray_quote_costs_its_own_line_only() -> None:
    assert records(b'1,5\'6" tall\n2,y\n3,"z"\n') == [(1, b"1,5'6\" tall\n", REFUSED), (2, b"2,y", 2), (3, b'3,"z"', 2)]


def test_a_quote_that_never_closes_costs_its_own_line_only() -> None:
    assert records(b'1,"x\n2,y\n3,z\n') == [(1, b'1,"x\n', REFUSED), (2, b"2,y", 2), (3, b"3,z", 2)]


def test_a_quote_that_closes_lines_later_costs_its_own_line_only() -> None:
    assert records(b'1,"x\n2,y\n3,"z"\n') == [(1, b'1,"x\n', REFUSED), (2, b"2,y", 2), (3, b'3,"z"', 2)]


def test_a_quote_that_never_closes_in_a_long_file_is_given_up_on() -> None:
    content = b'1,"x\n' + b"2,y\n" * 100
    assert records(content, chunk_bytes=16, buffer_limit=64) == [
        (1, b'1,"x\n', REFUSED),
        *((line, b"2,y", 2) for line in range(2, 102)),
    ]


def test_a_line_without_end_is_no_line() -> None:
    with pytest.raises(LineTooLongError):
        records(b"x" * 1000, chunk_bytes=16, buffer_limit=64)


PIECES = st.sampled_from([b"a", b",", b"\n", b'"', b"\r", b"\r\n", b'""', "é".encode(), b'"x,\ny"'])
ANY_CONTENT = st.lists(PIECES, max_size=30).map(b"".join)


@settings(max_examples=150, deadline=None)
@given(content=ANY_CONTENT, chunk=st.sampled_from([1, 2, 3, 7]))
def test_the_size_of_a_chunk_changes_nothing(content: bytes, chunk: int) -> None:
    assert records(content, chunk_bytes=chunk) == records(content)


@settings(max_examples=150, deadline=None)
@given(content=ANY_CONTENT)
def test_every_physical_line_is_in_exactly_one_record(content: bytes) -> None:
    covered = [
        line + i for line, text, fields in records(content) for i in range(_lines(text) if fields != REFUSED else 1)
    ]
    total = _lines(content) - (1 if not content or content[-1:] in b"\r\n" else 0)
    assert sorted(covered) == list(range(1, total + 1))


@settings(max_examples=150, deadline=None)
@given(content=ANY_CONTENT)
def test_a_record_has_the_fields_that_a_strict_csv_reader_sees(content: bytes) -> None:
    for _, text, fields in records(content):
        if fields != REFUSED and text:
            rows = list(csv.reader(io.StringIO(text.decode(), newline=""), strict=True))
            assert [len(row) for row in rows] == [fields]


def _lines(text: bytes) -> int:
    return text.replace(b"\r\n", b"\n").replace(b"\r", b"\n").count(b"\n") + 1
