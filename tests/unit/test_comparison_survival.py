"""Time to the return to jail, on curves that can be drawn by hand."""

from __future__ import annotations

import numpy as np
import pytest

from pipelines.comparison.matching import match
from pipelines.comparison.survival import kaplan_meier, log_rank, survival
from tests.unit.comparisons import candidate, specification, table

WIDE = {"standard_deviations": 1.0, "reason": "Everybody", "source": "A test"}


def test_a_curve_falls_at_returns_and_not_at_censored_days() -> None:
    days = np.array([10.0, 20.0, 20.0, 30.0])
    back = np.array([True, False, True, True])
    at, free, greenwood = kaplan_meier(days, back, np.ones(4))
    assert at.tolist() == [10, 20, 30]
    assert free.tolist() == pytest.approx([3 / 4, 3 / 4 * 2 / 3, 0])
    assert greenwood[:2].tolist() == pytest.approx([1 / (4 * 3), 1 / (4 * 3) + 1 / (3 * 2)])


def test_weights_weigh_the_share_and_equal_weights_change_nothing() -> None:
    days, back = np.array([10.0, 20.0]), np.array([True, False])
    assert kaplan_meier(days, back, np.array([3.0, 1.0]))[1].tolist() == [0.25]
    for one, other in zip(kaplan_meier(days, back, np.ones(2)), kaplan_meier(days, back, np.full(2, 2.0)), strict=True):
        assert one.tolist() == pytest.approx(other.tolist())


def matched_lives(**untreated: object):  # type: ignore[no-untyped-def]
    rows = [candidate(at, True, 10, 0, jail_return_days=None) for at in range(20)]
    rows += [candidate(100 + at, False, 10, 0, **untreated) for at in range(20)]
    return match(table(*rows), specification(neighbours={"at_most": 10, "reason": "Many"}, caliper=WIDE))


def test_a_return_after_the_follow_up_is_not_seen() -> None:
    curve = survival(matched_lives(jail_return_days=300.0, followed_days=200), 365)
    assert curve.filter(group_code="untreated")["free_share"].min() == 1.0
    assert curve.filter(group_code="untreated", day=210)["at_risk"].item() == 0


def test_groups_that_come_back_alike_do_not_differ() -> None:
    assert log_rank(matched_lives(), 365).p_value == 1.0


def test_groups_that_come_back_otherwise_differ() -> None:
    rows = [candidate(at, True, 10, 0, jail_return_days=200.0 + at) for at in range(20)]
    rows += [candidate(100 + at, False, 10, 0, jail_return_days=10.0 + at) for at in range(20)]
    matched = match(table(*rows), specification(neighbours={"at_most": 10, "reason": "Many"}, caliper=WIDE))
    assert log_rank(matched, 365).p_value < 0.01
