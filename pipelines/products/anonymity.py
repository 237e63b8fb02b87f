"""How well a table of persons hides each of them: k-anonymity and l-diversity, and how to mend what is too small.

A group is the persons who are alike in every quasi-identifier. k is the size of the smallest group (Sweeney 2002). l is
the smallest number of different values of a sensitive column within a group (Machanavajjhala et al. 2007): where it is
1, who knows the group knows the value. Everything told here is a count; no value of any row is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

import polars as pl

from pipelines.products.definition import DeIdentified
from pipelines.products.law import Floors

BANDS = (5, 10, 20)
"""Bands of years that are tried as a mend, the finest first."""

BAND_OF = "birth_year"


@dataclass(frozen=True)
class SmallGroups:
    """How many groups, and persons in them, are too small by some of the quasi-identifiers together."""

    columns: tuple[str, ...]
    groups: int
    persons: int


@dataclass(frozen=True)
class Mend:
    """What k would be if something were told less finely."""

    change: str
    smallest_k: int


@dataclass(frozen=True)
class Anonymity:
    """The measure of one table of persons. Without persons, k and l are 0 and nothing is too small."""

    persons: int
    groups: int
    smallest_k: int
    smallest_l: dict[str, int]
    share_too_small: float
    """Of the persons, those in groups too small or too little mixed: what `leave_out_share` would have to be."""
    floor_k: int
    floor_l: int
    too_small: tuple[SmallGroups, ...]
    mends: tuple[Mend, ...]

    @property
    def holds(self) -> bool:
        """Whether every group is large enough, and mixed enough."""
        diverse = all(least >= self.floor_l for least in self.smallest_l.values())
        return not self.persons or (self.smallest_k >= self.floor_k and diverse)

    def as_json(self) -> dict[str, Any]:
        """The measure as a manifest keeps it."""
        return asdict(self)

    def lines(self) -> Iterator[str]:
        """The measure in words."""
        yield f"{self.persons:,} persons in {self.groups:,} groups; smallest k {self.smallest_k} (floor {self.floor_k})"
        for column, least in self.smallest_l.items():
            yield f"smallest l of {column}: {least} (floor {self.floor_l})"
        for one in self.too_small:
            yield f"too small by {' × '.join(one.columns)}: {one.groups:,} groups of {one.persons:,} persons"
        if not self.holds:
            yield f"leave_out_share: {self.share_too_small} would leave them out"
        for mend in self.mends:
            yield f"{mend.change}: smallest k {mend.smallest_k}"


def measured(persons: pl.DataFrame, terms: DeIdentified, floors: Floors) -> Anonymity:
    """The measure of a table with a row a person."""
    quasi, floor_k = terms.quasi_identifiers, terms.smallest_k or floors.smallest_k
    sizes = _sizes(persons, quasi)
    smallest = _smallest(sizes)
    is_small = smallest < floor_k and not sizes.is_empty()
    return Anonymity(
        persons=persons.height,
        groups=len(sizes),
        smallest_k=smallest,
        smallest_l={column: _diversity(persons, quasi, column) for column in terms.sensitive},
        share_too_small=round(sum(in_small_groups(persons, terms, floors)) / max(persons.height, 1), 4),
        floor_k=floor_k,
        floor_l=terms.smallest_l or floors.smallest_l,
        too_small=tuple(_too_small(persons, quasi, floor_k)) if is_small else (),
        mends=tuple(_mends(persons, quasi)) if is_small else (),
    )


def in_small_groups(persons: pl.DataFrame, terms: DeIdentified, floors: Floors) -> pl.Series:
    """Which persons are in a group that is too small, or too little mixed in something sensitive."""
    floor_k, floor_l = terms.smallest_k or floors.smallest_k, terms.smallest_l or floors.smallest_l
    quasi = list(terms.quasi_identifiers)
    tests = [pl.len().over(quasi) < floor_k, *(pl.col(one).n_unique().over(quasi) < floor_l for one in terms.sensitive)]
    return persons.select(pl.any_horizontal(tests).alias("is_small"))["is_small"]


def _sizes(persons: pl.DataFrame, columns: Sequence[str]) -> pl.Series:
    return persons.group_by(columns).len()["len"] if columns else pl.Series([persons.height])


def _smallest(sizes: pl.Series) -> int:
    return min(sizes.to_list(), default=0)


def _diversity(persons: pl.DataFrame, quasi: Sequence[str], column: str) -> int:
    return _smallest(persons.group_by(quasi).agg(pl.col(column).n_unique().alias("values"))["values"])


def _too_small(persons: pl.DataFrame, quasi: Sequence[str], floor: int) -> Iterator[SmallGroups]:
    """The combinations by which groups are too small, fewest columns first: those are the ones to mend."""
    for size in range(1, len(quasi) + 1):
        for columns in combinations(quasi, size):
            sizes = _sizes(persons, columns)
            small = sizes.filter(sizes < floor)
            if len(small):
                yield SmallGroups(columns, len(small), int(small.sum()))


def _mends(persons: pl.DataFrame, quasi: Sequence[str]) -> Iterator[Mend]:
    for column in quasi:
        others = [one for one in quasi if one != column]
        yield Mend(f"without {column}", _smallest(_sizes(persons, others)))
    for band in BANDS if BAND_OF in quasi else ():
        banded = persons.with_columns(pl.col(BAND_OF) // band * band)
        yield Mend(f"birth_year_band: {band}", _smallest(_sizes(banded, quasi)))
