"""Whom the choices in force keep out, and whose consent there is: from clients to persons, as they are linked now."""

from __future__ import annotations

import hashlib
import json
from datetime import date

import duckdb
import pyarrow as pa

from pipelines import sql
from pipelines.consent.choices import Choice, in_force, recorded
from pipelines.lake import Lake

PACKAGE = "pipelines.consent"

SCHEMA = pa.schema([(name, pa.string()) for name in ("agency", "client_id", "choice_code", "scope", "recipient")])


def open_choices(connection: duckdb.DuckDBPyConnection, lake: Lake, on: date) -> int:
    """Make `consent.choices` of the choices in force on a day; returns how many. `person_index.person_of_client` must
    be open: it says whose clients they are."""
    rows = [_row(one) for one in in_force(recorded(lake), on)]
    connection.execute("create schema if not exists consent")
    connection.register("choice_rows", pa.Table.from_pylist(rows, SCHEMA))
    connection.execute("create or replace table consent.choices as from choice_rows")
    connection.unregister("choice_rows")
    return len(rows)


def people_out(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyRelation:
    """Persons who are out of all that leaves: `person_id`. Needs `open_choices`."""
    return sql.relation(connection, PACKAGE, "people_out")


def people_with_consent(connection: duckdb.DuckDBPyConnection, recipient: str) -> duckdb.DuckDBPyRelation:
    """Persons whose Part 2 records a recipient may have by written consent: `person_id`. Needs `open_choices`."""
    return sql.relation(connection, PACKAGE, "people_with_consent", {"recipient": recipient})


def choices_sha256(lake: Lake, on: date) -> str:
    """Changes when a choice in force does: part of what a release and a product are made from."""
    rows = [one.as_json() | {"recorded_by": "", "number": 0} for one in in_force(recorded(lake), on)]
    return hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()


def _row(choice: Choice) -> dict[str, str]:
    return {
        "agency": choice.agency,
        "client_id": choice.client_id,
        "choice_code": choice.choice_code,
        "scope": choice.scope,
        "recipient": choice.recipient,
    }
