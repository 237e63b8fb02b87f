"""An estimate with link error taken out, and its interval with link error put in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.link_error import coverage
from pipelines.errors import ContractError
from pipelines.intervals import Estimate, poisson_exact, wilson
from pipelines.uncertainty.link_error import Corrected, Kind, Recall, Totals, Values, with_link_error
from pipelines.uncertainty.rules import load_rules

SHARE = Kind("proportion", "wilson", 1.0)
RATE = Kind("rate", "poisson_exact", 1000.0)
SUM = Kind("count", "none", 1.0)
ALL_FOUND = np.ones(4)


def totals(n: float, numerators: list[float], person_time: float = 0.0) -> Totals:
    drawn = np.array(numerators)
    return Totals(np.full(len(drawn), n), drawn, np.full(len(drawn), person_time))


def nobody(n: float, person_time: float = 0.0) -> Totals:
    return totals(n, [0.0], person_time)


def share(numerators: list[float], recall: Values = ALL_FOUND) -> Corrected:
    return with_link_error(SHARE, wilson(30, 100), totals(100, numerators), nobody(100), recall, 1.0)


def test_without_link_error_nothing_changes() -> None:
    naive, found = wilson(30, 100), share([30.0] * 4)
    assert (found.estimate, found.lower, found.upper) == pytest.approx((naive.estimate, naive.lower, naive.upper))
    assert found.link_error == 0


def test_a_share_of_linked_events_is_divided_by_the_recall_as_rogan_and_gladen_do() -> None:
    assert share([30.0] * 4, np.full(4, 0.8)).estimate == pytest.approx(0.30 / 0.80)


def test_what_an_agency_sees_by_itself_is_not_corrected() -> None:
    same = totals(100, [30.0] * 4)
    found = with_link_error(SHARE, wilson(30, 100), same, totals(100, [30.0]), np.full(4, 0.5), 1.0)
    assert found.estimate == pytest.approx(0.30)
    assert found.link_error == 0


def test_a_numerator_that_links_lower_is_corrected_downwards() -> None:
    # 90 payable days where no jail stay is known, 80 with four fifths of the links: 77.5 with all
    found = with_link_error(
        SUM, Estimate(80.0, None, None), totals(5, [80.0] * 4), totals(5, [90.0]), np.full(4, 0.8), 1.0
    )
    assert found.estimate == pytest.approx(77.5)


def test_draws_that_differ_widen_the_interval_by_rubins_rule() -> None:
    found = share([28.0, 30.0, 30.0, 32.0])
    between = np.var([0.28, 0.30, 0.30, 0.32], ddof=1)
    assert found.link_error == pytest.approx(np.sqrt(between * 5 / 4))
    naive = wilson(30, 100)
    assert found.upper is not None and naive.upper is not None
    assert found.upper - 0.30 == pytest.approx(np.hypot(naive.upper - 0.30, 1.959964 * np.sqrt(between * 5 / 4)))


def test_not_knowing_which_links_were_missed_widens_it_too() -> None:
    # k found of binomially many: the variance of k / ρ, given the truth, is k (1 − ρ) / ρ²
    found = share([30.0] * 4, np.full(4, 0.8))
    assert found.link_error == pytest.approx(np.sqrt(30 * 0.2 / 0.64) / 100)


def test_a_share_never_leaves_0_and_1() -> None:
    found = with_link_error(SHARE, wilson(95, 100), totals(100, [95.0] * 4), nobody(100), np.full(4, 0.5), 1.0)
    assert found.estimate == 1
    assert (found.lower or 0) <= 1 and found.upper == 1


def test_a_rate_is_corrected_on_its_own_scale() -> None:
    naive = poisson_exact(8, 200, 1000.0)
    found = with_link_error(RATE, naive, totals(20, [8.0] * 4, 200), nobody(20, 200), np.full(4, 0.8), 1.0)
    assert found.estimate == pytest.approx(10 / 200 * 1000)


def test_an_empty_denominator_has_no_estimate() -> None:
    none = Estimate(None, None, None)
    found = with_link_error(SHARE, none, totals(0, [0.0] * 4), nobody(0), ALL_FOUND, 1.0)
    assert found == Corrected(None, None, None, None)


def test_what_is_not_known_of_the_recall_is_spread_over_the_draws() -> None:
    drawn = Recall(0.9, 0.02).draws(500, np.random.default_rng(1))
    assert drawn.mean() == pytest.approx(0.9, abs=0.005)
    assert drawn.std() == pytest.approx(0.02, abs=0.003)
    assert Recall(0.99, 0.2).draws(50, np.random.default_rng(1)).max() <= 1


def test_the_interval_covers_the_truth_where_the_link_naive_one_fails() -> None:
    for naive, ours in coverage(precision=0.90, recall=0.80, seeds=60).values():
        assert naive < 0.3
        assert ours >= 0.9


def test_a_rule_without_a_reason_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "uncertainty.yaml"
    file.write_text("strict_bits: {value: 3}\n")
    with pytest.raises(ContractError, match="strict_bits needs a value and a reason"):
        load_rules(file)
