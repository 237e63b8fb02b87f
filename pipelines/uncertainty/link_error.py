"""From a cell's totals under drawn linkages to an estimate and interval that include link error. Pure functions.

Two errors, two remedies:

* **False links.** Each draw cuts the links anew, every pair being one person with its calibrated probability. The
  spread of the results over draws is the variance that links add; it joins the sampling variance by the rule of
  multiple imputation, T = W + (1 + 1/R) B (Rubin 1987, Multiple Imputation for Nonresponse in Surveys, 3.1).
* **Missed links.** A total x is x₀ where every client stands alone, and x where the share ρ of the true links is found
  (ρ: the recall). Each found link adds its part, so the total with all of them is x₀ + (x − x₀) / ρ. With x₀ = 0 and a
  share of persons this is the estimator of Rogan and Gladen (1978, American Journal of Epidemiology 107:71) for a test
  of sensitivity ρ and specificity 1; going from two known qualities of data to a better one is simulation extrapolation
  (Cook and Stefanski 1994, Journal of the American Statistical Association 89:1314). Of m true links binomially many
  are found; so m, known from k found, has the variance k (1 − ρ) / ρ². That the found ones are missed at random is an
  assumption: where a group is linked worse than the county, its correction is too small.

Sampling error keeps the shape that the measure gives it: distances from the estimate to each limit are joined in
quadrature (MOVER; Zou and Donner 2008, Statistics in Medicine 27:1693), so without link error nothing changes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipelines.intervals import Z_95, Estimate, poisson_exact, wilson

Values = npt.NDArray[np.float64]

LEAST_RECALL = 0.05
"""No total is multiplied by more than twenty: with less recall there is nothing to correct from."""


@dataclass(frozen=True)
class Kind:
    """How totals become an estimate. `kind` is proportion, rate or count; `method` is that of the naive interval."""

    kind: str
    method: str
    scale: float


@dataclass(frozen=True)
class Totals:
    """n, numerator and person-time (0 where a measure has none): numbers, or arrays with one value a draw."""

    n: Values
    numerator: Values
    person_time: Values

    def completed(self, alone: Totals, recall: Values) -> Totals:
        """What the totals would be with every true link found; `alone` is without any."""
        found = [
            np.maximum(without + (with_links - without) / recall, 0.0)
            for with_links, without in (
                (self.n, alone.n),
                (self.numerator, alone.numerator),
                (self.person_time, alone.person_time),
            )
        ]
        return Totals(*found)


@dataclass(frozen=True)
class Recall:
    """The share of true links that were found, and its standard error."""

    share: float
    error: float

    def draws(self, count: int, generator: np.random.Generator) -> Values:
        """The recall once for each draw: what is not known of it is spread over the draws."""
        return np.clip(generator.normal(self.share, self.error, count), LEAST_RECALL, 1.0)


@dataclass(frozen=True)
class Corrected:
    """An estimate with link error taken out, an interval with it put in, and its standard error."""

    estimate: float | None
    lower: float | None
    upper: float | None
    link_error: float | None


NOT_KNOWN = Corrected(None, None, None, None)


def estimates(totals: Totals, kind: Kind) -> Values:
    """The estimate of each totals; not a number where the denominator is empty."""
    if kind.kind == "count" or kind.method == "none":
        return np.where(totals.n > 0, totals.numerator, np.nan)
    below = totals.n if kind.kind == "proportion" else totals.person_time
    above = np.minimum(totals.numerator, below) if kind.kind == "proportion" else totals.numerator
    shares: Values = np.divide(above, below, out=np.full(np.shape(below), np.nan), where=below > 0)
    return shares * kind.scale


def with_link_error(
    kind: Kind, naive: Estimate, drawn: Totals, alone: Totals, recall: Values, square_per_unit: float
) -> Corrected:
    """The cell's estimate and interval.

    Args:
        kind: how totals become an estimate.
        naive: the estimate and interval that take the links as they are.
        drawn: totals, one for each draw of the linkage.
        alone: totals with every client alone.
        recall: the recall of each draw.
        square_per_unit: sum of squared numerators over the sum of numerators; 1 where persons are counted.
    """
    full = drawn.completed(alone, recall)
    found = estimates(full, kind)
    found = found[np.isfinite(found)]
    if naive.estimate is None or not len(found):
        return NOT_KNOWN
    middle = float(found.mean())
    variance = _between(found) + _of_missed_links(kind, drawn, alone, full, recall, square_per_unit)
    lower, upper = _sampling(kind, naive, middle, full)
    spread = Z_95**2 * variance
    low = middle - math.sqrt((middle - lower) ** 2 + spread)
    high = middle + math.sqrt((upper - middle) ** 2 + spread)
    most = kind.scale if kind.kind == "proportion" else math.inf
    return Corrected(middle, max(low, 0.0), min(high, most), math.sqrt(variance))


def _between(found: Values) -> float:
    return float((1 + 1 / len(found)) * found.var(ddof=1)) if len(found) > 1 else 0.0


def _of_missed_links(
    kind: Kind, drawn: Totals, alone: Totals, full: Totals, recall: Values, square_per_unit: float
) -> float:
    """Variance of the estimate for not knowing which links were missed: k (1 − ρ) / ρ², in units of the estimate."""
    share = float(recall.mean())
    borne = abs(float((drawn.numerator - alone.numerator).mean()))
    variance = borne * square_per_unit * (1 - share) / share**2
    if kind.kind == "count" or kind.method == "none":
        return variance
    below = float((full.n if kind.kind == "proportion" else full.person_time).mean())
    return variance * (kind.scale / below) ** 2 if below > 0 else 0.0


def _sampling(kind: Kind, naive: Estimate, middle: float, full: Totals) -> tuple[float, float]:
    """Limits of sampling error around the corrected estimate, by the measure's own method."""
    n, numerator, person_time = (float(one.mean()) for one in (full.n, full.numerator, full.person_time))
    if kind.method == "wilson" and n > 0:
        again = wilson(min(numerator, n), n)
    elif kind.method == "poisson_exact":
        again = poisson_exact(numerator, 1.0 if kind.kind == "count" else person_time, kind.scale)
    elif naive.estimate and naive.lower is not None and naive.upper is not None:
        # resampled and robust intervals are relative: they widen with the rate
        again = Estimate(middle, naive.lower * middle / naive.estimate, naive.upper * middle / naive.estimate)
    else:
        again = naive
    lower, upper = again.lower, again.upper
    return min(middle if lower is None else lower, middle), max(middle if upper is None else upper, middle)
