"""How a sample of pairs is laid out: strata, how many of each, which ones. Pure functions; no file, no clock.

Strata are: put together, left apart, or not even met × band of the match weight × SSN known of both or not. Inside a
stratum every pair has the same chance; it is drawn systematically along agency pair and ethnicity, so that each comes
in proportion.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.int64]

Z_95 = 1.959963984540054
"""Standard normal quantile of 0.975."""

FLOOR_WEIGHT = -10.0
"""Bits below which a pair that was not put together is not in the frame. At −10 the model gives it 1 in 1,000; there
are more such pairs with each bit, and a sample of any size would find none that is one person."""

BAND_EDGES = (-5.0, 0.0, 4.0, 8.0, 14.0, 20.0)
"""Bits that part the bands: narrow where the model doubts (0 is an even chance), wide where it does not."""

LEAST_IN_STRATUM = 12
"""Pairs drawn of each stratum at least (all, where there are fewer): with fewer, one label moves it by a tenth."""

BELIEVED_OF_LINKED = (0.5, 0.95)
BELIEVED_OF_OTHERS = (0.02, 0.5)
"""How sure the planning may be of a band before anybody looked: the model is known to be over-confident at both ends,
and a band planned as certain would get no pair."""


@dataclass(frozen=True)
class Stratum:
    """Pairs of clients of one kind: how many there are, and what the model believes of them on average."""

    is_linked: bool
    is_met: bool
    """Put together, met by a blocking rule or held by a component; else it is of the wide net alone."""
    band: int
    has_ssn: bool
    pairs: int
    """What the stratum stands for; of a thinned wide net an estimate, good to about 1/√rows."""
    rows: int
    """Those of them that are in the frame and can be drawn."""
    believed: float

    @property
    def name(self) -> str:
        """What the stratum is, in words."""
        together = "together" if self.is_linked else "apart" if self.is_met else "not met"
        return f"{together}, {band_name(self.band)}, {'SSN of both' if self.has_ssn else 'SSN missing'}"


def band_name(band: int) -> str:
    """The weights of a band, in words."""
    if band == 0:
        return f"below {BAND_EDGES[0]:g} bits"
    if band == len(BAND_EDGES):
        return f"{BAND_EDGES[-1]:g} bits and more"
    return f"{BAND_EDGES[band - 1]:g} to {BAND_EDGES[band]:g} bits"


def allocate(strata: Sequence[Stratum], half_width: float) -> list[int]:
    """How many pairs to draw of each stratum, so that precision and recall are known to ± `half_width` with 95 %.

    Neyman's allocation, n = (Σ W S)² z² / d² (Cochran 1977, §5.5), once for the pairs put together (precision), once
    for the others (what they add to recall); S = √(p(1−p)) with p what the model believes, held within bounds.
    """
    together = sum(stratum.pairs for stratum in strata if stratum.is_linked)
    sizes = [0] * len(strata)
    for is_linked in (True, False):
        chosen = [place for place, stratum in enumerate(strata) if stratum.is_linked == is_linked]
        spreads = [strata[place].pairs / max(together, 1) * _spread(strata[place]) for place in chosen]
        total = math.ceil((sum(spreads) * Z_95 / half_width) ** 2)
        for place, spread in zip(chosen, spreads, strict=True):
            wanted = max(LEAST_IN_STRATUM, math.ceil(total * spread / (sum(spreads) or 1.0)))
            sizes[place] = min(strata[place].rows, wanted)
    return sizes


def _spread(stratum: Stratum) -> float:
    lowest, highest = BELIEVED_OF_LINKED if stratum.is_linked else BELIEVED_OF_OTHERS
    share = min(max(stratum.believed, lowest), highest)
    return math.sqrt(share * (1 - share))


def draw(groups: Sequence[str], size: int, rng: np.random.Generator) -> Numbers:
    """Positions of `size` rows, each with the same chance: systematic along the groups, at random inside them."""
    if size >= len(groups):
        return np.arange(len(groups), dtype=np.int64)
    shuffled = rng.permutation(len(groups))
    order = shuffled[np.argsort(np.array(groups)[shuffled], kind="stable")]
    step = len(groups) / size
    places = np.floor((rng.random() + np.arange(size)) * step).astype(np.int64)
    return np.sort(order[np.minimum(places, len(groups) - 1)]).astype(np.int64)


def strata_of(rows: Sequence[Mapping[str, object]]) -> list[Stratum]:
    """Strata from the rows of strata.sql."""
    return [
        Stratum(
            is_linked=bool(row["is_linked"]),
            is_met=bool(row["is_met"]),
            band=int(str(row["band"])),
            has_ssn=bool(row["has_ssn"]),
            pairs=int(str(row["pairs"])),
            rows=int(str(row["rows_in_frame"])),
            believed=float(str(row["believed"])),
        )
        for row in rows
    ]
