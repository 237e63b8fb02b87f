"""The rows of one file: those that have every field, and those that cannot be read as rows.

The readable rows go, byte for byte, into a CSV that leaves no room for interpretation: no header, no byte order mark,
a line feed after each row. The others are kept with their line number and the rule that they break.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from pipelines.ingest.records import LINE_FEED, Positions, Records, read_records

MAX_ROW_BYTES = 2**20
"""No honest row of ours is a mebibyte."""

KEPT_TEXT_BYTES = 64 * 2**10
"""So much of an unreadable row is kept beside its line number; the file as sent has the rest."""

MAX_UNREADABLE = 100_000


class MostlyUnreadableError(Exception):
    """More unreadable rows than are worth keeping: the file as a whole is wrong."""


@dataclass(frozen=True)
class UnreadableRow:
    """A line, or a quoted run of lines, that is no row of its file."""

    line: int
    rule_id: str
    text: str


@dataclass
class Rows:
    """What became of the lines of one file."""

    lines: list[Positions] = field(default_factory=list)
    """Physical lines on which the readable rows start, in the order of the plain CSV."""
    unreadable: list[UnreadableRow] = field(default_factory=list)
    blank_lines: int = 0
    has_line_breaks_in_fields: bool = False
    is_truncated: bool = False

    @property
    def line_numbers(self) -> Positions:
        """Physical line of every readable row."""
        return np.concatenate(self.lines) if self.lines else np.empty(0, np.int64)


def split_rows(source: Path, offset: int, columns: int, plain: Path) -> Rows:
    """Write the readable rows of `source` to `plain`; raises LineTooLongError or MostlyUnreadableError."""
    rows, is_header = Rows(), True
    with source.open("rb") as stream, plain.open("wb") as target:
        stream.seek(offset)
        for records in read_records(stream):
            _take(records, columns, is_header, rows, target)
            is_header = False
            if len(rows.unreadable) > MAX_UNREADABLE:
                raise MostlyUnreadableError
    rows.unreadable.sort(key=lambda row: row.line)
    return rows


def _take(records: Records, columns: int, is_header: bool, rows: Rows, target: BinaryIO) -> None:
    is_row = np.ones(len(records.starts), bool)
    is_row[:1] = not is_header
    is_blank = (records.ends == records.starts) & is_row
    lengths = records.ends - records.starts
    good = is_row & ~is_blank & (records.fields == columns) & (lengths <= MAX_ROW_BYTES)
    bad = np.flatnonzero(is_row & ~is_blank & ~good)
    rows.blank_lines += int(is_blank.sum())
    rows.lines.append(records.lines[good])
    rows.has_line_breaks_in_fields |= records.has_line_breaks_in_fields
    rows.unreadable.extend(_unreadable(records, int(i), columns) for i in bad)
    rows.unreadable.extend(_kept(records, a, b, line, "row.malformed_quotes") for a, b, line in records.refused)
    rows.is_truncated = records.ends_unterminated and _last_is_bad(records, bad)
    _write_plain(records, good, target)


def _unreadable(records: Records, i: int, columns: int) -> UnreadableRow:
    start, end, fields = int(records.starts[i]), int(records.ends[i]), int(records.fields[i])
    rule = {-1: "row.too_few_fields", 0: "row.too_long", 1: "row.too_many_fields"}[int(np.sign(fields - columns))]
    return _kept(records, start, end, int(records.lines[i]), rule)


def _kept(records: Records, start: int, stop: int, line: int, rule_id: str) -> UnreadableRow:
    text = bytes(records.content[start : min(stop, start + KEPT_TEXT_BYTES)])
    return UnreadableRow(line, rule_id, text.decode("utf-8", "replace").rstrip("\r\n"))


def _last_is_bad(records: Records, bad: npt.NDArray[np.int64]) -> bool:
    size = len(records.content)
    cut_row = len(bad) > 0 and int(records.stops[bad[-1]]) == size
    return cut_row or any(stop == size for _, stop, _ in records.refused)


def _write_plain(records: Records, good: npt.NDArray[np.bool_], target: BinaryIO) -> None:
    if not good.any():
        return
    starts, ends = records.starts[good], records.ends[good]
    first, last = int(starts[0]), int(ends[-1])
    content = np.append(records.content, np.uint8(LINE_FEED))
    content[ends] = LINE_FEED
    if np.array_equal(starts[1:], ends[:-1] + 1):
        target.write(content[first : last + 1].tobytes())
        return
    steps = np.zeros(len(content) + 1, np.int8)
    steps[starts] += 1
    steps[ends + 1] -= 1
    target.write(content[np.cumsum(steps, dtype=np.int8).astype(bool)[: len(content)]].tobytes())
