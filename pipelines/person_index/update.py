"""Carry yesterday's person ids over to today's clusters.

A cluster inherits the id of the person with whom it shares most clients; what shares nothing gets a new id. When
persons merge, the one with most clients survives; when one splits, the id stays with the larger part. Ties go to the
older id, then to the lower cluster, so that the same history always gives the same ids.

A version is a folder, `person_index/versions/<n>/`, written whole or not at all; the highest is the current one.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from pipelines import sql
from pipelines.errors import LakeError
from pipelines.lake import Lake, new_folder, replacing
from pipelines.person_index.touched import NOWHERE, Grouping, Numbers, find, touched

PACKAGE = "pipelines.person_index"


@dataclass(frozen=True)
class IndexReport:
    """Counts of one update: clients and persons now, and how many events of each code it took."""

    version: int
    clients: int
    persons: int
    events: Mapping[str, int]


def update(lake: Lake, as_of: date, inputs: Mapping[str, str]) -> IndexReport:
    """Bring the index up to `linked.clusters`; returns the counts.

    Args:
        lake: has `standard.clients` and `linked.clusters`.
        as_of: the run's date, written into every event.
        inputs: what the clusters were made from, by kind (`deliveries`, `model`, `decisions`), each a fingerprint; an
            event's cause names the kinds that changed since the last version.

    Raises:
        LakeError: a client has no cluster, or a cluster names a client that is not there.
    """
    with sql.connect(lake.spill) as connection:
        sql.open_views(connection, lake, [("standard", "clients"), ("linked", "clusters")])
        connection.execute("create schema work")
        version = latest_version(lake)
        before, now = _persons_before(connection, lake, version), _clusters(connection)
        _open_touched(connection, before, now)
        _open_highest_id(connection, lake, version)
        _name_clusters(connection)
        persons = _name_clients(connection, before, now)
        _open_person_of_client(connection, persons)
        events = _tell(connection)
        if events:
            version += 1
            _write_version(connection, lake, version, as_of, inputs)
        _publish_current(connection, lake, version, as_of)
        return IndexReport(
            version=version,
            clients=len(persons),
            persons=int(np.count_nonzero(np.bincount(persons))),
            events=events,
        )


def latest_version(lake: Lake) -> int:
    """The number of the current version; 0 before the first."""
    folder = lake.zone("person_index") / "versions"
    return max((int(path.name) for path in folder.glob("[0-9]*")), default=0)


def version_folder(lake: Lake, version: int) -> Path:
    """Where a version lives; the name sorts as the number does."""
    return lake.zone("person_index") / "versions" / f"{version:06d}"


def _persons_before(connection: duckdb.DuckDBPyConnection, lake: Lake, version: int) -> Grouping:
    """Which client was which person; nobody, before the first version."""
    if not version:
        return Grouping(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
    path = sql.literal(str(version_folder(lake, version) / "person_of_client.parquet"))
    return _grouping(connection, f"select client_key, person_id from read_parquet({path})")


def _clusters(connection: duckdb.DuckDBPyConnection) -> Grouping:
    """Which client is of which cluster now; each client once."""
    now = _grouping(connection, "select client_key, cluster_id from linked.clusters")
    known = np.sort(connection.execute("select client_key from standard.clients").fetchnumpy()["client_key"])
    if not np.array_equal(now.client_keys, known):
        strays, doubles = (
            len(np.setxor1d(now.client_keys, known)),
            len(now.client_keys) - len(np.unique(now.client_keys)),
        )
        raise LakeError(
            f"linked.clusters does not hold each client once ({strays} astray, {doubles} twice); "
            "run the link stage again"
        )
    return now


def _grouping(connection: duckdb.DuckDBPyConnection, query: str) -> Grouping:
    """Two columns as arrays, by client."""
    keys, groups = (np.asarray(column, dtype=np.int64) for column in connection.execute(query).fetchnumpy().values())
    if np.all(keys[1:] > keys[:-1]):
        return Grouping(keys, groups)
    order = np.argsort(keys, kind="stable")
    return Grouping(keys[order], groups[order])


def _open_touched(connection: duckdb.DuckDBPyConnection, before: Grouping, now: Grouping) -> None:
    """Make work.person_before and work.cluster_now, of the clients who may get another person."""
    chosen = touched(before, now)
    for table, group, rows in (
        ("person_before", "person_id", before.where(chosen.before)),
        ("cluster_now", "cluster_id", now.where(chosen.now)),
    ):
        _make(connection, table, {"client_key": rows.client_keys, group: rows.groups})


def _open_highest_id(connection: duckdb.DuckDBPyConnection, lake: Lake, version: int) -> None:
    ever = "select coalesce(max(person_id), 0) from read_parquet($path)"
    ledgers = [str(version_folder(lake, number) / "ledger.parquet") for number in range(1, version + 1)]
    highest = _scalar(connection, ever, {"path": ledgers}) if ledgers else 0
    connection.execute("create table work.highest_id as select $highest::bigint as person_id", {"highest": highest})


def _make(connection: duckdb.DuckDBPyConnection, table: str, columns: Mapping[str, Numbers]) -> None:
    connection.register("array_rows", pa.table(dict(columns)))
    connection.execute(f"create table work.{table} as from array_rows")
    connection.unregister("array_rows")


def _name_clusters(connection: duckdb.DuckDBPyConnection) -> None:
    sql.create(connection, "work", PACKAGE, "overlap")
    connection.execute("create table work.candidate as from work.overlap")
    connection.execute("create table work.person_of_cluster (person_id bigint, cluster_id bigint)")
    while sql.create(connection, "work", PACKAGE, "inherited"):
        connection.execute("insert into work.person_of_cluster from work.inherited")
        connection.execute(
            """
            delete from work.candidate
            where person_id in (select person_id from work.inherited)
                or cluster_id in (select cluster_id from work.inherited)
            """
        )
    connection.execute(
        """
        create table work.minted as
        select highest.person_id + row_number() over (order by cluster_id) as person_id, cluster_id
        from (select distinct cluster_id from work.cluster_now) as clusters
        anti join work.person_of_cluster as named using (cluster_id)
        cross join work.highest_id as highest
        """
    )
    connection.execute("insert into work.person_of_cluster select person_id, cluster_id from work.minted")


def _name_clients(connection: duckdb.DuckDBPyConnection, before: Grouping, now: Grouping) -> Numbers:
    """Make work.person_now of the touched; returns everyone's persons, by client."""
    connection.execute(
        "create table work.person_now as select client_key, person_id "
        "from work.cluster_now inner join work.person_of_cluster using (cluster_id)"
    )
    named = _grouping(connection, "select client_key, person_id from work.person_now")
    persons = np.zeros(len(now.client_keys), dtype=np.int64)
    for known in (before, named):
        places = find(known.client_keys, now.client_keys)
        persons = np.where(places == NOWHERE, persons, np.append(known.groups, 0)[places])
    return persons


def _open_person_of_client(connection: duckdb.DuckDBPyConnection, persons: Numbers) -> None:
    """Make person_of_client: a row per client, by client: client_key, agency, client_id, person_id."""
    clients = connection.sql("select client_key, agency, client_id from standard.clients").to_arrow_table()
    keys = clients["client_key"].to_numpy()
    if not np.all(keys[1:] > keys[:-1]):
        clients = clients.take(pa.array(np.argsort(keys, kind="stable")))
    connection.register("person_of_client", clients.append_column("person_id", pa.array(persons)))


def _tell(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    sql.create(connection, "work", PACKAGE, "events")
    counts = connection.execute("select event_code, count(*) from work.events group by all order by all").fetchall()
    return {code: int(rows) for code, rows in counts}


def _write_version(
    connection: duckdb.DuckDBPyConnection, lake: Lake, version: int, as_of: date, inputs: Mapping[str, str]
) -> None:
    previous = version_folder(lake, version - 1)
    told = (
        _scalar(
            connection,
            "select coalesce(max(event_number), 0) from read_parquet($path)",
            {"path": str(previous / "ledger.parquet")},
        )
        if version > 1
        else 0
    )
    cause = _cause(previous, inputs) if version > 1 else "first_index"
    with new_folder(version_folder(lake, version)) as staged:
        connection.sql("from person_of_client").write_parquet(
            str(staged / "person_of_client.parquet"), compression="zstd"
        )
        told_now = _ledger_rows(connection, told, version, as_of, cause)
        told_now.write_parquet(str(staged / "ledger.parquet"), compression="zstd")
        facts = {"as_of": as_of.isoformat(), "cause": cause, "inputs": dict(inputs)}
        (staged / "version.json").write_text(json.dumps(facts, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def _ledger_rows(
    connection: duckdb.DuckDBPyConnection, told: int, version: int, as_of: date, cause: str
) -> duckdb.DuckDBPyRelation:
    """The events of this update as rows of the ledger, numbered from `told` on."""
    return connection.sql(
        """
        select
            $told + row_number() over () as event_number, $version::bigint as version_number,
            $as_of::date as as_of_on, events.*, $cause as cause
        from work.events as events
        """,
        params={"told": told, "version": version, "as_of": as_of, "cause": cause},
    )


def _cause(previous: Path, inputs: Mapping[str, str]) -> str:
    before = json.loads((previous / "version.json").read_text(encoding="utf-8"))["inputs"]
    changed = sorted(kind for kind in {*before, *inputs} if before.get(kind) != inputs.get(kind))
    return "+".join(changed) or "code"


def _publish_current(connection: duckdb.DuckDBPyConnection, lake: Lake, version: int, as_of: date) -> None:
    """Write the two tables that later stages read; a crash before this is mended by the next run.

    Before the first version (no delivery was ever taken) both are written without rows.
    """
    if version == 0:
        lake.write("person_index", "person_of_client", connection.sql("from person_of_client"))
        lake.write("person_index", "ledger", _ledger_rows(connection, 0, 0, as_of, ""))
        return
    ledgers = [str(version_folder(lake, number) / "ledger.parquet") for number in range(1, version + 1)]
    with replacing(lake.path("person_index", "person_of_client")) as staged:
        shutil.copyfile(version_folder(lake, version) / "person_of_client.parquet", staged)
    # each version's events are in their order, and versions follow one another: nothing has to be sorted
    lake.write("person_index", "ledger", connection.sql("from read_parquet($paths)", params={"paths": ledgers}))


def _scalar(connection: duckdb.DuckDBPyConnection, query: str, params: Mapping[str, object] | None = None) -> int:
    return int(connection.execute(query, dict(params) if params else None).fetchall()[0][0])
