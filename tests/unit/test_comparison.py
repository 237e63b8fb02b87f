"""Matching, balance and effects on a few rows, each checked by hand."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import comparison as simulated
from pipelines.comparison import compare_candidates, load_specifications, read_specification
from pipelines.comparison.balance import balance
from pipelines.comparison.effects import effects, mean_of
from pipelines.comparison.matching import match
from pipelines.comparison.propensity import PRIOR_VARIANCE, logits
from pipelines.errors import ContractError, LakeError
from tests.unit.comparisons import DOCUMENT, candidate, specification, table


def pairs_of(candidates: pl.DataFrame, **changed: object) -> list[tuple[int, int]]:
    matched = match(candidates, specification(**changed))
    people = matched.candidates["person_id"].to_list()
    return [(people[one], people[other]) for one, other in matched.pairs]


FOUR = table(
    candidate(1, True, 40, 10),
    candidate(2, False, 40, 30),
    candidate(3, False, 41, 20),
    candidate(4, False, 200, 100),
)


def test_the_nearest_are_matched_and_the_far_are_not() -> None:
    assert pairs_of(FOUR) == [(1, 2), (1, 3)]


def test_no_more_neighbours_are_taken_than_the_specification_says() -> None:
    assert pairs_of(FOUR, neighbours={"at_most": 1, "reason": "One"}) == [(1, 2)]


def test_nobody_is_matched_across_an_exact_stratum() -> None:
    women = FOUR.with_columns(
        sex_code=pl.when(pl.col("person_id") == 2).then(pl.lit("female")).otherwise(pl.lit("male"))
    )
    assert pairs_of(women) == [(1, 3)]


def test_nobody_is_their_own_comparison() -> None:
    before = candidate(1, False, 40, 30)
    assert pairs_of(table(*FOUR.to_dicts(), before)) == [(1, 2), (1, 3)]


def test_an_untreated_person_serves_several_and_weighs_as_much() -> None:
    twice = table(*FOUR.to_dicts(), candidate(5, True, 40, 0))
    matched = match(twice, specification(neighbours={"at_most": 1, "reason": "One"}))
    weights = dict(zip(matched.candidates["person_id"].to_list(), matched.weights.tolist(), strict=True))
    assert weights == {1: 1.0, 5: 1.0, 2: 2.0, 3: 0.0, 4: 0.0}
    assert matched.unmatched == 0


def test_those_who_are_equally_near_are_drawn_among() -> None:
    rows = [candidate(at, at < 5, 40, 0) for at in range(50)]
    used = {other for _, other in pairs_of(table(*rows), neighbours={"at_most": 1, "reason": "One"})}
    assert len(used) > 1


def test_a_treated_person_with_nobody_near_is_counted_as_unmatched() -> None:
    far = table(*FOUR.to_dicts(), candidate(5, True, 900, 0))
    assert match(far, specification()).unmatched == 1


def test_without_a_treated_or_an_untreated_person_there_is_nothing_to_compare() -> None:
    with pytest.raises(LakeError, match="every eligible person is untreated"):
        match(FOUR.filter(~pl.col("is_treated")), specification())
    with pytest.raises(LakeError, match="every eligible person is treated"):
        match(FOUR.filter(pl.col("is_treated")), specification())


def test_the_fit_stands_where_the_penalised_likelihood_is_level() -> None:
    covariates = np.array([[-1.0], [0.0], [0.5], [2.0]])
    treated = np.array([False, True, False, True])
    fitted = logits(covariates, treated)
    slope = (fitted[1] - fitted[0]) / 1.0
    left = treated - 1 / (1 + np.exp(-fitted))
    assert left.sum() == pytest.approx(0, abs=1e-9)
    assert covariates[:, 0] @ left == pytest.approx(slope / PRIOR_VARIANCE, abs=1e-9)


def test_a_covariate_that_separates_the_treated_leaves_the_fit_finite() -> None:
    assert np.isfinite(logits(np.array([[-1.0], [-1.0], [1.0], [1.0]]), np.array([False, False, True, True]))).all()


def test_balance_is_told_in_the_spread_before_matching() -> None:
    row = balance(match(FOUR, specification()), specification()).row(0, named=True)
    spread = math.sqrt(np.var([40, 41, 200]) / 2)
    assert row["difference_before"] == pytest.approx((40 - 281 / 3) / spread)
    assert row["difference_after"] == pytest.approx((40 - 40.5) / spread)


def test_the_matched_difference_is_that_of_the_weighted_means() -> None:
    found = effects(match(FOUR, specification()), specification())
    row = found.row(by_predicate=pl.col("method") == "matched_difference", named=True)
    assert (row["treated_post"], row["untreated_post"]) == (10, 25)
    assert row["estimate"] == pytest.approx(-15)
    assert row["causal_strength"] == "adjusted"


def test_pre_post_is_the_change_of_the_treated_and_is_called_descriptive() -> None:
    found = effects(match(FOUR, specification()), specification())
    row = found.row(by_predicate=pl.col("method") == "pre_post", named=True)
    assert (row["estimate"], row["causal_strength"]) == (-30, "descriptive")


def test_whoever_was_not_followed_long_enough_leaves_the_sets_whole() -> None:
    unseen = FOUR.with_columns(post_days=pl.when(pl.col("person_id") == 2).then(None).otherwise(pl.col("post_days")))
    row = effects(match(unseen, specification()), specification()).row(1, named=True)
    assert (row["untreated_persons"], row["untreated_post"]) == (1, 20)


def test_rows_of_one_person_are_one_cluster() -> None:
    values = np.array([0.0, 0.0, 3.0, 3.0])
    once = mean_of(values, np.array([1, 2, 3, 4]))
    twice = mean_of(values, np.array([1, 1, 2, 2]))
    assert once.estimate == twice.estimate == 1.5
    assert once.upper - once.lower < 10
    assert math.isnan(twice.upper)
    many = mean_of(np.tile(values, 3), np.repeat(np.arange(6), 2))
    apart = mean_of(np.tile(values, 3), np.arange(12))
    assert many.upper - many.lower > apart.upper - apart.lower


def test_a_cohort_names_nobody_and_keeps_the_rows_of_a_person_together() -> None:
    found = compare_candidates(FOUR, specification()).cohort
    assert "person_id" not in found.columns
    assert found["member_number"].n_unique() == 3


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(12)), st.lists(st.integers(0, 60), min_size=12, max_size=12))
def test_the_order_of_rows_changes_nothing(order: list[int], prior: list[int]) -> None:
    rows = [
        candidate(at, at % 4 == 0, days, float(days + at), jail_return_days=float(days + 1), followed_days=200)
        for at, days in enumerate(prior)
    ]
    one, other = (compare_candidates(table(*some), specification()) for some in (rows, [rows[at] for at in order]))
    assert one.cohort.equals(other.cohort)
    assert one.balance.equals(other.balance)
    assert one.effects.equals(other.effects)
    assert one.survival.equals(other.survival)


def test_simulated_counties_show_their_set_effect_to_the_matched_and_not_to_pre_post() -> None:
    truth = simulated.true_effect()
    held = {"difference_in_differences": 0, "pre_post": 0}
    for seed in range(5):
        county = simulated.candidates(2_000, seed).drop("days_without")
        found = compare_candidates(county, simulated.SPECIFICATION).effects
        for method in held:
            row = found.row(by_predicate=pl.col("method") == method, named=True)
            held[method] += row["lower"] <= truth <= row["upper"]
    assert held["difference_in_differences"] >= 4
    assert held["pre_post"] <= 2


def test_shipped_comparisons_are_well_formed() -> None:
    assert [one.id for one in load_specifications()] == ["just_in_reach", "lacdmh_fsp"]


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"caliper": {"standard_deviations": 3, "reason": "x", "source": "y"}}, "caliper.standard_deviations: is too"),
        ({"exact": {"columns": ["shoe_size"], "reason": "x"}}, r"exact.columns\[0\]: is one of 'sex_code'"),
        ({"seed": None}, "seed: is a whole number"),
        ({"shoe_size": 42}, "shoe_size: there is no such field; take it out"),
        ({"exact": {"columns": ["sex_code"]}}, "exact.reason: the field is missing; add it"),
        ({"exact": {"columns": ["sex_code", "sex_code"], "reason": "x"}}, "sex_code is there twice"),
        ({"covariates": [{"covariate": "age_years", "reason": "x"}]}, "add prior_jail_days to the covariates"),
        ({"id": "other"}, "give both one name"),
        ({"population": DOCUMENT["population"] | {"program_code": None}}, "population.program_code: is missing"),
        ({"population": DOCUMENT["population"] | {"index": "fsp_enrolment"}}, "an enrolment has no programme"),
        ({"follow_up": {"at_least_days": 400, "reason": "x"}}, "is shorter than follow_up.at_least_days"),
        ({"covariates": [*DOCUMENT["covariates"], {"covariate": "sex_code", "transform": "log1p", "reason": "x"}]},
         r"covariates\[1\].transform: sex_code is a code"),
    ],
)  # fmt: skip
def test_a_wrong_specification_is_refused_with_file_field_and_mend(
    tmp_path: Path, changed: dict[str, object], says: str
) -> None:
    path = tmp_path / "small.yaml"
    path.write_text(yaml.safe_dump(DOCUMENT | changed), encoding="utf-8")
    with pytest.raises(ContractError, match=says) as refused:
        read_specification(path)
    assert "small.yaml" in str(refused.value)


def test_what_is_not_yaml_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "small.yaml"
    path.write_text("id: small\ntitle: [", encoding="utf-8")
    with pytest.raises(ContractError, match=r"small.yaml:2: is not YAML"):
        read_specification(path)
