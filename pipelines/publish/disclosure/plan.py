"""Which units of a release are told anew, which are told as the last release told them, and why.

Nothing changed: what the last release told and withheld is told and withheld again, and no new programme is solved. It
changed, tonight or while it waited, and was told anew often before: it is told as it was told, until its last telling
is old enough. All else is told anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pipelines.publish.disclosure.blocks import Unit, contents, units_of
from pipelines.publish.disclosure.history import EarlierRelease
from pipelines.publish.disclosure.model import Model

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Plan:
    """What becomes of every unit of the tables that are withheld from."""

    units: Mapping[str, Sequence[Unit]]
    """Table → the unit of each row."""
    settled: frozenset[Unit]
    """Nothing of it changed since the last release."""
    waiting: frozenset[Unit]
    """It changed since it was told, and is not told anew yet."""

    @property
    def anew(self) -> frozenset[Unit]:
        """All others."""
        return frozenset(one for units in self.units.values() for one in units) - self.settled - self.waiting


def planned(model: Model, tables: Mapping[str, Rows], as_of: date, earlier: Sequence[EarlierRelease]) -> Plan:
    """The plan for the tables that are withheld from.

    `earlier`: every release that stands, oldest first.
    """
    units = {name: units_of(model, model.tables[name], rows) for name, rows in tables.items()}
    if not earlier:
        return Plan(units, frozenset(), frozenset())
    settled = _settled(model, tables, units, earlier[-1])
    changed = {one for some in units.values() for one in some} - settled
    last = _last_units(model, earlier[-1])
    rows = Counter(one for some in units.values() for one in some)
    waiting = {one for one in changed & last if not _is_due(model, one, rows[one], as_of, earlier)}
    return Plan(units, frozenset(settled), frozenset(waiting))


def _settled(
    model: Model, tables: Mapping[str, Rows], units: Mapping[str, Sequence[Unit]], last: EarlierRelease
) -> set[Unit]:
    """Units of which the last release, by the same rules, tells what is true now."""
    now = _contents(model, tables, units)
    then = _contents(
        model,
        {name: last.true.get(name, []) for name in tables},
        {name: units_of(model, model.tables[name], last.true.get(name, [])) for name in tables},
    )
    trusted = {model.tied(name) for name in tables} - _mistrusted(model, tables, last)
    waited = last.said.waiting if last.said else frozenset()
    return {one for one, said in now.items() if one[0] in trusted and then.get(one) == said} - waited


def _mistrusted(model: Model, tables: Mapping[str, Rows], last: EarlierRelease) -> set[str]:
    """Tables that the last release may have told by other rules."""
    said = last.said
    if said is None or said.rules_sha256 != model.sha256:
        return {model.tied(name) for name in model.tables}
    names = {name for name in model.tables if said.methods.get(name) != "withhold" or name not in tables}
    return {model.tied(name) for name in names | said.given_away}


def _contents(
    model: Model, tables: Mapping[str, Rows], units: Mapping[str, Sequence[Unit]]
) -> dict[Unit, dict[str, frozenset[Hashable]]]:
    """Unit → table → what its rows say of people."""
    found: dict[Unit, dict[str, set[Hashable]]] = {}
    for name, rows in tables.items():
        for unit, content in zip(units[name], contents(model.tables[name], rows), strict=True):
            found.setdefault(unit, {}).setdefault(name, set()).add(content)
    return {unit: {name: frozenset(said) for name, said in of.items()} for unit, of in found.items()}


def _last_units(model: Model, last: EarlierRelease) -> set[Unit]:
    """Units that the last release had."""
    return {
        one
        for name, rows in last.true.items()
        if name in model.tables
        for one in units_of(model, model.tables[name], rows)
    }


def _is_due(model: Model, unit: Unit, rows: int, as_of: date, earlier: Sequence[EarlierRelease]) -> bool:
    """Whether a unit that changed is told anew: in its first nights, and when its last telling is old enough."""
    days = model.rules.days_between(sum(one.told_anew(unit) for one in earlier), rows)
    return days == 0 or (as_of - max(one.as_of for one in earlier if one.tried(unit))).days >= days
