"""Tables as one XLSX workbook: a sheet each, columns that can be read. The same tables give the same bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter

SHEET_NAME_LENGTH = 31
"""The longest name of a sheet that Excel opens."""

WIDEST_COLUMN = 60

FORMATS = {"usd": "$#,##0.00", "number": "#,##0.####", "day": "yyyy-mm-dd"}

Rows = Sequence[Mapping[str, Any]]


def write_workbook(path: Path, tables: Mapping[str, Rows], *, title: str, made_on: date) -> None:
    """Write the tables that have rows; `made_on` is told as the day of making, so that no clock is in the file."""
    with xlsxwriter.Workbook(str(path), {"in_memory": True}) as book:
        book.set_properties({"title": title, "created": datetime(made_on.year, made_on.month, made_on.day)})
        head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        formats = {name: book.add_format({"num_format": form}) for name, form in FORMATS.items()}
        for name, rows in tables.items():
            if rows:
                _sheet(book.add_worksheet(name[:SHEET_NAME_LENGTH]), rows, head, formats)


def _sheet(sheet: Any, rows: Rows, head: Any, formats: Mapping[str, Any]) -> None:
    columns = list(rows[0])
    sheet.freeze_panes(1, 1)
    for at, column in enumerate(columns):
        sheet.write_string(0, at, column.replace("_", " "), head)
        longest = max(len(str(row[column])) for row in rows)
        sheet.set_column(at, at, min(max(longest, len(column)) + 2, WIDEST_COLUMN))
    for line, row in enumerate(rows, start=1):
        for at, column in enumerate(columns):
            _cell(sheet, line, at, column, row[column], formats)


def _cell(sheet: Any, line: int, at: int, column: str, value: Any, formats: Mapping[str, Any]) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(line, at, value)
    elif isinstance(value, Decimal | int | float):
        sheet.write_number(line, at, value, formats["usd" if column.endswith("_usd") else "number"])
    elif isinstance(value, date):
        sheet.write_datetime(line, at, value, formats["day"])
    else:
        # a text is never a formula, whatever it begins with
        sheet.write_string(line, at, str(value))
