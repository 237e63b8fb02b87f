"""A county's persons, events and episodes, made column by column: as many as a large county has, and nobody in them.

What the measures read is made straight away, without deliveries or linkage. Every value is a hash of a row's number, so
the same size is the same lake. Spells of a person never overlap, which is what the episodes stage promises.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import polars as pl

from pipelines import sql
from pipelines.lake import Lake
from schemas.episodes import EPISODE_TABLES
from schemas.events import EVENT_TABLES

PACKAGE = "benchmarks.outcomes"

TABLES = (
    "standard.providers",
    "standard.data_through",
    "person_index.person_of_client",
    "standard.clients",
    "standard.identities",
    "episodes.persons",
    "episodes.custody",
    "episodes.psychiatric_emergency",
    "episodes.inpatient",
    "episodes.homelessness",
    "episodes.partnership",
    "episodes.partnership_spans",
    "episodes.placements",
    "episodes.tenancy_units",
    "episodes.tenancy",
    "standard.partnerships",
    "standard.tenancies",
    "standard.residential_settings",
    "standard.mental_health_services",
)
"""Every table that the measures and statements read, each made by the `.sql` of its name, in this order."""

SQL_TYPES = {pl.Int64: "bigint", pl.Int32: "integer", pl.String: "varchar", pl.Boolean: "boolean",
             pl.Float64: "double", pl.Date: "date", pl.Datetime: "timestamp"}  # fmt: skip


@dataclass(frozen=True)
class Size:
    """How many there are."""

    clients: int
    members: int
    """Persons with a Full Service Partnership."""
    tenants: int
    """Persons housed through Just in Reach."""

    def macros(self) -> str:
        """What the `.sql` files say of sizes and chance."""
        return f"""
            create or replace macro clients() as {self.clients};
            create or replace macro all_persons() as {self.clients * 7 // 10};
            create or replace macro members() as {self.members};
            create or replace macro tenants() as {self.tenants};
            create or replace macro chance(row_number, salt, sides) as (hash(row_number, salt) % sides)::bigint;
            create or replace macro first_on() as date '2021-01-01';
            create or replace macro last_on() as date '2026-10-31';
        """


def make_county(lake: Lake, size: Size) -> dict[str, int]:
    """Write every table; returns table → rows."""
    with sql.connect(lake.spill) as connection:
        connection.execute(size.macros())
        return {name: _write(connection, lake, name) for name in TABLES}


def _write(connection: duckdb.DuckDBPyConnection, lake: Lake, name: str) -> int:
    zone, table = name.split(".")
    made = connection.sql(sql.text(PACKAGE, table))
    return lake.write(zone, table, _whole(made, name))


def _whole(made: duckdb.DuckDBPyRelation, name: str) -> duckdb.DuckDBPyRelation:
    """The rows with every column of the table's schema; what the `.sql` leaves out is null, or false."""
    zone, table = name.split(".")
    model = {"episodes": EPISODE_TABLES, "standard": EVENT_TABLES}.get(zone, {}).get(table)
    if model is None:
        return made
    columns = []
    for column, stated in model.to_schema().columns.items():
        kind = SQL_TYPES[stated.dtype.type.base_type()]
        missing = "false" if kind == "boolean" else f"null::{kind}"
        columns.append(f'{column if column in made.columns else missing}::{kind} as "{column}"')
    return made.project(", ".join(columns))
