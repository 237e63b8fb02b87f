"""People decide last, and contradiction is reported, not guessed at."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.link.decisions import conflicts, reconcile

CLIENTS = st.integers(1, 7)
SAID = st.lists(st.tuples(CLIENTS, CLIENTS).filter(lambda pair: pair[0] != pair[1]), max_size=8)


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


def test_a_conflict_is_told_by_its_shortest_chain_and_with_all_that_is_set_aside() -> None:
    (found,) = conflicts([(1, 2), (2, 3), (3, 4), (1, 9), (9, 3), (6, 7)], [(4, 1)])
    assert found.different == (1, 4)
    assert found.same in (((1, 2), (2, 3), (3, 4)), ((1, 9), (3, 9), (3, 4)))
    assert set(found.set_aside) == {(1, 2), (2, 3), (3, 4), (1, 9), (3, 9)}


def test_what_does_not_contradict_is_no_conflict() -> None:
    assert conflicts([(1, 2), (3, 4)], [(2, 3), (5, 6)]) == []


def tied_by(pairs) -> dict[int, int]:
    group = {client: client for client in range(1, 8)}
    for left, right in pairs:
        group = {client: group[right] if mine == group[left] else mine for client, mine in group.items()}
    return group


@settings(max_examples=300, deadline=None)
@given(SAID, SAID, SAID)
def test_ties_never_contradict_and_whatever_is_not_applied_is_reported(same, different, merged) -> None:
    ties = reconcile(same, different, merged)
    group = tied_by(ties.must)
    assert not [pair for pair in ties.cannot if group[pair[0]] == group[pair[1]]]
    ordered = {(min(pair), max(pair)) for pair in same}
    reported = {pair for found in conflicts(same, different) for pair in found.set_aside}
    assert ordered - ties.must <= reported
    by_agencies = {(min(pair), max(pair)) for pair in merged}
    assert not (ties.must - by_agencies) & reported
    assert ties.set_aside == 0 or reported
