"""The same scored pairs, cut in other ways."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage_rules.thresholds import thresholds
from pipelines.link.graph import Pairs, first_of_each
from pipelines.uncertainty.partitions import (
    Linkage,
    alone,
    changed,
    drawn,
    moved,
    shift_to_precision,
    unsettled,
)
from pipelines.uncertainty.rules import load_rules

RULES = load_rules()
NONE = np.zeros((0, 2), dtype=np.int64)


def linkage(*pairs: tuple[int, int, float], clients: int, must: np.ndarray = NONE) -> Linkage:
    left, right, weight = (np.array(column) for column in zip(*pairs, strict=True))
    scored = Pairs(left, right, weight.astype(np.float64), np.zeros(len(pairs), dtype=bool))
    stated = thresholds()
    links = scored.where(np.asarray(scored.weight >= stated.loose_weight))
    return Linkage(np.arange(clients, dtype=np.int64) * 10, links, scored, must, stated)


WEAK_PAIR = linkage((0, 1, 4.0), (2, 3, 18.0), clients=4)


def test_no_bits_are_the_linkage_as_it_is() -> None:
    assert moved(WEAK_PAIR, 0).tolist() == [0, 0, 2, 2]


def test_a_stricter_linkage_parts_a_weak_pair_and_keeps_a_strong_one() -> None:
    assert moved(WEAK_PAIR, 3).tolist() == [0, 1, 2, 2]


def test_a_looser_linkage_joins_within_a_component_what_the_mean_kept_apart() -> None:
    # 0–1 and 2–3 are sure; across, one link of 4 bits and three pairs that speak against it: a mean of −4.25
    pairs = ((0, 1, 15.0), (2, 3, 15.0), (1, 2, 4.0), (0, 2, -7.0), (0, 3, -7.0), (1, 3, -7.0))
    two = linkage(*pairs, clients=4)
    assert moved(two, 0).tolist() == [0, 0, 2, 2]
    assert moved(two, -3).tolist() == [0, 0, 0, 0]


def test_alone_is_everyone_but_those_whom_people_tied() -> None:
    tied = replace(WEAK_PAIR, must=np.array([[2, 3]]))
    assert alone(WEAK_PAIR).tolist() == [0, 1, 2, 3]
    assert alone(tied).tolist() == [0, 1, 2, 2]


def test_a_pair_is_together_in_as_many_draws_as_its_weight_says() -> None:
    many = replace(RULES, draws=2000)
    together = np.mean([found[1] == 0 for found in drawn(WEAK_PAIR, 0.0, many)])
    # 4 bits are odds of 16 to 1
    assert together == pytest.approx(16 / 17, abs=0.02)


def test_the_same_seed_draws_the_same() -> None:
    one, other = ([found.tolist() for found in drawn(WEAK_PAIR, 0.0, RULES)] for _ in range(2))
    assert one == other
    assert len(one) == RULES.draws


def test_people_decide_in_every_draw() -> None:
    tied = linkage((0, 1, 3.1), clients=2, must=np.array([[0, 1]]))
    assert all(found.tolist() == [0, 0] for found in drawn(tied, -10.0, RULES))


def test_weights_are_moved_until_they_expect_the_precision_that_labels_found() -> None:
    shift = shift_to_precision(WEAK_PAIR, moved(WEAK_PAIR, 0), 0.75)
    expected = 1 / (1 + np.exp2(-(np.array([4.0, 18.0]) + shift)))
    assert expected.mean() == pytest.approx(0.75, abs=1e-6)
    assert shift < 0


def test_only_components_with_a_doubtful_pair_are_drawn_anew() -> None:
    assert unsettled(WEAK_PAIR, 0.0, RULES.settled_weight).tolist() == [True, True, False, False]
    chosen = WEAK_PAIR.among(unsettled(WEAK_PAIR, 0.0, RULES.settled_weight))
    assert chosen.keys.tolist() == [0, 10]
    assert moved(chosen, 0).tolist() == [0, 0]


def test_a_client_is_changed_when_its_companions_are() -> None:
    before, after = np.array([0, 0, 2, 2, 4]), np.array([0, 1, 2, 2, 4])
    assert changed(before, after).tolist() == [True, True, False, False, False]
    assert changed(after, np.array([0, 1, 2, 2, 2])).tolist() == [False, False, True, True, True]


@given(st.integers(1, 12).flatmap(lambda n: st.tuples(*[st.lists(st.integers(0, 3), min_size=n, max_size=n)] * 2)))
def test_clients_have_changed_whose_cluster_holds_others(labels: tuple[list[int], list[int]]) -> None:
    before, after = (first_of_each(np.array(one)) for one in labels)
    together = [[set(np.flatnonzero(one == label)) for label in one] for one in (before, after)]
    assert changed(before, after).tolist() == [a != b for a, b in zip(*together, strict=True)]
