"""Published rows as figures: what a scorecard says of one measure, without drawing and without reckoning a count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pipelines.reports.limits import PROPORTION, Z_95, Z_998, Funnel

Row = Mapping[str, Any]

NUMBERS = ("n", "numerator", "person_time", "unknown", "immature", "estimate", "lower", "upper", "lower_total",
           "upper_total")  # fmt: skip


@dataclass(frozen=True)
class Told:
    """A published result: a measure of somebody in a quarter. Withheld cells are None, and `suppressed` says so."""

    period: str
    kind: str
    n: float | None
    numerator: float | None
    person_time: float | None
    unknown: float | None
    immature: float | None
    estimate: float | None
    lower: float | None
    upper: float | None
    lower_total: float | None
    upper_total: float | None
    suppressed: bool
    told_as_of: str
    """Day of the release whose counts these are."""

    @property
    def has_interval(self) -> bool:
        """Whether there is an estimate with its interval."""
        return None not in (self.estimate, self.lower, self.upper)

    def facts(self) -> dict[str, Any]:
        """Its columns, as the filters of pages take them."""
        return dict(vars(self))


def told(row: Row) -> Told:
    """A row of `measure_results`, of a period."""
    day = row.get("told_as_of_on")
    return Told(
        period=row["period"],
        kind=row["kind"],
        suppressed=row["suppressed"],
        told_as_of=day.isoformat() if isinstance(day, date) else "",
        **{name: row.get(name) for name in NUMBERS},
    )


@dataclass(frozen=True)
class Limits:
    """Where a provider of this size may lie by chance."""

    low_95: float
    high_95: float
    low_998: float
    high_998: float


@dataclass(frozen=True)
class Figure:
    """One measure on a scorecard."""

    measure: str
    heading: str
    question: str
    noun: str
    unit: str
    kind: str
    better: str
    target: float | None
    target_source: str
    own: Told | None
    peers: Told | None
    before: Told | None
    limits: Limits | None
    trend: tuple[Told, ...]
    peers_trend: tuple[Told, ...]
    top: float
    """Where the axis of its chart ends, on every scorecard of the measure."""

    @property
    def scale(self) -> float:
        """What the estimate of a rate is multiplied by: 1,000 for a rate per 1,000."""
        return scale_of(self.peers) if self.peers else 1.0


def scale_of(row: Told) -> float:
    """Units of the estimate per event and unit of time; 1 for what is no rate."""
    if row.kind != "rate" or not row.numerator or not row.person_time or row.estimate is None:
        return 1.0
    return round(row.estimate * row.person_time / row.numerator, 6)


def size_of(row: Told) -> float | None:
    """What chance depends on: people of a share, time of a rate; None where it is withheld."""
    return row.n if row.kind == PROPORTION else row.person_time if row.kind == "rate" else None


def limits_of(row: Told, funnel: Funnel | None, scale: float) -> Limits | None:
    """The limits for a provider's size, in the unit of the estimate."""
    size = size_of(row)
    if funnel is None or not size:
        return None
    ends = (*funnel.between(size, Z_95), *funnel.between(size, Z_998))
    return Limits(*(scale * end for end in ends))
