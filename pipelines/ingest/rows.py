"""The rows of one CSV file: those that have every field, and those that cannot be read as rows.

The readable ones come out as columns of text, a chunk at a time. The others are kept with their line number and the
rule that they break. A chunk whose records all have their fields goes to the parser as it is; only in one that has
others are fields counted and lines sorted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import csv as arrow_csv

from pipelines.ingest.problems import UnreadableFileError
from pipelines.ingest.records import (
    CARRIAGE_RETURN,
    LINE_FEED,
    LineTooLongError,
    Positions,
    Readable,
    Records,
    read_records,
)
from schemas.file_terms import FileTerms, Trailer

MAX_ROW_BYTES = 2**20
"""No honest row of ours is a mebibyte."""

KEPT_TEXT_BYTES = 64 * 2**10
"""So much of an unreadable row is kept beside its line number; the file as sent has the rest."""

KEPT_TEXT_BUDGET = 64 * 2**20
"""So much text is kept of all unreadable rows of a file together; of the rest, the line number."""

MAX_UNREADABLE = 100_000

TRAILER_WORDS = re.compile(
    r"\W*(trailer|trlr?|eof|end of file|footer|totals?|(total )?(row|record)s? ?(count)?|count)\b|\W*[0-9]+ rows? ",
    re.IGNORECASE,
)
"""How a last line begins that tells of the rows and is none."""

BOM = "\N{ZERO WIDTH NO-BREAK SPACE}".encode()


class NotAsCountedError(Exception):
    """The parser and the record scanner do not see the same rows."""


@dataclass(frozen=True)
class UnreadableRow:
    """A line, or a quoted run of lines, that is no row of its file."""

    line: int
    rule_id: str
    text: str


@dataclass(frozen=True)
class Chunk:
    """Readable rows, in file order: the physical line of each, and its fields under the names c0, c1, …"""

    lines: Positions
    fields: pa.Table


@dataclass
class Rows:
    """What became of the lines of one file."""

    columns: int
    terms: FileTerms
    readable: int = 0
    unreadable: list[UnreadableRow] = field(default_factory=list)
    blank_lines: int = 0
    is_truncated: bool = False
    text_budget: int = KEPT_TEXT_BUDGET

    def read(self, stream: Readable, first_line: int) -> Iterator[Chunk]:
        """The readable rows behind the header; raises UnreadableFileError for a file that is wrong as a whole."""
        is_header = True
        try:
            for records, is_last in _with_last(
                read_records(stream, delimiter=self.terms.delimiter, first_line=first_line)
            ):
                if (chunk := self._sorted(records, is_header, is_last)) is not None:
                    yield chunk
                is_header = False
                if len(self.unreadable) > MAX_UNREADABLE:
                    raise UnreadableFileError("file.mostly_unreadable")
        except LineTooLongError:
            raise UnreadableFileError("file.line_too_long") from None
        self.unreadable.sort(key=lambda row: row.line)

    def keep(self, line: int, rule_id: str, text: str) -> None:
        """Keep a row that cannot be read, as far as there is room for its text."""
        kept = text[: min(KEPT_TEXT_BYTES, self.text_budget)]
        self.text_budget -= len(kept)
        self.unreadable.append(UnreadableRow(line, rule_id, kept))

    def _sorted(self, records: Records, is_header: bool, is_last: bool) -> Chunk | None:
        is_row = np.ones(len(records.starts), bool)
        is_row[:1] = not is_header
        lengths = records.ends - records.starts
        is_blank = (lengths == 0) & is_row
        trailer = self._trailer(records, is_row & ~is_blank) if is_last else None
        if trailer is not None:
            is_row[trailer] = False
        good = is_row & ~is_blank & (lengths <= MAX_ROW_BYTES)
        fields = self._parsed(records, good)
        if fields is None:
            good &= records.fields == self.columns
            fields = self._parsed(records, good)
        if fields is None:
            raise NotAsCountedError
        bad = np.flatnonzero(is_row & ~is_blank & ~good)
        self._note(records, bad, int(is_blank.sum()))
        self.readable += fields.num_rows
        if is_last and trailer is not None:
            self._check_count(records, trailer)
        return Chunk(records.lines[good], fields) if fields.num_rows else None

    def _note(self, records: Records, bad: npt.NDArray[np.int64], blank_lines: int) -> None:
        self.blank_lines += blank_lines
        for i in bad:
            self._keep_record(records, int(i))
        for start, stop, line in records.refused:
            self.keep(line, "row.malformed_quotes", _text(records, start, stop))
        self.is_truncated = records.ends_unterminated and _last_is_bad(records, bad)

    def _keep_record(self, records: Records, i: int) -> None:
        start, end, fields = int(records.starts[i]), int(records.ends[i]), int(records.fields[i])
        rules = {-1: "row.too_few_fields", 0: "row.too_long", 1: "row.too_many_fields"}
        rule = "row.too_long" if end - start > MAX_ROW_BYTES else rules[int(np.sign(fields - self.columns))]
        self.keep(int(records.lines[i]), rule, _text(records, start, end))

    def _parsed(self, records: Records, good: npt.NDArray[np.bool_]) -> pa.Table | None:
        """The fields of these records; None if they are not all rows of the file's columns."""
        rows = int(good.sum())
        if not rows:
            return pa.table({f"c{i}": pa.array([], pa.string()) for i in range(self.columns)})
        try:
            table = _parse(_plain(records, good), self.columns, self.terms.delimiter, records.has_line_breaks_in_fields)
        except pa.ArrowInvalid:
            return None
        return table if table.num_rows == rows else None

    def _trailer(self, records: Records, is_row: npt.NDArray[np.bool_]) -> int | None:
        """Which record is the trailer that the contract declares; raises if it must not, or must, be there."""
        declared, at = self.terms.trailer, np.flatnonzero(is_row)
        last = int(at[-1]) if len(at) else None
        if records.refused and (last is None or records.refused[-1][0] > records.starts[last]):
            last = None
        line = _text(records, int(records.starts[last]), int(records.ends[last])) if last is not None else ""
        if declared is None:
            if last is not None and TRAILER_WORDS.match(line) and records.fields[last] != self.columns:
                raise UnreadableFileError("file.trailer_row", f"line {int(records.lines[last])}")
            return None
        if not re.fullmatch(declared.pattern, line):
            raise UnreadableFileError("file.no_trailer")
        return last

    def _check_count(self, records: Records, trailer: int) -> None:
        line = _text(records, int(records.starts[trailer]), int(records.ends[trailer]))
        told = _told(line, self.terms)
        found = self.readable + len(self.unreadable)
        if told is not None and told != found:
            raise UnreadableFileError("file.trailer_disagrees", f"{found} rows were found")


def _told(line: str, terms: FileTerms) -> int | None:
    """How many rows a trailer tells of; -1 if it ought to tell and does not."""
    trailer: Trailer | None = terms.trailer
    if trailer is None or trailer.rows_field is None:
        return None
    cells = [cell.strip().strip('"') for cell in line.split(terms.delimiter)]
    told = cells[trailer.rows_field - 1] if len(cells) >= trailer.rows_field else ""
    return int(told) if re.fullmatch("[0-9]{1,18}", told) else -1


def _with_last(chunks: Iterator[Records]) -> Iterator[tuple[Records, bool]]:
    """Every chunk, and whether only blank lines come after it."""
    held: list[Records] = []
    for records in chunks:
        if held and ((records.ends > records.starts).any() or records.refused):
            for one in held:
                yield one, False
            held = []
        held.append(records)
    for i, one in enumerate(held):
        yield one, i == 0


def _text(records: Records, start: int, stop: int) -> str:
    text = bytes(records.content[start : min(stop, start + KEPT_TEXT_BYTES)])
    return text.decode("utf-8", "replace").rstrip("\r\n")


def _last_is_bad(records: Records, bad: npt.NDArray[np.int64]) -> bool:
    size = len(records.content)
    cut_row = len(bad) > 0 and int(records.stops[bad[-1]]) == size
    return cut_row or any(stop == size for _, stop, _ in records.refused)


def _plain(records: Records, good: npt.NDArray[np.bool_]) -> npt.NDArray[np.uint8]:
    """The bytes of these records, one after the other with their line ends; not copied if they lie so."""
    chosen = np.flatnonzero(good)
    starts, ends, stops = records.starts[chosen], records.ends[chosen], records.stops[chosen]
    first, last = int(starts[0]), int(stops[-1])
    if np.array_equal(starts[1:], stops[:-1]) and not _has_bare_returns(records, ends, stops):
        return records.content[first:last]
    content = np.append(records.content, np.uint8(LINE_FEED))
    content[ends] = LINE_FEED
    steps = np.zeros(len(content) + 1, np.int8)
    steps[starts] += 1
    steps[ends + 1] -= 1
    chosen_bytes: npt.NDArray[np.uint8] = content[np.cumsum(steps, dtype=np.int8).astype(bool)[: len(content)]]
    return chosen_bytes


def _has_bare_returns(records: Records, ends: Positions, stops: Positions) -> bool:
    single = stops - ends == 1
    return bool((records.content[ends[single]] == CARRIAGE_RETURN).any())


def _parse(content: npt.NDArray[np.uint8], columns: int, delimiter: str, has_line_breaks: bool) -> pa.Table:
    if content[: len(BOM)].tobytes() == BOM:
        content = np.concatenate((content[: len(BOM)], content))  # the parser takes one away; this one is the row's own
    names = [f"c{i}" for i in range(columns)]
    return arrow_csv.read_csv(
        pa.py_buffer(content),
        read_options=arrow_csv.ReadOptions(use_threads=False, column_names=names, block_size=len(content) + 1),
        parse_options=arrow_csv.ParseOptions(
            delimiter=delimiter, double_quote=True, newlines_in_values=has_line_breaks, ignore_empty_lines=False
        ),
        convert_options=arrow_csv.ConvertOptions(
            check_utf8=False,
            column_types=dict.fromkeys(names, pa.string()),
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
            null_values=[""],
        ),
    )
