"""The steps of the benchmark, each run as a process: `python -m benchmarks.scale.steps NAME ARGUMENT …`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from pathlib import Path

import duckdb

from benchmarks import bare
from benchmarks.processes import tell
from benchmarks.scale import by_hand, tables
from linkage_rules.bundle import shipped_bundle
from linkage_rules.settings import Settings
from pipelines import person_index, sql
from pipelines.lake import Lake
from pipelines.link import link
from pipelines.link.candidates import TABLE


def make_records(folder: str, records: str) -> None:
    """Write the records of both nights."""
    tables.make_records(Path(folder), int(records))
    tell()


def standardise(records: str, lake: str) -> None:
    """Write the standard zone of a lake; tells counts and seconds."""
    tell(**tables.standardise(Path(records), Lake(Path(lake))))


def ours(root: str, night: str) -> None:
    """Predict, cluster, refine, then the person index: the whole of it, or on a second night what has changed."""
    lake, bundle, watch = Lake(Path(root)), shipped_bundle(), bare.Stopwatch()
    report = watch.time("link", lambda: link(lake, bundle))
    inputs = {"deliveries": night, "model": bundle.sha256}
    index = watch.time("index", lambda: person_index.update(lake, date.fromisoformat(night), inputs))
    tell(**watch.steps, processor=watch.processor, report=asdict(report), persons=index.persons, events=index.events)


def same(root: str, other: str) -> None:
    """Whether two lakes hold the same partition of the same clients; tells how many clients differ."""
    with duckdb.connect() as connection:
        one, two = (str(Lake(Path(place)).path("linked", "clusters")) for place in (root, other))
        query = (
            "select count(*) from read_parquet($one) as a full outer join read_parquet($two) as b using (client_key) "
            "where a.cluster_id is distinct from b.cluster_id"
        )
        ((differing,),) = connection.execute(query, {"one": one, "two": two}).fetchall()
    tell(differing=differing)


def splink(root: str) -> None:
    """Bare Splink on the same identities."""
    watch = bare.measure(Path(root))
    tell(**watch.steps, processor=watch.processor)


def limit(root: str) -> None:
    """Splink's scoring beside SQL by hand, on the same blocked pairs; tells the pairs of each rule too."""
    bundle, watch = shipped_bundle(), bare.Stopwatch()
    with bare.open_identities(Lake(Path(root))) as connection:
        prepared = bare.prepare(connection, bundle)
        inference, weight = prepared.linker.inference, bundle.thresholds.loose_weight
        pairs = inference.compute_blocked_pairs_for_predict().physical_name
        scored = watch.time("splink", lambda: inference.predict(threshold_match_weight=weight)).physical_name
        watch.time("by_hand", lambda: _score_by_hand(connection, prepared.settings, pairs, weight))
        by_rule = connection.execute(f"select match_key::integer, count(*) from {pairs} group by all order by all")
        names = {prepared.rules[place].name: count for place, count in by_rule.fetchall()}
        found = {"splink_links": sql.count(connection, scored), "links": sql.count(connection, "linkage.by_hand")}
        identities = sql.count(connection, "standard.identities")
    tell(**watch.steps, **found, pairs=sum(names.values()), pairs_by_rule=names, identities=identities)


def _score_by_hand(connection: duckdb.DuckDBPyConnection, settings: Settings, pairs: str, weight: float) -> None:
    """Make linkage.by_hand: the pairs at or above a weight."""
    connection.execute(by_hand.nodes_sql(settings, TABLE, _columns(connection, TABLE)))
    statement = by_hand.scores_sql(settings, pairs, _columns(connection, by_hand.NODES), weight)
    connection.execute(f"create or replace table linkage.by_hand as {statement}")


def _columns(connection: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    return [str(row[0]) for row in connection.execute(f"describe {table}").fetchall()]


STEPS: dict[str, Callable[..., None]] = {
    step.__name__: step for step in (make_records, standardise, ours, same, splink, limit)
}

if __name__ == "__main__":
    STEPS[sys.argv[1]](*sys.argv[2:])
