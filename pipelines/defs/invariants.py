"""What must hold after every run, as facts about a lake; each fails with counts and a mend, never with a row."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import dagster as dg
import pyarrow.parquet as pq

from linkage_rules.bundle import Bundle
from pipelines import sql
from pipelines.audit import verify_audit
from pipelines.ingest import IngestReport
from pipelines.lake import Lake
from pipelines.link import LinkReport, is_waiting, read_pin, verify_linkage
from pipelines.person_index import replay
from pipelines.publish import PublishReport, verify_release
from pipelines.publish.catalogue import HELD, noted_heads
from pipelines.publish.disclosure.audit import given_away_before, told_faults
from pipelines.publish.sources import Sources
from pipelines.validate import Receipt, TableCounts
from pipelines.validate.holds import is_releasable
from schemas.data_contract import DataContract

MAX_UNLINKABLE_SHARE = 0.25
"""With more unlinkable clients than this in one agency, its outcomes say little. Reason: at a quarter unknown, what is
not known outweighs the sampling error of any share; the usual cause is an agency that hashes."""


RELEASE = ["published", "release"]

ROWS = ("rows_in", "accepted", "quarantined", "superseded")
"""What a receipt counts of each table."""


def every_client_has_one_person(lake: Lake) -> dg.AssetCheckResult:
    """Every client of `standard.clients` stands in `person_of_client` exactly once, and no one else does."""
    query = """
        select
            count(*) filter (where people.client_key is null) as clients_without_person,
            count(*) filter (where clients.client_key is null) as persons_without_client
        from standard.clients
        full join person_index.person_of_client as people using (client_key)
    """
    with sql.connect(lake.spill) as connection:
        sql.open_views(connection, lake, [("standard", "clients"), ("person_index", "person_of_client")])
        ((without_person, without_client),) = connection.execute(query).fetchall()
        doubled = sql.count(connection, "person_index.person_of_client") - _scalar(
            connection, "select count(distinct client_key) from person_index.person_of_client"
        )
    found = {
        "clients_without_person": without_person,
        "persons_without_client": without_client,
        "clients_twice": doubled,
    }
    return _result("every_client_has_one_person", ["person_index", "person_of_client"], found)


def ledger_replays(lake: Lake) -> dg.AssetCheckResult:
    """Replaying every event of the ledger gives the index as it stands."""
    key = ["person_index", "ledger"]
    if not lake.has("person_index", "ledger"):
        return _result("ledger_replays", key, {"differences": 0})
    with sql.connect(lake.spill) as connection:
        sql.open_views(connection, lake, [("person_index", "ledger"), ("person_index", "person_of_client")])
        replay(connection, "person_index.ledger").create("replayed")
        differences = _scalar(
            connection,
            """
            select count(*) from replayed full join person_index.person_of_client as people using (client_key)
            where replayed.person_id is distinct from people.person_id
            """,
        )
    return _result("ledger_replays", key, {"differences": differences})


def decisions_agree(report: LinkReport) -> dg.AssetCheckResult:
    """No decision was set aside because it contradicts another; a warning, since only a reviewer can mend it."""
    return dg.AssetCheckResult(
        check_name="decisions_agree",
        asset_key=["linked", "clusters"],
        passed=report.decisions_set_aside == 0,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"set_aside": report.decisions_set_aside, "dormant": report.decisions_dormant},
    )


def incremental_is_full(lake: Lake, bundle: Bundle) -> dg.AssetCheckResult:
    """What the nights came to is what a full run comes to."""
    found = verify_linkage(lake, bundle)
    return dg.AssetCheckResult(
        check_name="incremental_is_full",
        asset_key=["linked", "clusters"],
        passed=found.is_equal,
        metadata=asdict(found),
    )


def unlinkable_clients_are_few(lake: Lake) -> dg.AssetCheckResult:
    """In no agency are more clients unlinkable than `MAX_UNLINKABLE_SHARE`; a warning, since counting goes on."""
    query = "select agency, avg((not is_linkable)::int) from standard.clients group by agency order by agency"
    with sql.connect(lake.spill) as connection:
        sql.open_views(connection, lake, [("standard", "clients")])
        shares = {agency: round(share, 4) for agency, share in connection.execute(query).fetchall()}
    return dg.AssetCheckResult(
        check_name="unlinkable_clients_are_few",
        asset_key=["linked", "clusters"],
        passed=all(share <= MAX_UNLINKABLE_SHARE for share in shares.values()),
        severity=dg.AssetCheckSeverity.WARN,
        metadata={f"unlinkable_share_{agency}": share for agency, share in shares.items()},
    )


def no_model_waits(lake: Lake, offered: Bundle) -> dg.AssetCheckResult:
    """No other bundle than the pinned one is offered; a warning, since the lake stays with its model until somebody
    has looked at what the other would change."""
    pinned = read_pin(lake)
    return dg.AssetCheckResult(
        check_name="no_model_waits",
        asset_key=["person_index", "linkage_runs"],
        passed=not is_waiting(lake, offered),
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"pinned": pinned.version if pinned else "", "offered": offered.version},
    )


def release_verifies(report: PublishReport) -> dg.AssetCheckResult:
    """Every byte, row count and contract of the run's release is as its manifest says."""
    if not report.release.exists():
        return dg.AssetCheckResult(check_name="release_verifies", asset_key=RELEASE, passed=True,
                                   metadata={"files": 0, "rows": 0, "faults": []})  # fmt: skip
    found = verify_release(report.release)
    return dg.AssetCheckResult(
        check_name="release_verifies",
        asset_key=RELEASE,
        passed=found.is_whole,
        metadata={"files": found.files, "rows": found.rows, "faults": list(found.faults)},
    )


def no_release_is_held(report: PublishReport) -> dg.AssetCheckResult:
    """The run's release is readable: no figure of it waits for somebody to look."""
    to_do = {"to_do": f"look at it with `countylink release show {report.release_id}`, then approve or drop it"}
    return dg.AssetCheckResult(
        check_name="no_release_is_held",
        asset_key=RELEASE,
        passed=report.status != HELD,
        metadata={"status": report.status, "findings": report.findings, **(to_do if report.status == HELD else {})},
    )


def audit_log_is_whole(lake: Lake) -> dg.AssetCheckResult:
    """No act of the audit log was edited, removed, put elsewhere or cut off."""
    found = verify_audit(lake, noted_heads(lake))
    return dg.AssetCheckResult(
        check_name="audit_log_is_whole",
        asset_key=RELEASE,
        passed=found.is_whole,
        metadata={"acts": found.head.acts, "sealed_files": found.sealed_files, "faults": len(found.faults)},
    )


def landing_is_understood(report: IngestReport) -> dg.AssetCheckResult:
    """Every entry of the landing folder is a delivery; what is still being written is only mentioned."""
    problems = [*report.refused, *report.warnings]
    return dg.AssetCheckResult(
        check_name="landing_is_understood",
        asset_key=["raw", "deliveries"],
        passed=not problems,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "refused": [{"rule": one.rule_id, "file": one.file, "mend": one.mend} for one in problems],
            "still_being_written": list(report.waiting),
        },
    )


def rows_are_conserved(agency: str, table: str, counts: Sequence[TableCounts]) -> dg.AssetCheckResult:
    """Over all deliveries of a table: rows in = accepted + quarantined + superseded."""
    sums = {name: sum(getattr(one, name) for one in counts) for name in ROWS}
    return dg.AssetCheckResult(
        check_name="rows_are_conserved",
        asset_key=["validated", f"{agency}_{table}"],
        passed=all(one.rows_in == one.accepted + one.quarantined + one.superseded for one in counts),
        metadata=sums,
    )


def no_delivery_is_held(agency: str, held: Sequence[Receipt]) -> dg.AssetCheckResult:
    """No delivery of the agency is held for its form without a better one having come since."""
    mine = [one for one in held if one.agency == agency and not is_releasable(one)]
    return _nothing_waits(
        "no_delivery_is_held",
        agency,
        mine,
        f"send the agency the mends: quarantine/{agency}/data_quality.html in the lake has them",
    )


def no_breaker_tripped(agency: str, held: Sequence[Receipt]) -> dg.AssetCheckResult:
    """No delivery of the agency waits because it is unlike those before it."""
    mine = [one for one in held if one.agency == agency and is_releasable(one)]
    to_do = (
        "ask the agency whether it is right; if so `countylink release-hold DELIVERY --by NAME --reason TEXT`, else it "
        "sends a better one; counts beside what is usual: `countylink release-hold --list`"
    )
    return _nothing_waits("no_breaker_tripped", agency, mine, to_do)


def _nothing_waits(name: str, agency: str, waiting: Sequence[Receipt], to_do: str) -> dg.AssetCheckResult:
    rules = {one.delivery_id: sorted({reason.rule_id for reason in one.held}) for one in waiting}
    return dg.AssetCheckResult(
        check_name=name,
        asset_key=["deliveries", agency],
        passed=not waiting,
        metadata={**rules, "to_do": to_do} if waiting else {},
    )


EARLY_SHARE = 0.5
"""Half of what would hold a delivery: late enough that a usual night does not warn, early enough to mend before."""


def bad_rows_are_few(
    agency: str, contracts: Sequence[DataContract], accepted: Sequence[Receipt]
) -> dg.AssetCheckResult:
    """In the agency's latest accepted delivery, no table has half as many bad rows as would hold it."""
    latest = max(
        (one for one in accepted if one.agency == agency), key=lambda one: (one.as_of, one.revision), default=None
    )
    tables = latest.tables if latest else {}
    near = {
        one.table: {"quarantined": counts.quarantined, "rows_in": counts.rows_in}
        for one in contracts
        if (counts := tables.get(one.table))
        and counts.quarantined > max(one.bad_rows_tolerated, EARLY_SHARE * one.max_bad_row_share * counts.rows_in)
    }
    to_do = {"to_do": "tell the agency before its delivery is held: its data-quality page says what to mend"}
    return dg.AssetCheckResult(
        check_name="bad_rows_are_few",
        asset_key=["deliveries", agency],
        passed=not near,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={**near, **to_do} if near else {},
    )


def sources_are_fresh(agency: str, sources: Sources) -> dg.AssetCheckResult:
    """The agency's latest accepted delivery lies no further behind the newest of all than its contract allows."""
    entry = next((one for one in sources.entries() if one["agency"] == agency), None)
    behind = entry["days_behind"] if entry else None
    return dg.AssetCheckResult(
        check_name="sources_are_fresh",
        asset_key=["deliveries", agency],
        passed=bool(entry) and not entry["is_late"] if entry else False,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "days_behind": -1 if behind is None else behind,
            "allowed_days": sources.allowed_lag_days.get(agency, 0),
        },
    )


def small_cells_are_withheld(report: PublishReport) -> dg.AssetCheckResult:
    """No file of the release tells a small cell; a warning where small changes follow from what was told before."""
    is_there = report.release.exists()
    told = told_faults(report.release) if is_there else []
    before = dict(given_away_before(report.release)) if is_there else {}
    rows = pq.read_table(report.release / "disclosure.parquet").to_pylist() if is_there else []
    figures = {f"{row['table_name']}_withheld": row["withheld_themselves"] + row["withheld_beside"] for row in rows}
    figures |= {f"{row['table_name']}_rows_repeated": row["rows_repeated"] for row in rows}
    return dg.AssetCheckResult(
        check_name="small_cells_are_withheld",
        asset_key=["published", "release"],
        passed=not told and not before,
        severity=dg.AssetCheckSeverity.ERROR if told else dg.AssetCheckSeverity.WARN,
        metadata={"told": len(told), "given_away_before": sum(before.values()), **figures},
    )


def _result(name: str, key: list[str], found: Mapping[str, int]) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        check_name=name, asset_key=key, passed=not any(found.values()), metadata={k: int(v) for k, v in found.items()}
    )


def _scalar(connection: Any, query: str) -> int:
    ((value,),) = connection.execute(query).fetchall()
    return int(value)
