"""From rows to cells and sums: everything that a reader of the aggregates could calculate with.

All tables stand in one system, since some of their counts are the same.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from pipelines.publish.disclosure.cells import ROUNDING_SLACK, Cells, Span
from pipelines.publish.disclosure.model import Model, TableModel
from pipelines.publish.disclosure.terms import Population, Total, Within, holds

Row = Mapping[str, Any]


@dataclass
class System:
    """The cells of a release to be made, and where they stand in its tables."""

    model: Model
    cells: Cells = field(default_factory=Cells)
    places: dict[tuple[str, int], dict[str, int]] = field(default_factory=dict)
    """(table, row number) → count → cell; zeros have none."""
    states: dict[Hashable, list[int]] = field(default_factory=dict)
    """A count of people by name → its cells, one for each value that it had in a release."""

    def cell(self, name: Hashable, value: float, *, is_tellable: bool = False) -> int:
        """The cell of a count with this value: the one there is, if it had that value before."""
        known = self.states.setdefault(name, [])
        for cell in known:
            if abs(self.cells.values[cell] - value) < ROUNDING_SLACK:
                return cell
        known.append(self.cells.add(value, is_tellable=is_tellable))
        return known[-1]

    def rest(self, name: Hashable, value: float) -> int:
        """The cell of people whom no table counts, but sums tell of."""
        cell = self.cell(name, value)
        if self.model.rules.is_small(value):
            self.cells.must_stay(cell, small_span(self.model))
        return cell


def small_span(model: Model) -> Span:
    """What must stay possible for a small cell: to be any of them."""
    return Span(1.0, float(model.rules.min_cell - 1))


class Relations:
    """One table of one release on its way into the system."""

    def __init__(self, system: System, table: TableModel, rows: Sequence[Row], *, is_new: bool) -> None:
        self.system, self.table, self.rows, self.is_new = system, table, rows, is_new
        self.rules = system.model.rules
        self.keys = [tuple(row[column] for column in table.key) for row in rows]
        self.at = {key: at for at, key in enumerate(self.keys)}
        self.places: list[dict[str, int]] = []
        self._values: dict[str, list[float]] = {}
        self._numbers: dict[str, dict[Any, list[int]]] = {}

    def add(self) -> list[dict[str, int]]:
        """Add every cell and sum; returns the cells of each row by count."""
        self.places = [self._row(at, row) for at, row in enumerate(self.rows)]
        for at, row in enumerate(self.rows):
            for within in self.table.within:
                if holds(within.where, row):
                    self._within(at, within)
        for number, total in enumerate(self.table.totals):
            self._total(number, total)
        self._nested_rows()
        self._adding()
        self._nested()
        for number, population in enumerate(self.table.populations):
            self._population(number, population)
        self._joined()
        return self.places

    def value(self, at: int, count: str) -> float:
        """A count of a row; nothing told is zero."""
        values = self._values.get(count)
        if values is None:
            told = (row.get(count) for row in self.rows)
            values = self._values[count] = [0.0 if value is None else float(value) for value in told]
        return values[at]

    def _at_values(self, column: str, values: Iterable[Any]) -> list[int]:
        """The numbers of the rows that have one of some values, in their order."""
        if column not in self._numbers:
            found = self._numbers[column] = {}
            for at, row in enumerate(self.rows):
                found.setdefault(row[column], []).append(at)
        return sorted(at for value in dict.fromkeys(values) for at in self._numbers[column].get(value, ()))

    def _row(self, at: int, row: Row) -> dict[str, int]:
        cells = {
            count: self.system.cell(self._name(at, row, count), value, is_tellable=self.is_new)
            for count in self.table.counts
            if (value := self.value(at, count)) > ROUNDING_SLACK
        }
        self._mark_small(at, cells)
        if self.is_new:
            self._tie(cells)
        return cells

    def _tie(self, cells: Mapping[str, int]) -> None:
        """Say which counts of a row leave together."""
        goes_with, leading = self.system.cells.goes_with, self.table.leading
        together = [cells[count] for count in self.table.together if count in cells]
        for cell in together:
            goes_with[cell] = tuple(other for other in together if other != cell)
        if leading is not None and leading in cells:
            goes_with[cells[leading]] = tuple(cell for count, cell in cells.items() if count != leading)

    def _name(self, at: int, row: Row, count: str) -> Hashable:
        for repeat in self.table.repeats:
            if repeat.count == count and holds(repeat.where, row):
                values = [str(row[column]) for column in repeat.by]
                return (repeat.name, *(sorted(values) if repeat.in_any_order else values))
        return (self.table.name, self.keys[at], count)

    def _mark_small(self, at: int, cells: Mapping[str, int]) -> None:
        """Small cells, and what rests on few people."""
        leading = self.table.leading
        rests_on_few = leading is not None and self.rules.is_small(self.value(at, leading))
        for count, cell in cells.items():
            value = self.system.cells.values[cell]
            if count in self.table.of_people and self.rules.is_small(value):
                low = min(1.0, value)
                self.system.cells.must_stay(cell, Span(low, float(self.rules.min_cell - 1)))
            elif rests_on_few or self._is_dominated(at, count):
                self.system.cells.must_stay(cell, self._spread(value))

    def _spread(self, value: float) -> Span:
        by = max(1.0, round(self.rules.spread * value))
        return Span(max(0.0, value - by), value + by, may_lie_elsewhere=True)

    def _is_dominated(self, at: int, count: str) -> bool:
        """The p-% rule: without the two largest, what is left hides the largest too little."""
        by = self.table.dominance
        if by is None or count != by.count or self.rows[at].get(by.largest) is None:
            return False
        largest, second = float(self.rows[at][by.largest]), float(self.rows[at][by.second] or 0.0)
        return largest > 0 and self.value(at, count) - largest - second < self.rules.dominance * largest

    def _within(self, at: int, within: Within) -> None:
        rest = self.value(at, within.of) - sum(self.value(at, part) for part in within.parts)
        if rest < -ROUNDING_SLACK or within.of not in self.places[at]:
            return
        parts = [self.places[at][part] for part in within.parts if part in self.places[at]]
        name = (self.table.name, self.keys[at], within.of, "without", within.parts)
        self.system.cells.add_sum(self.places[at][within.of], [*parts, self.system.rest(name, rest)])

    def _total(self, number: int, total: Total) -> None:
        parts: dict[tuple[Any, ...], list[int]] = {}
        outside = [column for column in self.table.key if column not in total.of]
        whole_values = [*total.of.values()]
        for at, row in enumerate(self.rows):
            is_total = [row[column] for column in total.of] == whole_values
            if not is_total and not (total.but_not and holds(total.but_not, row)):
                place = tuple(row[column] for column in outside)
                parts.setdefault((place, tuple(row[column] for column in total.each)), []).append(at)
        for (place, each), members in parts.items():
            values = {**dict(zip(outside, place, strict=True)), **total.of}
            whole = self.at.get(tuple(values[column] for column in self.table.key))
            if whole is None:
                continue
            for count in total.counts:
                self._add_up(whole, members, count, (number, each), may_overlap=total.may_overlap)

    def _add_up(self, whole: int, members: Sequence[int], count: str, tag: Hashable, *, may_overlap: bool) -> None:
        """Rows add up to another, with whoever stands in none of them, or in several."""
        cells, parts = self.places, [self.places[at][count] for at in members if count in self.places[at]]
        if count not in cells[whole] or not parts:
            return
        rest = self.value(whole, count) - sum(self.value(at, count) for at in members)
        name = (self.table.name, self.keys[whole], count, tag)
        if abs(rest) < ROUNDING_SLACK * max(1.0, self.value(whole, count)):
            self.system.cells.add_sum(cells[whole][count], parts)
        elif rest > 0:
            self.system.cells.add_sum(cells[whole][count], [*parts, self.system.rest((*name, "rest"), rest)])
        elif may_overlap:
            self._overlap(whole, count, parts, name, -rest)

    def _overlap(self, whole: int, count: str, parts: Sequence[int], name: tuple[Any, ...], overlap: float) -> None:
        """Parts that share people come to more than the whole, and none of them to more than it."""
        system, total = self.system, self.places[whole][count]
        together = system.cell((*name, "with overlap"), system.cells.values[total] + overlap)
        system.cells.add_sum(together, parts)
        system.cells.add_sum(together, [total, system.cell((*name, "overlap"), overlap)])
        for part in parts:
            others = system.cells.values[total] - system.cells.values[part]
            system.cells.add_sum(total, [part, system.rest((*name, "others", part), others)])

    def _nested_rows(self) -> None:
        for nested in self.table.nested_rows:
            members: dict[int, list[int]] = {}
            for at, row in enumerate(self.rows):
                if all(row[c] == v for c, v in nested.part.items()) and row.get(nested.column) is not None:
                    values = {**row, **nested.total, nested.fills: row[nested.column]}
                    whole = self.at.get(tuple(values[column] for column in self.table.key))
                    if whole is not None:
                        members.setdefault(whole, []).append(at)
            for whole, parts in members.items():
                for count in self.table.counts:
                    self._add_up(whole, parts, count, nested.column, may_overlap=False)

    def _adding(self) -> None:
        for one in self.table.adding:
            for rows in self._by_place(one.column, (one.total, *one.parts)).values():
                parts = [rows[part] for part in one.parts if part in rows]
                if one.total in rows and len(parts) == len(one.parts):
                    self._add_up(rows[one.total], parts, one.count, ("adding", one.total), may_overlap=False)

    def _nested(self) -> None:
        for one in self.table.nested:
            for rows in self._by_place(one.column, one.members).values():
                members = [rows[member] for member in one.members if member in rows]
                for smaller, larger in pairwise(members):
                    if self.value(smaller, one.same) == self.value(larger, one.same):
                        self._add_up(larger, [smaller], one.count, ("nested", self.keys[smaller]), may_overlap=False)

    def _by_place(self, column: str, members: Sequence[str]) -> dict[tuple[Any, ...], dict[str, int]]:
        """Rows that differ in one column alone, by its value; the version of a definition is looked through."""
        others = [name for name in self.table.key if name not in (column, self.table.version)]
        places: dict[tuple[Any, ...], dict[str, int]] = {}
        for at in self._at_values(column, members):
            row = self.rows[at]
            places.setdefault(tuple(row[name] for name in others), {})[row[column]] = at
        return places

    def _population(self, number: int, population: Population) -> None:
        for place, rows in self._by_place(population.column, population.members).items():
            by_people: dict[float, list[tuple[int, list[str]]]] = {}
            for at in rows.values():
                counts = self._counted_once(at, population)
                by_people.setdefault(sum(self.value(at, count) for count in counts), []).append((at, counts))
            for people, same in by_people.items():
                for at, counts in same if len(same) > 1 else ():
                    name = (self.table.name, "people", number, place)
                    parts = [self.places[at][count] for count in counts if count in self.places[at]]
                    self.system.cells.add_sum(self.system.cell(name, people), parts)

    def _counted_once(self, at: int, population: Population) -> list[str]:
        twice = population.counted_twice
        return [c for c in population.counts if c not in twice or not holds(twice[c], self.rows[at])]

    def _joined(self) -> None:
        for one in self.table.joined:
            for at, row in enumerate(self.rows):
                if all(row[column] == value for column, value in one.whole.items()):
                    names = str(row[one.column]).split(one.by)
                    keys = [{**row, **one.part, one.column: name} for name in names]
                    parts = [self.at.get(tuple(key[column] for column in self.table.key)) for key in keys]
                    for count in one.counts if None not in parts else ():
                        self._add_up(
                            at, [part for part in parts if part is not None], count, "joined", may_overlap=False
                        )
