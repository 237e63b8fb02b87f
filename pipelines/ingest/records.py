"""Where the records of a CSV file begin and end, exactly, however its fields are quoted.

RFC 4180, read strictly: a quote may only open a field, close it, or be doubled inside it. A line ends with LF, CRLF
or CR; inside quotes it does not end the record. Where a quote stands anywhere else, the record's first physical line
is refused, and reading goes on with the next line: one stray quote costs one line, not the rest of the file.

Belongs here: bytes and positions, in NumPy, a chunk at a time. Nothing here looks at what a field says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import numpy.typing as npt

Positions = npt.NDArray[np.int64]

QUOTE, LINE_FEED, CARRIAGE_RETURN = ord('"'), ord("\n"), ord("\r")

CHUNK_BYTES = 16 * 2**20
"""Read at a time; the arrays over a chunk take about ten times as much memory."""

BUFFER_LIMIT = 4 * CHUNK_BYTES
"""A quoted field that has not closed by then never will: its quote was a stray one."""


class Readable(Protocol):
    """What records are read from."""

    def read(self, size: int, /) -> bytes:
        """At most so many bytes, or a few more; none at the end."""
        ...


class LineTooLongError(Exception):
    """No line end within the buffer limit: not a file of rows."""


@dataclass(frozen=True)
class _Marks:
    """Positions of the bytes that matter in a chunk."""

    quotes: Positions
    line_ends: Positions
    size: int
    at_eof: bool


@dataclass(frozen=True)
class _Runs:
    """Stretches between refused lines; in each, quotes are counted from `first_quotes`."""

    starts: Positions
    first_quotes: Positions
    refused: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Records:
    """The records of one chunk: `content[starts[i]:ends[i]]` is record i, and `stops[i]` is where its line ended."""

    content: npt.NDArray[np.uint8]
    starts: Positions
    ends: Positions
    stops: Positions
    lines: Positions
    """Physical line on which each record starts; the first line of the file is 1."""
    refused: tuple[tuple[int, int, int], ...]
    """Lines that quoting makes unreadable: start, stop, physical line."""
    has_line_breaks_in_fields: bool
    ends_unterminated: bool
    """The file ends here, and its last line has no line end."""
    delimiter: int
    marks: _Marks
    runs: _Runs

    @cached_property
    def fields(self) -> Positions:
        """How many fields each record has; counted only when asked, for it costs more than all the rest."""
        delimiters = np.flatnonzero(self.content == self.delimiter)
        outside = delimiters[~_inside_quotes(delimiters, self.marks, self.runs)]
        return np.searchsorted(outside, self.stops) - np.searchsorted(outside, self.starts) + 1


@dataclass(frozen=True)
class _Culprit:
    """A quote, by number; before the end of the file, one that has not closed yet is only suspected.

    A suspected quote counts only in the record that fills the whole buffer.
    """

    quote: int
    is_certain: bool


def read_records(
    stream: Readable,
    *,
    delimiter: str = ",",
    first_line: int = 1,
    chunk_bytes: int = CHUNK_BYTES,
    buffer_limit: int = BUFFER_LIMIT,
) -> Iterator[Records]:
    """The records of a stream in order, a chunk at a time; raises LineTooLongError.

    `first_line` is the number of the physical line that the stream begins with.
    """
    buffer, line, at_eof = b"", first_line, False
    while not at_eof:
        more = stream.read(chunk_bytes)
        at_eof = not more
        buffer += more
        give_up = len(buffer) > buffer_limit
        while buffer:
            records, consumed, lines = _scan(buffer, line, ord(delimiter), at_eof, give_up)
            if not consumed:
                if give_up:
                    raise LineTooLongError
                break
            yield records
            buffer, line = buffer[consumed:], line + lines
            give_up = give_up and len(buffer) > buffer_limit


def _scan(buffer: bytes, line: int, delimiter: int, at_eof: bool, give_up: bool) -> tuple[Records, int, int]:
    """The whole records at the head of a buffer, how many bytes they took, and how many physical lines."""
    content = np.frombuffer(buffer, np.uint8)
    marks = _marks(content, at_eof)
    runs = _runs(content, marks, delimiter, give_up)
    stops = _record_ends(marks, runs)
    bounds = np.sort(np.concatenate((runs.starts, stops + 1)))
    if at_eof and bounds[-1] < marks.size:
        stops = np.append(stops, marks.size - 1)
    unterminated = at_eof and int(content[-1]) not in (LINE_FEED, CARRIAGE_RETURN)
    starts = bounds[np.searchsorted(bounds, stops, side="right") - 1]
    records = Records(
        content=content,
        starts=starts,
        ends=_content_ends(content, starts, stops),
        stops=stops + 1,
        lines=line + np.searchsorted(marks.line_ends, starts),
        refused=tuple((a, b, line + int(np.searchsorted(marks.line_ends, a))) for a, b in runs.refused),
        has_line_breaks_in_fields=bool(_inside_quotes(marks.line_ends, marks, runs).any()),
        ends_unterminated=unterminated,
        delimiter=delimiter,
        marks=marks,
        runs=runs,
    )
    consumed = marks.size if at_eof else int(bounds[-1])
    return records, consumed, int(np.searchsorted(marks.line_ends, consumed))


def _marks(content: npt.NDArray[np.uint8], at_eof: bool) -> _Marks:
    # Before the end of the file the last byte only serves to look ahead: whether a CR has its LF, or a quote its twin.
    size = len(content) if at_eof else len(content) - 1
    known = content[:size]
    feeds = np.flatnonzero(known == LINE_FEED)
    returns = np.flatnonzero(known == CARRIAGE_RETURN)
    if len(returns):
        following = content[np.minimum(returns + 1, len(content) - 1)]
        alone = (following != LINE_FEED) | (returns + 1 >= len(content))
        feeds = np.sort(np.concatenate((feeds, returns[alone])))
    return _Marks(np.flatnonzero(known == QUOTE), feeds, size, at_eof)


def _runs(content: npt.NDArray[np.uint8], marks: _Marks, delimiter: int, give_up: bool) -> _Runs:
    misplaced = _misplaced(content, marks, delimiter)
    starts, first_quotes, refused = [0], [0], []
    while True:
        culprit = _next_culprit(marks, misplaced[first_quotes[-1] & 1], first_quotes[-1], give_up)
        if culprit is None:
            break
        begin = _record_start(marks, culprit.quote, starts[-1], first_quotes[-1])
        if begin and not culprit.is_certain:
            break
        after = int(np.searchsorted(marks.line_ends, begin))
        stop = int(marks.line_ends[after]) + 1 if after < len(marks.line_ends) else marks.size
        if after == len(marks.line_ends) and not marks.at_eof:
            break
        refused.append((begin, stop))
        starts.append(stop)
        first_quotes.append(int(np.searchsorted(marks.quotes, stop)))
    return _Runs(np.array(starts, np.int64), np.array(first_quotes, np.int64), tuple(refused))


def _misplaced(content: npt.NDArray[np.uint8], marks: _Marks, delimiter: int) -> tuple[Positions, Positions]:
    """Quotes that RFC 4180 forbids, if even-numbered quotes open a field, and if odd-numbered ones do."""
    quotes = marks.quotes
    before = np.where(quotes > 0, content[np.maximum(quotes - 1, 0)], LINE_FEED)
    after = np.where(quotes + 1 < len(content), content[np.minimum(quotes + 1, len(content) - 1)], LINE_FEED)
    allowed = np.zeros(256, bool)
    allowed[[delimiter, LINE_FEED, CARRIAGE_RETURN, QUOTE]] = True
    may_open, may_close = allowed[before], allowed[after]
    even = (np.arange(len(quotes)) & 1) == 0
    if_even_opens = np.flatnonzero(np.where(even, ~may_open, ~may_close))
    if_odd_opens = np.flatnonzero(np.where(even, ~may_close, ~may_open))
    return if_even_opens, if_odd_opens


def _next_culprit(marks: _Marks, misplaced: Positions, first_quote: int, give_up: bool) -> _Culprit | None:
    """The first quote of a run that cannot stand where it stands, or that is never closed."""
    at = int(np.searchsorted(misplaced, first_quote))
    if at < len(misplaced):
        return _Culprit(int(misplaced[at]), is_certain=True)
    is_open = (len(marks.quotes) - first_quote) & 1
    return _Culprit(len(marks.quotes) - 1, marks.at_eof) if is_open and (marks.at_eof or give_up) else None


def _record_start(marks: _Marks, quote: int, run_start: int, first_quote: int) -> int:
    """Where the record that holds a quote starts: after the last line end outside quotes before it."""
    opening = quote - ((quote - first_quote) & 1)
    for candidate in range(opening, first_quote - 1, -2):
        before = int(np.searchsorted(marks.line_ends, marks.quotes[candidate])) - 1
        floor = int(marks.quotes[candidate - 1]) if candidate > first_quote else run_start - 1
        if before >= 0 and marks.line_ends[before] > floor:
            return int(marks.line_ends[before]) + 1
    return run_start


def _record_ends(marks: _Marks, runs: _Runs) -> Positions:
    """Line ends that end a record: outside quotes, and not those of refused lines."""
    ends = marks.line_ends[~_inside_quotes(marks.line_ends, marks, runs)]
    if runs.refused:
        within = np.searchsorted([start for start, _ in runs.refused], ends, side="right") - 1
        stops = np.array([stop for _, stop in runs.refused], np.int64)
        ends = ends[(within < 0) | (ends >= stops[np.maximum(within, 0)])]
    return ends


def _inside_quotes(positions: Positions, marks: _Marks, runs: _Runs) -> npt.NDArray[np.bool_]:
    if not len(marks.quotes):
        return np.zeros(len(positions), bool)
    quotes_before = np.searchsorted(marks.quotes, positions)
    run = np.searchsorted(runs.starts, positions, side="right") - 1 if len(runs.starts) > 1 else 0
    return ((quotes_before - runs.first_quotes[run]) & 1).astype(bool)


def _content_ends(content: npt.NDArray[np.uint8], starts: Positions, stops: Positions) -> Positions:
    """Where the content of each record ends: before its LF, CRLF or CR, if it has one."""
    last = content[stops]
    is_feed = last == LINE_FEED
    ends: Positions = np.where(is_feed | (last == CARRIAGE_RETURN), stops, stops + 1)
    has_return = is_feed & (ends > starts) & (content[np.maximum(ends - 1, 0)] == CARRIAGE_RETURN)
    ends[has_return] -= 1
    return ends
