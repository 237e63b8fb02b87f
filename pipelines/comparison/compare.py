"""From candidates to a comparison: match, look whether the matched are alike, and only then at outcomes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipelines.comparison.balance import balance
from pipelines.comparison.effects import effects
from pipelines.comparison.matching import Matched, match
from pipelines.comparison.survival import LogRank, log_rank, survival
from pipelines.comparison.terms import Specification

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


def compare_candidates(candidates: pl.DataFrame, specification: Specification) -> Comparison:
    """Match candidates and compare them. `candidates` has the columns that `candidates.sql` and `follow_up.sql` give.

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
