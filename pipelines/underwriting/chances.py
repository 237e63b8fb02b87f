"""Uncertain numbers, drawn by their quantile: the same quantile of two runs is the same luck.

Every draw takes a quantile in (0, 1) by the name of the number and the seed. So a number that is added, changed or held
does not shift the luck of any other, and two runs differ by what was changed alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, ndtri
from scipy.stats import binom, poisson

from pipelines.intervals import BOOTSTRAP_DRAWS, seed_of
from pipelines.underwriting.assumptions import Range

Floats = NDArray[np.float64]

PERT_WEIGHT = 4.0
"""How much more the base counts than either end: the usual weight of PERT estimates."""

LOW_QUANTILE, HIGH_QUANTILE = 0.05, 0.95
"""Ends of what is told of a number whose lowest and highest nobody stated."""


@dataclass(frozen=True)
class Pert:
    """Between low and high, most likely base."""

    low: float
    base: float
    high: float

    def at(self, quantile: Floats) -> Floats:
        """The number at a quantile; rises with it."""
        width = self.high - self.low
        if width == 0:
            return np.full_like(quantile, self.base)
        before = 1 + PERT_WEIGHT * (self.base - self.low) / width
        after = 1 + PERT_WEIGHT * (self.high - self.base) / width
        return np.asarray(self.low + width * betaincinv(before, after, quantile), dtype=np.float64)


@dataclass(frozen=True)
class Resampled:
    """A figure of people, as uncertain as resampling those people leaves it. `replicates` rise."""

    base: float
    replicates: tuple[float, ...]

    @property
    def low(self) -> float:
        """Only one in twenty resamples lies lower."""
        return float(np.quantile(self.replicates, LOW_QUANTILE))

    @property
    def high(self) -> float:
        """Only one in twenty resamples lies higher."""
        return float(np.quantile(self.replicates, HIGH_QUANTILE))

    def at(self, quantile: Floats) -> Floats:
        """The replicate at a quantile."""
        place = np.minimum((quantile * len(self.replicates)).astype(np.int64), len(self.replicates) - 1)
        return np.asarray(self.replicates, dtype=np.float64)[place]


Uncertain = Pert | Resampled

EXACT_BELOW = 100.0
"""Counts with a smaller variance are drawn exactly; above it the corrected normal is at most one count off, and a
hundred times as fast."""


def pert(stated: Range) -> Pert:
    """A stated range as an uncertain number."""
    return Pert(stated.low, stated.base, stated.high)


def quantiles(seed: int, name: str, shape: int | tuple[int, ...]) -> Floats:
    """Evenly spread quantiles that depend on the seed and the name alone; never 0 or 1."""
    drawn = np.random.default_rng([seed, seed_of(name)]).random(shape)
    return np.clip(drawn, 1e-12, 1 - 1e-12)


def share_of_persons(met: int, persons: int) -> Resampled:
    """A share, resampled over its persons: each either had the event or had it not."""
    share = met / persons
    replicates = binom.ppf(_spread(), persons, share) / persons
    return Resampled(share, tuple(float(value) for value in replicates))


def mean_of_persons(totals: Floats, name: str) -> Resampled:
    """Units over time, resampled over persons. `totals`: rows of (units, time, persons that have both)."""
    persons = int(totals[:, 2].sum())
    draws = np.random.default_rng(seed_of(name)).multinomial(persons, totals[:, 2] / persons, size=BOOTSTRAP_DRAWS)
    times = draws @ totals[:, 1]
    rates = np.divide(draws @ totals[:, 0], times, out=np.zeros(BOOTSTRAP_DRAWS), where=times > 0)
    base = float(totals[:, 0] @ totals[:, 2]) / float(totals[:, 1] @ totals[:, 2])
    return Resampled(base, tuple(float(value) for value in np.sort(rates)))


def mean_of_counts(mean: float, persons: int) -> Resampled:
    """A stated mean of counts, as uncertain as counts of so many persons: their variance is their mean at least."""
    replicates = np.maximum(mean + (mean / persons) ** 0.5 * ndtri(_spread()), 0.0)
    return Resampled(mean, tuple(float(value) for value in replicates))


def binomial(quantile: Floats, trials: Floats, chance: Floats) -> Floats:
    """How many of so many trials succeed, at a quantile; rises with the trials, the chance and the quantile."""
    variance = trials * chance * (1 - chance)
    counts = _corrected(quantile, trials * chance, variance, 1 - 2 * chance)
    few = np.broadcast_to(variance < EXACT_BELOW, counts.shape)
    counts[few] = binom.ppf(quantile[few], trials[few], chance[few])
    return np.minimum(counts, trials)


def arrivals(quantile: Floats, mean: Floats) -> Floats:
    """How many come, one by one and each for himself, at a quantile."""
    counts = _corrected(quantile, mean, mean, 1.0)
    few = mean < EXACT_BELOW
    counts[few] = poisson.ppf(quantile[few], mean[few])
    return counts


def _corrected(quantile: Floats, mean: Floats, variance: Floats, skew: Floats | float) -> Floats:
    """Normal, corrected for skewness (Cornish and Fisher), to the next whole number."""
    z = ndtri(quantile)
    return np.asarray(np.maximum(np.rint(mean + np.sqrt(variance) * z + skew * (z * z - 1) / 6), 0), dtype=np.float64)


def _spread() -> Floats:
    return (np.arange(BOOTSTRAP_DRAWS) + 0.5) / BOOTSTRAP_DRAWS
