"""Disclosure control of the tables of a release: what is told, what is withheld, what is told as it was before."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pipelines.publish.disclosure import again
from pipelines.publish.disclosure.again import TOLD_AS_OF, masked
from pipelines.publish.disclosure.blocks import Unit, units_of
from pipelines.publish.disclosure.history import EarlierRelease, Rows, Said
from pipelines.publish.disclosure.model import Model, TableModel
from pipelines.publish.disclosure.plan import Plan, planned
from pipelines.publish.disclosure.protect import Protection, protect
from pipelines.publish.disclosure.relations import System
from pipelines.publish.disclosure.rounding import rounded
from pipelines.publish.disclosure.tellings import Telling, build

WITHHOLD, OPEN = "withhold", "none"


@dataclass(frozen=True)
class Controlled:
    """The tables as they may leave, and what was done to them."""

    tables: Mapping[str, Rows]
    audit: Rows
    """Grain: table. Counts of cells, never a value."""
    said: Said


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
    methods = {name: OPEN if name in opted_out else model.tables[name].method for name in tables}
    plan = planned(model, {name: rows for name, rows in tables.items() if methods[name] == WITHHOLD}, as_of, earlier)
    system = _system(model, tables, methods, earlier, plan)
    protection = protect(system.cells, model.rules.most_mends)
    held_back = _held_back(system, protection, plan)
    told = {}
    for name, rows in tables.items():
        teller = _Teller(system, protection, plan, held_back, name, as_of, earlier[-1] if earlier else None)
        told[name] = teller.withheld(rows) if methods[name] == WITHHOLD else teller.open(rows, methods[name], seal)
    audit = [
        _audit(system, protection, name, methods[name], rows, told[name], as_of)
        for name, rows in sorted(tables.items())
    ]
    given_away = frozenset(row["table_name"] for row in audit if row["given_away_before"])
    open_units = {unit for name, rows in tables.items() if methods[name] == OPEN
                  for unit in units_of(model, model.tables[name], rows)}  # fmt: skip
    anew = (plan.anew - held_back) | open_units
    return Controlled(told, audit, Said(anew, methods, model.sha256, given_away, held_back, plan.waiting | held_back))


def _system(
    model: Model,
    tables: Mapping[str, Rows],
    methods: Mapping[str, str],
    earlier: Sequence[EarlierRelease],
    plan: Plan,
) -> System:
    """Tables that are rounded tell no exact count, so they take no part; those told as they are, are known."""
    anew = plan.anew
    numbers = {name: [at for at, unit in enumerate(units) if unit in anew] for name, units in plan.units.items()}
    tellings = [one for release in earlier if (one := _telling(model, release, anew)).tables]
    open_tables = {name: rows for name, rows in tables.items() if methods[name] == OPEN}
    if open_tables:
        tellings.append(Telling(open_tables, lambda name, at, count: True))
    return build(model, {name: [tables[name][at] for at in kept] for name, kept in numbers.items()}, tellings, numbers)


def _telling(model: Model, one: EarlierRelease, units: frozenset[Unit]) -> Telling:
    """What an earlier release told anew of these units."""
    kept = {name: found for name in model.tables if (found := one.rows_against(model, name, units))}
    rows = {name: [one.true[name][at] for at in found] for name, found in kept.items()}
    return Telling(rows, lambda name, at, count: one.is_told(model.tables[name], kept[name][at], count))


def _held_back(system: System, protection: Protection, plan: Plan) -> frozenset[Unit]:
    """Units that cannot be told anew: whatever were withheld, some change since an earlier release would be known."""
    return frozenset(
        plan.units[name][at]
        for (name, at), cells in system.places.items()
        if not protection.unsafe.isdisjoint(cells.values())
    )


class _Teller:
    """The rows of one table as they may leave."""

    def __init__(
        self,
        system: System,
        protection: Protection,
        plan: Plan,
        held_back: frozenset[Unit],
        name: str,
        as_of: date,
        last: EarlierRelease | None,
    ) -> None:
        self.system, self.protection, self.plan, self.as_of = system, protection, plan, as_of
        self.waiting = plan.waiting | held_back
        self.table: TableModel = system.model.tables[name]
        true, told = (last.true.get(name, []), last.told.get(name, [])) if last else ([], [])
        self.before = {self._key(row): (true[at], row) for at, row in enumerate(told)}

    def open(self, rows: Rows, method: str, seal: Callable[[str], str]) -> Rows:
        """Rows of which nothing is withheld."""
        told = rounded(self.table, rows, seal) if method == "round" else [{**row, "suppressed": False} for row in rows]
        return [self._fuller({**row, TOLD_AS_OF: self.as_of}) for row in told]

    def withheld(self, rows: Rows) -> Rows:
        """Rows without what would tell of few people."""
        return [self._row(at, row) for at, row in enumerate(rows)]

    def _row(self, at: int, row: dict[str, Any]) -> dict[str, Any]:
        unit = self.plan.units[self.table.name][at]
        true, told = self.before.get(self._key(row), (None, None))
        row = {**row, TOLD_AS_OF: self.as_of}
        if unit in self.waiting:
            return again.waiting(self.system.model, self.table, row, told)
        if unit in self.plan.settled and true is not None and told is not None:
            return again.settled(self.table, row, true, told, self.as_of)
        places = self.system.places[self.table.name, at]
        gone = {count for count, cell in places.items() if cell in self.protection.withheld}
        return self._fuller(masked(self.table, row, gone))

    def _fuller(self, row: dict[str, Any]) -> dict[str, Any]:
        """A row that would now tell less than it told before is told as it was."""
        _, before = self.before.get(self._key(row), (None, None))
        return again.fuller(self.system.model, self.table, row, before)

    def _key(self, row: Mapping[str, Any]) -> tuple[Any, ...]:
        return tuple(row[column] for column in self.table.key)


def _audit(
    system: System, protection: Protection, name: str, method: str, true: Rows, told: Rows, as_of: date
) -> dict[str, Any]:
    """What was done to a table, in numbers of cells."""
    table, spans = system.model.tables[name], system.cells.spans
    counted = themselves = withheld = 0
    for at, (row, shown) in enumerate(zip(true, told, strict=True)) if method == WITHHOLD else ():
        places = system.places.get((name, at), {})
        for count in (one for one in table.counts if row[one]):
            counted += 1
            if not _is_as_true(table, count, row, shown):
                withheld += 1
                themselves += places[count] in spans if count in places else system.model.rules.is_small(row[count])
    return {
        "table_name": name,
        "method_code": method,
        "min_cell": system.model.rules.min_cell,
        "rows": len(told),
        "rows_repeated": sum(_is_repeated(table, row, shown, as_of) for row, shown in zip(true, told, strict=True)),
        "counts": counted,
        "withheld_themselves": themselves,
        "withheld_beside": withheld - themselves,
        "given_away_before": sum(
            cell in protection.exposed
            for (one, _), places in system.places.items()
            if one == name
            for cell in places.values()
        ),
    }


def _is_as_true(table: TableModel, count: str, true: Mapping[str, Any], told: Mapping[str, Any]) -> bool:
    column = table.told_by(count)
    return bool(told[column] == true[column])


def _is_repeated(table: TableModel, true: Mapping[str, Any], told: Mapping[str, Any], as_of: date) -> bool:
    """Whether a row is told as it was."""
    said = [count for count in table.counts if told.get(table.told_by(count)) is not None]
    return told[TOLD_AS_OF] != as_of or not all(_is_as_true(table, count, true, told) for count in said)
