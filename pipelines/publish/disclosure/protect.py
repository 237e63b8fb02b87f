"""Which cells are withheld so that no small cell can be worked out, nor narrowed.

Cells that no sum ties to each other are chosen apart, component by component (`component.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.publish.disclosure.bounds import Region, whole_moves
from pipelines.publish.disclosure.cells import ROUNDING_SLACK, Cells, connected, with_others
from pipelines.publish.disclosure.component import Component
from pipelines.publish.disclosure.reached import Reached


@dataclass(frozen=True)
class Protection:
    """What is withheld, and what could not be protected."""

    withheld: frozenset[int]
    """Cells that are not told: those with a span, those that go with one, and those that protect them."""
    exposed: frozenset[int]
    """Cells that earlier releases told, though they were to be protected: nothing can be withheld for them now."""
    unsafe: frozenset[int]
    """Cells that must not be told, nor known to have changed: beside them something cannot be protected."""


def protect(cells: Cells, most_mends: int | None = None) -> Protection:
    """Choose what is withheld, component by component; one without a cell to protect is told whole.

    What earlier releases told is a constant, and ties nothing together; a component that holds nothing of this release
    is as it was when it was proved.

    `most_mends`: how often more is withheld for a component beside which something was told before; one that needs more
    is unsafe. None: until it is protected.
    """
    reached = Reached()
    components = [
        Component(cells, members, sums, reached)
        for members, sums in connected(_unknown_before(cells), cells.sums)
        if any(cell in cells.spans for cell in members) and any(cell in cells.tellable for cell in members)
    ]
    for component in components:
        component.begin()
    _reach_ahead(cells, components, reached)
    for component in components:
        component.finish(most_mends)
    exposed = cells.spans.keys() & cells.told_before
    withheld = frozenset(with_others(cells, exposed)).union(*(one.withheld for one in components))
    unsafe = frozenset(cell for one in components if one.is_unsafe for cell in one.members if cell in cells.tellable)
    return Protection(withheld, frozenset(exposed), unsafe)


def _reach_ahead(cells: Cells, components: Sequence[Component], reached: Reached) -> None:
    """Move the cells of all components at once: one large programme is solved faster than many small ones."""
    open_cells = [component.open_cells for component in components]
    region = Region(cells, [cell for one in open_cells for cell in one], [s for one in components for s in one.sums])
    for side in (1, -1):
        wanted = {cell: by for one in components for cell, by in one.wanted() if by * side > 0 and cell in region.at}
        moves = region.move_all_roughly(wanted) if wanted else {}
        for one in open_cells:
            reached.note(whole_moves(cells, one, moves))


def _unknown_before(cells: Cells) -> list[int]:
    known = cells.told_before
    return [number for number, value in enumerate(cells.values) if value > ROUNDING_SLACK and number not in known]
