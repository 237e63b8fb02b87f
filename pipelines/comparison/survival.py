"""How long until people are back in jail: Kaplan–Meier curves of the matched, and whether they differ. Pure functions.

A person is censored at death, at the last day that the Sheriff's data reaches, and, if untreated, on the day they are
treated after all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from pipelines.comparison.matching import Matched
from pipelines.comparison.propensity import Floats
from pipelines.intervals import Z_95

SURVIVAL = {
    "group_code": pl.String,
    "day": pl.Int64,
    "at_risk": pl.Int64,
    "events_so_far": pl.Int64,
    "free_share": pl.Float64,
    "lower": pl.Float64,
    "upper": pl.Float64,
}
"""Columns of the table: a row a group (`treated`, `untreated`) and day. `at_risk` and `events_so_far` count matched
candidates; `free_share` is the weighted share not yet back in jail, with its 95 % interval."""

STEP_DAYS = 30
"""Curves are told every so many days: daily steps would tell of single people."""


@dataclass(frozen=True)
class LogRank:
    """The test that two groups come back alike: chi-squared with one degree of freedom."""

    chi_squared: float
    p_value: float


@dataclass(frozen=True)
class _Risk:
    """What happened on each day on which anybody came back, in weights."""

    days: Floats
    events: Floats
    at_risk: Floats
    effective: Floats
    """Persons at risk, as many as the weights are worth: the square of their sum over the sum of their squares."""


def survival(matched: Matched, within_days: int) -> pl.DataFrame:
    """The curves of both groups, every `STEP_DAYS` days up to `within_days`."""
    rows: list[tuple[object, ...]] = []
    for code, group in (("treated", matched.is_treated), ("untreated", ~matched.is_treated)):
        used = group & (matched.weights > 0)
        days, is_event = _times(matched, within_days)
        rows += _curve(code, days[used], is_event[used], matched.weights[used], within_days)
    return pl.DataFrame(rows, schema=SURVIVAL, orient="row")


def kaplan_meier(days: Floats, is_event: npt.NDArray[np.bool_], weights: Floats) -> tuple[Floats, Floats, Floats]:
    """Days on which anybody came back, the share still free after each, and Greenwood's sum for its error.

    With weights, those at risk count in Greenwood's sum as many as their weights are worth (Xie and Liu 2005,
    Statistics in Medicine 24(20)); with weights of 1 it is Greenwood's own.
    """
    risk = _risk(days, is_event, weights)
    hazard = risk.events / risk.at_risk
    free = np.cumprod(1 - hazard, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(hazard < 1, hazard / ((1 - hazard) * risk.effective), np.inf)
    return risk.days, free, np.cumsum(terms)


def log_rank(matched: Matched, within_days: int) -> LogRank:
    """The log-rank test of the matched, weighted, with persons as clusters (Lin and Wei's robust score)."""
    from scipy.special import chdtrc  # slow to load, and only a comparison needs it

    used = matched.weights > 0
    all_days, is_any_event = _times(matched, within_days)
    days, is_event = all_days[used], is_any_event[used]
    weights, treated = matched.weights[used], matched.is_treated[used].astype(np.float64)
    scores = _scores(days, is_event, weights, treated)
    _, person = np.unique(matched.candidates["person_id"].to_numpy()[used], return_inverse=True)
    by_person = np.bincount(person, weights=scores) if len(scores) else np.zeros(1)
    spread = float((by_person**2).sum())
    if spread <= 0:
        return LogRank(0.0, 1.0)
    chi_squared = float(by_person.sum()) ** 2 / spread
    return LogRank(chi_squared, float(chdtrc(1, chi_squared)))


def _times(matched: Matched, within_days: int) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Days until the return or until nobody looked any more, and which of the two it was."""
    followed = np.minimum(matched.candidates["followed_days"].to_numpy().astype(np.float64), within_days)
    back = matched.candidates["jail_return_days"].cast(pl.Float64).fill_null(np.inf).to_numpy()
    return np.minimum(back, followed), back <= followed


def _risk(days: Floats, is_event: npt.NDArray[np.bool_], weights: Floats) -> _Risk:
    at = np.unique(days[is_event])
    order = np.argsort(days, kind="stable")
    first = np.searchsorted(days[order], at, side="left")
    left = np.append(np.cumsum(weights[order][::-1])[::-1], 0.0)[first]
    squares = np.append(np.cumsum((weights[order] ** 2)[::-1])[::-1], 0.0)[first]
    events = np.bincount(np.searchsorted(at, days[is_event]), weights=weights[is_event], minlength=len(at))
    return _Risk(at, np.minimum(events, left), left, left**2 / squares)


def _scores(days: Floats, is_event: npt.NDArray[np.bool_], weights: Floats, treated: Floats) -> Floats:
    """Each row's part in the log-rank score."""
    risk = _risk(days, is_event, weights)
    share_treated = _at_risk(days, weights * treated, risk.days) / risk.at_risk
    own = np.zeros(len(days))
    own[is_event] = treated[is_event] - share_treated[np.searchsorted(risk.days, days[is_event])]
    hazard = np.append(0.0, np.cumsum(risk.events / risk.at_risk))
    expected = np.append(0.0, np.cumsum(share_treated * risk.events / risk.at_risk))
    passed = np.searchsorted(risk.days, days, side="right")
    scores: Floats = weights * (own - (treated * hazard[passed] - expected[passed]))
    return scores


def _at_risk(days: Floats, weights: Floats, at: Floats) -> Floats:
    order = np.argsort(days, kind="stable")
    left: Floats = np.append(np.cumsum(weights[order][::-1])[::-1], 0.0)[np.searchsorted(days[order], at, side="left")]
    return left


def _curve(
    code: str, days: Floats, is_event: npt.NDArray[np.bool_], weights: Floats, within_days: int
) -> list[tuple[object, ...]]:
    at, free, greenwood = kaplan_meier(days, is_event, weights)
    rows: list[tuple[object, ...]] = []
    for day in range(0, within_days + 1, STEP_DAYS):
        passed = int(np.searchsorted(at, day, side="right"))
        share, sum_of_terms = (free[passed - 1], greenwood[passed - 1]) if passed else (1.0, 0.0)
        low, high = _bounds(float(share), float(sum_of_terms))
        rows.append((code, day, int((days >= day).sum()), int((is_event & (days <= day)).sum()), share, low, high))
    return rows


def _bounds(share: float, greenwood: float) -> tuple[float, float]:
    """The interval on the scale of log(-log(share)), which keeps it between 0 and 1."""
    if not 0 < share < 1:
        return share, share
    width = Z_95 * np.sqrt(greenwood) / abs(np.log(share))
    return float(share ** np.exp(width)), float(share ** np.exp(-width))
