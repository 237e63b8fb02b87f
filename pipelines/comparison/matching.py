"""Who is compared with whom: nearest neighbours in the propensity, inside exact strata and a caliper.

Every treated person is matched with the untreated candidates whose log odds of treatment lie nearest, with replacement,
so that the order in which the treated are looked at does not matter. No outcome is read here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from pipelines.comparison.propensity import Floats, design, logits
from pipelines.comparison.terms import Specification
from pipelines.errors import LakeError

ORDER = ("is_treated", "index_on", "person_id")
"""The order in which candidates are looked at: arithmetic and ties come out the same however the rows arrive."""


@dataclass(frozen=True)
class Matched:
    """Candidates in order, and how much each counts.

    `weights`: 1 for a treated person who was matched; for an untreated candidate the sum, over the sets it is in, of
    one over the set's untreated; 0 for who is in no set. `pairs`: rows of a treated and an untreated candidate.
    """

    candidates: pl.DataFrame
    logits: Floats
    caliper: float
    pairs: npt.NDArray[np.int64]
    weights: Floats

    @property
    def is_treated(self) -> npt.NDArray[np.bool_]:
        """Which rows are treated."""
        return self.candidates["is_treated"].to_numpy()

    @property
    def unmatched(self) -> int:
        """Treated people for whom nobody was near enough: the effect says nothing of them."""
        return int((self.is_treated & (self.weights == 0)).sum())


def match(candidates: pl.DataFrame, specification: Specification) -> Matched:
    """Match every treated candidate; raises LakeError when there is nobody to match."""
    ordered = candidates.sort(ORDER)
    is_treated = ordered["is_treated"].to_numpy()
    if not is_treated.any() or is_treated.all():
        have, lack = ("untreated", "treated") if not is_treated.any() else ("treated", "untreated")
        raise LakeError(f"{specification.id}: every eligible person is {have} and nobody is {lack}; nothing to compare")
    scores = logits(design(ordered, specification.covariates).standardised(), is_treated)
    caliper = specification.caliper.standard_deviations * _pooled_deviation(scores, is_treated)
    pairs = _nearest(ordered, scores, caliper, specification)
    return Matched(ordered, scores, caliper, pairs, _weights(pairs, len(ordered)))


def _pooled_deviation(scores: Floats, is_treated: npt.NDArray[np.bool_]) -> float:
    return float(np.sqrt((scores[is_treated].var() + scores[~is_treated].var()) / 2))


def _nearest(
    ordered: pl.DataFrame, scores: Floats, caliper: float, specification: Specification
) -> npt.NDArray[np.int64]:
    """Pairs of rows, a treated and one of its nearest untreated of the same stratum within the caliper."""
    people = ordered["person_id"].to_numpy()
    is_treated = ordered["is_treated"].to_numpy()
    found: list[tuple[int, int]] = []
    strata = ordered.with_row_index("row").group_by(specification.exact.columns, maintain_order=True)
    for _, stratum in strata:
        rows = stratum["row"].to_numpy().astype(np.int64)
        treated, untreated = rows[is_treated[rows]], rows[~is_treated[rows]]
        for row in treated:
            # of those who are equally near a drawn one comes first: else the same few would serve everybody
            others = np.random.default_rng([specification.seed, people[row]]).permutation(untreated)
            # who was untreated for a while is nobody's comparison for themselves
            apart = np.where(people[others] == people[row], np.inf, np.abs(scores[others] - scores[row]))
            near = np.argsort(apart, kind="stable")[: specification.neighbours.at_most]
            found += [(int(row), int(others[one])) for one in near if apart[one] <= caliper]
    return np.array(sorted(found), dtype=np.int64).reshape(-1, 2)


def _weights(pairs: npt.NDArray[np.int64], rows: int) -> Floats:
    weights = np.zeros(rows)
    sizes = np.bincount(pairs[:, 0], minlength=rows)
    np.add.at(weights, pairs[:, 1], 1 / sizes[pairs[:, 0]])
    weights[sizes > 0] = 1.0
    return weights
