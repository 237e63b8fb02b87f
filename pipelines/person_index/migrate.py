"""A change of the linkage model, rehearsed before it is made: who would be another person, and why.

Every identity of the lake is scored anew in memory. The person index is rehearsed in a scratch lake, by the code that
will run in earnest, so the ids that are carried over are those that the switch carries over. Nothing in the lake
changes until `switch`. What comes out are counts, rungs and weights; no client, no value.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from linkage_rules.bundle import Bundle
from pipelines import sql
from pipelines.errors import LakeError
from pipelines.lake import Lake
from pipelines.link.levels import make_rungs
from pipelines.link.linking import link, make_clusters
from pipelines.link.pin import pin
from pipelines.link.scoring import population_settings
from pipelines.link.ties import decisions_sha256, last_decisions
from pipelines.person_index.update import PACKAGE, IndexReport, latest_version, update, version_folder

EXAMPLES = 20
"""Changed pairs that are shown one by one: as many as somebody reads."""

WEIGHED = 5_000
"""Changed pairs whose rungs are compared: enough for two digits of a mean, few enough to take seconds."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Migration:
    """What switching from one bundle to another would change."""

    from_model: str
    to_model: str
    clients: int
    persons_before: int
    persons_now: int
    persons_unchanged: int
    """Persons with the same id and the same clients."""
    ids_carried_over: int
    clients_moved: int
    """Clients that would be of another person."""
    events: Mapping[str, int]
    """Ledger events of the switch, by code."""
    pairs_joined: int
    pairs_parted: int
    by_agency_pair: tuple[Row, ...]
    """agency_pair, joined, parted: pairs of clients."""
    by_group: tuple[Row, ...]
    """cut_code, cut_value, clients, touched: clients with a pair that joined or parted."""
    cohorts: tuple[Row, ...]
    """kind, code, part, members, members_now, changed, merged, split, replaced, paid_usd_of_changed: of the groups of
    persons that were given."""
    ladders: tuple[Row, ...]
    """is_together_now, ladder, level_before, level_now, pairs, mean_bits_before, mean_bits_now; over changed pairs."""
    examples: tuple[Row, ...]
    """agency_pair, is_together_now, weight_before, weight_now, guard, rungs that differ."""

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON or a page."""
        return asdict(self)


def rehearse(
    lake: Lake, old: Bundle, new: Bundle, decisions: Path | None = None, memberships: pa.Table | None = None
) -> Migration:
    """Score and cluster the lake's current identities with `new` in memory, and compare with the index as it stands.

    `memberships`, from stages that count persons: kind, code, part, person_id, paid_usd; whom a change touches there.

    Raises:
        LakeError: nothing was linked in this lake yet.
    """
    last = _last_version(lake)
    with sql.connect(lake.spill, places=[new.folder]) as connection, _scratch(lake) as scratch:
        tables = [("standard", "identities"), ("standard", "clients"), ("linked", "links"), ("linked", "clusters")]
        sql.open_views(connection, lake, tables)
        make_clusters(connection, new, decisions or last_decisions(lake))
        connection.execute("create schema if not exists work")
        connection.execute(f"create table work.links_now as {sql.text('pipelines.link', 'links')}")
        scratch.write("linked", "clusters", sql.relation(connection, "pipelines.link", "clusters"))
        report = update(scratch, date.fromisoformat(last["as_of"]), {**last["inputs"], "model": new.sha256})
        _open_partitions(connection, lake, scratch)
        sql.create(connection, "work", PACKAGE, "changed_pairs")
        cohorts = _cohorts(connection, memberships)
        return _told(connection, lake, old, new, report, cohorts)


def switch(lake: Lake, new: Bundle, decisions: Path | None = None) -> IndexReport:
    """Pin the bundle, link the lake with it and bring the index up; the ledger gives `model` as the cause.

    Killed in between, the next night finishes the work: what is pinned is what it links with.
    """
    last = _last_version(lake)
    pinned = pin(lake, new)
    link(lake, pinned, decisions)
    now = {"model": pinned.sha256} | ({"decisions": decisions_sha256(lake)} if "decisions" in last["inputs"] else {})
    return update(lake, date.fromisoformat(last["as_of"]), {**last["inputs"], **now})


def _last_version(lake: Lake) -> dict[str, Any]:
    """As-of date and inputs of the index as it stands."""
    version = latest_version(lake)
    if not version:
        raise LakeError(
            "nothing was linked in this lake yet, so there is nothing to migrate; run the nightly job first"
        )
    facts: dict[str, Any] = json.loads((version_folder(lake, version) / "version.json").read_text(encoding="utf-8"))
    return facts


@contextmanager
def _scratch(lake: Lake) -> Iterator[Lake]:
    """A lake with the same clients and the same index, in which a new version can be written.

    Hard links, for what is never written again needs no copy, and a symlink out of a lake leads DuckDB nowhere.
    """
    scratch = Lake(lake.spill / "migration")
    shutil.rmtree(scratch.root, ignore_errors=True)
    try:
        versions = scratch.zone("person_index") / "versions"
        versions.mkdir(parents=True, mode=0o700)
        for number in range(1, latest_version(lake) + 1):
            shutil.copytree(version_folder(lake, number), versions / f"{number:06d}", copy_function=os.link)
        clients = scratch.path("standard", "clients")
        clients.parent.mkdir(mode=0o700)
        os.link(lake.path("standard", "clients"), clients)
        yield scratch
    finally:
        shutil.rmtree(scratch.root, ignore_errors=True)


def _open_partitions(connection: duckdb.DuckDBPyConnection, lake: Lake, scratch: Lake) -> None:
    """Make work.before and work.now: client_key, person_id."""
    for name, where in (("before", lake), ("now", scratch)):
        path = sql.literal(str(where.path("person_index", "person_of_client")))
        connection.execute(f"create table work.{name} as select client_key, person_id from read_parquet({path})")


CHANGES = "count(*) filter (where is_together_now) as joined, count(*) filter (where not is_together_now) as parted"


def _told(
    connection: duckdb.DuckDBPyConnection,
    lake: Lake,
    old: Bundle,
    new: Bundle,
    report: IndexReport,
    cohorts: tuple[Row, ...],
) -> Migration:
    (persons,) = _rows(connection, sql.text(PACKAGE, "compared_persons"))
    (pairs,) = _rows(connection, f"select {CHANGES} from work.changed_pairs")
    _weigh(connection, old, new)
    return Migration(
        from_model=f"{old.version} {old.sha256[:12]}",
        to_model=f"{new.version} {new.sha256[:12]}",
        **persons,
        events=dict(report.events),
        pairs_joined=pairs["joined"],
        pairs_parted=pairs["parted"],
        by_agency_pair=_rows(
            connection, f"select agency_pair, {CHANGES} from work.changed_pairs group by all order by all"
        ),
        by_group=_by_group(connection, lake),
        cohorts=cohorts,
        ladders=_rows(connection, sql.text(PACKAGE, "changed_rungs")),
        examples=_examples(connection),
    )


def _weigh(connection: duckdb.DuckDBPyConnection, old: Bundle, new: Bundle) -> None:
    """Make work.weighed_pairs, and work.differing_rungs: where on the ladders the two models judge them otherwise."""
    sql.create(connection, "work", PACKAGE, "weighed_pairs", {"weighed": WEIGHED})
    for name, bundle in (("before", old), ("now", new)):
        settings = population_settings(connection, bundle)
        make_rungs(connection, settings, "work.weighed_pairs", f"work.rungs_{name}")
    sql.create(connection, "work", PACKAGE, "differing_rungs")


def _by_group(connection: duckdb.DuckDBPyConnection, lake: Lake) -> tuple[Row, ...]:
    """Clients with a changed pair, by what their own records say; nothing if no run has told the groups yet."""
    if not lake.has("person_index", "client_attributes"):
        return ()
    sql.open_views(connection, lake, [("person_index", "client_attributes")])
    return _rows(connection, sql.text(PACKAGE, "touched_groups"))


def _cohorts(connection: duckdb.DuckDBPyConnection, memberships: pa.Table | None) -> tuple[Row, ...]:
    """How many members of each given group of persons change."""
    if memberships is None:
        return ()
    connection.register("given_memberships", memberships)
    connection.execute("create table work.memberships as from given_memberships")
    connection.unregister("given_memberships")
    return _rows(connection, sql.text(PACKAGE, "changed_members"))


def _examples(connection: duckdb.DuckDBPyConnection) -> tuple[Row, ...]:
    """Some changed pairs, each with its weights and the rungs that differ."""
    pairs = _rows(
        connection,
        "select pair, agency_pair, is_together_now, round(weight_before, 1) as weight_before, "
        f"round(weight_now, 1) as weight_now, guard from work.weighed_pairs where pair <= {EXAMPLES} order by pair",
    )
    rungs = _rows(connection, f"from work.differing_rungs where pair <= {EXAMPLES} order by pair, ladder")
    return tuple({**pair, "rungs": [rung for rung in rungs if rung["pair"] == pair["pair"]]} for pair in pairs)


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[Row, ...]:
    rows: list[Row] = connection.sql(query).to_arrow_table().to_pylist()
    return tuple(rows)
