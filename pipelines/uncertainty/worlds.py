"""Measures in worlds where some clients are other persons: each world a copy of these clients' events, all in one pass.

A world holds only the clients whose person differs from the county's. What a person comes to follows from its clients
alone, and the same clients are one person in many worlds: such a set is copied once, its events under keys of their
own, so that persons cannot meet. Episodes and measures are then the stages' own SQL, run once over all sets together.
What a world changes is its rows less those of the county's persons who are gone from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from pipelines import sql
from pipelines.episodes.build import EPISODES, RULES, episode_rules, gather_members
from pipelines.episodes.build import PACKAGE as EPISODES_PACKAGE
from pipelines.lake import Lake
from pipelines.outcomes.definitions import Measure
from pipelines.outcomes.measure import add_person_rows, share
from pipelines.outcomes.results import open_definitions
from pipelines.standardise.code_sets import CODE_SETS, open_code_sets

PACKAGE = "pipelines.uncertainty"

EVENTS = {
    "bookings": "booking_number",
    "tenancies": "tenancy_id",
    "homeless_enrollments": "enrollment_id",
    "psychiatric_emergency_contacts": "contact_id",
    "inpatient_stays": "stay_id",
    "partnerships": "enrollment_id",
    "deaths": "record_id",
    "mental_health_services": "service_id",
    "residential_settings": "setting_id",
}
"""Table of events → the column that names a row, and from which the names of episodes are made."""

NAMED_WITHIN_A_PERSON = ("homeless_enrollments",)
"""Tables whose rows keep the county's name: episodes made of them are told apart by person and name, and which of two
on one day comes first is decided by the hash of the name, which a number in front would turn over."""

WORLDS = ("placed_persons", "clients", "persons", "gone")
"""Tables of `worlds`, in the order in which they are made."""

NUMBER_DIGITS = 10
"""Of a person's number in front of the name of an event, so that names sort by person first."""

OF_NO_CLIENT = ("providers", "data_through")

WALK_BACK = "episode_sources"
"""The one table of episodes that no measure reads."""


def world_cells(
    connection: duckdb.DuckDBPyConnection,
    lake: Lake,
    measures: Sequence[Measure],
    placed: pa.Table,
    rules: Path = RULES,
    code_sets: Path = CODE_SETS,
) -> pa.Table:
    """By how much each world changes the sums of each cell (the columns of `world_cells.sql`).

    `placed` has a row for each client that is another person in a world: world, client_key, cluster_key.
    """
    _open_worlds(connection, lake, placed)
    open_code_sets(connection, code_sets)
    gather_members(connection, episode_rules(rules))
    for name in EPISODES:
        if name != WALK_BACK:
            sql.create(connection, "episodes", EPISODES_PACKAGE, name)
    share(connection, code_sets)
    open_definitions(connection, measures)
    for each in measures:
        add_person_rows(connection, each)
    return sql.relation(connection, PACKAGE, "world_cells").to_arrow_table()


def open_county(connection: duckdb.DuckDBPyConnection, lake: Lake) -> None:
    """Make the county's own persons and rows readable as `county.<table>`, clients and events as `events.<table>`."""
    _views(connection, lake, "county", "outcomes", ("person_measures", "measure_results"))
    _views(connection, lake, "county", "person_index", ("person_of_client", "linkage_by_group"))
    _views(connection, lake, "events", "standard", ("clients", *EVENTS))


def _open_worlds(connection: duckdb.DuckDBPyConnection, lake: Lake, placed: pa.Table) -> None:
    connection.register("placed_rows", placed)
    connection.execute("create schema if not exists worlds")
    connection.execute("create or replace table worlds.placed as from placed_rows")
    connection.unregister("placed_rows")
    for name in WORLDS:
        sql.create(connection, "worlds", PACKAGE, name)
    _views(connection, lake, "standard", "standard", OF_NO_CLIENT)
    connection.execute("create schema if not exists person_index")
    for table, name in {"clients": "client_id", **EVENTS}.items():
        numbered = f"lpad(w.person_number::varchar, {NUMBER_DIGITS}, '0') || '|' || t.{name}"
        named = f"t.{name}" if table in NAMED_WITHIN_A_PERSON else numbered
        connection.execute(
            f"create or replace table standard.{table} as "
            f"select t.* replace (w.client_key as client_key, {named} as {name}) "
            f"from events.{table} as t inner join worlds.clients as w on t.client_key = w.county_key"
        )
    connection.execute(
        "create or replace table person_index.person_of_client as "
        "select w.client_key, c.agency, c.client_id, w.person_id "
        "from worlds.clients as w inner join standard.clients as c using (client_key)"
    )


def _views(connection: duckdb.DuckDBPyConnection, lake: Lake, schema: str, zone: str, tables: Sequence[str]) -> None:
    connection.execute(f"create schema if not exists {schema}")
    for table in tables:
        path = sql.literal(str(lake.path(zone, table)))
        connection.execute(f"create or replace view {schema}.{table} as from read_parquet({path})")
