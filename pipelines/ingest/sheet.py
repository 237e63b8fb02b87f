"""The rows of a workbook's sheet as CSV text, so that everything behind is as for any other file.

What would have to be guessed at (merged or hidden cells, a formula without its result, a number that is shown as
something else) holds the file, with the place of the first such cell.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

import numpy as np

from pipelines.ingest.archives import UNREADABLE
from pipelines.ingest.cell_text import number_text
from pipelines.ingest.problems import UnreadableFileError
from pipelines.ingest.records import Positions
from pipelines.ingest.workbook import (
    MAX_TEXT,
    Attributes,
    Handler,
    Sheet,
    Strings,
    Workbook,
    check_size,
    open_workbook,
    parse,
    plain,
)
from schemas.file_terms import FileTerms

REFERENCE = re.compile("([A-Z]{1,3})([0-9]{1,7})")
MAX_COLUMN = 16384
NO_RESULT = {"e": "xlsx.error_value", "d": "xlsx.not_plain"}


class SheetText:
    """A sheet as CSV text: one record a row, line feeds between, as wide as the first row, blank rows left out."""

    def __init__(self, rows: Iterator[tuple[int, list[str]]], terms: FileTerms) -> None:
        self._rows, self._delimiter = rows, terms.delimiter
        self._needs_quotes = re.compile(f'["\r\n{re.escape(terms.delimiter)}]')
        self._width = 0
        self._next_line = 1
        self._lines: list[int] = []
        self._numbers: list[int] = []

    def read(self, size: int, /) -> bytes:
        """The next rows, until there are so many bytes of them; none at the end."""
        parts: list[str] = []
        length = 0
        for number, cells in self._rows:
            record = self._record(cells)
            self._lines.append(self._next_line)
            self._numbers.append(number)
            self._next_line += len(re.split("\r\n|\r|\n", record)) - 1
            parts.append(record)
            length += len(record)
            if length >= size:
                break
        return "".join(parts).encode()

    def row_numbers(self, lines: Positions) -> Positions:
        """The sheet's row numbers of records that begin on these lines of the text."""
        at = np.searchsorted(np.array(self._lines, np.int64), lines)
        found: Positions = np.array(self._numbers, np.int64)[at]
        return found

    def _record(self, cells: list[str]) -> str:
        self._width = self._width or len(cells)
        padded = cells + [""] * (self._width - len(cells))
        return self._delimiter.join(map(self._quoted, padded)) + "\n"

    def _quoted(self, cell: str) -> str:
        return '"' + cell.replace('"', '""') + '"' if self._needs_quotes.search(cell) else cell


@contextmanager
def open_sheet(stream: IO[bytes], terms: FileTerms) -> Iterator[SheetText]:
    """The rows of the sheet that the contract means; raises UnreadableFileError, also while they are read."""
    try:
        archive = zipfile.ZipFile(stream)
    except UNREADABLE:
        raise UnreadableFileError("xlsx.damaged") from None
    with archive:
        check_size(archive, terms)
        book = open_workbook(archive)
        yield SheetText(_rows(archive, book, book.the_sheet(terms), terms.skip_lines), terms)


def _rows(archive: zipfile.ZipFile, book: Workbook, sheet: Sheet, skipped: int) -> Iterator[tuple[int, list[str]]]:
    """Row number and cells of every row that holds something, without the empty cells at its end."""
    cells = _Cells(book)
    for _ in parse(archive, sheet.path, cells):
        ready, cells.rows = cells.rows, []
        yield from (row for row in ready if row[0] > skipped)


class _Cells(Handler):
    """Hears the cells of a sheet."""

    def __init__(self, book: Workbook) -> None:
        self.rows: list[tuple[int, list[str]]] = []
        self._book = book
        self._inline = Strings()
        self._row, self._column = 0, 0
        self._cells: list[str] = []
        self._kind, self._style = "n", 0
        self._value: str | None = None
        self._is_value = self._has_formula = False

    def start(self, name: str, attributes: Attributes) -> None:
        """An element begins."""
        if name == "c":
            self._begin_cell(attributes)
        elif name == "row":
            self._row = int(attributes.get("r", self._row + 1))
            self._column, self._cells = 0, []
        elif name == "v":
            self._value, self._is_value = "", True
        elif name == "f":
            self._has_formula = True
        elif name == "mergeCell":
            raise UnreadableFileError("xlsx.merged_cells", attributes.get("ref", "")[:24])
        else:
            self._inline.start(name, attributes)
        if name in ("row", "col") and attributes.get("hidden", "0") in ("1", "true"):
            raise UnreadableFileError("xlsx.hidden_cells")

    def text(self, text: str) -> None:
        """Text, or a piece of it."""
        if self._is_value:
            self._value = (self._value or "") + text
            if len(self._value) > MAX_TEXT:
                raise UnreadableFileError("xlsx.damaged")
        else:
            self._inline.text(text)

    def end(self, name: str) -> None:
        """An element ends."""
        self._is_value = False
        if name == "c":
            self._end_cell()
        elif name == "row":
            while self._cells and not self._cells[-1]:
                self._cells.pop()
            if self._cells:
                self.rows.append((self._row, self._cells))
        else:
            self._inline.end(name)

    def _begin_cell(self, attributes: Attributes) -> None:
        match = REFERENCE.fullmatch(attributes.get("r", ""))
        self._column = _column_number(match[1]) if match else self._column + 1
        if self._column > MAX_COLUMN or self._column <= len(self._cells):
            raise UnreadableFileError("xlsx.damaged")
        self._kind, self._style = attributes.get("t", "n"), int(attributes.get("s", "0"))
        self._value, self._has_formula = None, False
        self._inline = Strings()

    def _end_cell(self) -> None:
        try:
            text = self._text()
        except UnreadableFileError as bad:
            raise UnreadableFileError(bad.rule_id, f"row {self._row}, column {self._column}") from None
        except (LookupError, ValueError):
            raise UnreadableFileError("xlsx.damaged") from None
        if text:
            self._cells += [""] * (self._column - len(self._cells) - 1) + [text]

    def _text(self) -> str:
        if self._kind == "inlineStr":
            return "".join(self._inline.strings)
        if self._value is None:
            if self._has_formula:
                raise UnreadableFileError("xlsx.formula_without_value")
            return ""
        if self._kind in NO_RESULT:
            raise UnreadableFileError(NO_RESULT[self._kind])
        if self._kind == "s":
            return self._book.strings[int(self._value)]
        if self._kind == "str":
            return plain(self._value)
        if self._kind == "b":
            return "TRUE" if self._value == "1" else "FALSE"
        return number_text(self._value, self._book.styles[self._style], is_1904=self._book.is_1904)


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number
