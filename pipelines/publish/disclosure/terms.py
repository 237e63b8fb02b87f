"""The kinds of relation that counts of aggregates can have, and the thresholds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipelines.publish.disclosure.cells import ROUNDING_SLACK

WEEK = 7

Where = Mapping[str, tuple[Any, ...]]
"""Column → the values of which it must have one."""


@dataclass(frozen=True)
class Rules:
    """The thresholds; each has its reason beside it in the YAML."""

    min_cell: int
    spread: float
    dominance: float
    change: int
    nightly_tellings: int
    """So often a unit is told anew from night to night."""
    weekly_tellings: int
    """So often afterwards once a week; small units go on like that."""
    large_block_rows: int
    renewal_days: int
    """How far the tellings of a large unit lie apart from then on."""
    most_mends: int
    """So often more is withheld before a unit is told as it was instead."""

    def is_small(self, count: float | None) -> bool:
        """Whether a count is a small cell: above zero and below `min_cell`."""
        return count is not None and ROUNDING_SLACK < count < self.min_cell - ROUNDING_SLACK

    def days_between(self, tellings: int, rows: int) -> int:
        """How many days old the last telling of a unit must be, by how often it was told, before it is told anew."""
        if tellings < self.nightly_tellings:
            return 0
        is_young = tellings < self.nightly_tellings + self.weekly_tellings
        return WEEK if is_young or rows < self.large_block_rows else self.renewal_days


@dataclass(frozen=True)
class Within:
    """Counts of a row that are parts of another count of it; what is left is a cell as well."""

    parts: tuple[str, ...]
    of: str
    where: Where


@dataclass(frozen=True)
class Total:
    """Rows that add up to the row whose columns have the values `of`."""

    of: Mapping[str, Any]
    each: tuple[str, ...] = ()
    """Columns of `of` whose values are added up separately."""
    counts: tuple[str, ...] = ()
    but_not: Where | None = None
    may_overlap: bool = False
    """Whether one person may be in several parts."""


@dataclass(frozen=True)
class NestedRows:
    """Rows that are parts of another row, which a working column names."""

    part: Mapping[str, Any]
    total: Mapping[str, Any]
    column: str
    fills: str
    """The key column of the total that has the working column's value."""


@dataclass(frozen=True)
class Adding:
    """Values of a key column whose counts add up to that of another value."""

    total: str
    parts: tuple[str, ...]
    column: str
    count: str


@dataclass(frozen=True)
class Nested:
    """Values of a key column of which each counts among the next, where both are over the same people."""

    members: tuple[str, ...]
    column: str
    count: str
    same: str


@dataclass(frozen=True)
class Population:
    """Values of a key column that look at the same people: the counts of their rows come to the same number."""

    members: tuple[str, ...]
    column: str
    counts: tuple[str, ...]
    counted_twice: Mapping[str, Where]


@dataclass(frozen=True)
class Joined:
    """Rows that are the sum of other rows, which they name."""

    whole: Mapping[str, Any]
    part: Mapping[str, Any]
    column: str
    by: str
    counts: tuple[str, ...]


@dataclass(frozen=True)
class Repeat:
    """A count that is the same in several rows, and in several tables."""

    count: str
    name: str
    by: tuple[str, ...]
    where: Where
    in_any_order: bool


@dataclass(frozen=True)
class Dominance:
    """A count of dollars, and the working columns with its two largest contributions."""

    count: str
    largest: str
    second: str


def holds(where: Where, row: Mapping[str, Any]) -> bool:
    """Whether a row has, in each column, one of the values."""
    return all(row[column] in values for column, values in where.items())
