"""What became of an agency's deliveries, for the agency: refused rows, how to mend them, what waits, what did not come.

Drawn from receipts, quarantine tables and what a corrected delivery changed: counts, rules, days. No value of a row
stands on the page; small counts do, for it goes back to who sent the rows. So it lies in the lake's quarantine, which
is identified, and is not part of a release.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import polars as pl

from pipelines.errors import LakeError
from pipelines.lake import Lake
from pipelines.publish.sources import sources_of
from pipelines.reports.trend_plot import delivery_trend
from pipelines.reports.writing import write_page
from pipelines.validate import BREAKER, Receipt, receipts, releases
from schemas.data_contract import DataContracts

PAGE = "data_quality.html"
DIFFERENCES = "differences.json"
LEDGER = "ledger"

SHOWN_DELIVERIES = 30
"""A month of nights; older ones stay in the lake."""

SHOWN_RULES = 25
"""More rules than one can mend before the next delivery."""

RULE_COLUMNS = ("_delivery_id", "_file_name", "_line_number", "column_name", "rule_id", "mend")


@dataclass(frozen=True)
class DeliveryLine:
    """A delivery with its rows by where they went."""

    receipt: Receipt
    rows_in: int
    accepted: int
    quarantined: int
    superseded: int
    set_aside: int

    @property
    def label(self) -> str:
        """Its as-of date, and its revision from the second on."""
        return f"{self.receipt.as_of}" + (f" r{self.receipt.revision}" if self.receipt.revision > 1 else "")

    @property
    def quarantined_share(self) -> float | None:
        """Of its rows; None when it has none."""
        return self.quarantined / self.rows_in if self.rows_in else None


@dataclass(frozen=True)
class RuleLine:
    """A rule that rows broke: where, how many, in how many deliveries, last in which."""

    file: str
    column: str
    rule: str
    mend: str
    rows: int
    deliveries: int
    last_as_of: date
    rows_in_latest: int
    rows_open: int = 0
    """Rows that no later delivery has mended or replaced, where the lake keeps a ledger of them."""


def draw_data_quality(lake: Lake, contracts: DataContracts, agency: str, target: Path | None = None) -> Path:
    """Draw an agency's page; default target: `quarantine/<agency>/data_quality.html` in the lake.

    Raises:
        LakeError: no contract names the agency.
    """
    if agency not in contracts.agencies:
        raise LakeError(f"there are no contracts of {agency}; there are {', '.join(contracts.agencies)}")
    everything = [one for one in receipts(lake) if one.agency == agency]
    lines = [_line(one) for one in everything]
    rules = _rules(lake, agency, everything)
    released = {one.delivery_id for one in releases(lake)}
    return write_page(
        "data_quality.html",
        target or lake.zone("quarantine") / agency / PAGE,
        agency=agency,
        tables={contract.table: contract for contract in contracts.of(agency)},
        lines=lines[-SHOWN_DELIVERIES:][::-1],
        trend=delivery_trend([(one.label, one.quarantined_share, one.receipt.is_accepted)
                              for one in lines[-SHOWN_DELIVERIES:]]),
        total={name: sum(getattr(one, name) for one in lines)
               for name in ("rows_in", "accepted", "quarantined", "superseded")},
        deliveries=len(lines),
        held=sum(not one.receipt.is_accepted for one in lines),
        waiting=_waiting(contracts, everything),
        rules=rules[:SHOWN_RULES],
        more_rules=max(0, len(rules) - SHOWN_RULES),
        released=[one for one in everything if one.delivery_id in released],
        corrections=[(one, table) for one in everything[-SHOWN_DELIVERIES:] for table in _differences(lake, one)],
        gaps=list(gaps([one.as_of for one in everything if one.is_accepted])),
        latest=everything[-1] if everything else None,
        has_ledger=lake.has("quarantine", LEDGER),
        breaker=BREAKER,
    )  # fmt: skip


def draw_all_data_quality(lake: Lake, contracts: DataContracts) -> list[Path]:
    """Draw the page of every agency."""
    return [draw_data_quality(lake, contracts, agency) for agency in contracts.agencies]


def gaps(as_of: Sequence[date]) -> Iterator[tuple[date, date]]:
    """First and last day of each stretch in which no delivery was accepted, though the agency delivers more often.

    More often: the days between two deliveries are more than one and a half times the usual number.
    """
    days = sorted(set(as_of))
    steps = [(after - before).days for before, after in pairwise(days)]
    if not steps:
        return
    usual = median(steps)
    for (before, after), step in zip(pairwise(days), steps, strict=True):
        if step > 1.5 * usual:
            yield before + timedelta(days=1), after - timedelta(days=1)


def _line(receipt: Receipt) -> DeliveryLine:
    tables = receipt.tables.values()
    return DeliveryLine(
        receipt,
        rows_in=sum(one.rows_in for one in tables),
        accepted=sum(one.accepted for one in tables) if receipt.is_accepted else 0,
        quarantined=sum(one.quarantined for one in tables),
        superseded=sum(one.superseded for one in tables) if receipt.is_accepted else 0,
        set_aside=sum(one.values_set_aside for one in tables),
    )


def _waiting(contracts: DataContracts, everything: Sequence[Receipt]) -> list[Receipt]:
    """Held deliveries that no accepted one made good for."""
    if not everything:
        return []
    accepted = [one for one in everything if one.is_accepted]
    held = [one for one in everything if not one.is_accepted]
    return sources_of(contracts, max(one.as_of for one in everything), accepted, held).waiting


def _rules(lake: Lake, agency: str, everything: Sequence[Receipt]) -> list[RuleLine]:
    """Broken rules, those that most rows break first."""
    folder = lake.zone("quarantine") / agency
    paths = [path for one in everything for path in sorted((folder / one.delivery_id).glob("*.parquet"))]
    if not paths:
        return []
    days = {one.delivery_id: one.as_of for one in everything}
    latest = everything[-1].delivery_id
    by = ["_file_name", "column_name", "rule_id", "mend"]
    rows = pl.concat([pl.read_parquet(path, columns=list(RULE_COLUMNS)) for path in paths])
    rows = rows.with_columns(as_of=pl.col("_delivery_id").replace_strict(days, return_dtype=pl.Date))
    found = rows.group_by(by).agg(
        pl.len(),
        pl.col("_delivery_id").n_unique().alias("deliveries"),
        pl.col("as_of").max(),
        (pl.col("_delivery_id") == latest).sum().alias("in_latest"),
    )
    ordered = found.sort("len", *by, descending=[True] + [False] * len(by))
    found_rules = [RuleLine(*row) for row in ordered.iter_rows()]
    still_open = _open_rows(lake, agency)
    return [replace(one, rows_open=still_open.get((one.file, one.column, one.rule), 0)) for one in found_rules]


def _open_rows(lake: Lake, agency: str) -> dict[tuple[str, str, str], int]:
    """File, column and rule → rows that still wait for their mend, by the quarantine's ledger; empty without one."""
    if not lake.has("quarantine", LEDGER):
        return {}
    ledger = pl.scan_parquet(lake.path("quarantine", LEDGER))
    mine = ledger.filter((pl.col("agency") == agency) & (pl.col("status_code") == "open"))
    counts = mine.group_by("file_name", "column_name", "rule_id").len().collect()
    return {(file, column, rule): rows for file, column, rule, rows in counts.iter_rows()}


def _differences(lake: Lake, receipt: Receipt) -> list[dict[str, Any]]:
    """What a delivery that corrected another changed, a table at a time; empty if it corrected none."""
    path = receipt.folder(lake) / DIFFERENCES
    if not path.exists():
        return []
    try:
        tables: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["tables"]
    except (ValueError, KeyError, TypeError):
        raise LakeError(f"validated/{receipt.agency}/{receipt.delivery_id}/{DIFFERENCES} cannot be read") from None
    return tables
