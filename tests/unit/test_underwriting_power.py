"""Power and least effects, against figures that others have published or that can be worked out by hand."""

from __future__ import annotations

import pytest

from pipelines.underwriting import power


def test_three_hundred_an_arm_at_half_find_a_difference_of_eleven_point_four_points() -> None:
    # (1.96 + 0.84) × √(2 × 0.25 / 300)
    assert round(100 * power.least_difference(300, 0.5), 1) == 11.4


def test_four_times_the_persons_halve_the_least_difference() -> None:
    assert power.least_difference(1200, 0.5) == pytest.approx(power.least_difference(300, 0.5) / 2)


def test_a_true_difference_of_the_least_size_is_found_about_four_times_in_five() -> None:
    least = power.least_difference(300, 0.5)
    # a little more often: the treated share varies less than the half that the least difference is told for
    assert power.power_of_difference(300, 0.5, 0.5 - least) == pytest.approx(0.80, abs=0.02)


def test_counts_that_differ_more_between_persons_need_a_larger_reduction() -> None:
    alike, unlike = (power.least_reduction(300, 10, dispersion) for dispersion in (0.0, 2.0))
    # 1 − exp(−2.80 × √(2 × 0.1 / 300)) by hand
    assert alike == pytest.approx(0.0698, abs=0.0005)
    assert unlike > alike
    assert power.power_of_reduction(300, 10, 2.0, unlike) == pytest.approx(0.80, abs=0.02)


def test_no_effect_is_found_only_by_chance_and_a_total_one_always() -> None:
    assert power.power_of_difference(300, 0.5, 0.5) == pytest.approx(0.025)
    assert power.power_of_reduction(300, 10, 1.0, 1.0) == 1.0
