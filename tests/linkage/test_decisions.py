"""People decide last, and contradiction is reported, not guessed at."""

from __future__ import annotations

from pipelines.link.decisions import reconcile


def test_a_decision_in_either_order_is_one_pair() -> None:
    ties = reconcile([(2, 1), (1, 2)], [], [])
    assert ties.must == {(1, 2)}
    assert ties.set_aside == 0


def test_a_pair_said_to_be_both_is_set_aside() -> None:
    ties = reconcile([(1, 2)], [(2, 1)], [])
    assert (ties.must, ties.cannot, ties.set_aside) == (frozenset(), frozenset(), 2)


def test_a_chain_that_ties_together_two_who_differ_is_set_aside_whole() -> None:
    ties = reconcile([(1, 2), (2, 3), (7, 8)], [(1, 3)], [])
    assert ties.must == {(7, 8)}
    assert ties.cannot == {(1, 3)}
    assert ties.set_aside == 2


def test_a_reviewer_who_says_different_outweighs_an_agency_that_merged() -> None:
    ties = reconcile([], [(1, 2)], [(1, 2), (3, 4)])
    assert ties.must == {(3, 4)}
    assert ties.set_aside == 0


def test_a_merge_never_breaks_what_a_reviewer_tied() -> None:
    ties = reconcile([(1, 2)], [(1, 3)], [(2, 3)])
    assert ties.must == {(1, 2)}
