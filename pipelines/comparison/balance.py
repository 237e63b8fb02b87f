"""Are those who are compared alike? Standardised mean differences before and after matching. Pure functions."""

from __future__ import annotations

import numpy as np
import polars as pl

from pipelines.comparison.matching import Matched
from pipelines.comparison.propensity import Design, Floats, design
from pipelines.comparison.terms import Specification

WELL_BALANCED = 0.1
"""Absolute standardised mean difference below which a covariate is called balanced (Austin 2009, Statistics in Medicine
28(25))."""

BALANCE = {
    "covariate": pl.String,
    "covariate_group": pl.String,
    "is_level": pl.Boolean,
    "treated_mean": pl.Float64,
    "untreated_mean": pl.Float64,
    "matched_treated_mean": pl.Float64,
    "matched_untreated_mean": pl.Float64,
    "difference_before": pl.Float64,
    "difference_after": pl.Float64,
    "treated_above_zero": pl.Int64,
    "untreated_above_zero": pl.Int64,
    "matched_treated_above_zero": pl.Int64,
    "matched_untreated_above_zero": pl.Int64,
}
"""Columns of the table: a row a covariate, or a level of it. Means are in the covariate's own unit (transformed ones in
the transformed unit), differences in standard deviations; `…_above_zero` counts the candidates above zero."""


def balance(matched: Matched, specification: Specification) -> pl.DataFrame:
    """Every covariate before and after matching, in the order of the specification."""
    known = design(matched.candidates, specification.covariates)
    rows = [_row(known, at, matched) for at in range(len(known.names))]
    return pl.DataFrame(rows, schema=BALANCE, orient="row")


def _row(known: Design, at: int, matched: Matched) -> tuple[object, ...]:
    values, weights = known.values[:, at], matched.weights
    treated, used = matched.is_treated, matched.weights > 0
    # the spread before matching judges both differences: matching must not look better by narrowing it
    spread = float(np.sqrt((values[treated].var() + values[~treated].var()) / 2))
    groups = (treated, ~treated, treated & used, ~treated & used)
    means = [
        float(values[treated].mean()),
        float(values[~treated].mean()),
        _mean(values[groups[2]], weights[groups[2]]),
        _mean(values[groups[3]], weights[groups[3]]),
    ]
    before, after = _apart(means[0], means[1], spread), _apart(means[2], means[3], spread)
    above = [int((values[group] > 0).sum()) for group in groups]
    return (known.names[at], known.groups[at], known.is_level[at], *means, before, after, *above)


def _mean(values: Floats, weights: Floats) -> float:
    return float(np.average(values, weights=weights)) if len(values) else float("nan")


def _apart(one: float, other: float, spread: float) -> float:
    return (one - other) / spread if spread > 0 else 0.0
