"""Blocks of rows that never stand in one sum with others, and which of them say tonight what they said before.

A *unit* is what is told anew together or not at all: a block, and with tables that share counts, all of them.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import Any

from pipelines.publish.disclosure.model import Model, TableModel

Row = Mapping[str, Any]

Unit = tuple[str, str | None, str | None]
"""Table (the first of those that share counts), family of rows, part; null where there is but one."""


def blocks_of(
    table: TableModel, columns: Mapping[str, Sequence[Any]], rows: int
) -> list[tuple[str, str | None] | None]:
    """The block of each row.

    A table's blocks are told apart by the family of its first block column, and by its second where no row of the
    family stands for all values of that. A table without block columns is one block.

    Args:
        table: what the table holds.
        columns: its block columns.
        rows: how many rows there are.
    """
    if not table.blocks:
        return [None] * rows
    families, parts = (columns[name] for name in table.blocks)
    names = {one: table.family(one) for one in dict.fromkeys(families)}
    of_rows = [names[one] for one in families]
    whole = {family for family, part in zip(of_rows, parts, strict=True) if part is None}
    return [(family, None if family in whole else part) for family, part in zip(of_rows, parts, strict=True)]


def units_of(model: Model, table: TableModel, rows: Sequence[Row]) -> list[Unit]:
    """The unit of each row."""
    blocks = blocks_of(table, {name: [row[name] for row in rows] for name in table.blocks}, len(rows))
    tied = model.tied(table.name)
    return [(tied, *(block or (None, None))) for block in blocks]


def touches(unit: Unit, units: Collection[Unit]) -> bool:
    """Whether a unit holds rows of any of the units: a family that has totals of all parts is one unit with them."""
    table, family, part = unit
    if part is None:
        return any((table, family) == other[:2] for other in units)
    return unit in units or (table, family, None) in units


def contents(table: TableModel, rows: Sequence[Row]) -> list[Hashable]:
    """What each row says of people, with its key."""
    said = dict.fromkeys([*table.key, *table.counts, *table.working, *(one.column for one in table.nested_rows)])
    return [tuple(row.get(name) for name in said) for row in rows]


def unchanged_rows(table: TableModel, now: Sequence[Row], then: Sequence[Row]) -> dict[int, int]:
    """Rows of then whose whole block is the same now, each with its row of now: they bring no cell and no sum."""
    blocks_now, blocks_then = _by_block(table, now), _by_block(table, then)
    same: dict[int, int] = {}
    for block, rows in blocks_then.items():
        if blocks_now.get(block, {}).keys() == rows.keys():
            same |= {at: blocks_now[block][content] for content, at in rows.items()}
    return same


def _by_block(table: TableModel, rows: Sequence[Row]) -> dict[Hashable, dict[Hashable, int]]:
    """Block → what each of its rows says of people → the row's number."""
    blocks = blocks_of(table, {name: [row[name] for row in rows] for name in table.blocks}, len(rows))
    found: dict[Hashable, dict[Hashable, int]] = {}
    for at, (block, content) in enumerate(zip(blocks, contents(table, rows), strict=True)):
        found.setdefault(block, {})[content] = at
    return found
