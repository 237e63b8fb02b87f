"""Missing is not deleted: which rows later full deliveries speak of, unit by unit.

A full delivery is whole for the units that it lists (the projects of its Project.csv) and for the days of its window.
A row that it speaks of and does not hold is gone; a row of another unit, or of other days, stays with the delivery that
told it last. Rows that are told of under a parent (an exit under its enrollment) go with it; clients stay while a row
in force points at them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from pipelines.standardise.deliveries_in_play import Delivery, File
from pipelines.standardise.newest_rows import newest_of_each_key, not_deleted, quoted
from schemas.coverage_terms import Scope, reference_to
from schemas.data_contract import Column, DataContract

FOR_EVER = 2**31 - 1
"""The place of a refusal: after every delivery, past and to come."""


@dataclass(frozen=True)
class Table:
    """A table with its files in play, oldest first."""

    contract: DataContract
    columns: tuple[Column, ...]
    files: tuple[File, ...]

    @property
    def name(self) -> tuple[str, str]:
        """Agency and table."""
        return (self.contract.agency, self.contract.table)


class Scopes:
    """The units of which the deliveries of every agency speak, as tables of schema `scopes`.

    `scopes.deliveries`: delivery_id, place (of its as-of date and revision among the agency's). For a table with a
    scope, `scopes.<agency>_<table>_covered`: place, unit, starts_on, ends_on, a row per full delivery and unit; and if
    its rows name their units, the view `scopes.<agency>_<table>_rows`: the newest row of each key with _place, _unit,
    _active_from and _active_to.
    """

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, tables: Sequence[Table], accepted: Sequence[Delivery]
    ) -> None:
        self._connection = connection
        self._tables = {table.name: table for table in tables}
        self._places = _places(accepted)
        self._refused = _refused(accepted)
        connection.execute("create schema if not exists scopes")
        _fill(connection, "scopes.deliveries", "delivery_id varchar, place integer", self._places.items())
        for table in tables:
            self._open(table)

    def refuses_in(self, agency: str) -> bool:
        """Whether an agency sent units that must not have been sent."""
        return any(units for (of, _), units in self._refused.items() if of == agency)

    def in_force(self, table: Table) -> str:
        """SQL of the rows of a table with a scope that no later delivery says are gone."""
        scope = table.contract.coverage.scope
        assert scope is not None
        if scope.children:
            return self._pointed_at(table, scope)
        if scope.parent:
            return self._under_parent(table, scope.parent)
        rows = f"select * from scopes.{_named(table, 'rows')} as n"
        return f"{rows} where not {_is_covered(table)}"

    def _open(self, table: Table) -> None:
        scope = table.contract.coverage.scope
        if scope is None or scope.each_delivery or not table.files:
            return
        shape = "place integer, unit varchar, starts_on date, ends_on date"
        _fill(self._connection, f"scopes.{_named(table, 'covered')}", shape, self._covered(table))
        if scope.column:
            self._connection.execute(f"create or replace view scopes.{_named(table, 'rows')} as {self._rows(table)}")

    def _covered(self, table: Table) -> Iterable[tuple[object, ...]]:
        listing = self._listing(table)
        for file in table.files:
            if file.is_full:
                for unit in file.told.units.get(listing, ()):
                    yield (self._places[file.delivery_id], unit, file.told.starts_on, file.told.ends_on)
        for unit in sorted(self._refused.get((table.contract.agency, listing), ())):
            yield (FOR_EVER, unit, None, None)

    def _listing(self, table: Table) -> str:
        """The table that lists the units of a table's rows."""
        scope = table.contract.coverage.scope
        parent = self._tables.get((table.contract.agency, scope.parent)) if scope and scope.parent else None
        if parent:
            return self._listing(parent)
        return scope.listed_in if scope else ""

    def _rows(self, table: Table) -> str:
        scope = table.contract.coverage.scope
        assert scope is not None and scope.column is not None
        since = f"n.{quoted(scope.active_from)}::date" if scope.active_from else "null::date"
        until, ending = self._until(table, scope)
        return (
            f"select n.*, d.place as _place, n.{quoted(scope.column)}::varchar as _unit, {since} as _active_from, "
            f"{until} as _active_to from ({self._newest(table)}) as n "
            f"inner join scopes.deliveries as d on n._delivery_id = d.delivery_id {ending}"
        )

    def _until(self, table: Table, scope: Scope) -> tuple[str, str]:
        """SQL of a row's last day, and the join that brings it if another table knows."""
        if scope.active_to is None:
            return "null::date", ""
        other, column = scope.active_to
        if other == table.contract.table:
            return f"n.{quoted(column)}::date", ""
        ends = self._tables[(table.contract.agency, other)]
        pointer = reference_to(ends.contract, table.contract.table)
        if pointer is None or not ends.files:
            return "null::date", ""
        keys = ", ".join(quoted(name) for name in pointer[0])
        last = f"select {keys}, max({quoted(column)})::date as last_on from ({self._newest(ends)}) as e"
        last = f"{last} where {not_deleted(ends.contract)} group by all"
        return "x.last_on", f"left join ({last}) as x on {_matching('x', 'n', pointer)}"

    def _under_parent(self, table: Table, parent: str) -> str:
        above = self._tables[(table.contract.agency, parent)]
        pointer = reference_to(table.contract, parent)
        assert pointer is not None
        if not above.files:
            return self._newest(table)
        rows = (
            f"select c.*, d.place as _place, p._place is not null as _is_known, p._unit, p._active_from, p._active_to "
            f"from ({self._newest(table)}) as c inner join scopes.deliveries as d on c._delivery_id = d.delivery_id "
            f"left join scopes.{_named(above, 'rows')} as p on {_matching('c', 'p', pointer)}"
        )
        known = f"(n._is_known or n._place >= {self._last_full(table)})"
        return f"select * from ({rows}) as n where {known} and not {_is_covered(table)}"

    def _pointed_at(self, table: Table, scope: Scope) -> str:
        below = [self._tables[(table.contract.agency, child)] for child in scope.children]
        below = [child for child in below if child.files]
        pointed = " or ".join(_points(child, table, f"current.{_named(child)}") for child in below) or "false"
        only_refused = " or ".join(_points(child, table, _refused_rows(child)) for child in below) or "false"
        rows = (
            f"select c.*, d.place as _place from ({self._newest(table)}) as c "
            f"inner join scopes.deliveries as d on c._delivery_id = d.delivery_id"
        )
        return (
            f"select * from ({rows}) as n "
            f"where {pointed} or (n._place >= {self._last_full(table)} and not ({only_refused}))"
        )

    def _newest(self, table: Table) -> str:
        return newest_of_each_key(self._connection, table.contract, table.columns, table.files)

    def _last_full(self, table: Table) -> int:
        return max((self._places[file.delivery_id] for file in table.files if file.is_full), default=0)


def _places(accepted: Sequence[Delivery]) -> dict[str, int]:
    ranks = sorted({(one.agency, one.as_of, one.revision) for one in accepted})
    return {one.delivery_id: ranks.index((one.agency, one.as_of, one.revision)) for one in accepted}


def _refused(accepted: Sequence[Delivery]) -> dict[tuple[str, str], set[str]]:
    """Agency and listing table → units that were refused when they were last told of."""
    refused: dict[tuple[str, str], set[str]] = {}
    for one in sorted(accepted, key=lambda one: (one.as_of, one.revision, one.delivery_id)):
        for listing in {*one.told.units, *one.told.refused}:
            known = refused.setdefault((one.agency, listing), set())
            known -= set(one.told.units.get(listing, ()))
            known |= set(one.told.refused.get(listing, ()))
    return refused


def _is_covered(table: Table) -> str:
    """Whether a later full delivery speaks of row n: of its unit, on a day on which it was active."""
    return (
        f"exists (select 1 from scopes.{_named(table, 'covered')} as f where f.unit = n._unit and f.place > n._place "
        "and (f.starts_on is null or n._active_to is null or n._active_to >= f.starts_on) "
        "and (f.ends_on is null or n._active_from is null or n._active_from <= f.ends_on))"
    )


def _points(child: Table, table: Table, rows: str) -> str:
    pointer = reference_to(child.contract, table.contract.table)
    assert pointer is not None
    return f"exists (select 1 from {rows} as e where {_matching('e', 'n', pointer)})"


def _refused_rows(child: Table) -> str:
    return (
        f"(select r.* from scopes.{_named(child, 'rows')} as r inner join scopes.{_named(child, 'covered')} as u "
        f"on r._unit = u.unit where u.place = {FOR_EVER})"
    )


def _matching(source: str, target: str, pointer: tuple[tuple[str, ...], tuple[str, ...]]) -> str:
    pairs = zip(*pointer, strict=True)
    return " and ".join(f"{source}.{quoted(column)} = {target}.{quoted(other)}" for column, other in pairs)


def _named(table: Table, suffix: str = "") -> str:
    return quoted("_".join(filter(None, (*table.name, suffix))))


def _fill(connection: duckdb.DuckDBPyConnection, name: str, shape: str, rows: Iterable[tuple[object, ...]]) -> None:
    """Make a table of these rows."""
    connection.execute(f"create or replace table {name} ({shape})")
    filled = list(rows)
    if filled:
        columns = [pa.array(values) for values in zip(*filled, strict=True)]
        connection.register("filling", pa.table(columns, names=[f"c{place}" for place in range(len(columns))]))
        connection.execute(f"insert into {name} select * from filling")
        connection.unregister("filling")
