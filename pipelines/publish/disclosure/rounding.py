"""Rounding instead of withholding: every count becomes one of its two neighbouring multiples of a base.

Unbiased: a count of 13 becomes 15 three times in five and 10 twice, by base 5. What it becomes is drawn from a keyed
hash of the cell and its value: the same count is rounded the same way in every release, so that nobody can average the
rounding away, and a release that is made again is the same to the byte. Totals are rounded by themselves; parts need
not add up to them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import floor
from typing import Any

from pipelines.publish.disclosure.model import TableModel

DRAW_DIGITS = 13
"""Hexadecimal digits of the hash that make a draw: 52 bits, all that a double holds."""


def rounded(table: TableModel, rows: Sequence[Mapping[str, Any]], seal: Callable[[str], str]) -> list[dict[str, Any]]:
    """The rows with every count rounded, and null what would tell it exactly: estimates, intervals, person-time."""
    gone = {*table.leave_with_row, *(column for columns in table.leave_with.values() for column in columns)}
    return [
        {name: None if name in gone else value for name, value in row.items()}
        | {count: _rounded(table, row, count, seal) for count in table.counts}
        | {"suppressed": True}
        for row in rows
    ]


def _rounded(table: TableModel, row: Mapping[str, Any], count: str, seal: Callable[[str], str]) -> float | int | None:
    value = row[count]
    if value is None or table.base is None:
        return None
    drawn_for = () if table.one_draw else (count, repr(float(value)))
    name = "|".join([table.name, *(str(row[column]) for column in table.key), *drawn_for])
    draw = int(seal(f"rounding|{name}")[:DRAW_DIGITS], 16) / 16**DRAW_DIGITS
    down = table.base * floor(value / table.base)
    up = down if value == down or draw >= (value - down) / table.base else down + table.base
    return int(up) if isinstance(value, int) else float(up)
