"""Disclosure control of the tables of a release: what is told, what is withheld, what is told as it was before."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pipelines.publish.disclosure.model import Model, TableModel
from pipelines.publish.disclosure.protect import Protection, protect
from pipelines.publish.disclosure.relations import System
from pipelines.publish.disclosure.rounding import rounded
from pipelines.publish.disclosure.tellings import Telling, build

Rows = list[dict[str, Any]]

TOLD_AS_OF = "told_as_of_on"
"""The column that says of which release's day the counts of a row are."""


@dataclass(frozen=True)
class EarlierRelease:
    """What an earlier release was made of and what it told; rows of a table stand in the same order in both."""

    release_id: str
    as_of: date
    true: Mapping[str, Rows]
    told: Mapping[str, Rows]

    def is_told(self, model: TableModel, at: int, count: str) -> bool:
        """Whether it tells a count as it was then, rather than withholds it or repeats what it was before."""
        column = model.told_by(count)
        told = self.told[model.name][at][column]
        return told is not None and told == self.true[model.name][at][column]


@dataclass(frozen=True)
class Controlled:
    """The tables as they may leave, and what was done to them."""

    tables: Mapping[str, Rows]
    audit: Rows
    """Grain: table. Counts of cells, never a value."""


def control(
    model: Model,
    tables: Mapping[str, Rows],
    as_of: date,
    *,
    earlier: Sequence[EarlierRelease] = (),
    opted_out: Collection[str] = (),
    seal: Callable[[str], str],
) -> Controlled:
    """Withhold, in all tables at once, small cells and whatever would give them back.

    Args:
        model: the rules and relations.
        tables: true rows by table, with the working columns.
        as_of: the day of the release.
        earlier: every release that was made before and still stands, oldest first.
        opted_out: tables that are told as they are, because two people said so.
        seal: names a text in a way that only the holder of the release's key can; rounding draws from it.
    """
    methods = {name: "none" if name in opted_out else model.tables[name].method for name in tables}
    system = _system(model, tables, methods, earlier)
    protection = protect(system.cells)
    told = {name: _told(system, protection, name, rows, methods[name], as_of, seal) for name, rows in tables.items()}
    last = {name: _last_told(model.tables[name], earlier) for name in tables}
    whole = {name: _repeat(model, name, rows, last[name]) for name, rows in told.items()}
    audit = [
        _audit(system, protection, name, methods[name], _repeated(told[name], whole[name])) for name in sorted(tables)
    ]
    return Controlled(whole, audit)


def _system(
    model: Model, tables: Mapping[str, Rows], methods: Mapping[str, str], earlier: Sequence[EarlierRelease]
) -> System:
    """Tables that are rounded tell no exact count, so they take no part; those told as they are, are known."""
    withheld = {name: rows for name, rows in tables.items() if methods[name] == "withhold"}
    open_tables = {name: rows for name, rows in tables.items() if methods[name] == "none"}
    tellings = [_telling(model, one) for one in earlier]
    if open_tables:
        tellings.append(Telling(open_tables, lambda name, at, count: True))
    return build(model, withheld, tellings)


def _telling(model: Model, one: EarlierRelease) -> Telling:
    return Telling(one.true, lambda name, at, count: one.is_told(model.tables[name], at, count))


def _told(
    system: System,
    protection: Protection,
    name: str,
    rows: Rows,
    method: str,
    as_of: date,
    seal: Callable[[str], str],
) -> Rows:
    table = system.model.tables[name]
    if method == "round":
        told = rounded(table, rows, seal)
    elif method == "none":
        told = [{**row, "suppressed": False} for row in rows]
    else:
        told = [masked(table, row, _withheld(system, protection, name, at)) for at, row in enumerate(rows)]
    return [{**row, TOLD_AS_OF: as_of} for row in told]


def _withheld(system: System, protection: Protection, name: str, at: int) -> set[str]:
    return {count for count, cell in system.places[name, at].items() if cell in protection.withheld}


def masked(table: TableModel, row: Mapping[str, Any], withheld: set[str]) -> dict[str, Any]:
    """A row without some of its counts, and without what goes with them."""
    gone = set(withheld)
    if table.leading in withheld:
        gone |= {*table.counts, *table.leave_with_row, *(one for many in table.leave_with.values() for one in many)}
    for count in withheld:
        gone |= set(table.leave_with.get(count, ()))
    return {name: None if name in gone else value for name, value in row.items()} | {"suppressed": bool(withheld)}


def _last_told(table: TableModel, earlier: Sequence[EarlierRelease]) -> dict[tuple[Any, ...], dict[str, Any]]:
    """The rows of a table as they were last told, by key."""
    if not earlier:
        return {}
    return {tuple(row[column] for column in table.key): row for row in earlier[-1].told.get(table.name, ())}


def _repeat(model: Model, name: str, rows: Rows, last: Mapping[tuple[Any, ...], dict[str, Any]]) -> Rows:
    """A row that would now tell less than it told before is told as it was."""
    table = model.tables[name]
    return [_fuller(model, table, row, last.get(tuple(row[column] for column in table.key))) for row in rows]


def _fuller(model: Model, table: TableModel, row: dict[str, Any], before: dict[str, Any] | None) -> dict[str, Any]:
    """The row, or what it was before if that is more; never what was told of few people, by other rules."""
    if before is None or not any(row[name] is None and before.get(name) is not None for name in _shown(table, row)):
        return row
    if table.small_counts(model.rules, before) or table.tells_small_rest(model.rules, before):
        return row
    return {name: before.get(name) for name in row}


def _shown(table: TableModel, row: Mapping[str, Any]) -> list[str]:
    """The columns of a row that say how many."""
    columns = [*table.counts, *(one for many in table.leave_with.values() for one in many)]
    return [name for name in columns if name in row and name not in table.working]


def _repeated(told: Rows, whole: Rows) -> list[bool]:
    """Of each row, whether it is told as it was."""
    return [now is not then for now, then in zip(told, whole, strict=True)]


def _audit(system: System, protection: Protection, name: str, method: str, repeated: Sequence[bool]) -> dict[str, Any]:
    cells = [cell for (table, _), places in system.places.items() if table == name for cell in places.values()]
    withheld = [cell for cell in cells if cell in protection.withheld]
    small = [cell for cell in withheld if cell in system.cells.spans]
    return {
        "table_name": name,
        "method_code": method,
        "min_cell": system.model.rules.min_cell,
        "rows": len(repeated),
        "rows_repeated": sum(repeated),
        "counts": len(cells),
        "withheld_themselves": len(small),
        "withheld_beside": len(withheld) - len(small),
        "given_away_before": sum(cell in protection.exposed for cell in cells),
    }
