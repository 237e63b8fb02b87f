"""A release to be made beside those that were made before: one system of cells and sums.

A count that did not change is one cell in all of them, and a count that changed by few is a small cell.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.publish.disclosure.blocks import unchanged_rows
from pipelines.publish.disclosure.cells import ROUNDING_SLACK, Span, worked_out
from pipelines.publish.disclosure.model import Model, TableModel
from pipelines.publish.disclosure.relations import Relations, System

Row = Mapping[str, Any]
Tables = Mapping[str, Sequence[Row]]


@dataclass(frozen=True)
class Telling:
    """The true counts of a release, and which of them it told."""

    tables: Tables
    is_told: Callable[[str, int, str], bool]
    """Table, row number and count → whether the release tells that count as it was then."""


def build(
    model: Model,
    tables: Tables,
    earlier: Sequence[Telling] = (),
    numbers: Mapping[str, Sequence[int]] | None = None,
) -> System:
    """The cells and sums of tables, with those of earlier releases beside them.

    `numbers`: what the rows are called in the system's places, if it is not their number here.
    """
    system = System(model)
    places = {name: Relations(system, model.tables[name], rows, is_new=True).add() for name, rows in tables.items()}
    called = numbers or {name: range(len(rows)) for name, rows in tables.items()}
    system.places = {
        (name, number): cells for name, rows in places.items() for number, cells in zip(called[name], rows, strict=True)
    }
    for telling in earlier:
        for name, rows in telling.tables.items():
            if name in model.tables:
                _add_telling(system, model.tables[name], rows, telling, tables.get(name, ()), places.get(name, ()))
    if earlier:
        _mark_given_back(system)
        _mark_changes(system)
    return system


def _add_telling(
    system: System,
    table: TableModel,
    rows: Sequence[Row],
    telling: Telling,
    now: Sequence[Row],
    places_now: Sequence[Mapping[str, int]],
) -> None:
    """What an earlier release said of rows that changed since is added; where they did not, it is all there."""
    same = unchanged_rows(table, now, rows)
    changed = [at for at in range(len(rows)) if at not in same]
    added = Relations(system, table, [rows[at] for at in changed], is_new=False).add()
    places = [*zip(changed, added, strict=True), *((at, places_now[one]) for at, one in same.items())]
    for at, cells in places:
        system.cells.told_before |= {cell for count, cell in cells.items() if telling.is_told(table.name, at, count)}


def _mark_given_back(system: System) -> None:
    """What follows from what earlier releases told is known as well."""
    known = system.cells.told_before
    unknown = {cell for cell in range(len(system.cells.values)) if cell not in known}
    known |= set(worked_out(system.cells.sums, unknown))


def _mark_changes(system: System) -> None:
    """A count that differs by few from what was told of it must stay uncertain by as many."""
    cells, change = system.cells, system.model.rules.change
    for states in system.states.values():
        told = [cells.values[cell] for cell in states if cell in cells.told_before]
        for cell in states if len(states) > 1 else ():
            for before in told if cell not in cells.told_before else ():
                by = cells.values[cell] - before
                if ROUNDING_SLACK < abs(by) < change + 1 - ROUNDING_SLACK:
                    ends = (before + 1, before + change) if by > 0 else (before - change, before - 1)
                    cells.must_stay(cell, Span(max(0.0, ends[0]), ends[1], may_lie_elsewhere=True))
