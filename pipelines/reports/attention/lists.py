"""The two lists of a provider: clients behind its figures, and clients whom nobody could link."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

import duckdb
import pyarrow as pa

from pipelines import sql
from pipelines.consent import open_choices, people_out
from pipelines.lake import Lake
from pipelines.reports.attention.terms import PACKAGE, attention_terms
from pipelines.reports.scorecards.terms import scorecard_terms

TABLES = (
    ("outcomes", "person_measures"),
    ("standard", "partnerships"),
    ("standard", "tenancies"),
    ("standard", "clients"),
    ("person_index", "person_of_client"),
    ("episodes", "persons"),
)


@dataclass(frozen=True)
class Lists:
    """Rows of a provider's own clients; identified."""

    attention: pa.Table
    unlinked: pa.Table


@contextmanager
def opened(lake: Lake, on: date) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that lists of all providers are made from; choices are those in force on a day."""
    with sql.connect(lake.spill) as connection:
        sql.open_views(connection, lake, TABLES)
        open_choices(connection, lake, on)
        people_out(connection).create("consent.out")
        sql.create(connection, "shared", "pipelines.outcomes", "unknown_client_list")
        _open_terms(connection)
        yield connection


def lists_of(connection: duckdb.DuckDBPyConnection, provider_id: str, quarter: str) -> Lists:
    """The lists of one provider and quarter."""
    asked = {"provider_id": provider_id}
    return Lists(
        attention=sql.relation(connection, PACKAGE, "attention", asked | {"quarter": quarter}).to_arrow_table(),
        unlinked=sql.relation(connection, PACKAGE, "unlinked", asked).to_arrow_table(),
    )


def _open_terms(connection: duckdb.DuckDBPyConnection) -> None:
    terms, headings = attention_terms(), {one.measure: one.heading for one in scorecard_terms().figures}
    connection.execute("create schema terms")
    connection.execute("create table terms.told (measure_id text, heading text, status_code text, text text)")
    for measure, texts in terms["measures"].items():
        for status, text in texts.items():
            connection.execute("insert into terms.told values (?, ?, ?, ?)", [measure, headings[measure], status, text])
    connection.execute("create table terms.mends (reason_code text, mend text)")
    for reason, mend in terms["unlinked"].items():
        connection.execute("insert into terms.mends values (?, ?)", [reason, mend])
