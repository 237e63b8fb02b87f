"""Estimates with their 95 % intervals. Pure functions; nothing non-finite ever comes out of them."""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass

import numpy as np

Z_95 = 1.959963984540054
"""Standard normal quantile of 0.975."""

ALPHA = 0.05

BOOTSTRAP_DRAWS = 1000
"""Enough for two digits of a 95 % interval (the 25th and the 975th draw)."""


WIDEST_LOG = 50.0
"""An interval wider than a factor of e^50 says nothing; the bound keeps it finite."""


@dataclass(frozen=True)
class Estimate:
    """A number with its interval; all three are None where there is nothing to estimate from."""

    estimate: float | None
    lower: float | None
    upper: float | None


NOTHING = Estimate(None, None, None)


def wilson(met: float, n: float) -> Estimate:
    """The share `met / n` with Wilson's score interval, which stays inside 0 and 1 and holds for few persons."""
    if n <= 0:
        return NOTHING
    share = met / n
    middle = share + Z_95**2 / (2 * n)
    half = Z_95 * math.sqrt(share * (1 - share) / n + Z_95**2 / (4 * n * n))
    scale = 1 + Z_95**2 / n
    return _finite(share, max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale))


def poisson_exact(events: float, time: float | None, scale: float) -> Estimate:
    """The rate `events / time × scale` with the exact interval of a Poisson count (Garwood)."""
    from scipy.special import gammaincinv  # slow to load, and linking, which imports this file, never counts events

    if time is None or time <= 0:
        return NOTHING
    lower = float(gammaincinv(events, ALPHA / 2)) if events > 0 else 0.0
    upper = float(gammaincinv(events + 1, 1 - ALPHA / 2))
    return _finite(events / time * scale, lower / time * scale, upper / time * scale)


def person_bootstrap(totals: np.ndarray, scale: float, seed: int) -> Estimate:
    """The rate with the percentile interval over resampled persons: events of one person are not independent.

    `totals` has a row for each distinct (events, time, persons that have them): resampling n persons is one draw of a
    multinomial over the rows.
    """
    persons = int(totals[:, 2].sum()) if len(totals) else 0
    time = float(totals[:, 1] @ totals[:, 2]) if persons else 0.0
    if time <= 0:
        return NOTHING
    events = float(totals[:, 0] @ totals[:, 2])
    if events == 0:
        # resampling zeros gives zeros and no idea of how many there might have been
        return poisson_exact(0, time, scale)
    draws = np.random.default_rng(seed).multinomial(persons, totals[:, 2] / persons, size=BOOTSTRAP_DRAWS)
    times = draws @ totals[:, 1]
    rates = np.divide(draws @ totals[:, 0], times, out=np.zeros(BOOTSTRAP_DRAWS), where=times > 0) * scale
    lower, upper = np.quantile(rates, [ALPHA / 2, 1 - ALPHA / 2])
    return _finite(events / time * scale, float(lower), float(upper))


@dataclass(frozen=True)
class RateSums:
    """Sums over persons, each a draw of (events, time): all that the robust interval of a rate needs."""

    persons: int
    events: float
    time: float
    events_squared: float
    events_by_time: float
    time_squared: float


def person_robust(sums: RateSums, scale: float) -> Estimate:
    """The rate with the interval of a ratio of person totals (Taylor linearization), on the log scale.

    As the bootstrap it lets events of one person hang together; it needs sums alone, so that thousands of cells cost
    nothing. Without events, or with one person, it is the Poisson interval, which is all that can be said.
    """
    if sums.time <= 0:
        return NOTHING
    rate = sums.events / sums.time
    if sums.events <= 0 or sums.persons < 2:
        return poisson_exact(sums.events, sums.time, scale)
    squares = sums.events_squared - 2 * rate * sums.events_by_time + rate * rate * sums.time_squared
    error = math.sqrt(max(squares, 0.0) * sums.persons / (sums.persons - 1)) / sums.time
    width = math.exp(min(Z_95 * error / rate, WIDEST_LOG))
    return _finite(rate * scale, rate / width * scale, rate * width * scale)


def seed_of(*names: str | None) -> int:
    """A seed that depends on what is estimated and on nothing else, so that a re-run draws the same."""
    return zlib.crc32("|".join(name or "" for name in names).encode())


def _finite(estimate: float, lower: float, upper: float) -> Estimate:
    if not (math.isfinite(estimate) and math.isfinite(lower) and math.isfinite(upper)):
        return NOTHING
    return Estimate(estimate, lower, upper)
