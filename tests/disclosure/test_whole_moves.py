"""Where sums cross in three ways a programme moves half people; the proof needs whole ones."""

from __future__ import annotations

from pipelines.publish.disclosure.bounds import Region
from pipelines.publish.disclosure.cells import Cells

THREE = (0, 1, 2)


def crossing() -> Region:
    """Three counts of which each two add up, with one person more, to a number that is told."""
    cells = Cells()
    counts = [cells.add(1.0) for _ in THREE]
    others = [cells.add(1.0) for _ in THREE]
    for at in THREE:
        total = cells.add(3.0, is_tellable=True)
        cells.add_sum(total, [counts[at], counts[(at + 1) % 3], others[at]])
    return Region(cells, [*counts, *others], cells.sums)


def test_half_people_are_what_the_programme_gives() -> None:
    region = crossing()
    assert {region.move_all_roughly(dict.fromkeys(THREE, 1.0))[at] for at in THREE} == {0.5}


def test_moves_are_made_whole_and_keep_every_sum() -> None:
    region = crossing()
    moves = region.move_all(dict.fromkeys(THREE, 1.0))
    assert moves and all(by == round(by) for by in moves.values())
    assert all(sum(moves.get(part, 0.0) for part in one.parts) == 0 for one in region.sums)


def test_a_cell_moves_as_far_as_the_others_make_room_for_it_and_no_farther() -> None:
    region = crossing()
    assert region.move(0, 2.0, {}) is not None
    assert region.move(0, 3.0, {}) is None
