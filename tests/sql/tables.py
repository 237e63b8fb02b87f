"""Tables from literal rows, so that a `.sql` file is tested on lives a person can check by hand.

    given("episodes.custody", '''
        person_id | started_on | ended_on
        1         | 2024-02-29 | 2024-03-01
    ''')

Names of columns on the first line, then a row a line; an empty cell is null. Types come from the table's schema; a
column that is not named gets a value that means nothing happened.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from pipelines import sql
from pipelines.outcomes.measure import prepare
from pipelines.standardise.code_sets import open_code_sets
from pipelines.standardise.current import TYPES
from pipelines.standardise.rules_sql import load_macros
from schemas.data_contract import DataContract, load_contracts
from schemas.episodes import EPISODE_TABLES
from schemas.events import EVENT_TABLES
from schemas.outcomes import OUTCOME_TABLES

OTHER_TABLES = {
    "person_index.person_of_client": {
        "client_key": "bigint",
        "agency": "varchar",
        "client_id": "varchar",
        "person_id": "bigint",
    },
    "standard.clients": {
        "client_key": "bigint",
        "agency": "varchar",
        "birth_on": "date",
        "sex_code": "varchar",
        "race_ethnicity_code": "varchar",
        "is_linkable": "boolean",
        "unlinkable_reason": "varchar",
    },
    "standard.identities": {"client_key": "bigint", "zip5": "varchar"},
    "shared.member_services": {"person_id": "bigint", "served_on": "date"},
    "shared.absences": {
        "person_id": "bigint",
        "left_on": "date",
        "back_on": "date",
        "is_jail": "boolean",
        "latest_offense_on": "date",
    },
    "outcomes.episode_costs": {
        "person_id": "bigint",
        "unit_code": "varchar",
        "from_on": "date",
        "to_on": "date",
        "usd_per_unit": "decimal(18, 2)",
    },
    "needs.observed_through": {"program_code": "varchar", "observed_through_on": "date"},
    "current.delivery_status": {
        "agency": "varchar",
        "latest_as_of_on": "date",
        "latest_delivery_id": "varchar",
        "reported_through_on": "date",
    },
}

DEFAULTS = {
    "source_count": "1",
    "agency": "sheriff",
    "source_table": "test",
    "_delivery_id": "delivery",
    "_line_number": "2",
    "booking_count": "1",
    "missing_release_count": "0",
    "client_count": "1",
    "is_linkable": "true",
    "is_community_release": "true",
    "program_code": "*",
    "provider_id": "clinic",
    "RelationshipToHoH": "1",
    "program_rank": "1",
    "race_ethnicity_code": "unknown",
}
"""What an unnamed column holds; other booleans are false, other columns null."""

POLARS_TYPES = {
    pl.Int64: "bigint",
    pl.Int32: "integer",
    pl.String: "varchar",
    pl.Boolean: "boolean",
    pl.Float64: "double",
    pl.Date: "date",
    pl.Datetime: "timestamp",
}


class Tables:
    """An in-memory DuckDB with zone tables made from literal rows, code sets and macros; writes to `places`."""

    def __init__(self, *places: Path) -> None:
        self.connection = sql.connect(places=places)
        load_macros(self.connection)
        open_code_sets(self.connection)
        prepare(self.connection)

    def given(self, table: str, text: str = "") -> None:
        """Make a table from literal rows; without rows, an empty one."""
        columns = column_types(table)
        schema = table.split(".")[0]
        self.connection.execute(f"create schema if not exists {schema}")
        declared = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
        self.connection.execute(f"create or replace table {table} ({declared})")
        for row in parse(text):
            unknown = row.keys() - columns.keys()
            assert not unknown, f"{table} has no column {sorted(unknown)}"
            values = [row.get(name, default(name, kind)) for name, kind in columns.items()]
            marks = ", ".join(f"?::{kind}" for kind in columns.values())
            self.connection.execute(f"insert into {table} values ({marks})", values)

    def observed_through(self, day: str, *programs: str) -> None:
        """Every source that the measure needs has reached this day."""
        lines = "\n".join(f"{program} | {day}" for program in programs or ("*",))
        self.given("needs.observed_through", f"program_code | observed_through_on\n{lines}")

    def rows(self, package: str, name: str, columns: str, **params: Any) -> list[tuple[Any, ...]]:
        """Some columns of what a `.sql` file selects, sorted, dates and times as text."""
        self.connection.execute("drop table if exists selected")
        statement = f"create temp table selected as {sql.text(package, name)}"
        self.connection.execute(statement, params or None)
        return self.select(f"select {columns} from selected")

    def select(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of a query, sorted, dates and times as text."""
        found = self.connection.execute(query).fetchall()
        return sorted((tuple(plain(value) for value in row) for row in found), key=str)


@cache
def column_types(table: str) -> dict[str, str]:
    """Column → DuckDB type of a zone table, or of a table of rows in force (`current.<agency>_<table>`)."""
    if table in OTHER_TABLES:
        return OTHER_TABLES[table]
    zone, name = table.split(".")
    if zone == "current":
        contract = shipped()[name]
        typed = {column.name: TYPES[column.kind] for column in contract.columns}
        return typed | {"_delivery_id": "varchar", "_line_number": "bigint"}
    if zone == "members":
        return {"person_id": "bigint", "died_on": "date"} if name == "deaths" else {}
    models = {"standard": EVENT_TABLES, "episodes": EPISODE_TABLES, "outcomes": OUTCOME_TABLES}[zone]
    columns = models[name].to_schema().columns
    return {column: POLARS_TYPES[each.dtype.type.base_type()] for column, each in columns.items()}


@cache
def shipped() -> dict[str, DataContract]:
    """View of rows in force → the shipped contract of its table."""
    return {f"{each.agency}_{each.table}": each for each in load_contracts().all()}


def parse(text: str) -> list[dict[str, str | None]]:
    """Rows of a literal table."""
    lines = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines() if line.strip()]
    if not lines:
        return []
    return [dict(zip(lines[0], (cell or None for cell in line), strict=True)) for line in lines[1:]]


def default(name: str, kind: str) -> str | None:
    """What a column holds that a literal table does not name."""
    if name in DEFAULTS:
        return DEFAULTS[name]
    return "false" if kind == "boolean" else None


def plain(value: Any) -> Any:
    """A value as a test writes it."""
    return str(value) if hasattr(value, "isoformat") else value
