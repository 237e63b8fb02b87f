"""What is stale, held and waiting in a lake, in one screen: releases, deliveries, refused rows, decisions, products."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import polars as pl

from pipelines.lake import Lake
from pipelines.link.decision_store import in_force, recorded
from pipelines.operations.finding import FAIL, OK, WARN, Finding
from pipelines.operations.limits import limits
from pipelines.products.store import HELD as HELD_PRODUCT
from pipelines.publish.catalogue import HELD, PUBLISHED, entries
from pipelines.publish.latest import latest_release
from pipelines.publish.sources import sources_of
from pipelines.review import contradictions
from pipelines.validate import accepted_deliveries, receipts, timeline_problems
from pipelines.validate.giving_back import open_counts
from pipelines.validate.quarantine import read_ledger
from schemas.data_contract import DataContracts

SHOW = "countylink release show {id} --lake LAKE"


def standing(lake: Lake, contracts: DataContracts, on: date) -> Iterator[Finding]:
    """Every thing that somebody may have to look at, as of a day."""
    yield from _releases(lake, on)
    yield from _agencies(lake, contracts, on)
    yield from _gaps(lake, contracts)
    yield from _quarantine(lake, on)
    yield from _decisions(lake)
    yield from _products(lake)


def _releases(lake: Lake, on: date) -> Iterator[Finding]:
    """The latest release and its age; the releases that wait for somebody."""
    latest = latest_release(lake)
    known = {entry.release_id: entry for entry in entries(lake)}
    if latest is None or latest.name not in known:
        yield Finding(WARN, "release", "there is none yet", "countylink run --landing LANDING --lake LAKE")
    else:
        days = (on - known[latest.name].as_of).days
        is_old = days > limits()["most_days_without_release"]
        mend = "docs/runbook.md#no-release-came-tonight"
        yield Finding(WARN if is_old else OK, "release", f"{latest.name}, {days} days behind {on}", mend)
    for entry in known.values():
        if entry.status == HELD:
            says = f"{entry.release_id} waits for somebody: {len(entry.findings)} figures are unlike the last release's"
            yield Finding(FAIL, "held release", says, SHOW.format(id=entry.release_id))
    counts = {status: sum(one.status == status for one in known.values()) for status in (PUBLISHED, HELD)}
    yield Finding(OK, "releases", f"{counts[PUBLISHED]} published, {counts[HELD]} held, {len(known)} in all")


def _agencies(lake: Lake, contracts: DataContracts, on: date) -> Iterator[Finding]:
    """Each agency: how old its newest accepted delivery is, and what of it is held."""
    held = [one for one in receipts(lake) if not one.is_accepted]
    sources = sources_of(contracts, on, accepted_deliveries(lake, on), held)
    for entry in sources.entries():
        agency, latest = entry["agency"], entry["latest_accepted_as_of"]
        says = f"{agency}: {latest}, {entry['days_behind']} days behind" if latest else f"{agency}: nothing ever came"
        mend = f"ask the steward of {agency} (data_contracts/incoming/{agency}); docs/runbook.md#an-agency-is-late"
        yield Finding(WARN if entry["is_late"] else OK, "delivery", says, mend)
        for one in entry["held_deliveries"]:
            says = f"{one['delivery_id']}: {', '.join(one['rules'])}"
            yield Finding(FAIL, "held delivery", says, "docs/runbook.md#a-delivery-is-held")


def _gaps(lake: Lake, contracts: DataContracts) -> Iterator[Finding]:
    for one in timeline_problems(contracts, receipts(lake)):
        yield Finding(WARN, "days untold", f"{one.file}: {one.rule_id}", one.mend)


def _quarantine(lake: Lake, on: date) -> Iterator[Finding]:
    """Open refused lines, by agency."""
    counts = open_counts(read_ledger(lake), on)
    by_agency = counts.group_by("agency").agg(pl.col("lines").sum()).sort("agency")
    for agency, lines in by_agency.iter_rows():
        mend = f"countylink quarantine list --lake LAKE --agency {agency}"
        yield Finding(WARN, "refused lines", f"{agency}: {lines:,} wait for their mend", mend)


def _decisions(lake: Lake) -> Iterator[Finding]:
    said = in_force(recorded(lake))
    found = contradictions(lake) if said else []
    says = f"{len(said)} in force, {len(found)} contradictions"
    yield Finding(FAIL if found else OK, "decisions", says, "countylink decide conflicts --lake LAKE")


def _products(lake: Lake) -> Iterator[Finding]:
    """Recipients' products that were built and wait, because groups in them are too small."""
    for path in sorted(lake.root.glob(f"products/*/{HELD_PRODUCT}")):
        says = f"{path.parent.name} is not built: its groups are too small"
        yield Finding(FAIL, "held product", says, "docs/products.md")
