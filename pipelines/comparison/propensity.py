"""How likely each candidate was to be treated, judged by what was known on the index date. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from pipelines.comparison.terms import MatchedOn

Floats = npt.NDArray[np.float64]

PRIOR_VARIANCE = 2.5**2
"""Of the weakly informative normal prior on each coefficient of a standardised covariate (after Gelman and others 2008,
Annals of Applied Statistics 2(4)): it keeps the fit finite where a covariate separates the treated from the rest."""

MOST_STEPS = 50
"""Newton's method doubles its right digits in every step; a fit that needs so many is none."""

CLOSE_ENOUGH = 1e-10
"""The largest change of a coefficient at which the fit stands still."""


@dataclass(frozen=True)
class Design:
    """Covariates as numbers: a row a candidate, a column a covariate or one level of it, each with its own name."""

    names: tuple[str, ...]
    groups: tuple[str, ...]
    """The covariate that each column is of: levels of one covariate share it."""
    is_level: tuple[bool, ...]
    values: Floats

    def standardised(self) -> Floats:
        """Each column with mean 0 and standard deviation 1; columns in which nobody differs are left out."""
        spread = self.values.std(axis=0)
        kept = spread > 0
        standard: Floats = (self.values[:, kept] - self.values[:, kept].mean(axis=0)) / spread[kept]
        return standard


def design(candidates: pl.DataFrame, covariates: Sequence[MatchedOn]) -> Design:
    """Covariates of the specification as numbers: transformed, and codes as one indicator a level."""
    names: list[str] = []
    groups: list[str] = []
    is_level: list[bool] = []
    columns: list[Floats] = []
    for one in covariates:
        column = candidates[one.covariate]
        if column.dtype == pl.String:
            for level in sorted(column.unique().to_list()):
                names.append(f"{one.covariate}={level}")
                groups.append(one.covariate)
                is_level.append(True)
                columns.append((column == level).to_numpy().astype(np.float64))
            continue
        values = column.cast(pl.Float64).to_numpy()
        names.append(one.covariate)
        groups.append(one.covariate)
        is_level.append(False)
        columns.append(np.log1p(values) if one.transform == "log1p" else values)
    return Design(tuple(names), tuple(groups), tuple(is_level), np.column_stack(columns))


def logits(covariates: Floats, is_treated: npt.NDArray[np.bool_]) -> Floats:
    """The log odds of treatment of every row, by logistic regression on standardised covariates.

    Newton's method (iteratively reweighted least squares): each step solves `H step = gradient` of the penalised
    likelihood. The intercept is not penalised.
    """
    rows = np.column_stack([np.ones(len(covariates)), covariates])
    treated = is_treated.astype(np.float64)
    penalty = np.full(rows.shape[1], 1 / PRIOR_VARIANCE)
    penalty[0] = 0.0
    coefficients = np.zeros(rows.shape[1])
    coefficients[0] = _log_odds(treated.mean())
    for _ in range(MOST_STEPS):
        likely = 1 / (1 + np.exp(-(rows @ coefficients)))
        weights = likely * (1 - likely)
        gradient = rows.T @ (treated - likely) - penalty * coefficients
        hessian = (rows * weights[:, None]).T @ rows + np.diag(penalty)
        step = np.linalg.solve(hessian, gradient)
        coefficients = coefficients + step
        if np.abs(step).max() < CLOSE_ENOUGH:
            break
    fitted: Floats = rows @ coefficients
    return fitted


def _log_odds(share: float) -> float:
    return float(np.log(share / (1 - share)))
