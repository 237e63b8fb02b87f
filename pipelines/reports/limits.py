"""Control limits of a funnel plot: how far a provider may lie from all providers together by chance, given its size.

For a share p of all providers together and a provider of n people, on the scale where the variance of a share does not
depend on it:

    limits = sin²( asin √p ± z √φ / (2 √n) )

For r events per unit of time of all together and a provider that was watched for a time T:

    limits = ( √r ± z √φ / (2 √T) )²

z is 1.96 for 95 % and 3.09 for 99.8 %. φ is how much more providers differ than chance alone would have them: the mean
of their squared z-scores after the most extreme tenth on each side is drawn in to the next one, and never below 1.

Sources: D. J. Spiegelhalter, Funnel plots for comparing institutional performance, Statistics in Medicine 24 (2005),
1185-1202 (limits, and section 2.5 on over-dispersion); the same, Handling over-dispersion of performance indicators,
Quality and Safety in Health Care 14 (2005), 347-351 (winsorised z-scores).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import asin, pi, sin, sqrt

PROPORTION = "proportion"

Z_95, Z_998 = 1.96, 3.09
"""Two and three standard errors: the limits that funnel plots are drawn with."""

WINSORISED = 0.1
"""Share of the scores on each side that are drawn in, as in the sources."""

FEWEST = 10
"""Fewer providers tell too little of how much providers differ: then φ is not reckoned, and no limit is drawn."""


@dataclass(frozen=True)
class Funnel:
    """All providers together, and how much more than by chance they differ."""

    kind: str
    middle: float
    """Of all providers together: a share, or events per unit of time."""
    spread: float
    """φ."""

    def between(self, size: float, z: float) -> tuple[float, float]:
        """The limits for a provider of a size: n of a share, time of a rate."""
        reach = z * sqrt(self.spread) / (2 * sqrt(size))
        if self.kind == PROPORTION:
            at = asin(sqrt(self.middle))
            return sin(max(0.0, at - reach)) ** 2, sin(min(pi / 2, at + reach)) ** 2
        return max(0.0, sqrt(self.middle) - reach) ** 2, (sqrt(self.middle) + reach) ** 2


def funnel(kind: str, middle: float, providers: Iterable[tuple[float, float]]) -> Funnel:
    """The funnel of providers, each as (value, size); those without a size have no place in it."""
    scores = [score(kind, middle, value, size) for value, size in providers if size > 0]
    return Funnel(kind, middle, over_dispersion(scores))


def score(kind: str, middle: float, value: float, size: float) -> float:
    """By how many standard errors a provider lies above all together, on the scale of the limits."""
    if kind == PROPORTION:
        return 2 * sqrt(size) * (asin(sqrt(min(1.0, max(0.0, value)))) - asin(sqrt(middle)))
    return 2 * sqrt(size) * (sqrt(value) - sqrt(middle))


def over_dispersion(scores: Sequence[float]) -> float:
    """φ of z-scores; 1 where there are too few of them."""
    if len(scores) < FEWEST:
        return 1.0
    ordered = sorted(scores)
    cut = int(WINSORISED * len(ordered))
    least, most = ordered[cut], ordered[-1 - cut]
    return max(1.0, sum(min(max(one, least), most) ** 2 for one in ordered) / len(ordered))
