"""From a lake to a comparison: find candidates, match, see whether they are alike, and only then look at outcomes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import polars as pl

from pipelines.comparison.balance import balance
from pipelines.comparison.candidates import candidates_of
from pipelines.comparison.effects import effects
from pipelines.comparison.matching import Matched, match
from pipelines.comparison.survival import LogRank, log_rank, survival
from pipelines.comparison.terms import Specification
from pipelines.lake import Lake

NOT_TOLD = ("person_id",)
"""Columns of the candidates that never leave."""


@dataclass(frozen=True)
class Comparison:
    """What a comparison found; nothing in it names a person, small cells are still in it."""

    specification: Specification
    treated: int
    """Eligible treated people."""
    untreated: int
    """Eligible untreated candidates: a person once in a half-year."""
    unmatched: int
    """Treated people for whom nobody was near enough."""
    caliper: float
    cohort: pl.DataFrame
    """Grain: a matched candidate, with its weight, covariates and outcomes, and a number in place of the person."""
    balance: pl.DataFrame
    effects: pl.DataFrame
    survival: pl.DataFrame
    log_rank: LogRank
    left_out: pl.DataFrame
    """Grain: group × reason, with how many index days were left out."""
    observed_through_on: date | None


def compare(lake: Lake, specification: Specification) -> Comparison:
    """Find candidates in a lake and compare them; raises LakeError when there is nobody to compare."""
    eligible = candidates_of(lake, specification)
    found = compare_candidates(eligible.candidates, specification)
    return replace(found, left_out=eligible.left_out, observed_through_on=eligible.observed_through_on)


def compare_candidates(candidates: pl.DataFrame, specification: Specification) -> Comparison:
    """Match candidates and compare them. `candidates` has the columns that `candidates_of` gives.

    Raises LakeError when there is nobody to compare.
    """
    matched = match(candidates, specification)
    return Comparison(
        specification=specification,
        treated=int(matched.is_treated.sum()),
        untreated=int((~matched.is_treated).sum()),
        unmatched=matched.unmatched,
        caliper=matched.caliper,
        cohort=cohort(matched, specification.seed),
        balance=balance(matched, specification).fill_nan(None),
        effects=effects(matched, specification).fill_nan(None),
        survival=survival(matched, specification.jail_return_within_days).fill_nan(None),
        log_rank=log_rank(matched, specification.jail_return_within_days),
        left_out=pl.DataFrame(schema={"group_code": pl.String, "left_out_reason": pl.String, "index_days": pl.Int64}),
        observed_through_on=None,
    )


def cohort(matched: Matched, seed: int) -> pl.DataFrame:
    """The matched candidates without person ids: a number drawn at random holds a person's rows together."""
    people = np.unique(matched.candidates["person_id"].to_numpy())
    numbers = np.random.default_rng(seed).permutation(len(people)) + 1
    named = numbers[np.searchsorted(people, matched.candidates["person_id"].to_numpy())]
    return (
        matched.candidates.with_columns(
            pl.Series("member_number", named),
            pl.Series("logit", matched.logits),
            pl.Series("weight", matched.weights),
        )
        .filter(pl.col("weight") > 0)
        .drop(NOT_TOLD)
        .sort("member_number", "index_on", "is_treated")
        .select("member_number", pl.all().exclude("member_number"))
    )
