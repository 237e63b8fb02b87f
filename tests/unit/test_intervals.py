import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.intervals import NOTHING, RateSums, person_bootstrap, person_robust, poisson_exact, seed_of, wilson


def test_wilsons_interval_of_82_in_100() -> None:
    found = wilson(82, 100)
    # (0.82 + 1.9208/100 ± 1.96·sqrt(0.82·0.18/100 + 0.9604/100²)) / (1 + 3.8415/100)
    assert found.estimate == pytest.approx(0.82)
    assert found.lower == pytest.approx(0.7333, abs=1e-4)
    assert found.upper == pytest.approx(0.8830, abs=1e-4)


@given(st.integers(0, 500), st.integers(0, 500))
def test_a_share_lies_in_its_interval_and_the_interval_between_0_and_1(met: int, missed: int) -> None:
    found = wilson(met, met + missed)
    if met + missed == 0:
        assert found == NOTHING
    else:
        assert found.lower is not None and found.estimate is not None and found.upper is not None
        assert 0 <= found.lower <= found.estimate + 1e-12 and found.estimate <= found.upper + 1e-12 <= 1 + 1e-11


def test_the_exact_interval_of_a_count_of_10_is_in_every_table() -> None:
    found = poisson_exact(10, 1.0, 1.0)
    assert found.lower == pytest.approx(4.795, abs=1e-3)
    assert found.upper == pytest.approx(18.390, abs=1e-3)


def test_no_event_has_a_lower_end_of_zero_and_an_upper_end() -> None:
    found = poisson_exact(0, 1000.0, 1000.0)
    assert (found.estimate, found.lower) == (0, 0)
    assert found.upper == pytest.approx(-math.log(0.025), abs=1e-9)


@pytest.mark.parametrize("time", [None, 0.0])
def test_without_person_time_there_is_no_rate(time: float | None) -> None:
    assert poisson_exact(3, time, 1000.0) == NOTHING


TOTALS = np.array([[0.0, 3.0, 80.0], [1.0, 3.0, 15.0], [6.0, 3.0, 5.0]])


def test_the_bootstrap_is_wider_than_poisson_when_few_persons_have_most_events() -> None:
    resampled = person_bootstrap(TOTALS, 1000.0, seed=7)
    counted = poisson_exact(45, 300.0, 1000.0)
    assert resampled.estimate == counted.estimate == pytest.approx(150)
    assert resampled.lower is not None and counted.lower is not None
    assert resampled.upper is not None and counted.upper is not None
    assert resampled.upper - resampled.lower > counted.upper - counted.lower


def test_the_same_seed_draws_the_same_interval() -> None:
    seed = seed_of("a_measure", "all", "all", None)
    assert person_bootstrap(TOTALS, 1.0, seed) == person_bootstrap(TOTALS, 1.0, seed)
    assert seed != seed_of("a_measure", "all", "all", "2024Q1")


def test_resampling_persons_without_events_still_has_an_upper_end() -> None:
    quiet = np.array([[0.0, 3.0, 20.0]])
    assert person_bootstrap(quiet, 1000.0, seed=1) == poisson_exact(0, 60.0, 1000.0)


def test_nobody_has_no_rate() -> None:
    assert person_bootstrap(np.empty((0, 3)), 1.0, seed=1) == NOTHING


def sums(*persons: tuple[float, float]) -> RateSums:
    events, times = [one[0] for one in persons], [one[1] for one in persons]
    return RateSums(
        len(persons),
        sum(events),
        sum(times),
        sum(x * x for x in events),
        sum(x * t for x, t in persons),
        sum(t * t for t in times),
    )


def test_the_robust_interval_is_that_of_the_bootstrap_where_there_are_many_persons() -> None:
    persons = [(float(n % 7 == 0) * (1 + n % 3), 1.0 + n % 4) for n in range(400)]
    resampled = person_bootstrap(np.array([(x, t, 1) for x, t in persons]), 1000, seed=1)
    robust = person_robust(sums(*persons), 1000)
    assert robust.estimate == pytest.approx(resampled.estimate)
    assert robust.lower == pytest.approx(resampled.lower, rel=0.06)
    assert robust.upper == pytest.approx(resampled.upper, rel=0.06)


def test_events_that_hang_together_widen_the_robust_interval() -> None:
    apart = person_robust(sums(*[(1.0, 1.0)] * 10, *[(0.0, 1.0)] * 90), 1)
    together = person_robust(sums((10.0, 1.0), *[(0.0, 1.0)] * 99), 1)
    assert together.estimate == apart.estimate
    assert (together.upper or 0) > (apart.upper or 0)


def test_without_events_or_with_one_person_the_robust_interval_is_the_poisson_one() -> None:
    assert person_robust(sums((0.0, 2.0), (0.0, 3.0)), 1000) == poisson_exact(0, 5.0, 1000)
    assert person_robust(sums((2.0, 4.0)), 1000) == poisson_exact(2, 4.0, 1000)
    assert person_robust(sums(), 1000) == NOTHING
