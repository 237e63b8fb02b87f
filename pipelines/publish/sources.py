"""What a release rests on: which deliveries went in, which are held, and which agencies are stale for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil
from typing import Any

from pipelines.validate import Receipt, TableCounts
from schemas.data_contract import DataContracts

WHOLE = "-"
"""Table name of a delivery of which no table could be read."""

NO_ROWS: Mapping[str, int] = {"rows_in": 0, "accepted": 0, "quarantined": 0, "superseded": 0, "rows_held": 0}
"""Where the rows of a table can go: rows in = the sum of the others."""


@dataclass(frozen=True)
class Sources:
    """The receipts of a release: accepted ones, held ones, and what each agency's contracts allow."""

    as_of: date
    accepted: tuple[Receipt, ...]
    held: tuple[Receipt, ...]
    allowed_lag_days: Mapping[str, int]

    @property
    def waiting(self) -> list[Receipt]:
        """Held deliveries that nothing accepted has made good for: what somebody has to mend."""
        return [one for one in self.held if not any(self._makes_good(other, one) for other in self.accepted)]

    @property
    def stale(self) -> list[dict[str, Any]]:
        """The entries of the stale agencies: a delivery is waiting, or the latest accepted one is too old."""
        return [entry for entry in self.entries() if entry["held_deliveries"] or entry["is_late"]]

    @property
    def stale_agencies(self) -> list[str]:
        """Codes of the stale agencies."""
        return [entry["agency"] for entry in self.stale]

    def entries(self) -> list[dict[str, Any]]:
        """One entry per agency: its latest accepted as-of date, how far behind it is, what is held and why."""
        agencies = {receipt.agency for receipt in (*self.accepted, *self.held)} | set(self.allowed_lag_days)
        return [self._entry(agency) for agency in sorted(agencies)]

    def _makes_good(self, accepted: Receipt, held: Receipt) -> bool:
        if accepted.agency != held.agency:
            return False
        if accepted.as_of == held.as_of:
            return accepted.revision > held.revision
        return accepted.as_of > held.as_of and accepted.told.is_full and accepted.told.holds_units(held.told)

    def delivery_columns(self) -> dict[str, list[Any]]:
        """The `deliveries` table by column: a row per delivery and table."""
        rows = [row for receipt in (*self.accepted, *self.held) for row in delivery_rows(receipt)]
        names = ("delivery_id", "agency", "as_of_on", "revision", "status", "table_name", *NO_ROWS)
        return {name: [row[name] for row in rows] for name in names}

    def _entry(self, agency: str) -> dict[str, Any]:
        latest = max((receipt.as_of for receipt in self.accepted if receipt.agency == agency), default=None)
        behind = None if latest is None else (self.as_of - latest).days
        return {
            "agency": agency,
            "latest_accepted_as_of": None if latest is None else latest.isoformat(),
            "days_behind": behind,
            "is_late": behind is None or behind > self.allowed_lag_days.get(agency, 0),
            "held_deliveries": [
                {"delivery_id": one.delivery_id, "rules": _rules(one)} for one in self.waiting if one.agency == agency
            ],
        }


def sources_of(contracts: DataContracts, as_of: date, accepted: Sequence[Receipt], held: Sequence[Receipt]) -> Sources:
    """The sources of a release, with what the data contracts say of them.

    An agency may lie as many days behind the run's date as the strictest of its contracts gives it to deliver in.
    """
    by_agency = {agency: contracts.of(agency) for agency in contracts.agencies}
    return Sources(
        as_of=as_of,
        accepted=tuple(accepted),
        held=tuple(receipt for receipt in held if receipt.as_of <= as_of),
        allowed_lag_days={
            agency: min(ceil(one.latency_hours / 24) for one in own) for agency, own in by_agency.items()
        },
    )


def _rules(receipt: Receipt) -> Sequence[str]:
    return sorted({reason.rule_id for reason in receipt.held})


def delivery_rows(receipt: Receipt) -> list[dict[str, Any]]:
    """A receipt as rows of the `deliveries` table: one a table, or one for a delivery that could not be read at all."""
    whole = {
        "delivery_id": receipt.delivery_id,
        "agency": receipt.agency,
        "as_of_on": receipt.as_of,
        "revision": receipt.revision,
        "status": receipt.status,
    }
    tables = {name: _counts(receipt, counts) for name, counts in receipt.tables.items()} or {WHOLE: NO_ROWS}
    return [{**whole, "table_name": name, **counts} for name, counts in sorted(tables.items())]


def _counts(receipt: Receipt, counts: TableCounts) -> Mapping[str, int]:
    """A table's rows by where they went; of a held delivery, every row waits."""
    if receipt.is_accepted:
        went = {"accepted": counts.accepted, "quarantined": counts.quarantined, "superseded": counts.superseded}
        return {**NO_ROWS, "rows_in": counts.rows_in, **went}
    return {**NO_ROWS, "rows_in": counts.rows_in, "rows_held": counts.rows_in}
