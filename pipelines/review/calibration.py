"""What a match weight is worth by the labels, and the weight that a stated precision asks for. Pure functions."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]

WEIGHT_CLIP = 20.0
"""Bits beyond which more agreement says no more: errors there are lent numbers and twins, not chance."""

PRIOR_DEVIATIONS = (2.0, 0.5)
"""How far, in natural log odds, intercept and slope are expected to lie from the model's own claim (0 and 1): wide
beside what a hundred labels say, and enough to keep the fit finite where labels part without an error."""

STEPS = 50
DRAWS = 200
"""Bootstrap resamples, each stratum within itself; enough for the ends of a 95 % interval on a half-bit grid."""


@dataclass(frozen=True)
class Calibration:
    """log odds of one person = intercept + slope × (weight in bits × ln 2). A calibrated model has 0 and 1."""

    intercept: float
    slope: float

    def share(self, weight: Values) -> Values:
        """Share of one person among pairs of these weights."""
        odds = self.intercept + self.slope * np.clip(weight, -WEIGHT_CLIP, WEIGHT_CLIP) * math.log(2)
        return np.asarray(1 / (1 + np.exp(-odds)), dtype=np.float64)


@dataclass(frozen=True)
class Threshold:
    """The lowest weight from which on the pairs reach a precision; null where none does. Bits, on a half-bit grid."""

    target_precision: float
    weight: float | None
    lower: float | None
    upper: float | None


def calibrate(weight: Values, same: Values, counts: Values) -> Calibration:
    """Logistic regression of the label on the weight by Newton's method, each pair counting for what it stands for."""
    x = np.column_stack([np.ones(len(weight)), np.clip(weight, -WEIGHT_CLIP, WEIGHT_CLIP) * math.log(2)])
    counts = counts * len(counts) / counts.sum()
    claim, precision = np.array([0.0, 1.0]), np.diag([1 / deviation**2 for deviation in PRIOR_DEVIATIONS])
    beta = claim.copy()
    for _ in range(STEPS):
        share = 1 / (1 + np.exp(-np.clip(x @ beta, -30, 30)))
        gradient = x.T @ (counts * (same - share)) - precision @ (beta - claim)
        curvature = (x.T * (counts * share * (1 - share))) @ x + precision
        step = np.linalg.solve(curvature, gradient)
        beta = beta + np.clip(step, -1, 1)
        if np.abs(step).max() < 1e-9:
            break
    return Calibration(float(beta[0]), float(beta[1]))


def threshold(
    weight: Values,
    same: Values,
    counts: Values,
    strata: Sequence[int],
    frame: Mapping[float, int],
    target: float,
    seed: int,
) -> Threshold:
    """The threshold that the calibrated frame asks for, with the percentile interval of a stratified bootstrap.

    `frame` is match weight → pairs there are. Where a resample reaches the target nowhere, its threshold is infinite.
    """
    found = _lowest(calibrate(weight, same, counts), frame, target)
    rng = np.random.default_rng(seed)
    places = [np.flatnonzero(np.array(strata) == number) for number in sorted(set(strata))]
    draws = []
    for _ in range(DRAWS):
        chosen = np.concatenate([rng.choice(own, len(own)) for own in places])
        draws.append(_lowest(calibrate(weight[chosen], same[chosen], counts[chosen]), frame, target))
    lower, upper = np.quantile(draws, [0.025, 0.975], method="nearest")
    return Threshold(target, _finite(found), _finite(float(lower)), _finite(float(upper)))


def _lowest(fitted: Calibration, frame: Mapping[float, int], target: float) -> float:
    weights = np.array(sorted(frame), dtype=np.float64)
    pairs = np.array([frame[weight] for weight in weights.tolist()], dtype=np.float64)
    right = np.cumsum((pairs * fitted.share(weights + 0.25))[::-1])[::-1]
    enough = np.flatnonzero(right >= target * np.cumsum(pairs[::-1])[::-1])
    return float(weights[enough[0]]) if len(enough) else math.inf


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
