"""What the treatment changed: difference-in-differences among the matched, with errors clustered by person.

Beside it stand the difference in untreated follow-up, and pre/post, which only describes: people are selected at their
worst, and would have got better without anything (regression to the mean).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from pipelines.comparison.matching import Matched
from pipelines.comparison.propensity import Floats, design
from pipelines.comparison.terms import Compared, Specification
from pipelines.intervals import ALPHA

STRENGTHS = ("descriptive", "adjusted", "randomized")
"""How much of a cause an estimate may claim. Nothing here is `randomized`: no extract says who was drawn by lot."""

EFFECTS = {
    "outcome_id": pl.String,
    "title": pl.String,
    "window_days": pl.Int64,
    "method": pl.String,
    "causal_strength": pl.String,
    "treated_persons": pl.Int64,
    "untreated_persons": pl.Int64,
    "treated_pre": pl.Float64,
    "treated_post": pl.Float64,
    "untreated_pre": pl.Float64,
    "untreated_post": pl.Float64,
    "estimate": pl.Float64,
    "lower": pl.Float64,
    "upper": pl.Float64,
    "treated_with_events": pl.Int64,
    "untreated_with_events": pl.Int64,
}
"""Columns of the table: a row an outcome and method. Means and estimates are per person-year, intervals hold 95 %."""


@dataclass(frozen=True)
class Change:
    """An estimate with its 95 % interval."""

    estimate: float
    lower: float
    upper: float


NOTHING = Change(float("nan"), float("nan"), float("nan"))
"""Nobody to compare."""

FEWEST_CLUSTERS = 3
"""An interval of the spread among fewer persons would say nothing."""


@dataclass(frozen=True)
class _Observed:
    """The matched rows of which an outcome is known, with weights that are whole again within each set."""

    rows: npt.NDArray[np.int64]
    weights: Floats
    is_treated: npt.NDArray[np.bool_]
    people: npt.NDArray[np.int64]
    pre: Floats
    post: Floats


def effects(matched: Matched, specification: Specification) -> pl.DataFrame:
    """Every outcome by every method."""
    covariates = design(matched.candidates, specification.covariates).standardised()
    rows = [row for one in specification.outcomes for row in _rows(matched, one, covariates)]
    return pl.DataFrame(rows, schema=EFFECTS, orient="row")


def _rows(matched: Matched, one: Compared, covariates: Floats) -> list[tuple[object, ...]]:
    seen = _observed(matched, one)
    own = covariates[seen.rows]
    change = seen.post - seen.pre
    found = {
        "difference_in_differences": ("adjusted", adjusted_difference(change, seen, own)),
        "matched_difference": ("adjusted", adjusted_difference(seen.post, seen, None)),
        "pre_post": ("descriptive", mean_of(change[seen.is_treated], seen.people[seen.is_treated])),
    }
    told = (*_persons(seen), *_means(seen))
    return [
        (one.id, one.title, one.window_days, method, strength, *told,
         effect.estimate, effect.lower, effect.upper, *_with_events(seen))
        for method, (strength, effect) in found.items()
    ]  # fmt: skip


def adjusted_difference(values: Floats, seen: _Observed, covariates: Floats | None) -> Change:
    """Treated less untreated, by weighted least squares on treatment, and covariates where given.

    With the prior year among the regressors what is left of its difference after matching is not taken to last: a
    plain difference of changes would take it so, and be wrong by as much as people return to their usual.
    """
    if seen.is_treated.all() or not seen.is_treated.any():
        return NOTHING
    beside = [np.ones(len(values)), seen.is_treated.astype(np.float64)]
    rows = np.column_stack(beside if covariates is None else [*beside, covariates, seen.pre])
    bread = np.linalg.pinv((rows * seen.weights[:, None]).T @ rows)
    coefficients = bread @ (rows.T @ (seen.weights * values))
    scores = rows * (seen.weights * (values - rows @ coefficients))[:, None]
    by_person = _sums_by(seen.people, scores)
    meat = by_person.T @ by_person
    clusters, used = len(by_person), int(np.linalg.matrix_rank(rows))
    few = clusters / max(clusters - 1, 1) * max(len(values) - 1, 1) / max(len(values) - used, 1)
    error = float(np.sqrt(few * (bread @ meat @ bread)[1, 1]))
    # with as many coefficients as persons nothing is left over to judge the error by
    return _interval(float(coefficients[1]), error, clusters if clusters > used else 0)


def mean_of(values: Floats, people: npt.NDArray[np.int64]) -> Change:
    """A mean with errors clustered by person."""
    if not len(values):
        return NOTHING
    mean = float(values.mean())
    by_person = _sums_by(people, (values - mean)[:, None])
    clusters = len(by_person)
    error = float(np.sqrt(clusters / max(clusters - 1, 1) * (by_person**2).sum()) / len(values))
    return _interval(mean, error, clusters)


def _observed(matched: Matched, one: Compared) -> _Observed:
    """Leave out who was not followed long enough; sets that lose a side go as a whole."""
    table = matched.candidates
    post = table[f"post_{one.id}"].cast(pl.Float64).fill_null(float("nan")).to_numpy()
    known = ~np.isnan(post)
    pairs = matched.pairs[known[matched.pairs].all(axis=1)]
    weights = np.zeros(len(post))
    sizes = np.bincount(pairs[:, 0], minlength=len(post))
    np.add.at(weights, pairs[:, 1], 1 / sizes[pairs[:, 0]])
    weights[sizes > 0] = 1.0
    rows = np.flatnonzero(weights > 0)
    return _Observed(
        rows=rows,
        weights=weights[rows],
        is_treated=matched.is_treated[rows],
        people=table["person_id"].to_numpy()[rows],
        pre=table[f"prior_{one.outcome}"].cast(pl.Float64).to_numpy()[rows],
        post=post[rows],
    )


def _persons(seen: _Observed) -> tuple[int, int]:
    return len(np.unique(seen.people[seen.is_treated])), len(np.unique(seen.people[~seen.is_treated]))


def _means(seen: _Observed) -> tuple[float, ...]:
    return tuple(
        float(np.average(values[group], weights=seen.weights[group])) if group.any() else float("nan")
        for group in (seen.is_treated, ~seen.is_treated)
        for values in (seen.pre, seen.post)
    )


def _with_events(seen: _Observed) -> tuple[int, int]:
    """Persons with anything to count, before or after."""
    any_event = (seen.pre + seen.post) > 0
    treated, untreated = (
        len(np.unique(seen.people[group & any_event])) for group in (seen.is_treated, ~seen.is_treated)
    )
    return treated, untreated


def _sums_by(people: npt.NDArray[np.int64], rows: Floats) -> Floats:
    _, person = np.unique(people, return_inverse=True)
    sums = np.zeros((int(person.max()) + 1 if len(person) else 0, rows.shape[1]))
    np.add.at(sums, person, rows)
    return sums


def _interval(estimate: float, error: float, clusters: int) -> Change:
    from scipy.special import stdtrit  # slow to load, and only a comparison needs it

    if clusters < FEWEST_CLUSTERS:
        return Change(estimate, float("nan"), float("nan"))
    half = float(stdtrit(clusters - 1, 1 - ALPHA / 2)) * error
    return Change(estimate, estimate - half, estimate + half)
