"""Scores of chosen clients, made on the spot: the same weights, guards and rules as at night, for people who ask why.

Belongs here: a small table of identities in place of the whole, so that a pair is scored in seconds in a county of any
size. Everything that decides a weight is the night's own code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from linkage_rules.blocking import RULES, BlockingRule
from linkage_rules.bundle import Bundle
from linkage_rules.settings import Settings, doublings_between, fitted_to_population
from pipelines import sql
from pipelines.errors import LakeError
from pipelines.lake import Lake
from pipelines.link import scoring
from pipelines.link.candidates import make_candidates, shared_id_rules
from pipelines.link.decision_store import Client
from pipelines.link.decisions import Pair


@dataclass(frozen=True)
class Scene:
    """Chosen clients and those they share blocks with, ready to be scored as the night scores."""

    connection: duckdb.DuckDBPyConnection
    bundle: Bundle
    settings: Settings
    rules: tuple[BlockingRule, ...]
    names: Mapping[tuple[str, ...], str]
    """Key of a rule → what the night calls it; rules of shared ids are numbered over the whole county."""


@dataclass(frozen=True)
class Scored:
    """The best pair of identities of two clients: what speaks for the pair. Weight in bits."""

    identity_id_l: int
    identity_id_r: int
    match_weight: float
    guard: str | None


def client_keys(lake: Lake, clients: Iterable[Client]) -> dict[Client, int]:
    """The keys of the clients that the lake knows."""
    wanted = sorted(set(clients))
    _need(lake, "clients")
    names = pa.table({"agency": [a for a, _ in wanted], "client_id": [c for _, c in wanted]}, schema=_CLIENT)
    with sql.connect(lake.spill) as connection:
        sql.open_views(connection, lake, [("standard", "clients")])
        connection.register("wanted", names)
        rows = connection.execute(
            "select agency, client_id, client_key from standard.clients semi join wanted using (agency, client_id)"
        ).fetchall()
    return {(str(agency), str(client_id)): int(key) for agency, client_id, key in rows}


_CLIENT = pa.schema([("agency", pa.string()), ("client_id", pa.string())])


def open_scene(connection: duckdb.DuckDBPyConnection, lake: Lake, bundle: Bundle, keys: Sequence[int]) -> Scene:
    """Make standard.identities, linkage.candidates and term frequencies for these clients and their block-mates.

    A block is refined by its size, so everyone in a block of theirs comes along; nobody else matters.
    """
    _need(lake, "identities")
    path = lake.path("standard", "identities")
    connection.execute("create schema if not exists standard")
    connection.execute("create schema if not exists linkage")
    connection.execute(f"create view standard.all_identities as from read_parquet({sql.literal(str(path))})")
    connection.execute("create view standard.identities as from standard.all_identities")
    night_rules = (*RULES, *shared_id_rules(connection))
    connection.execute("drop view standard.identities")
    connection.register("chosen_keys", pa.table({"client_key": pa.array(sorted(set(keys)), pa.int64())}))
    connection.execute(
        "create table standard.identities as "
        "select i.* from standard.all_identities as i semi join chosen_keys using (client_key)"
    )
    _add_block_mates(connection, night_rules)
    rules = make_candidates(connection)
    scoring.open_term_frequencies(connection, bundle)
    doublings = doublings_between(bundle.identities_trained_on, int(pq.read_metadata(path).num_rows))
    settings = fitted_to_population(bundle.settings, doublings)
    return Scene(connection, bundle, settings, rules, {rule.key: rule.name for rule in night_rules})


def score_groups(scene: Scene, groups: dict[int, int]) -> dict[Pair, Scored]:
    """The best pair of identities of each two clients of a group (client key → group), smaller key first."""
    if not sql.count(scene.connection, "standard.identities"):
        return {}
    rows = pa.table({"client_key": list(groups), "component": list(groups.values())}, schema=_GROUP)
    scene.connection.register("arrow_groups", rows)
    scene.connection.execute("create or replace table linkage.components as from arrow_groups")
    scoring.score_components(scene.connection, scene.bundle, scene.settings)
    found = sql.relation(scene.connection, "pipelines.link", "best_pairs").fetchall()
    return {(one, other): Scored(*speaking) for one, other, *speaking in found}


_GROUP = pa.schema([("client_key", pa.int64()), ("component", pa.int64())])


def rules_that_met(scene: Scene, identity_l: int, identity_r: int) -> tuple[str, ...]:
    """Every blocking rule that brings two identities together, not only the first, in the order of the rules."""
    asked = ", ".join(f"l.{rule.column} = r.{rule.column}" for rule in scene.rules) or "null"
    ((*met,),) = scene.connection.execute(
        f"select {asked} from linkage.candidates as l, linkage.candidates as r "
        "where l.identity_id = $l and r.identity_id = $r",
        {"l": identity_l, "r": identity_r},
    ).fetchall()
    return tuple(scene.names[rule.key] for rule, is_met in zip(scene.rules, met, strict=False) if is_met)


def _add_block_mates(connection: duckdb.DuckDBPyConnection, rules: Iterable[BlockingRule]) -> None:
    for rule in rules:
        key = f"hash({', '.join(rule.key)})"
        known = " and ".join(f"({part}) is not null" for part in rule.key)
        connection.execute(
            f"insert into standard.identities select i.* from standard.all_identities as i where {known} "
            f"and {key} in (select {key} from standard.identities semi join chosen_keys using (client_key) "
            f"where {known}) and identity_id not in (select identity_id from standard.identities)"
        )


def _need(lake: Lake, table: str) -> None:
    if not lake.has("standard", table):
        raise LakeError("the lake has no clients yet; run the nightly job first")
