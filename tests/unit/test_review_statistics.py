"""A sample of pairs: how it is laid out, and whether its intervals hold what they promise."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.review.calibration import calibrate, threshold
from pipelines.review.design import LEAST_IN_STRATUM, Stratum, allocate, band_name, draw
from pipelines.review.intervals import Estimate, Labelled, exact, recall, stratified, weighted_share, wilson

SURE = Stratum(is_linked=True, is_met=True, band=6, has_ssn=True, pairs=8000, rows=8000, believed=1.0)
DOUBTFUL = Stratum(is_linked=True, is_met=True, band=2, has_ssn=False, pairs=400, rows=400, believed=0.7)
FEW = Stratum(is_linked=True, is_met=True, band=1, has_ssn=False, pairs=5, rows=5, believed=0.3)
UNLIKELY = Stratum(is_linked=False, is_met=True, band=0, has_ssn=True, pairs=6000, rows=6000, believed=0.005)

COUNTIES = {
    "doubtful": ((True, 8000, 0.999), (True, 900, 0.97), (True, 300, 0.8), (False, 120, 0.4), (False, 4500, 0.01)),
    "nearly perfect": (
        (True, 9000, 0.9999),
        (True, 600, 0.995),
        (True, 60, 0.95),
        (False, 90, 0.1),
        (False, 900, 0.002),
    ),
    "small": ((True, 250, 0.996), (True, 250, 1.0), (True, 40, 0.9), (False, 30, 0.2), (False, 60, 0.02)),
    "poor": ((True, 5000, 0.9), (True, 2000, 0.7), (True, 500, 0.4), (False, 900, 0.3), (False, 20000, 0.03)),
}
"""Put together or not, pairs, share of one person: counties as a model may leave them."""


def test_a_sample_is_larger_where_the_model_doubts() -> None:
    sure, doubtful, few = allocate([SURE, DOUBTFUL, FEW], 0.02)
    assert doubtful / DOUBTFUL.pairs > sure / SURE.pairs
    assert few == FEW.pairs


def test_a_sample_for_half_the_width_is_four_times_as_large() -> None:
    coarse, fine = (sum(allocate([SURE, UNLIKELY], width)) for width in (0.02, 0.01))
    assert fine == pytest.approx(4 * coarse, rel=0.02)


def test_no_stratum_is_left_out_because_the_model_is_sure_of_it() -> None:
    tiny = Stratum(is_linked=False, is_met=True, band=0, has_ssn=False, pairs=50, rows=50, believed=0.0)
    assert allocate([SURE, tiny], 0.02)[1] >= LEAST_IN_STRATUM


def test_a_drawn_stratum_holds_its_groups_in_proportion() -> None:
    groups = ["health+hmis"] * 600 + ["hmis+sheriff"] * 300 + ["fhsp+hmis"] * 100
    chosen = draw(groups, 50, np.random.default_rng(3))
    assert Counter(groups[place] for place in chosen) == {"health+hmis": 30, "hmis+sheriff": 15, "fhsp+hmis": 5}
    assert len(set(chosen.tolist())) == 50


def test_every_pair_of_a_stratum_has_the_same_chance() -> None:
    groups = ["a"] * 7 + ["b"] * 3
    drawn = Counter(place for seed in range(4000) for place in draw(groups, 4, np.random.default_rng(seed)).tolist())
    assert all(abs(count / 4000 - 0.4) < 0.04 for count in drawn.values())
    assert len(drawn) == 10


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=60), st.integers(1, 80), st.integers(0, 99))
def test_a_draw_has_no_pair_twice_and_never_more_than_there_are(groups: list[str], size: int, seed: int) -> None:
    chosen = draw(groups, size, np.random.default_rng(seed)).tolist()
    assert len(chosen) == len(set(chosen)) == min(size, len(groups))
    assert set(chosen) <= set(range(len(groups)))


def test_bands_are_told_in_words() -> None:
    assert [band_name(band) for band in (0, 2, 6)] == ["below -5 bits", "0 to 4 bits", "20 bits and more"]


def test_wilson_is_the_textbook_interval() -> None:
    found = wilson(8, 10)
    assert (found.lower, found.upper) == (pytest.approx(0.4902, abs=1e-4), pytest.approx(0.9433, abs=1e-4))


def test_the_interval_of_a_stratum_is_clopper_and_pearsons() -> None:
    found = exact(Labelled(1000, 10, 8))
    assert (found.lower, found.upper) == (pytest.approx(0.4439, abs=1e-4), pytest.approx(0.9748, abs=1e-4))


def test_strata_count_by_the_pairs_they_stand_for() -> None:
    assert stratified([Labelled(900, 30, 30), Labelled(100, 30, 15)]).estimate == pytest.approx(0.95)


def test_a_frame_that_was_labelled_whole_is_known() -> None:
    found = stratified([Labelled(40, 40, 38), Labelled(10, 10, 9)])
    assert (found.estimate, found.lower, found.upper) == pytest.approx((0.94, 0.94, 0.94))


def test_a_stratum_that_nobody_looked_at_may_be_anything() -> None:
    found = stratified([Labelled(50, 0, 0), Labelled(50, 50, 50)])
    assert (found.lower, found.upper) == pytest.approx((0.5, 1.0))


def test_recall_counts_what_was_left_apart() -> None:
    found = recall([Labelled(100, 100, 90)], [Labelled(1000, 1000, 10)])
    assert found is not None
    assert (found.estimate, found.lower, found.upper) == pytest.approx((0.9, 0.9, 0.9))


def test_recall_of_nothing_found_is_not_told() -> None:
    assert recall([Labelled(10, 10, 0)], [Labelled(10, 10, 1)]) is None
    assert recall([], []) is None


def test_a_share_of_uneven_pairs_is_as_sure_as_fewer_even_ones() -> None:
    even, uneven = weighted_share([1.0] * 40, [True] * 40), weighted_share([1.0] * 39 + [100.0], [True] * 40)
    assert uneven.lower < even.lower


def strata_of(county: str) -> list[Stratum]:
    return [Stratum(is_linked, True, 3, True, pairs, pairs, share) for is_linked, pairs, share in COUNTIES[county]]


def holds(found: Estimate, truth: float) -> bool:
    return found.lower - 1e-9 <= truth <= found.upper + 1e-9


def covered(county: str, half_width: float, seed: int) -> tuple[bool, bool]:
    """Whether the intervals of one simulated sample hold the true precision and recall."""
    rng = np.random.default_rng(seed)
    strata = strata_of(county)
    right = [round(stratum.pairs * stratum.believed) for stratum in strata]
    labelled = [
        Labelled(stratum.pairs, n, int(rng.hypergeometric(same, stratum.pairs - same, n)))
        for stratum, same, n in zip(strata, right, allocate(strata, half_width), strict=True)
    ]
    precision, found = stratified(labelled[:3]), recall(labelled[:3], labelled[3:])
    assert found is not None
    true_precision, true_recall = sum(right[:3]) / sum(s.pairs for s in strata[:3]), sum(right[:3]) / sum(right)
    return holds(precision, true_precision), holds(found, true_recall)


@pytest.mark.parametrize("half_width", [0.01, 0.02, 0.04])
@pytest.mark.parametrize("county", COUNTIES)
def test_at_least_nineteen_of_twenty_intervals_hold_the_truth(county: str, half_width: float) -> None:
    held = np.array([covered(county, half_width, seed) for seed in range(500)])
    assert (held.mean(axis=0) >= 0.95).all()


def test_an_interval_is_as_narrow_as_was_asked_for() -> None:
    strata = strata_of("doubtful")
    sizes = allocate(strata, 0.02)
    labelled = [Labelled(s.pairs, n, round(n * s.believed)) for s, n in zip(strata, sizes, strict=True)]
    precision, found = stratified(labelled[:3]), recall(labelled[:3], labelled[3:])
    assert found is not None
    assert precision.upper - precision.lower <= 0.04
    assert found.upper - found.lower <= 0.05


def labels_of(intercept: float, slope: float, pairs: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(8)
    weight = rng.uniform(-12, 16, pairs)
    share = 1 / (1 + np.exp(-(intercept + slope * weight * np.log(2))))
    return weight, (rng.random(pairs) < share).astype(float)


def test_calibration_finds_how_over_confident_the_weights_are() -> None:
    weight, same = labels_of(-1.0, 0.5)
    fitted = calibrate(weight, same, np.ones(len(weight)))
    assert (fitted.intercept, fitted.slope) == (pytest.approx(-1.0, abs=0.15), pytest.approx(0.5, abs=0.06))


def test_a_calibrated_model_is_left_as_it_is() -> None:
    weight, same = labels_of(0.0, 1.0)
    fitted = calibrate(weight, same, np.ones(len(weight)))
    assert (fitted.intercept, fitted.slope) == (pytest.approx(0.0, abs=0.15), pytest.approx(1.0, abs=0.1))


def test_labels_that_part_without_an_error_give_a_finite_fit() -> None:
    weight = np.array([-8.0, -4.0, 4.0, 8.0])
    fitted = calibrate(weight, (weight > 0).astype(float), np.ones(4))
    assert np.isfinite([fitted.intercept, fitted.slope]).all()


def test_over_confident_weights_ask_for_a_higher_threshold() -> None:
    frame = {float(weight): 100 for weight in range(-10, 20)}
    found = []
    for slope in (1.0, 0.4):
        weight, same = labels_of(0.0, slope, pairs=600)
        found.append(threshold(weight, same, np.ones(600), [0] * 600, frame, 0.98, seed=1))
    honest, boastful = found
    assert honest.weight is not None and boastful.weight is not None
    assert boastful.weight > honest.weight
    assert boastful.lower is not None and boastful.upper is not None
    assert boastful.lower <= boastful.weight <= boastful.upper


def test_a_precision_that_no_weight_reaches_has_no_threshold() -> None:
    weight, same = labels_of(-4.0, 0.1, pairs=400)
    found = threshold(weight, same, np.ones(400), [0] * 400, {0.0: 10, 5.0: 10}, 0.99, seed=1)
    assert (found.weight, found.lower, found.upper) == (None, None, None)
