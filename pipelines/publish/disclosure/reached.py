"""Which values of a withheld cell are known to be possible, so that no programme asks for them again."""

from __future__ import annotations

from collections.abc import Mapping

from pipelines.publish.disclosure.cells import ROUNDING_SLACK


class Reached:
    """How far each cell is known to be able to move, by the points that were found.

    A point stays one when more is withheld, so what was reached once need not be reached again.
    """

    def __init__(self) -> None:
        self.low: dict[int, float] = {}
        self.high: dict[int, float] = {}

    def note(self, moves: Mapping[int, float]) -> None:
        """Add a point: how far each of its cells lies from the true counts."""
        for cell, by in moves.items():
            if by < self.low.get(cell, 0.0):
                self.low[cell] = by
            elif by > self.high.get(cell, 0.0):
                self.high[cell] = by

    def has(self, cell: int, by: float) -> bool:
        """Whether a point was found in which a cell lies that far off, or further."""
        if by < 0:
            return self.low.get(cell, 0.0) <= by + ROUNDING_SLACK
        return self.high.get(cell, 0.0) >= by - ROUNDING_SLACK
