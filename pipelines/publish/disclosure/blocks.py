"""Blocks of rows that never stand in one sum with others, and which of them say tonight what they said before."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from pipelines.publish.disclosure.model import TableModel

Row = Mapping[str, Any]


def blocks_of(table: TableModel, columns: Mapping[str, Sequence[Any]], rows: int) -> list[Hashable]:
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
    said = dict.fromkeys([*table.key, *table.counts, *table.working, *(one.column for one in table.nested_rows)])
    blocks = blocks_of(table, {name: [row[name] for row in rows] for name in table.blocks}, len(rows))
    found: dict[Hashable, dict[Hashable, int]] = {}
    for at, (block, row) in enumerate(zip(blocks, rows, strict=True)):
        found.setdefault(block, {})[tuple(row.get(name) for name in said)] = at
    return found
