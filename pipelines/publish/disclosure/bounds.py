"""What a reader can still think possible of withheld cells: linear programmes over all sums at once.

Everything is said as moves away from the truth: a move is possible if it keeps every sum, takes no cell below what the
reader knows of it, and is made of whole numbers where cells count people. A cell that can move to both ends of its span
is protected, and the two points it moved to prove it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

import numpy as np

from pipelines.publish.disclosure.cells import ROUNDING_SLACK, Cells, Sum
from pipelines.publish.disclosure.programmes import Programme

FAR = 100.0
"""How far any cell may move up, at least: ten times the widest span of a small cell. Setting an end to it keeps numbers
small; whoever may move further is protected all the more."""

MOST_SET = 200
"""So many columns are set to whole numbers before a search for whole moves ends; a few tens are usual."""

Moves = Mapping[int, float]
"""Cell → how far it moves from its true value."""


class Region:
    """Cells that are unknown together, and the sums that hold them."""

    def __init__(self, cells: Cells, unknown: Sequence[int], sums: Sequence[Sum]) -> None:
        self.cells = cells
        self.unknown = list(unknown)
        self.at = {cell: place for place, cell in enumerate(self.unknown)}
        self.sums = sums
        values = np.array([cells.values[cell] for cell in self.unknown])
        self.lower = np.array([cells.floor(cell) for cell in self.unknown]) - values
        self.upper = np.maximum(FAR, 2 * values)
        # where some count in fractions, none is known to be whole
        self.is_whole = bool((np.abs(values - np.round(values)) < ROUNDING_SLACK).all())

    def move(self, cell: int, by: float, also: Mapping[int, float]) -> Moves | None:
        """Moves that take one cell away from its true value by `by`; None if there are none.

        `also`: what is wanted of others; the moves take as many of them there as they can.
        """
        if not self.lower[self.at[cell]] - ROUNDING_SLACK <= by <= self.upper[self.at[cell]]:
            return None
        cost, lower, upper = self._aim(also)
        lower[self.at[cell]] = upper[self.at[cell]] = by
        cost[self.at[cell]] = 0.0
        return self._solve(cost, lower, upper)

    def move_all(self, wanted: Mapping[int, float]) -> Moves:
        """Moves that take as many cells as possible towards what is wanted of each."""
        return self._solve(*self._aim(wanted)) or {}

    def move_all_roughly(self, wanted: Mapping[int, float]) -> Moves:
        """The same, in fractions where that is what the programme gives (see `whole_moves`)."""
        if not self.sums:
            return self.move_all(wanted)
        found = self._programme.solve(*self._aim(wanted))
        return {} if found is None else self._told(found)

    def _aim(self, wanted: Mapping[int, float]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Cost and bounds under which moving towards what is wanted pays, and moving beyond it does not."""
        cost, lower, upper = np.zeros(len(self.unknown)), self.lower.copy(), self.upper.copy()
        places = np.fromiter((self.at[cell] for cell in wanted), dtype=int, count=len(wanted))
        by = np.fromiter(wanted.values(), dtype=float, count=len(wanted))
        up, down = by > 0, by <= 0
        cost[places] = -np.sign(by)
        upper[places[up]] = np.minimum(upper[places[up]], by[up])
        lower[places[down]] = np.maximum(lower[places[down]], by[down])
        return cost, lower, upper

    def _solve(self, cost: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> Moves | None:
        if not self.sums:
            return self._told(np.where(cost < 0, upper, np.where(cost > 0, lower, np.clip(0.0, lower, upper))))
        found = self._programme.solve(cost, lower, upper)
        if found is None:
            return None
        if not self.is_whole:
            return self._told(found)
        whole = self._whole(cost, np.ceil(lower - ROUNDING_SLACK), np.floor(upper + ROUNDING_SLACK), found)
        return None if whole is None else self._told(whole)

    def _whole(self, cost: np.ndarray, lower: np.ndarray, upper: np.ndarray, found: np.ndarray) -> np.ndarray | None:
        """Moves in whole numbers near these: themselves, unless sums cross in more than two ways.

        One column after the other is set to a whole number beside it. That may end nowhere though there are such moves;
        then more is withheld than need be, while a search through all of them can take hours.
        """
        for _ in range(MOST_SET):
            away = np.abs(found - np.round(found))
            if away.max(initial=0.0) < ROUNDING_SLACK:
                return found
            column = int(np.argmin(np.where(away < ROUNDING_SLACK, np.inf, away)))
            near = np.round(found[column])
            next_found = None
            for value in (near, near + np.sign(found[column] - near)):
                lower[column] = upper[column] = value
                next_found = self._programme.solve(cost, lower, upper)
                if next_found is not None:
                    break
            if next_found is None:
                return None
            found = next_found
        return None

    @cached_property
    def _programme(self) -> Programme:
        return Programme(self.sums, self.at)

    def _told(self, moves: np.ndarray) -> Moves:
        places = np.flatnonzero(np.abs(moves) > ROUNDING_SLACK)
        return {self.unknown[place]: by for place, by in zip(places.tolist(), moves[places].tolist(), strict=True)}


def whole_moves(cells: Cells, members: Sequence[int], moves: Moves) -> Moves:
    """The moves of cells that sums tie together: all of them, or none if counts of people were moved in fractions."""
    own = {cell: moves[cell] for cell in members if cell in moves}
    is_whole = all(cells.is_whole(cell) for cell in members)
    if is_whole and any(abs(by - round(by)) > ROUNDING_SLACK for by in own.values()):
        return {}
    return own


def cheapest_moves(
    cells: Cells, members: Sequence[int], sums: Sequence[Sum], cell: int, by: float, cost: Callable[[int], float | None]
) -> Moves | None:
    """The moves that take a cell away from its true value at the least cost of what would have to be withheld for it.

    `cost`: of moving a cell at all, per unit; 0 for one that is unknown anyway, None for one that cannot move.
    """
    costs = {one: cost(one) for one in members}
    able = [one for one in members if costs[one] is not None]
    place = {one: at for at, one in enumerate(able)}
    up = np.maximum(FAR, 2 * np.array([cells.values[one] for one in able]))
    down = np.array([max(0.0, cells.values[one] - cells.floor(one)) for one in able])
    up[place[cell]] = max(by, 0.0)
    down[place[cell]] = max(-by, 0.0)
    lower = np.zeros(2 * len(able))
    lower[place[cell]] = up[place[cell]]
    lower[place[cell] + len(able)] = down[place[cell]]
    price = np.array([costs[one] for one in able], dtype=float)
    programme = Programme(sums, place, is_up_and_down=True)
    found = programme.solve(np.concatenate([price, price]), lower, np.concatenate([up, down]))
    if found is None:
        return None
    moves = found[: len(able)] - found[len(able) :]
    return {able[at]: float(moves[at]) for at in np.flatnonzero(np.abs(moves) > ROUNDING_SLACK).tolist()}
