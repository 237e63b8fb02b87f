"""Cells and sums: what a reader of aggregates could calculate with.

A cell is one count. Cells that tables tell are *tellable*; what follows from them (the people *not* in a numerator, the
rest of a total) are cells too, which nobody is told. Every relation is one kind of thing: a sum whose parts add up to
its total. Zeros take no part: they are shown by rule, and so known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

ROUNDING_SLACK = 1e-6
"""Counts are stored as doubles; two counts this close are one."""


@dataclass(frozen=True)
class Span:
    """Values that must stay possible for a cell: a reader may not exclude any from `low` to `high`."""

    low: float
    high: float
    may_lie_elsewhere: bool = False
    """Whether any values as far apart will do: it is how much a count is uncertain that counts, not that it may be
    larger than it is."""

    @property
    def width(self) -> float:
        """How far apart the ends are."""
        return self.high - self.low

    def joined(self, other: Span | None) -> Span:
        """The span that holds both."""
        if other is None:
            return self
        may_lie_elsewhere = self.may_lie_elsewhere and other.may_lie_elsewhere
        return Span(min(self.low, other.low), max(self.high, other.high), may_lie_elsewhere)


@dataclass(frozen=True)
class Sum:
    """One relation: the cell that holds a total, and the cells that add up to it."""

    total: int
    parts: tuple[int, ...]

    @cached_property
    def cells(self) -> tuple[int, ...]:
        """All cells of the sum."""
        return (self.total, *self.parts)


@dataclass
class Cells:
    """Every cell by number, with the sums between them."""

    values: list[float] = field(default_factory=list)
    tellable: set[int] = field(default_factory=set)
    """Cells that a table would tell."""
    told_before: set[int] = field(default_factory=set)
    """Cells whose value an earlier release tells: known, whatever is withheld now."""
    spans: dict[int, Span] = field(default_factory=dict)
    """What must stay possible, by cell; such cells are withheld if they can be."""
    goes_with: dict[int, tuple[int, ...]] = field(default_factory=dict)
    """Cells that leave with a cell."""
    _sums: dict[Sum, None] = field(default_factory=dict)

    def add(self, value: float, *, is_tellable: bool = False) -> int:
        """A new cell; returns its number."""
        self.values.append(value)
        number = len(self.values) - 1
        if is_tellable:
            self.tellable.add(number)
        return number

    def add_sum(self, total: int, parts: Iterable[int]) -> None:
        """Say that cells add up to another; zeros are left out, and the same sum said twice counts once."""
        kept = tuple(sorted(part for part in parts if self.values[part] > ROUNDING_SLACK))
        if kept and kept != (total,):
            self._sums[Sum(total, kept)] = None

    def must_stay(self, cell: int, span: Span) -> None:
        """Say what must stay possible for a cell."""
        self.spans[cell] = span.joined(self.spans.get(cell))

    @property
    def sums(self) -> list[Sum]:
        """Every sum, in the order in which they were said."""
        return list(self._sums)

    def floor(self, cell: int) -> float:
        """The least that a reader knows of a cell that is withheld: it is not zero, or it would be shown."""
        return min(1.0, self.values[cell]) if cell in self.tellable else 0.0

    def is_whole(self, cell: int) -> bool:
        """Whether a cell counts in whole numbers."""
        return abs(self.values[cell] - round(self.values[cell])) < ROUNDING_SLACK


def connected(cells: Iterable[int], sums: Iterable[Sum]) -> list[tuple[list[int], list[Sum]]]:
    """Groups of cells that no sum ties to another group, each with its sums; only the cells named take part."""
    parent = {cell: cell for cell in cells}
    kept = [(one, [cell for cell in one.cells if cell in parent]) for one in sums]
    kept = [(one, inside) for one, inside in kept if inside]
    for _, inside in kept:
        first = _root(parent, inside[0])
        for other in inside[1:]:
            parent[_root(parent, other)] = first
    groups: dict[int, tuple[list[int], list[Sum]]] = {}
    for cell in parent:
        groups.setdefault(_root(parent, cell), ([], []))[0].append(cell)
    for one, inside in kept:
        groups[_root(parent, inside[0])][1].append(one)
    return list(groups.values())


def _root(parent: dict[int, int], cell: int) -> int:
    while parent[cell] != cell:
        parent[cell] = parent[parent[cell]]
        cell = parent[cell]
    return cell


def worked_out(sums: Iterable[Sum], unknown: set[int]) -> Mapping[int, Sum]:
    """Unknown cells that follow from the known ones, sum by sum, each with the sum that gives it."""
    told = list(sums)
    left = [unknown.intersection(one.cells) for one in told]
    of: dict[int, list[int]] = {}
    for one, cells in enumerate(left):
        for cell in cells:
            of.setdefault(cell, []).append(one)
    found: dict[int, Sum] = {}
    ready = [one for one, cells in enumerate(left) if len(cells) == 1]
    while ready:
        one = ready.pop()
        if len(left[one]) != 1:
            continue
        (cell,) = left[one]
        found[cell] = told[one]
        for other in of[cell]:
            left[other].discard(cell)
            if len(left[other]) == 1:
                ready.append(other)
    return found


def with_others(cells: Cells, chosen: Iterable[int]) -> set[int]:
    """The tellable cells among those chosen, and what leaves with them."""
    found: set[int] = set()
    waiting = [cell for cell in chosen if cell in cells.tellable]
    while waiting:
        cell = waiting.pop()
        if cell not in found:
            found.add(cell)
            waiting += cells.goes_with.get(cell, ())
    return found
