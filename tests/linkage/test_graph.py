"""Clusters are a function of the clients, the scores and the decisions, and never hold a forbidden pair."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from linkage_rules.guards import TESTIMONY
from linkage_rules.thresholds import thresholds
from pipelines.link import graph
from pipelines.link.graph import Numbers, Pairs

T = replace(thresholds(), loose_weight=0.0, cut_weight=0.0, weight_clip=20.0)
NO_MUST = np.zeros((0, 2), dtype=np.int64)


def pairs(*rows: tuple[int, int, float, bool]) -> Pairs:
    left, right, weight, forbidden = zip(*rows, strict=True) if rows else ((), (), (), ())
    return Pairs(
        np.array(left, dtype=np.int64), np.array(right, dtype=np.int64),
        np.array(weight, dtype=np.float64), np.array(forbidden, dtype=bool),
    )  # fmt: skip


def found(clients: int, scored: Pairs, must: Numbers = NO_MUST) -> list[int]:
    labels = graph.components(clients, scored, must, T)
    return graph.clusters(labels, scored, must, T).tolist()


def test_two_clients_above_the_cut_are_one() -> None:
    assert found(3, pairs((0, 1, 5.0, False))) == [0, 0, 2]


def test_weights_are_averaged_with_their_fractions() -> None:
    whole_bits = replace(T, weight_clip=20.0, cut_weight=0.0)
    just_below = pairs((0, 1, 6.0, False), (0, 2, 0.9, False), (1, 2, -0.95, False))
    labels = graph.components(3, just_below, NO_MUST, whole_bits)
    assert graph.clusters(labels, just_below, NO_MUST, whole_bits).tolist() == [0, 0, 2]


def test_one_record_wrong_in_most_fields_weighs_no_more_than_the_floor() -> None:
    damaged = pairs((0, 1, 9.0, False), (1, 2, 9.0, False), (0, 2, -40.0, False))
    labels = graph.components(3, damaged, NO_MUST, T)
    assert graph.clusters(labels, damaged, NO_MUST, replace(T, weight_floor=-8.0)).tolist() == [0, 0, 0]
    assert graph.clusters(labels, damaged, NO_MUST, replace(T, weight_floor=-40.0)).tolist() == [0, 0, 2]


def test_two_clients_below_the_cut_stay_two() -> None:
    assert found(2, pairs((0, 1, -1.0, False))) == [0, 1]


def test_a_chain_of_one_good_link_does_not_pull_strangers_together() -> None:
    # 0-1 and 2-3 are sure; 1-2 is likely, but 0-2, 0-3 and 1-3 speak against it: mean (3 − 3 × 15) / 4 < 0
    scored = pairs(
        (0, 1, 20.0, False), (2, 3, 20.0, False), (1, 2, 3.0, False),
        (0, 2, -15.0, False), (0, 3, -15.0, False), (1, 3, -15.0, False),
    )  # fmt: skip
    assert found(4, scored) == [0, 0, 2, 2]


def test_a_forbidden_pair_is_kept_apart_however_strong_the_rest() -> None:
    scored = pairs((0, 1, 20.0, False), (1, 2, 20.0, False), (0, 2, 20.0, True))
    result = found(3, scored)
    assert result[0] != result[2]
    assert len(set(result)) == 2


def component(size: int, guarded: set[tuple[int, int]], weight: float = 15.0) -> Pairs:
    """Everyone near everyone, but for the guarded pairs."""
    return pairs(*((a, b, weight, (a, b) in guarded) for a in range(size) for b in range(a + 1, size)))


def test_a_guard_falls_where_all_others_know_both_sides() -> None:
    assert found(5, component(5, {(0, 1)})) == [0] * 5


def test_a_guard_stands_where_few_know_both_sides() -> None:
    assert len(set(found(4, component(4, {(0, 1)})))) == 2


def test_a_guard_stands_between_twins_of_whom_one_record_could_be_either() -> None:
    twins = {(a, b) for a in (0, 1, 2, 3) for b in (4, 5, 6)}
    result = found(8, component(8, twins))
    assert len(set(result[:4])) == len(set(result[4:7])) == 1
    assert result[0] != result[4]


def test_what_a_person_said_no_other_record_overrules() -> None:
    scored = component(5, {(0, 1)})
    result = found(5, replace(scored, decided=scored.forbidden))
    assert result[0] != result[1]


def test_a_must_link_holds_without_any_score() -> None:
    assert found(3, pairs(), np.array([[0, 2]])) == [0, 1, 0]


def test_a_must_linked_group_is_judged_as_one() -> None:
    must = np.array([[0, 1]])
    scored = pairs((0, 1, -20.0, False), (0, 2, 10.0, False), (1, 2, 10.0, False))
    assert found(3, scored, must) == [0, 0, 0]


def test_a_component_too_large_is_taken_apart_at_a_higher_weight() -> None:
    small = replace(T, max_component=2, component_step=3.0)
    scored = pairs((0, 1, 9.0, False), (1, 2, 1.0, False), (2, 3, 9.0, False))
    assert graph.components(4, scored, NO_MUST, small).tolist() == [0, 0, 1, 1]


def test_a_cluster_larger_than_a_person_can_be_is_cut_higher() -> None:
    small = replace(T, max_cluster=2, component_step=3.0)
    scored = pairs((0, 1, 19.0, False), (1, 2, 4.0, False), (0, 2, 4.0, False))
    labels = graph.components(3, scored, NO_MUST, small)
    assert graph.clusters(labels, scored, NO_MUST, small).tolist() == [0, 0, 2]


CLIENTS = 9


@st.composite
def scored_pairs(draw: st.DrawFn) -> list[tuple[int, int, float, bool]]:
    every = [(left, right) for left in range(CLIENTS) for right in range(left + 1, CLIENTS)]
    chosen = draw(st.lists(st.sampled_from(every), unique=True, max_size=30))
    weights = st.integers(-25, 25).map(lambda tenth: tenth + 0.25)
    return [(left, right, draw(weights), draw(st.booleans()) and draw(st.booleans())) for left, right in chosen]


@settings(max_examples=150, deadline=None)
@given(scored_pairs())
def test_a_forbidden_pair_is_never_together(rows) -> None:
    scored = pairs(*rows)
    said = found(CLIENTS, replace(scored, decided=scored.forbidden))
    assert all(said[left] != said[right] for left, right, _, forbidden in rows if forbidden)
    guarded = found(CLIENTS, scored)
    together = [(left, right) for left, right, _, forbidden in rows if forbidden and guarded[left] == guarded[right]]
    near = {
        frozenset((left, right))
        for left, right, weight, forbidden in rows
        if weight >= TESTIMONY.near_weight and not forbidden
    }
    for left, right in together:
        witnesses = [one for one in range(CLIENTS) if {frozenset((one, left)), frozenset((one, right))} <= near]
        assert len(witnesses) >= TESTIMONY.least_witnesses


@settings(max_examples=100, deadline=None)
@given(scored_pairs(), st.randoms(use_true_random=False))
def test_the_order_of_pairs_changes_nothing(rows, chance) -> None:
    shuffled = list(rows)
    chance.shuffle(shuffled)
    turned = [(right, left, weight, forbidden) for left, right, weight, forbidden in shuffled]
    assert found(CLIENTS, pairs(*rows)) == found(CLIENTS, pairs(*shuffled)) == found(CLIENTS, pairs(*turned))


@settings(max_examples=100, deadline=None)
@given(scored_pairs(), st.lists(st.tuples(st.integers(0, CLIENTS - 1), st.integers(0, CLIENTS - 1)), max_size=4))
def test_must_links_hold_and_a_cluster_is_named_after_its_first_client(rows, ties) -> None:
    # A must-link lifts every guard of its chain before clustering; here none is forbidden to begin with.
    allowed = [(left, right, weight, False) for left, right, weight, _ in rows]
    must = np.array([tie for tie in ties if tie[0] != tie[1]], dtype=np.int64).reshape(-1, 2)
    result = found(CLIENTS, pairs(*allowed), must)
    assert all(result[left] == result[right] for left, right in must)
    assert all(name == min(place for place in range(CLIENTS) if result[place] == name) for name in result)


def test_distances_put_a_pair_nobody_scored_at_the_weakest() -> None:
    assert graph._distances(2, pairs(), T)[0, 1] == pytest.approx(T.weight_clip - T.weight_floor)


@settings(max_examples=200, deadline=None)
@given(size=st.integers(2, 12), height=st.integers(0, 6), seed=st.integers(0, 10_000))
def test_a_tree_is_cut_as_scipy_cuts_it_ties_included(size: int, height: int, seed: int) -> None:
    half = np.triu(np.random.default_rng(seed).integers(0, 6, (size, size)).astype(float), 1)
    tree = linkage(squareform(half + half.T, checks=False), method="average")
    theirs = np.asarray(fcluster(tree, height, criterion="distance"), dtype=np.int64)
    assert graph.first_of_each(graph._below(tree, height)).tolist() == graph.first_of_each(theirs).tolist()


def test_who_agrees_in_all_that_can_be_said_is_one_person_however_often_they_came() -> None:
    few = replace(T, max_component=3, max_cluster=2)
    same = component(12, set(), weight=40.0)
    labels = graph.components(12, same, NO_MUST, few)
    assert graph.clusters(labels, same, NO_MUST, few).tolist() == [0] * 12
