"""95 % intervals of shares that a stratified sample tells. Pure functions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy.special import betaincinv

from pipelines.review.design import Z_95

ALPHA = 0.05


@dataclass(frozen=True)
class Estimate:
    """A share with its 95 % interval."""

    estimate: float
    lower: float
    upper: float


@dataclass(frozen=True)
class Labelled:
    """A stratum after review: pairs it stands for, pairs that got a clear label, those of them that are one person."""

    pairs: int
    labels: int
    same: int

    @property
    def share(self) -> float:
        """Of one person; a half where nobody looked, with an interval from 0 to 1."""
        return self.same / self.labels if self.labels else 0.5


def wilson(met: float, n: float) -> Estimate:
    """Share `met / n` with Wilson's score interval (1927); without observations it is a half, from 0 to 1."""
    share = met / n if n else 0.5
    middle = (met + Z_95**2 / 2) / (n + Z_95**2)
    half = Z_95 * math.sqrt(share * (1 - share) * n + Z_95**2 / 4) / (n + Z_95**2)
    return Estimate(share, max(0.0, middle - half), min(1.0, middle + half))


def exact(stratum: Labelled) -> Estimate:
    """The share of a stratum with Clopper and Pearson's interval (1934); one that was labelled whole is known.

    That a stratum is finite is not made use of otherwise: with few errors in few pairs every correction covers less
    than it claims, and the price is an interval as wide as was planned.
    """
    if stratum.labels >= stratum.pairs:
        return Estimate(stratum.share, stratum.share, stratum.share)
    return clopper_pearson(stratum.same, stratum.labels) if stratum.labels else Estimate(stratum.share, 0.0, 1.0)


def clopper_pearson(met: float, n: float) -> Estimate:
    """Share `met / n` with Clopper and Pearson's interval (1934); either may be an effective number, n is not 0."""
    other = n - met
    lower = float(betaincinv(met, other + 1, ALPHA / 2)) if met > 0 else 0.0
    upper = float(betaincinv(met + 1, other, 1 - ALPHA / 2)) if other > 0 else 1.0
    return Estimate(met / n, lower, upper)


def stratified(strata: Sequence[Labelled]) -> Estimate:
    """The share Σ W p of pairs of one person over strata (Horvitz–Thompson), with an interval from the exact ones.

    The ends lie √(Σ W² (p − l)²) below and √(Σ W² (u − p)²) above (Zou, Huang & Zhang 2009, Computational Statistics &
    Data Analysis 53:1080): unlike a normal interval it holds where a stratum shows no error, or one.
    """
    whole = sum(stratum.pairs for stratum in strata)
    parts = [(stratum.pairs / whole, exact(stratum)) for stratum in strata]
    estimate = math.fsum(weight * one.estimate for weight, one in parts)
    below = math.sqrt(math.fsum((weight * (one.estimate - one.lower)) ** 2 for weight, one in parts))
    above = math.sqrt(math.fsum((weight * (one.upper - one.estimate)) ** 2 for weight, one in parts))
    return Estimate(estimate, max(0.0, estimate - below), min(1.0, estimate + above))


def recall(together: Sequence[Labelled], apart: Sequence[Labelled]) -> Estimate | None:
    """TP / (TP + FN): of the pairs of one person, the share put together; None where there is none.

    TP and FN come from different strata, so from independent samples; the interval of FN / TP is Donner and Zou's for
    a ratio, from the intervals of both (2012, Statistical Methods in Medical Research 21:347).
    """
    found, missed = _total(together), _total(apart)
    if found.estimate <= 0:
        return None
    ratio = missed.estimate / found.estimate
    lower, upper = _ratio_limits(missed, found)
    return Estimate(1 / (1 + ratio), 1 / (1 + upper), 1 / (1 + lower))


def _total(strata: Sequence[Labelled]) -> Estimate:
    whole = sum(stratum.pairs for stratum in strata)
    if not whole:
        return Estimate(0.0, 0.0, 0.0)
    share = stratified(strata)
    return Estimate(whole * share.estimate, whole * share.lower, whole * share.upper)


def _ratio_limits(top: Estimate, bottom: Estimate) -> tuple[float, float]:
    product = top.estimate * bottom.estimate
    return (
        max(0.0, _limit(product, top.lower * (2 * top.estimate - top.lower), bottom, bottom.upper, -1)),
        _limit(product, top.upper * (2 * top.estimate - top.upper), bottom, bottom.lower, 1),
    )


def _limit(product: float, top: float, bottom: Estimate, end: float, sign: int) -> float:
    scale = end * (2 * bottom.estimate - end)
    if scale <= 0:
        return math.inf if sign > 0 else 0.0
    return (product + sign * math.sqrt(max(0.0, product * product - top * scale))) / scale


def weighted_share(weights: Sequence[float], met: Sequence[bool]) -> Estimate:
    """Σ w y / Σ w over a part of the sample, with Wilson's interval at Kish's effective size (Σ w)² / Σ w²."""
    share, size = _effective(weights, met)
    return wilson(share * size, size)


def exact_share(weights: Sequence[float], met: Sequence[bool]) -> Estimate:
    """The same share with Clopper and Pearson's interval at that size (Korn & Graubard 1998): wider, and never less
    than 95 % of the time right for want of errors."""
    share, size = _effective(weights, met)
    return clopper_pearson(share * size, size)


def _effective(weights: Sequence[float], met: Sequence[bool]) -> tuple[float, float]:
    """Weighted share, and Kish's effective size."""
    whole = math.fsum(weights)
    size = whole * whole / math.fsum(weight * weight for weight in weights)
    other = math.fsum(weight for weight, is_met in zip(weights, met, strict=True) if not is_met)
    return 1 - other / whole, size
