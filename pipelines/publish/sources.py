"""What a release rests on: which deliveries went in, which are held, and which agencies are stale for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pipelines.validate import Receipt

WHOLE = "-"
"""Table name of a count that belongs to a delivery as a whole."""


@dataclass(frozen=True)
class Sources:
    """The receipts of a release: accepted ones, held ones, and the lag in days that each agency's contract allows."""

    as_of: date
    accepted: tuple[Receipt, ...]
    held: tuple[Receipt, ...]
    allowed_lag_days: Mapping[str, int]

    @property
    def stale(self) -> list[dict[str, Any]]:
        """One entry per stale agency: its latest accepted as-of date, what is held and why, how far behind it is."""
        entries = [self._entry(agency) for agency in self._agencies()]
        return [entry for entry in entries if entry["held_deliveries"] or entry["is_late"]]

    @property
    def stale_agencies(self) -> list[str]:
        """Codes of the stale agencies."""
        return [entry["agency"] for entry in self.stale]

    def delivery_columns(self) -> dict[str, list[Any]]:
        """The `deliveries` table by column: a row per delivery and table."""
        rows = [row for receipt in (*self.accepted, *self.held) for row in _rows(receipt)]
        names = ("delivery_id", "agency", "as_of_on", "revision", "status", "table_name",
                 "rows_in", "accepted", "quarantined", "superseded")  # fmt: skip
        return {name: [row[name] for row in rows] for name in names}

    def _agencies(self) -> list[str]:
        return sorted({receipt.agency for receipt in (*self.accepted, *self.held)} | set(self.allowed_lag_days))

    def _entry(self, agency: str) -> dict[str, Any]:
        latest = max((_age(receipt) for receipt in self.accepted if receipt.agency == agency), default=None)
        held = [one for one in self.held if one.agency == agency and (latest is None or _age(one) > latest)]
        behind = None if latest is None else (self.as_of - latest[0]).days
        return {
            "agency": agency,
            "latest_accepted_as_of": None if latest is None else latest[0].isoformat(),
            "days_behind": behind,
            "is_late": behind is None or behind > self.allowed_lag_days.get(agency, 0),
            "held_deliveries": [{"delivery_id": one.delivery_id, "rules": _rules(one)} for one in held],
        }


def _age(receipt: Receipt) -> tuple[date, int]:
    return receipt.as_of, receipt.revision


def _rules(receipt: Receipt) -> Sequence[str]:
    return sorted({reason.rule_id for reason in receipt.reasons})


def _rows(receipt: Receipt) -> list[dict[str, Any]]:
    whole = {
        "delivery_id": receipt.delivery_id,
        "agency": receipt.agency,
        "as_of_on": receipt.as_of,
        "revision": receipt.revision,
        "status": receipt.status,
    }
    if not receipt.tables:
        return [{**whole, "table_name": WHOLE, "rows_in": 0, "accepted": 0, "quarantined": 0, "superseded": 0}]
    return [
        {
            **whole,
            "table_name": name,
            "rows_in": counts.rows_in,
            "accepted": counts.accepted,
            "quarantined": counts.quarantined,
            "superseded": counts.superseded,
        }
        for name, counts in sorted(receipt.tables.items())
    ]
