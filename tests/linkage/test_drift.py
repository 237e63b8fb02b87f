"""When one run's linkage is too far from the last one's."""

from __future__ import annotations

import math

import pytest

from linkage_rules.drift import Limit, drift, limit_of, limits, stability_index
from pipelines.errors import ModelError

SHARE = Limit("unlinkable_by_agency", "share", 0.02, 0.1, "a reason", least_whole=100)


def test_like_histograms_have_an_index_of_nothing() -> None:
    assert stability_index({"00": (10, None), "04": (90, None)}, {"00": (10, None), "04": (90, None)}) == 0


def test_the_index_of_two_histograms_counted_by_hand() -> None:
    found = stability_index({"a": (29, None), "b": (69, None)}, {"a": (49, None), "b": (49, None)})
    p, q = 29.5 / 99, 0.5
    assert found == pytest.approx((p - q) * math.log(p / q) + (q - p) * math.log((1 - p) / q))


def test_a_part_that_is_new_has_an_index_and_not_an_infinity() -> None:
    assert 0 < stability_index({"a": (50, None), "b": (50, None)}, {"a": (100, None)}) < 10


@pytest.mark.parametrize(("value", "verdict"), [(10, "steady"), (30, "warn"), (110, "error")])
def test_a_share_is_judged_by_the_points_it_moved(value: int, verdict: str) -> None:
    found = drift(SHARE, {"hmis": (value, 1000), "health": (0, 1000)}, {"hmis": (0, 1000), "health": (0, 1000)})
    assert (found.verdict, found.part) == (verdict, "hmis")
    assert found.value == pytest.approx(value / 1000)


def test_shares_of_few_are_not_judged() -> None:
    assert drift(SHARE, {"fhsp": (50, 60)}, {"fhsp": (0, 60)}).verdict == "steady"


def test_a_placeholder_never_seen_before_moves_from_nothing() -> None:
    found = drift(SHARE, {"ssn: zeros": (50, 1000)}, {})
    assert (found.value, found.verdict) == (0.05, "warn")


def test_a_person_three_times_as_large_is_an_error() -> None:
    limit = Limit("largest_cluster", "ratio", 1.5, 3, "a reason")
    assert drift(limit, {"clients": (30, None)}, {"clients": (10, None)}).verdict == "error"
    assert drift(limit, {"clients": (10, None)}, {"clients": (10, None)}).verdict == "steady"


def test_every_shipped_limit_has_its_reason() -> None:
    assert all(len(limit.reason) > 20 for limit in limits())
    assert {limit.figure for limit in limits()} >= {"links_by_weight", "clusters_by_size", "linked_by_agency_pair"}


def test_a_limit_without_a_reason_is_refused() -> None:
    with pytest.raises(ModelError, match="needs a kind"):
        limit_of("x", {"kind": "psi", "warn": 0.1, "error": 0.2})
