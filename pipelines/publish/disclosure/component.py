"""Cells that sums tie together, and which of them are withheld.

First what single sums show: a cell that follows from the others of its sum takes the smallest of them with it. Then the
proof, over all sums of a component at once: every cell with a span must be able to move to both ends of it. Where one
cannot, a linear programme finds the cheapest cells to withhold besides, until all can.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import log2

from pipelines.publish.disclosure.bounds import Region, cheapest_moves
from pipelines.publish.disclosure.cells import ROUNDING_SLACK, Cells, Sum, connected, with_others, worked_out
from pipelines.publish.disclosure.reached import Reached


class Component:
    """A component while cells of it are withheld, one after the other."""

    def __init__(self, cells: Cells, members: Sequence[int], sums: Sequence[Sum], reached: Reached) -> None:
        self.cells = cells
        self.members = sorted(members)
        self.sums = sorted(sums, key=lambda one: one.cells)
        self.spans = {cell: cells.spans[cell] for cell in self.members if cell in cells.spans}
        open_members = set(self.members) - cells.told_before
        self.may_be_told = open_members & cells.tellable
        self.never_told = open_members - cells.tellable
        self.held_by = Counter(cell for one in self.sums for cell in one.cells)
        self.floors = _floors(cells, self.members, self.sums)
        self.cannot_rise: set[int] = set()
        self.ends: dict[int, tuple[float, ...]] = {}
        self.withheld: set[int] = set()
        self.exposed: set[int] = set()
        self.gave_up = False
        self.reached = reached
        self.worked_out_of: set[int] | None = None
        self.worked_out: Mapping[int, Sum] = {}

    def begin(self) -> None:
        """Withhold the cells that are to be protected, and what single sums ask for."""
        self._withhold(self.spans)
        self._cover_sums()

    def finish(self, most_mends: int | None) -> None:
        """Withhold until every span can be reached, nothing is left that could be withheld, or it takes too long."""
        mends = 0
        while failing := self.failures(first_only=True):
            mends += len(failing)
            if most_mends is not None and mends > most_mends and self._was_told_beside():
                self.gave_up = True
                return
            for cell, by in failing:
                self._mend(cell, by)
            self._cover_sums()

    @property
    def is_unsafe(self) -> bool:
        """Whether something of it cannot be protected, or was not in the time there is."""
        return bool(self.exposed) or self.gave_up

    def _was_told_beside(self) -> bool:
        return any(cell in self.cells.told_before for one in self.sums for cell in one.cells)

    @property
    def unknown(self) -> set[int]:
        """Cells that a reader is not told, in this release or an earlier one."""
        return self.never_told | (self.withheld & self.may_be_told)

    @property
    def open_cells(self) -> list[int]:
        """Unknown cells that no single sum gives back."""
        unknown = self.unknown
        return sorted(unknown - set(self._derived(unknown)))

    def _derived(self, unknown: set[int]) -> Mapping[int, Sum]:
        """Unknown cells that single sums give back; asked several times between two cells that are withheld."""
        if self.worked_out_of != unknown:
            self.worked_out_of, self.worked_out = unknown, worked_out(self.sums, unknown)
        return self.worked_out

    def wanted(self) -> list[tuple[int, float]]:
        """How far every cell is to move, one way and the other."""
        return self._still_open((cell, by) for cell in self.spans for by in self._ends(cell))

    def failures(self, *, first_only: bool = False) -> list[tuple[int, float]]:
        """Cells that cannot reach an end of their span, each with how far away from its true value that end lies.

        `first_only`: one of each region at most, for withholding more for it may serve the others as well.
        """
        unknown = self.unknown
        derived = self._derived(unknown)
        known = [(cell, by) for cell in self.spans if cell in derived or cell not in unknown for by in self._ends(cell)]
        found = self._still_open(known)[: 1 if first_only else None]
        for members, sums in connected(sorted(unknown - set(derived)), self.sums):
            if any(cell in self.spans for cell in members):
                found += self._unreachable(members, sums, first_only=first_only)
        return found

    def _still_open(self, found: Iterable[tuple[int, float]]) -> list[tuple[int, float]]:
        return [(cell, by) for cell, by in found if cell not in self.exposed]

    def _ends(self, cell: int) -> tuple[float, ...]:
        """How far a cell must be able to move: down to the low end of its span, and up to the high one.

        A total cannot come to less than the rows that are seen to add up to it, each of one person at least; then it
        must be able to move up by as much as the span is wide. One that cannot rise, since earlier releases tell what
        it is part of, must be able to fall as far, if its span may lie elsewhere.
        """
        if cell not in self.ends:
            self.ends[cell] = self._ends_now(cell)
        return self.ends[cell]

    def _ends_now(self, cell: int) -> tuple[float, ...]:
        value, span = self.cells.values[cell], self.spans[cell]
        if cell in self.cannot_rise:
            return (-span.width,)
        low = min(value, max(span.low, self.floors[cell]))
        ends = (low - value, max(span.high, low + span.width) - value)
        return tuple(by for by in ends if abs(by) > ROUNDING_SLACK)

    def _unreachable(self, members: Sequence[int], sums: Sequence[Sum], *, first_only: bool) -> list[tuple[int, float]]:
        wanted = self._still_open((cell, by) for cell in members if cell in self.spans for by in self._ends(cell))
        if all(self.reached.has(cell, by) for cell, by in wanted):
            return []
        region = Region(self.cells, members, sums)
        self._reach_together(region, wanted)
        found = []
        for cell, by in wanted:
            if not self.reached.has(cell, by):
                also = {one: to for one, to in wanted if to * by > 0 and not self.reached.has(one, to)}
                moves = region.move(cell, by, also)
                if moves is None:
                    found.append((cell, by))
                    if first_only:
                        break
                else:
                    self.reached.note(moves)
        return found

    def _reach_together(self, region: Region, wanted: Sequence[tuple[int, float]]) -> None:
        """Move many cells at once, as long as that takes more of them to their ends; each move is a proof."""
        for side in (1, -1):
            left = {cell: by for cell, by in wanted if by * side > 0 and not self.reached.has(cell, by)}
            before = len(left) + 1
            while 0 < len(left) < before:
                before = len(left)
                self.reached.note(region.move_all(left))
                left = {cell: by for cell, by in left.items() if not self.reached.has(cell, by)}

    def _withhold(self, cells: Iterable[int]) -> None:
        """Withhold cells, and what goes with them."""
        self.withheld |= with_others(self.cells, (cell for cell in cells if cell not in self.withheld))

    def _cover_sums(self) -> None:
        """Withhold the cheapest cell beside each that its sum gives back, until no single sum does."""
        while True:
            unknown = self.unknown
            derived = self._derived(unknown)
            ways = [_way(cell, derived) for cell in self.spans if cell in derived and cell not in self.exposed]
            ways += [{one} for one in self.sums if one.total not in unknown and self._is_narrow(one, unknown)]
            more: set[int] = set()
            for sums in sorted(ways, key=lambda way: sorted((len(one.parts), one.cells) for one in way)):
                # smallest sums first: what covers them may cover a larger one as well
                cells = {cell for one in sums for cell in one.cells}
                if more.isdisjoint(cells) and (cell := self._cheapest(cells, unknown)) is not None:
                    more.add(cell)
            if not more:
                return
            self._withhold(more)

    def _is_narrow(self, one: Sum, unknown: set[int]) -> bool:
        """Whether the unknown parts of a told total come to so little that a cell cannot reach the end of its span."""
        parts = [part for part in one.parts if part in unknown]
        spans = [(part, self.spans[part]) for part in parts if part in self.spans and part not in self.exposed]
        if not spans:
            return False
        room = sum(self.cells.values[part] - self.cells.floor(part) for part in parts)
        return any(span.high - self.cells.floor(part) > room + ROUNDING_SLACK for part, span in spans)

    def _cheapest(self, cells: Iterable[int], unknown: set[int]) -> int | None:
        """The smallest cell, and one that few sums hold, since each of them may have to be covered in turn."""
        able = [cell for cell in cells if self._can_still_go(cell, unknown)]
        return min(able, key=lambda cell: (self.cells.values[cell] * self.held_by[cell], cell), default=None)

    def _can_still_go(self, cell: int, unknown: set[int]) -> bool:
        return cell in self.cells.tellable and cell not in unknown and cell not in self.cells.told_before

    def _mend(self, cell: int, by: float) -> None:
        """Withhold what a cell needs to be able to move; where it never could, note that."""
        unknown = self.unknown
        moves = cheapest_moves(self.cells, self.members, self.sums, cell, by, lambda one: self._cost(one, unknown))
        if moves is None and self._may_do_without(cell, by):
            return
        left = {one for one in self.members if self._can_still_go(one, unknown)}
        more = left & moves.keys() if moves else set()
        if moves is None or not left:
            self.exposed.add(cell)
        self._withhold(more or left if moves is not None else ())

    def _may_do_without(self, cell: int, by: float) -> bool:
        """Whether a cell that cannot move one way may move the other way instead; it is asked to from now on."""
        if by < 0 and cell not in self.cannot_rise and self.floors[cell] < self.cells.values[cell]:
            self.floors[cell] = self.cells.values[cell]
            self.ends.pop(cell, None)
            return True
        if by > 0 and self.spans[cell].may_lie_elsewhere and cell not in self.cannot_rise:
            self.cannot_rise.add(cell)
            self.ends.pop(cell, None)
            return True
        return False

    def _cost(self, cell: int, unknown: set[int]) -> float | None:
        """What a reader loses with a cell, by the doublings of its count; a row's leading count loses the row."""
        if cell in unknown:
            return 0.0
        if not self._can_still_go(cell, unknown):
            return None
        return (1 + log2(1 + self.cells.values[cell])) * (1 + len(self.cells.goes_with.get(cell, ())))


def _way(cell: int, derived: Mapping[int, Sum]) -> set[Sum]:
    """The sums by which a cell is worked out: its own, and those of the unknown cells that it holds."""
    way: set[Sum] = set()
    waiting = [cell]
    while waiting:
        one = derived[waiting.pop()]
        if one not in way:
            way.add(one)
            waiting += [other for other in one.cells if other in derived]
    return way


def _floors(cells: Cells, members: Sequence[int], sums: Sequence[Sum]) -> dict[int, float]:
    """The least that every cell can be even if nothing were told: what the least of its parts come to."""
    inside = set(members)
    floors = {cell: cells.values[cell] for one in sums for cell in one.cells}  # others were told
    floors |= {cell: cells.floor(cell) for cell in members}
    is_changed = True
    while is_changed:
        is_changed = False
        for one in sums:
            least = sum(floors[part] for part in one.parts)
            ends = [(one.total, least)] + [(one.parts[0], floors[one.total])] * (len(one.parts) == 1)
            for cell, at_least in ends:
                if cell in inside and at_least > floors[cell] + ROUNDING_SLACK:
                    floors[cell], is_changed = at_least, True
    return floors
