"""The stage: from standard/identities and standard/clients to linked/links and linked/clusters.

Belongs here: the order of the steps and what is written. What is a candidate, what a score is worth and who may never
be together is in `linkage_rules`; the arithmetic of clusters is in `graph.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from linkage_rules.bundle import Bundle
from linkage_rules.guards import final_guards
from linkage_rules.thresholds import fitted_to_population
from pipelines import sql
from pipelines.lake import Lake
from pipelines.link import graph
from pipelines.link.decisions import Ties
from pipelines.link.duckdb_engine import DuckDbEngine
from pipelines.link.engine import USUAL, Engine, EngineChoice, open_engine
from pipelines.link.graph import Flags, Numbers, Pairs
from pipelines.link.links import SAME_COMPONENT, pair_codes
from pipelines.link.places import NOWHERE, among, find, union
from pipelines.link.remembered import Components, forget
from pipelines.link.ties import read_ties, standing_decisions

PACKAGE = "pipelines.link"

MEMORY_LIMIT = "5GB"
"""Beside DuckDB stand arrays of some 600 MB a million identities; together they link five million in 8 GiB."""

ALL_PAIRS = "from linkage.links union all by name from linkage.component_pairs"
"""Links, and what else was scored within components; an engine may have scored a pair as both."""


@dataclass(frozen=True)
class LinkReport:
    """Counts of one run; no value of any record."""

    bundle_version: str
    clients: int
    linkable_clients: int
    identities: int
    is_full: bool
    """Whether everything was scored; otherwise the run built on what the last one scored."""
    candidate_pairs: int
    """Pairs that the rules met and that the last run had not met, each once."""
    met_by_rule: Mapping[str, int]
    """Of these, by the first rule that met them: what each rule costs."""
    pairs_by_rule: Mapping[str, int]
    """Links at or above the loose weight, by the first rule that met them."""
    component_pairs: int
    """Pairs within the components that were made anew, beside their links."""
    links: int
    forbidden_pairs: int
    """Links that a guard forbids and that are in two persons."""
    overruled_pairs: int
    """Links that a guard forbids and that are in one person, because other clients or a reviewer say so."""
    clusters: int
    largest_cluster: int
    must_links: int
    cannot_links: int
    decisions_set_aside: int
    """Decisions that contradict each other and were not applied; `countylink decide conflicts` names them."""
    decisions_dormant: int
    """Decisions about clients that no agency knows any longer; they wait for the client to come back."""


def link(
    lake: Lake,
    bundle: Bundle,
    decisions: Path | None = None,
    choice: EngineChoice = USUAL,
    *,
    is_full: bool = False,
) -> LinkReport:
    """Score and cluster every client of standard/clients; writes linked/links, linked/clusters and linked/decisions.

    Builds on what the last run scored, unless that was done with another model, or `is_full` asks for everything anew;
    the result is the same.

    `decisions` is Parquet: agency_l, client_id_l, agency_r, client_id_r, decision_code (same, different, unsure);
    default: those in force in the lake's store.
    """
    connection = sql.connect(lake.spill, places=[bundle.folder], memory_limit=MEMORY_LIMIT)
    try:
        sql.open_views(connection, lake, [("standard", "identities"), ("standard", "clients")])
        bundle = _fitted(connection, bundle)
        with open_engine(choice, lake.spill, None if is_full else lake) as engine:
            clustered = _cluster(connection, bundle, standing_decisions(lake, decisions), engine)
            forget(lake)
            lake.write("linked", "links", engine.all_links(connection))
            lake.write("linked", "clusters", engine.all_clusters(connection))
            engine.remember(lake, clustered.components)
            sql.open_views(connection, lake, [("linked", "links"), ("linked", "clusters")])
            told_links = f"from linked.links where match_key <> {sql.literal(SAME_COMPONENT)}"
            return _report(connection, bundle, engine, clustered, told_links, "from linked.clusters")
    finally:
        connection.close()


def make_clusters(
    connection: duckdb.DuckDBPyConnection, bundle: Bundle, decisions: Path | None = None, engine: Engine | None = None
) -> LinkReport:
    """Make linkage.links, linkage.component_pairs and linkage.client_clusters in memory.

    Needs standard.identities and standard.clients.
    """
    engine, bundle = engine or DuckDbEngine(), _fitted(connection, bundle)
    clustered = _cluster(connection, bundle, decisions, engine)
    return _report(connection, bundle, engine, clustered, "from linkage.links", "from linkage.client_clusters")


@dataclass(frozen=True)
class _Clustered:
    """What the report and the next run want to know of the clustering."""

    ties: Ties
    components: Components
    component_pairs: int


def _fitted(connection: duckdb.DuckDBPyConnection, bundle: Bundle) -> Bundle:
    """The bundle with thresholds for as many identities as there are."""
    identities = sql.count(connection, "standard.identities")
    return replace(bundle, thresholds=fitted_to_population(bundle.thresholds, identities))


def _cluster(
    connection: duckdb.DuckDBPyConnection, bundle: Bundle, decisions: Path | None, engine: Engine
) -> _Clustered:
    """Make linkage.client_clusters, of the clients of linkage.clients."""
    all_ties = read_ties(connection, decisions)
    ties = engine.score_candidates(connection, bundle, all_ties)
    keys, must = _clients_in_play(connection, ties)
    links = client_pairs(connection, "linkage.links", keys, ties)
    loose = graph.loose_components(len(keys), links, must, bundle.thresholds)
    labels = graph.taken_apart(loose, links, must, bundle.thresholds)
    _publish_components(connection, keys, labels)
    component_pairs = engine.score_components(connection, bundle)
    judged = client_pairs(connection, f"({ALL_PAIRS})", keys, ties)
    found = graph.clusters(labels, judged, must, bundle.thresholds)
    _publish_clusters(connection, keys, found)
    return _Clustered(all_ties, Components(keys, keys[graph.first_of_each(loose)]), component_pairs)


def _clients_in_play(connection: duckdb.DuckDBPyConnection, ties: Ties) -> tuple[Numbers, Numbers]:
    """Keys of the clients that any link or must-link touches, sorted; and the must-links by position among them."""
    columns = connection.execute(
        "select client_key_l as key from linkage.links union select client_key_r from linkage.links"
    ).fetchnumpy()
    tied = np.array(sorted(ties.must), dtype=np.int64).reshape(-1, 2)
    keys = union([columns["key"].astype(np.int64), tied.ravel()])
    return keys, np.searchsorted(keys, tied).astype(np.int64).reshape(-1, 2)


def client_pairs(connection: duckdb.DuckDBPyConnection, pairs: str, keys: Numbers, ties: Ties) -> Pairs:
    """One pair of clients for all pairs of their identities: the best of them speaks, weight and guard."""
    connection.execute("create schema if not exists linkage")
    connection.execute(f"create or replace view linkage.judged_pairs as from {pairs}")
    rows = sql.relation(connection, PACKAGE, "client_pairs", {"final": list(final_guards())}).fetchnumpy()
    found = Pairs(
        np.searchsorted(keys, rows["one"]),
        np.searchsorted(keys, rows["other"]),
        rows["weight"].astype(np.float64),
        rows["is_forbidden"].astype(bool),
        rows["is_final"].astype(bool),
    )
    return _with_cannot_links(found, keys, ties)


def _with_cannot_links(pairs: Pairs, keys: Numbers, ties: Ties) -> Pairs:
    """Forbid the pairs that reviewers said are different, scored or not; a must-link lifts a guard."""
    must, cannot = _codes_of(ties.must, keys), _codes_of(ties.cannot, keys)
    if not len(cannot) and not len(must):
        return pairs
    codes = pair_codes(pairs.left, pairs.right)
    said, tied = _flags(codes, cannot), _flags(codes, must)
    forbidden = said | (pairs.forbidden & ~tied)
    final = np.zeros(len(pairs), dtype=bool) if pairs.decided is None else pairs.decided & ~tied
    unseen = cannot[~among(cannot, codes)]
    extra = np.stack([unseen >> 32, unseen & 0xFFFFFFFF], axis=1)
    return Pairs(
        np.concatenate([pairs.left, extra[:, 0]]),
        np.concatenate([pairs.right, extra[:, 1]]),
        np.concatenate([pairs.weight, np.full(len(extra), -np.inf)]),
        np.concatenate([forbidden, np.ones(len(extra), dtype=bool)]),
        np.concatenate([said | final, np.ones(len(extra), dtype=bool)]),
    )


def _codes_of(ties: Iterable[tuple[int, int]], keys: Numbers) -> Numbers:
    """Tied pairs of clients that stand among the keys, by their places there, as ascending numbers."""
    pairs = np.array(sorted(ties), dtype=np.int64).reshape(-1, 2)
    left, right = find(keys, pairs[:, 0]), find(keys, pairs[:, 1])
    known = (left != NOWHERE) & (right != NOWHERE)
    return pair_codes(left[known], right[known])


def _flags(codes: Numbers, chosen: Numbers) -> Flags:
    """Which of some ascending numbers are among the few that are chosen."""
    flags = np.zeros(len(codes), dtype=bool)
    places = find(codes, chosen)
    flags[places[places != NOWHERE]] = True
    return flags


def _publish_components(connection: duckdb.DuckDBPyConnection, keys: Numbers, labels: Numbers) -> None:
    """linkage.components: client_key, component; only components of three or more, the others need no more scores."""
    large = np.bincount(labels, minlength=1)[labels] >= 3
    _publish(connection, "components", {"client_key": keys[large], "component": labels[large]})


def _publish_clusters(connection: duckdb.DuckDBPyConnection, keys: Numbers, found: Numbers) -> None:
    """linkage.client_clusters: client_key, cluster_id (the smallest client key of the cluster)."""
    _publish(connection, "client_clusters", {"client_key": keys, "cluster_id": keys[found]})


def _publish(connection: duckdb.DuckDBPyConnection, table: str, columns: Mapping[str, Numbers]) -> None:
    connection.register("arrow_rows", pa.table(dict(columns)))
    connection.execute(f"create or replace table linkage.{table} as from arrow_rows")
    connection.unregister("arrow_rows")


def _report(
    connection: duckdb.DuckDBPyConnection,
    bundle: Bundle,
    engine: Engine,
    clustered: _Clustered,
    links: str,
    clusters_of_clients: str,
) -> LinkReport:
    """Counts over links and clusters, each a SELECT."""
    ties = clustered.ties
    connection.execute(f"create or replace view linkage.told_links as {links}")
    connection.execute(f"create or replace view linkage.told_clusters as {clusters_of_clients}")
    ((clients, linkable, clusters, largest),) = connection.execute(sql.text(PACKAGE, "cluster_counts")).fetchall()
    by_rule = connection.execute(
        "select match_key, count(*) from linkage.told_links group by match_key order by match_key"
    ).fetchall()
    ((guarded, overruled),) = connection.execute(sql.text(PACKAGE, "guard_counts")).fetchall()
    return LinkReport(
        bundle_version=bundle.version,
        clients=clients,
        linkable_clients=linkable,
        identities=sql.count(connection, "standard.identities"),
        is_full=engine.is_full,
        candidate_pairs=sum(engine.met_by_rule.values()),
        met_by_rule=dict(engine.met_by_rule),
        pairs_by_rule=dict(by_rule),
        component_pairs=clustered.component_pairs,
        links=sql.count(connection, "linkage.told_links"),
        forbidden_pairs=guarded - overruled,
        overruled_pairs=overruled,
        clusters=clusters,
        largest_cluster=largest,
        must_links=len(ties.must),
        cannot_links=len(ties.cannot),
        decisions_set_aside=ties.set_aside,
        decisions_dormant=ties.dormant,
    )
