"""A look at a file's bytes and header before it is read as rows.

What is found here holds the whole delivery: a file in the wrong encoding, or one without a header that can be
believed, would be read wrongly without an error.
"""

from __future__ import annotations

import codecs
import csv
import io
from dataclasses import dataclass
from pathlib import Path

from pipelines.ingest.problems import Problem, problem
from pipelines.ingest.records import LineTooLongError, read_records

BLOCK = 4 * 2**20
MAX_COLUMNS = 1000
"""HMIS's widest file has 77."""

OTHER_DELIMITERS = ";\t|"
UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True)
class Header:
    """The columns of a file in its own order and spelling, and where the first row begins."""

    columns: tuple[str, ...]
    offset: int
    """Byte at which the header begins: after a byte order mark, if there is one."""


def problems_with_bytes(path: Path) -> list[Problem]:
    """Whether the file is UTF-8 text; says where it is not, never what stands there."""
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    offset = 0
    with path.open("rb") as stream:
        while block := stream.read(BLOCK):
            if offset == 0 and block[:2] in UTF_16_MARKS:
                return [problem("file.utf16", path.name)]
            if (nul := block.find(0)) >= 0:
                return [problem("file.nul_byte", path.name, detail=f"byte {offset + nul}")]
            pending = len(decoder.getstate()[0])
            try:
                decoder.decode(block)
            except UnicodeDecodeError as bad:
                return [problem("file.not_utf8", path.name, detail=f"byte {offset - pending + bad.start}")]
            offset += len(block)
        if decoder.getstate()[0]:
            return [problem("file.not_utf8", path.name, detail=f"byte {offset - len(decoder.getstate()[0])}")]
    return [] if offset > _mark_length(path) else [problem("file.empty", path.name)]


def read_header(path: Path) -> tuple[Header | None, list[Problem]]:
    """The header of a file, or why it cannot be one."""
    offset = _mark_length(path)
    with path.open("rb") as stream:
        stream.seek(offset)
        try:
            first = next(iter(read_records(stream)))
        except LineTooLongError:
            return None, [problem("file.line_too_long", path.name)]
    if not len(first.starts) or any(start == 0 for start, _, _ in first.refused):
        return None, [problem("file.malformed_header", path.name)]
    text = bytes(first.content[first.starts[0] : first.ends[0]]).decode("utf-8")
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    names = tuple(name.strip() for name in rows[0]) if rows else ("",)
    rule = _fault(names)
    return (None, [problem(rule, path.name)]) if rule else (Header(names, offset), [])


def _fault(names: tuple[str, ...]) -> str | None:
    if len(names) > MAX_COLUMNS:
        return "file.too_many_columns"
    if len(names) == 1 and any(delimiter in names[0] for delimiter in OTHER_DELIMITERS):
        return "file.wrong_delimiter"
    if not all(names):
        return "file.empty_column_name"
    if len({name.casefold() for name in names}) < len(names):
        return "file.duplicate_column"
    return None


def _mark_length(path: Path) -> int:
    with path.open("rb") as stream:
        return len(codecs.BOM_UTF8) if stream.read(3) == codecs.BOM_UTF8 else 0
