"""What an evaluation of so many persons can tell: power, and the smallest effect that it would not miss.

Two arms of the same size, a two-sided test at 5 %. Shares: the difference of two proportions, with the variance of the
baseline in both arms. Days and visits: the logarithm of the ratio of two negative-binomial means.
"""

from __future__ import annotations

import math

from scipy.special import ndtr, ndtri

ALPHA = 0.05
POWER = 0.80
"""The usual promise of an evaluation: four in five true effects are found."""

Z_ALPHA = float(ndtri(1 - ALPHA / 2))
Z_POWER = float(ndtri(POWER))


def least_difference(persons_per_arm: int, baseline: float) -> float:
    """The smallest difference of a share that is found with 80 % power: 300 an arm at 50 % give 0.114."""
    return (Z_ALPHA + Z_POWER) * math.sqrt(2 * baseline * (1 - baseline) / persons_per_arm)


def power_of_difference(persons_per_arm: int, baseline: float, treated: float) -> float:
    """The chance that a true difference of two shares is found."""
    variance = (baseline * (1 - baseline) + treated * (1 - treated)) / persons_per_arm
    difference = abs(treated - baseline)
    if variance == 0:
        return float(difference > 0)
    return float(ndtr(difference / math.sqrt(variance) - Z_ALPHA))


def least_reduction(persons_per_arm: int, mean: float, dispersion: float) -> float:
    """The smallest reduction of a mean of counts that is found with 80 % power: 0.3 is 30 % fewer.

    `dispersion`: variance of a person's count = mean + dispersion × mean².
    """
    error = math.sqrt(2 * (1 / mean + dispersion) / persons_per_arm)
    return 1 - math.exp(-(Z_ALPHA + Z_POWER) * error)


def power_of_reduction(persons_per_arm: int, mean: float, dispersion: float, reduction: float) -> float:
    """The chance that a true reduction of a mean of counts is found."""
    treated = mean * (1 - reduction)
    if treated <= 0:
        return 1.0
    error = math.sqrt((1 / mean + 1 / treated + 2 * dispersion) / persons_per_arm)
    return float(ndtr(abs(math.log(treated / mean)) / error - Z_ALPHA))
