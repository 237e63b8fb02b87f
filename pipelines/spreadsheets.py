"""Text that a spreadsheet would run as a formula is made harmless before it is written for one.

Excel, LibreOffice and Sheets take a cell of a CSV for a formula by its first character (OWASP, CSV injection). Such a
text gets an apostrophe before it, which they show as text. Numbers are numbers and stay as they are: only text is
looked at. XLSX needs none of this: there a text is written as a text (`pipelines/reports/workbook.py`).
"""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterable
from typing import Any, TextIO

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""First characters that make a text a formula; the wide forms are read as the narrow ones in East Asian settings."""

ESCAPE = "'"


def harmless(value: Any) -> Any:
    """The value as it may stand in a cell; only text that a spreadsheet would run is changed."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return ESCAPE + value
    return value


def csv_gz(columns: Iterable[str], rows: Iterable[Iterable[Any]]) -> bytes:
    """A table as gzipped CSV: the same rows give the same bytes, and no cell is a formula."""
    text = io.StringIO()
    write_rows(text, columns, rows)
    return gzip.compress(text.getvalue().encode(), mtime=0)


def write_rows(file: TextIO, columns: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
    """Write a table as CSV for a spreadsheet: no cell is a formula."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([harmless(name) for name in columns])
    writer.writerows([harmless(value) for value in row] for row in rows)
