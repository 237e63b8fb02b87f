"""Rows that are told as they were told before: because nothing changed, because too little did, or because it waits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from pipelines.publish.disclosure.cells import ROUNDING_SLACK
from pipelines.publish.disclosure.model import Model, TableModel

Row = Mapping[str, Any]

TOLD_AS_OF = "told_as_of_on"
"""The column that says of which release's day the counts of a row are."""


def masked(table: TableModel, row: Row, withheld: set[str]) -> dict[str, Any]:
    """A row without some of its counts, and without what goes with them."""
    gone = set(withheld)
    if table.leading in withheld:
        gone |= {*table.counts, *table.leave_with_row, *(one for many in table.leave_with.values() for one in many)}
    for count in withheld:
        gone |= set(table.leave_with.get(count, ()))
    return {name: None if name in gone else value for name, value in row.items()} | {"suppressed": bool(withheld)}


def fuller(model: Model, table: TableModel, row: dict[str, Any], before: Row | None) -> dict[str, Any]:
    """The row, or what it was before if that is more; never what was told of few people, by other rules."""
    if before is None or not any(row[name] is None and before.get(name) is not None for name in shown(table, row)):
        return row
    if _tells_of_few(model, table, before):
        return row
    return {name: before.get(name) for name in row}


def settled(table: TableModel, row: Row, true: Row, before: Row, as_of: date) -> dict[str, Any]:
    """A row of which nothing changed: what was withheld is withheld again; what was repeated is repeated.

    Args:
        table: what the table holds.
        row: the row as it is now, of this release's day.
        true, before: what the last release was made of, and what it told.
        as_of: the release's day.
    """
    told = [count for count in table.counts if before.get(table.told_by(count)) is not None]
    if any(before[table.told_by(count)] != true[table.told_by(count)] for count in told):
        return {name: before.get(name) for name in row}
    withheld = {
        count
        for count in table.counts
        if (true[count] or 0.0) > ROUNDING_SLACK and before.get(table.told_by(count)) is None
    }
    return masked(table, row, withheld) | {TOLD_AS_OF: as_of}


def waiting(model: Model, table: TableModel, row: dict[str, Any], before: Row | None) -> dict[str, Any]:
    """A row that is not told anew yet: as it was told, and null where it was not told before."""
    if before is None or _tells_of_few(model, table, before):
        return masked(table, row, set(table.counts))
    return {name: before.get(name) for name in row}


def shown(table: TableModel, row: Row) -> list[str]:
    """The columns of a row that say how many."""
    columns = [*table.counts, *(one for many in table.leave_with.values() for one in many)]
    return [name for name in columns if name in row and name not in table.working]


def _tells_of_few(model: Model, table: TableModel, before: Row) -> bool:
    return bool(table.small_counts(model.rules, before)) or table.tells_small_rest(model.rules, before)
