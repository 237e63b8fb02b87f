"""Linear programmes over sums, solved by HiGHS: what they aim at changes, and the sums stay.

Thousands of small ones are solved in every release. Building one takes longer than solving it, so each is built once
and started anew from where it last ended.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import highspy
import numpy as np

from pipelines.publish.disclosure.cells import Sum


class Programme:
    """Moves of cells that keep every sum, at the least cost.

    Args:
        sums: what must hold: a total moves as far as its parts together.
        columns: for every cell that may move, the column that says how far; numbered from 0.
        is_up_and_down: whether moves down stand in columns of their own, after all moves up and in their order.
    """

    def __init__(self, sums: Sequence[Sum], columns: Mapping[int, int], *, is_up_and_down: bool = False) -> None:
        width = len(columns) * (2 if is_up_and_down else 1)
        self._numbers = np.arange(width, dtype=np.int32)
        self._solver = _silent_solver()
        self._solver.passModel(_model(sums, columns, width))

    def solve(self, cost: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> np.ndarray | None:
        """The cheapest moves between the bounds, by column; None if nothing lies between them that keeps the sums."""
        width = len(self._numbers)
        self._solver.changeColsCost(width, self._numbers, cost)
        self._solver.changeColsBounds(width, self._numbers, lower, upper)
        self._solver.run()
        if self._solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        return np.array(self._solver.getSolution().col_value)


def _silent_solver() -> highspy.Highs:
    """One thread and the dual simplex: the same moves on every machine, and a start from the last ones."""
    solver = highspy.Highs()
    for option, value in {"output_flag": False, "threads": 1, "solver": "simplex", "simplex_strategy": 1}.items():
        solver.setOptionValue(option, value)
    return solver


def _model(sums: Sequence[Sum], columns: Mapping[int, int], width: int) -> highspy.HighsLp:
    starts, places, are_totals = [0], [], []
    for one in sums:
        if one.total in columns:
            places.append(columns[one.total])
            are_totals.append(len(places) - 1)
        places += [columns[part] for part in one.parts if part in columns]
        starts.append(len(places))
    begin, index = np.array(starts, dtype=np.int32), np.array(places, dtype=np.int32)
    factors = np.full(len(index), -1.0)
    factors[are_totals] = 1.0
    if width > len(columns):  # each move down beside its move up
        index = np.column_stack([index, index + len(columns)]).ravel().astype(np.int32)
        factors = np.column_stack([factors, -factors]).ravel()
        begin = begin * 2
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = width, len(sums)
    model.col_cost_ = model.col_lower_ = model.col_upper_ = np.zeros(width)
    model.row_lower_ = model.row_upper_ = np.zeros(len(sums))
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = begin
    model.a_matrix_.index_ = index
    model.a_matrix_.value_ = factors
    return model
