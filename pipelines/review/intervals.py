"""95 % intervals of shares that a stratified sample tells. Pure functions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.review.design import Z_95


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


def wilson(met: float, n: float, z: float = Z_95) -> Estimate:
    """Share `met / n` with Wilson's score interval (1927); without observations it is a half, from 0 to 1."""
    share = met / n if n else 0.5
    middle = (met + z * z / 2) / (n + z * z)
    half = z * math.sqrt(_variance(share, n, z))
    return Estimate(share, max(0.0, middle - half), min(1.0, middle + half))


def _variance(share: float, n: float, z: float) -> float:
    """Squared standard error at which Wilson's interval ends: (p q n + z²/4) / (n + z²)²."""
    return (share * (1 - share) * n + z * z / 4) / (n + z * z) ** 2


def stratified_wilson(strata: Sequence[Labelled]) -> Estimate:
    """The share Σ W p of pairs of one person over strata (Horvitz–Thompson), with the stratified Wilson interval.

    Each stratum's Wilson interval is taken at z* = z √(Σ W² V) / Σ W √V, so that their weighted sum covers at 95 %
    (Yan & Su 2010, Statistics in Biopharmaceutical Research 2:329). A finite stratum counts as n (N − 1) / (N − n)
    labels; one that was labelled whole is known.
    """
    whole = sum(stratum.pairs for stratum in strata)
    parts = [(stratum.pairs / whole, stratum.share, _effective(stratum)) for stratum in strata if stratum.pairs]
    estimate = sum(weight * share for weight, share, _ in parts)
    unknown = [(weight, share, n) for weight, share, n in parts if math.isfinite(n)]
    deviations = [weight * math.sqrt(_variance(share, n, Z_95)) for weight, share, n in unknown]
    if not deviations:
        return Estimate(estimate, estimate, estimate)
    z = Z_95 * math.sqrt(math.fsum(one * one for one in deviations)) / math.fsum(deviations)
    known = math.fsum(weight * share for weight, share, n in parts if not math.isfinite(n))
    ends = [(weight, wilson(share * n, n, z)) for weight, share, n in unknown]
    lower = known + math.fsum(weight * end.lower for weight, end in ends)
    upper = known + math.fsum(weight * end.upper for weight, end in ends)
    return Estimate(estimate, max(0.0, min(lower, estimate)), min(1.0, max(upper, estimate)))


def _effective(stratum: Labelled) -> float:
    if stratum.labels >= stratum.pairs:
        return math.inf
    return stratum.labels * (stratum.pairs - 1) / (stratum.pairs - stratum.labels)


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
    share = stratified_wilson(strata)
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
    whole = math.fsum(weights)
    size = whole * whole / math.fsum(weight * weight for weight in weights)
    share = math.fsum(weight for weight, is_met in zip(weights, met, strict=True) if is_met) / whole
    return wilson(share * size, size)
