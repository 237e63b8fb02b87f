"""A sheet that takes a whole Arrow table: XlsxWriter's own bytes, written a column at a time instead of cell by cell.

XlsxWriter writes the workbook, its styles, its texts and everything of a sheet but the cells under its head. Those are
some million in a release, of a few thousand values; cell by cell they take most of what drawing a release takes. So
each value is written once, as the library writes it, and rows are put together by Arrow. For that, methods are called
and one is replaced that the library calls private: its version is pinned, and a test holds the bytes against those
that the library writes cell by cell (`tests/unit/test_workbook.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

ROWS_AT_ONCE = 8 * 1024
"""Rows that are text in memory at a time: some 2 kB each of the widest table."""

ROWS_OF_A_SPAN = 16
"""Excel tells for so many rows together from which column to which they are filled."""

LONGEST_TEXT = 16_383
"""Twice as long is the longest text of a cell; the library looks at longer ones than this more closely, and we do not.
"""


def takes(table: pa.Table) -> bool:
    """Whether a table has rows, and columns of the usual types alone; others are written cell by cell."""
    return table.num_rows > 0 and all(_is_usual(column) for column in table.columns)


def _is_usual(column: pa.ChunkedArray) -> bool:
    kind = column.type
    if pa.types.is_string(kind):
        return (pc.max(pc.utf8_length(column)).as_py() or 0) <= LONGEST_TEXT
    if pa.types.is_floating(kind):
        return bool(pc.all(pc.is_finite(column), min_count=0).as_py())
    return any(is_one(kind) for is_one in (pa.types.is_integer, pa.types.is_boolean, pa.types.is_date32))


class TableSheet(Worksheet):
    """A sheet whose first row is written by `write_string`, and all others by `fill`."""

    def fill(self, table: pa.Table, format_of: Callable[[str, pa.DataType], Any]) -> None:
        """Take the rows of a table, below the first row of the sheet; `format_of`: name, type → format or None."""
        columns = [pc.dictionary_encode(column.combine_chunks()) for column in table.columns]
        columns = [one.combine_chunks() if isinstance(one, pa.ChunkedArray) else one for one in columns]
        self._filled = columns
        self._formats = [format_of(name, table.schema.field(name).type) for name in table.column_names]
        self._are_there = np.column_stack([one.indices.is_valid().to_numpy(zero_copy_only=False) for one in columns])
        self._texts = [self._values(one.dictionary) for one in columns]
        self._number_texts()
        filled = np.flatnonzero(self._are_there.any(axis=1))
        self.dim_rowmax = int(filled[-1]) + 1 if len(filled) else 0

    def _values(self, values: pa.Array) -> list[str]:
        """Each value as the library writes it; texts stay texts, until they are numbered."""
        found = values.to_pylist()
        if pa.types.is_string(values.type):
            return list(found)
        if pa.types.is_boolean(values.type):
            return [str(int(value)) for value in found]
        if pa.types.is_date32(values.type):
            found = [self._convert_date_time(value) for value in found]
        return [f"{value:.16G}" for value in found]

    def _number_texts(self) -> None:
        """Number texts in the order of their first cells, row by row, as if they were written so."""
        places = [at for at, one in enumerate(self._filled) if pa.types.is_string(one.dictionary.type)]
        numbers = {text: at for at, text in enumerate(dict.fromkeys(t for place in places for t in self._texts[place]))}
        if not numbers:
            return
        cells = np.full((len(self._filled[0]), len(places)), -1, dtype=np.int64)
        for at, place in enumerate(places):
            known = np.array([numbers[text] for text in self._texts[place]] or [0], dtype=np.int64)
            codes = self._filled[place].indices.fill_null(0).to_numpy(zero_copy_only=False)
            cells[:, at] = np.where(self._are_there[:, place], known[codes], -1)
        told, first, times = np.unique(cells.ravel(), return_index=True, return_counts=True)
        texts, table = list(numbers), self.str_table
        index: dict[str, int] = {}
        for at in np.argsort(first):
            if told[at] >= 0:
                text = texts[told[at]]
                index[text] = table._get_shared_string_index(text)
                table.count += int(times[at]) - 1
        for place in places:
            self._texts[place] = [str(index[text]) for text in self._texts[place]]

    def _write_rows(self) -> None:
        """The head as the library writes it, then the rows."""
        last, self.dim_rowmax = self.dim_rowmax, 0
        super()._write_rows()
        self.dim_rowmax = last
        styles, spans = self._styles(), self._spans()
        for start in range(0, last, ROWS_AT_ONCE):
            self.fh.write(self._rows_text(start, min(start + ROWS_AT_ONCE, last), styles, spans))

    def _styles(self) -> Mapping[int, str]:
        """Column → what its cells say of their format; the library numbers formats when it first writes them."""
        are_there = self._are_there
        used = [at for at, one in enumerate(self._formats) if one is not None and are_there[:, at].any()]
        used.sort(key=lambda at: (int(np.argmax(are_there[:, at])), at))
        return {at: f' s="{self._formats[at]._get_xf_index()}"' for at in used}

    def _spans(self) -> list[str]:
        """From which column to which the rows of each sixteen are filled, the head among the first."""
        columns = self._are_there.shape[1]
        filled = np.vstack([np.ones((1, columns), dtype=bool), self._are_there])
        filled = np.vstack([filled, np.zeros((-len(filled) % ROWS_OF_A_SPAN, columns), dtype=bool)])
        any_of = np.logical_or.reduce(filled.reshape(-1, ROWS_OF_A_SPAN, columns), axis=1)
        first, last = any_of.argmax(axis=1) + 1, columns - any_of[:, ::-1].argmax(axis=1)
        return [f"{low}:{high}" for low, high in zip(first, last, strict=True)]

    def _rows_text(self, start: int, end: int, styles: Mapping[int, str], spans: list[str]) -> str:
        numbers = pa.array([str(row + 2) for row in range(start, end)])
        cells = [self._cells(at, start, end, numbers, styles.get(at, "")) for at in range(len(self._filled))]
        of_rows = pa.array([spans[(row + 1) // ROWS_OF_A_SPAN] for row in range(start, end)])
        rows = pc.binary_join_element_wise('<row r="', numbers, '" spans="', of_rows, '">', *cells, "</row>", "")
        is_filled = self._are_there[start:end].any(axis=1)
        return "".join(rows.filter(pa.array(is_filled)).to_pylist())

    def _cells(self, at: int, start: int, end: int, numbers: pa.Array, style: str) -> pa.Array:
        """The cells of one column; no text where there is none."""
        column = self._filled[at].slice(start, end - start)
        kind = column.dictionary.type
        form = ' t="s"' if pa.types.is_string(kind) else ' t="b"' if pa.types.is_boolean(kind) else style
        values = pa.array([f'"{form}><v>{value}</v></c>' for value in self._texts[at]], pa.string())
        cells = pc.binary_join_element_wise(
            f'<c r="{xl_col_to_name(at)}', numbers, values.take(column.indices), "", null_handling="emit_null"
        )
        return cells.fill_null("")


def longest_text(column: pa.ChunkedArray) -> int:
    """How many characters the longest cell of a column has, as Python writes values."""
    values = pc.unique(column).to_pylist()
    return max((len(str(value)) for value in values), default=0)
