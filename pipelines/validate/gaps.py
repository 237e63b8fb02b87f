"""Days and periods of which nobody told, and those of which two deltas told: over all deliveries of an agency.

Nothing is held for it: what is missing may come late. Told from receipts alone, whatever order they came in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from pipelines.ingest import Problem
from pipelines.validate.receipts import Receipt
from schemas.coverage_terms import period_bounds
from schemas.data_contract import DataContract, DataContracts

MISSING, OVERLAP = "period.missing", "period.overlap"
Span = tuple[date, date]
"""First day, and first day after."""

MOST_NAMED = 12
"""So many gaps are named one by one; a year of missing months is still seen at a glance."""


def timeline_problems(contracts: DataContracts, receipts: Sequence[Receipt]) -> list[Problem]:
    """Gaps and overlaps of every table that has a period, or whose deltas tell their days; file names the table's."""
    accepted = [one for one in receipts if one.is_accepted]
    return [problem for contract in contracts.all() for problem in _problems(contract, accepted)]


def _problems(contract: DataContract, accepted: Sequence[Receipt]) -> Iterator[Problem]:
    own = [one for one in accepted if one.agency == contract.agency and contract.table in one.tables]
    newest = {one.as_of: one for one in sorted(own, key=lambda one: (one.as_of, one.revision))}
    spans = sorted({span for one in newest.values() if (span := _span(contract, one))})
    label = f"{contract.agency}/{contract.file_names[0]}"
    if gaps := list(_between(spans)):
        yield Problem(MISSING, label, "", f"nothing tells of {_named(gaps)}; send it, however late")
    deltas = [one for one in newest.values() if one.told.semantics.get(contract.table) == "delta"]
    if overlaps := list(_overlaps(contract, deltas)):
        mend = f"two deltas tell of {_named(overlaps)}; the later one counts, so see that it is the truer"
        yield Problem(OVERLAP, label, "", mend)


def _span(contract: DataContract, receipt: Receipt) -> Span | None:
    """The days of which a delivery tells, if it or its contract says so."""
    if contract.coverage.period:
        return period_bounds(receipt.as_of, contract.coverage.period.unit)
    told = receipt.told
    if contract.coverage.window and told.starts_on and told.ends_on:
        return told.starts_on, told.ends_on + timedelta(days=1)
    return None


def _between(spans: Sequence[Span]) -> Iterator[Span]:
    """What lies between the first and the last span and in none."""
    reached: date | None = None
    for start, after in spans:
        if reached is not None and start > reached:
            yield reached, start
        reached = max(after, reached or after)


def _overlaps(contract: DataContract, deltas: Sequence[Receipt]) -> Iterator[Span]:
    reached: date | None = None
    for start, after in sorted(span for one in deltas if (span := _span(contract, one))):
        if reached is not None and start < reached:
            yield start, min(after, reached)
        reached = max(after, reached or after)


def _named(spans: Sequence[Span]) -> str:
    """Spans as days, first and last of each."""
    named = [_days(start, after - timedelta(days=1)) for start, after in spans[:MOST_NAMED]]
    more = len(spans) - len(named)
    return ", ".join(named) + (f" and {more} more" if more else "")


def _days(first: date, last: date) -> str:
    return f"{first}" if first == last else f"{first} to {last}"
