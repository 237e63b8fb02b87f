"""Circuit breakers: a delivery that breaks no rule, and yet cannot be what was meant.

Half a file is well-formed. So a delivery is compared with what the accepted ones before it hold; past its contract's
limits it waits for somebody to look. Pure functions of counts: no clock, no lake, no order of arrival.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from linkage_rules.drift import Parts, stability_index
from pipelines.ingest import Problem
from pipelines.validate.baseline import Counts, TableProfile, usual
from schemas.breaker_terms import least_rows
from schemas.data_contract import DataContract

PREFIX = "breaker."
"""Rule ids of breakers begin so; only holds for such rules can be released."""

SMALLEST_TOLD = 11
"""Counts below this are not told: they stand in logs and metadata, where a small cell can point at a person."""

CODE = re.compile(r"[A-Za-z0-9_.:/-]{1,24}")
"""A segment is named in a message only if its value looks like a code; whatever else it is may be anything."""

CHANCE_SIGMAS = 4.0
"""An index of codes must lie so many standard deviations above what chance gives: over hundreds of columns and nights,
less would trip by chance every few weeks."""


@dataclass(frozen=True)
class Trip:
    """A breaker that tripped; `part` is the segment, the month or nothing."""

    rule_id: str
    column: str
    part: str
    said: str
    """What was found beside what is usual, in counts of 11 and more."""

    @property
    def key(self) -> tuple[str, str, str]:
        """What tripped, without how far."""
        return self.rule_id, self.column, self.part


@dataclass(frozen=True)
class Past:
    """A comparable accepted delivery of a table, before the one that is judged."""

    profile: TableProfile
    was_released: bool
    """Somebody looked at it and said that it is right: it alone may show what is usual."""


def trips(contract: DataContract, now: TableProfile, before: Sequence[Past]) -> list[Trip]:
    """The breakers of a table that trip, sorted; `before` are the last comparable deliveries, oldest first.

    A delivery trips only if it is unlike the usual one and unlike each that somebody released: what was said to be
    right once need not be released every night until the median has followed.
    """
    if not has_baseline(contract, before):
        return []
    references = [usual([one.profile for one in before])] + [one.profile for one in before if one.was_released]
    seen = [one.profile for one in before] if now.semantics == "delta" else []
    first, *others = [{trip.key: trip for trip in _against(contract, now, one, seen)} for one in references]
    return [first[key] for key in sorted(first) if all(key in other for other in others)]


def has_baseline(contract: DataContract, before: Sequence[Past]) -> bool:
    """Whether enough deliveries came before to say what is usual."""
    return len(before) >= contract.breakers.at_least


def problems(contract: DataContract, found: Sequence[Trip]) -> list[Problem]:
    """Trips as reasons to hold a delivery: one for each rule and column, however many segments or months tripped."""
    groups: dict[tuple[str, str], list[Trip]] = {}
    for trip in found:
        groups.setdefault((trip.rule_id, trip.column), []).append(trip)
    return [
        Problem(rule, contract.file_names[0], column, f"{_listed(group)}; {MENDS[rule]}, or ask us to release it")
        for (rule, column), group in sorted(groups.items())
    ]


MENDS = {
    "breaker.row_count_fell": "send the whole table",
    "breaker.row_count_rose": "check that no row was multiplied by a join and that the period is right",
    "breaker.segment_vanished": "send the rows that are missing",
    "breaker.month_vanished": "send the rows of the month",
    "breaker.null_rate_rose": "send the column filled",
    "breaker.codes_shifted": "check that the codes mean what they meant",
}
"""What the sender should do, if the delivery is not right."""

MOST_LISTED = 5


def _listed(group: Sequence[Trip]) -> str:
    told = "; ".join(trip.said for trip in group[:MOST_LISTED])
    return told if len(group) <= MOST_LISTED else f"{told}; and {len(group) - MOST_LISTED} more"


def _against(
    contract: DataContract, now: TableProfile, was: TableProfile, seen: Sequence[TableProfile]
) -> Iterator[Trip]:
    yield from _row_count(contract, now, was, seen)
    for segment in contract.breakers.segments:
        column = segment.column
        here, there = now.segments.get(column, {}), was.segments.get(column, {})
        for part in _fallen(here, there, segment.fall, least_rows().segment):
            if any(one.segments.get(column, {}).get(part, 0) <= here.get(part, 0) for one in seen):
                continue  # a clinic that was closed on another night too
            yield Trip("breaker.segment_vanished", column, part, _fell(_named(part), here.get(part, 0), there[part]))
    if months := contract.breakers.months:
        for part in _fallen(now.months, was.months, months.fall, least_rows().month):
            said = _fell(part, now.months.get(part, 0), was.months[part])
            yield Trip("breaker.month_vanished", months.column, part, said)
    yield from _null_rates(contract, now, was, seen)
    yield from _code_shifts(contract, now, was)


def _row_count(
    contract: DataContract, now: TableProfile, was: TableProfile, seen: Sequence[TableProfile]
) -> Iterator[Trip]:
    terms = contract.breakers.row_count
    if terms is None or max(now.rows, was.rows) < least_rows().row_count:
        return
    counts = [one.rows for one in seen] or [was.rows]
    said = f"{_told(now.rows)} rows where {_told(was.rows)} are usual"
    if now.rows < (1 - terms.fall) * was.rows and now.rows < min(counts):
        yield Trip("breaker.row_count_fell", "", "", said)
    if now.rows > (1 + terms.rise) * was.rows and now.rows > max(counts):
        yield Trip("breaker.row_count_rose", "", "", said)


def _fallen(now: Counts, was: Counts, fall: float, least: int) -> list[str]:
    return [part for part in sorted(was) if was[part] >= least and now.get(part, 0) < (1 - fall) * was[part]]


def _null_rates(
    contract: DataContract, now: TableProfile, was: TableProfile, seen: Sequence[TableProfile]
) -> Iterator[Trip]:
    rise = contract.breakers.null_rate_rise
    if rise is None or min(now.live_rows, was.live_rows) < least_rows().column:
        return
    for column, nulls in sorted(now.nulls.items()):
        if column not in was.nulls:
            continue
        share, before = nulls / now.live_rows, was.nulls[column] / was.live_rows
        highest = max((one.nulls.get(column, 0) / one.live_rows for one in seen if one.live_rows), default=0.0)
        if share > before + rise and share > highest:
            yield Trip("breaker.null_rate_rose", column, "", f"{share:.0%} of the rows are empty, usually {before:.0%}")


def _code_shifts(contract: DataContract, now: TableProfile, was: TableProfile) -> Iterator[Trip]:
    limit = contract.breakers.codes_psi
    if limit is None:
        return
    for column, codes in sorted(now.codes.items()):
        before = was.codes.get(column, {})
        if min(sum(codes.values()), sum(before.values())) < least_rows().column:
            continue
        index = stability_index(_parts(codes), _parts(before))
        if index > max(limit, by_chance(codes, before)):
            yield Trip("breaker.codes_shifted", column, "", f"the codes are distributed otherwise (index {index:.2f})")


def by_chance(one: Counts, other: Counts) -> float:
    """The highest stability index that chance gives two samples of one distribution.

    The index over `1/n + 1/m` is distributed as chi-square with one degree fewer than there are codes (Yurdakul 2018):
    its mean is that number, its variance twice.
    """
    degrees = len({*one, *other}) - 1
    scale = 1 / sum(one.values()) + 1 / sum(other.values())
    return scale * (degrees + CHANCE_SIGMAS * math.sqrt(2 * degrees))


def _parts(counts: Counts) -> Parts:
    return {part: (count, None) for part, count in counts.items()}


def _named(part: str) -> str:
    return part if CODE.fullmatch(part) else "one of its values"


def _fell(name: str, now: int, was: int) -> str:
    return f"{name} has {_told(now)} rows where {_told(was)} are usual"


def _told(count: int) -> str:
    return "no" if count == 0 else f"under {SMALLEST_TOLD}" if count < SMALLEST_TOLD else f"{count:,}"
