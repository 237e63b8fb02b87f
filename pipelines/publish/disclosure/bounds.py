"""What a reader can still think possible of withheld cells: linear programmes over all sums at once.

Everything is said as moves away from the truth: a move is possible if it keeps every sum, takes no cell below what the
reader knows of it, and is made of whole numbers where cells count people. A cell that can move to both ends of its span
is protected, and the two points it moved to prove it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_matrix, hstack

from pipelines.publish.disclosure.cells import ROUNDING_SLACK, Cells, Sum

FAR = 100.0
"""How far any cell may move up, at least: ten times the widest span of a small cell. Setting an end to it keeps numbers
small; whoever may move further is protected all the more."""

Moves = Mapping[int, float]
"""Cell → how far it moves from its true value."""


class Region:
    """Cells that are unknown together, and the sums that hold them."""

    def __init__(self, cells: Cells, unknown: Sequence[int], sums: Sequence[Sum]) -> None:
        self.cells = cells
        self.unknown = list(unknown)
        self.at = {cell: place for place, cell in enumerate(self.unknown)}
        self.sums = _matrix(sums, self.at)
        values = np.array([cells.values[cell] for cell in self.unknown])
        self.lower = np.array([cells.floor(cell) for cell in self.unknown]) - values
        self.upper = np.maximum(FAR, 2 * values)
        # where some count in fractions, none is known to be whole
        self.is_whole = all(cells.is_whole(cell) for cell in self.unknown)

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
        if not self.sums.shape[0]:
            return self.move_all(wanted)
        found = self._linear(*self._aim(wanted))
        return self._told(found.x) if found.status == 0 else {}

    def _aim(self, wanted: Mapping[int, float]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Cost and bounds under which moving towards what is wanted pays, and moving beyond it does not."""
        cost, lower, upper = np.zeros(len(self.unknown)), self.lower.copy(), self.upper.copy()
        for cell, by in wanted.items():
            place = self.at[cell]
            cost[place] = -np.sign(by)
            if by > 0:
                upper[place] = min(upper[place], by)
            else:
                lower[place] = max(lower[place], by)
        return cost, lower, upper

    def _solve(self, cost: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> Moves | None:
        if not self.sums.shape[0]:
            return self._told(np.where(cost < 0, upper, np.where(cost > 0, lower, np.clip(0.0, lower, upper))))
        found = self._linear(cost, lower, upper)
        if found.status != 0:
            return None
        if not self.is_whole or np.abs(found.x - np.round(found.x)).max(initial=0.0) < ROUNDING_SLACK:
            return self._told(found.x)
        return self._solve_whole(cost, lower, upper)

    def _linear(self, cost: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> Any:
        return linprog(
            cost,
            A_eq=self.sums,
            b_eq=np.zeros(self.sums.shape[0]),
            bounds=np.column_stack([lower, upper]),
            method="highs-ds",
        )

    def _solve_whole(self, cost: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> Moves | None:
        """The same in whole numbers; needed only where sums cross in more than two ways."""
        zero = np.zeros(self.sums.shape[0])
        found = milp(
            cost,
            constraints=LinearConstraint(self.sums, zero, zero),
            bounds=Bounds(np.ceil(lower - ROUNDING_SLACK), np.floor(upper + ROUNDING_SLACK)),
            integrality=np.ones(len(self.unknown)),
        )
        return self._told(found.x) if found.status == 0 else None

    def _told(self, moves: np.ndarray) -> Moves:
        return {cell: float(moves[place]) for cell, place in self.at.items() if abs(moves[place]) > ROUNDING_SLACK}


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
    matrix = _matrix(sums, place)
    up = np.maximum(FAR, 2 * np.array([cells.values[one] for one in able]))
    down = np.array([max(0.0, cells.values[one] - cells.floor(one)) for one in able])
    fixed_up, fixed_down = np.column_stack([np.zeros(len(able)), up]), np.column_stack([np.zeros(len(able)), down])
    fixed_up[place[cell]] = max(by, 0.0)
    fixed_down[place[cell]] = max(-by, 0.0)
    price = np.array([costs[one] for one in able], dtype=float)
    found = linprog(
        np.concatenate([price, price]),
        A_eq=hstack([matrix, -matrix]).tocsr(),
        b_eq=np.zeros(matrix.shape[0]),
        bounds=np.vstack([fixed_up, fixed_down]),
        method="highs-ds",
    )
    if found.status != 0:
        return None
    moves = found.x[: len(able)] - found.x[len(able) :]
    return {one: float(moves[at]) for one, at in place.items() if abs(moves[at]) > ROUNDING_SLACK}


def _matrix(sums: Sequence[Sum], place: Mapping[int, int]) -> csr_matrix:
    rows, columns, signs = [], [], []
    for row, one in enumerate(sums):
        for sign, cell in [(1.0, one.total), *((-1.0, part) for part in one.parts)]:
            if cell in place:
                rows.append(row)
                columns.append(place[cell])
                signs.append(sign)
    return csr_matrix((signs, (rows, columns)), shape=(len(sums), len(place)))
