"""The tables of a release, as Arrow, in their published order.

Belongs here: which query makes which table, person ids traded for person keys, disclosure control applied. Does not
belong here: writing, and what a column means (the published contracts say it).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa

from pipelines import sql
from pipelines.consent import open_choices, people_out
from pipelines.errors import ReleaseError
from pipelines.lake import Lake
from pipelines.publish.disclosure.control import control
from pipelines.publish.disclosure.history import EarlierRelease, Said
from pipelines.publish.disclosure.memory import earlier_releases
from pipelines.publish.disclosure.model import load_model
from pipelines.publish.disclosure.modelled import unmodelled_columns, unmodelled_rows
from pipelines.publish.disclosure.opt_outs import opted_out
from pipelines.publish.ordered import ordered
from pipelines.publish.person_keys import KeyRing
from pipelines.publish.published_contracts import PublishedTable
from pipelines.publish.sources import Sources

OLDEST_AGE = 90
"""From this age on all birth years are one. Source: 45 CFR 164.514(b)(2)(i)(C), ages over 89 in a single category."""

INPUTS = (
    ("standard", "clients"),
    ("standard", "data_through"),
    ("standard", "providers"),
    ("person_index", "person_of_client"),
    ("person_index", "linkage_by_group"),
    ("person_index", "linkage_figures"),
    ("outcomes", "person_measures"),
    ("outcomes", "measure_results"),
    ("outcomes", "measure_uncertainty"),
    ("outcomes", "measure_definitions"),
    ("contracts", "statement_lines"),
)
"""Everything that a release is drawn from, besides the receipts."""

LEDGER_COLUMNS = ("agency", "delivery_id", "table_name", "column_name", "rule_id", "mend")
"""Of the quarantine's ledger, as far as a release tells of it."""

AUDIT = "disclosure"
"""The table that disclosure control writes itself: what it did to the others."""


PIECE_ROWS = 128 * 1024
"""Rows that DuckDB hands over at a time, at least."""

Write = Callable[[PublishedTable, Iterator[pa.Table]], int]
"""Takes a table in pieces, and tells how many rows it had."""


@dataclass(frozen=True)
class ReleaseTables:
    """The aggregates of a release as they may leave, what was true of them, and how many rows every table has."""

    tables: Mapping[str, pa.Table]
    rows: Mapping[str, int]
    true: Mapping[str, pa.Table]
    earlier: Sequence[EarlierRelease]
    """The releases that the aggregates were held against."""
    said: Said
    """Which of the aggregates were told anew."""

    @property
    def told(self) -> dict[str, pa.Table]:
        """The aggregates that count people, as they may leave."""
        return {name: self.tables[name] for name in self.true}


def release_tables(
    lake: Lake,
    contracts: Mapping[str, PublishedTable],
    keys: KeyRing,
    as_of: date,
    sources: Sources,
    release_id: str,
    left_out: Collection[str] = (),
    *,
    write: Write,
) -> ReleaseTables:
    """The aggregates by name, disclosure controlled; every other table is handed on while it is read.

    All have the types and the order of their contracts.

    Args:
        lake, contracts, keys, as_of, sources, release_id: what the release is made of.
        left_out: releases that were never let out; nobody can hold the aggregates against them.
        write: takes the tables that disclosure control does not look at, some of them with a row a person: none of
            those is ever whole in memory.
    """
    model = load_model()
    earlier = earlier_releases(lake, release_id, model, left_out)
    rows, written = _rows(lake, contracts, keys, as_of, sources, write)
    true = {name: rows[name] for name in model.tables}
    aggregates = {name: table.to_pylist() for name, table in true.items()}
    if faults := unmodelled_columns(contracts, model) + unmodelled_rows(model, aggregates):
        raise ReleaseError("the release was not published: " + "; ".join(faults))
    told = control(
        model,
        aggregates,
        as_of,
        earlier=earlier,
        opted_out=opted_out(lake),
        seal=keys.sealed,
    )
    made = rows | {name: pa.Table.from_pylist(table, rows[name].schema) for name, table in told.tables.items()}
    made[AUDIT] = pa.Table.from_pylist(told.audit, contracts[AUDIT].arrow_schema)
    typed = {name: _typed(made[name], contract) for name, contract in contracts.items() if name in made}
    counted = written | {name: table.num_rows for name, table in typed.items()}
    return ReleaseTables(typed, counted, true, earlier, told.said)


def _rows(
    lake: Lake,
    contracts: Mapping[str, PublishedTable],
    keys: KeyRing,
    as_of: date,
    sources: Sources,
    write: Write,
) -> tuple[dict[str, pa.Table], dict[str, int]]:
    """The aggregates that queries make, before disclosure control; and how many rows of the others were written."""
    with sql.connect(lake.spill) as connection:
        sql.open_views(connection, lake, INPUTS)
        connection.execute("create schema publish")
        open_choices(connection, lake, as_of)
        people_out(connection).create("publish.people_out")
        _open_person_keys(connection, keys)
        _open_rows(connection, "stale_agencies", {"agency": list(sources.stale_agencies)})
        _open_rows(connection, "delivery_rows", sources.delivery_columns())
        _open_ledger(connection, lake)
        values = {"as_of": as_of, "oldest_age": OLDEST_AGE}
        made = {name: ordered(connection, one, values) for name, one in contracts.items() if name != AUDIT}
        aggregates = {name: made.pop(name).to_arrow_table() for name in load_model().tables}
        return aggregates, {name: write(contracts[name], _pieces(rows, contracts[name])) for name, rows in made.items()}


def _pieces(rows: duckdb.DuckDBPyRelation, contract: PublishedTable) -> Iterator[pa.Table]:
    """The rows of a query with the contract's columns and types, as they come."""
    for batch in rows.to_arrow_reader(PIECE_ROWS):
        yield _typed(pa.Table.from_batches([batch]), contract)


def _open_ledger(connection: duckdb.DuckDBPyConnection, lake: Lake) -> None:
    """Make quarantine.ledger readable; where no line was ever refused there is none, and it is empty."""
    if lake.has("quarantine", "ledger"):
        sql.open_views(connection, lake, [("quarantine", "ledger")])
        return
    connection.execute("create schema quarantine")
    columns = ", ".join(f"{name} varchar" for name in LEDGER_COLUMNS)
    connection.execute(f"create table quarantine.ledger ({columns})")


def _open_person_keys(connection: duckdb.DuckDBPyConnection, keys: KeyRing) -> None:
    """Make publish.person_keys; who is out has none, and so stands in no row under a key.

    A piece at a time: as Python texts, all keys together take as much memory again as the table.
    """
    connection.execute("create table publish.person_keys (person_id bigint, person_key varchar)")
    persons = connection.sql(
        "select distinct person_id from person_index.person_of_client "
        "anti join publish.people_out using (person_id) order by person_id"
    )
    for batch in persons.to_arrow_table().to_batches(PIECE_ROWS):
        named = keys.person_keys(batch.column("person_id").to_pylist())
        rows = pa.table({"person_id": batch.column("person_id"), "person_key": list(named.values())})
        connection.register("piece", rows)
        connection.execute("insert into publish.person_keys from piece")
        connection.unregister("piece")
    ((shared,),) = connection.execute(
        "select count(*) - count(distinct person_key) from publish.person_keys"
    ).fetchall()
    if shared:
        raise ReleaseError("two persons got the same person key; nothing was published")


def _open_rows(connection: duckdb.DuckDBPyConnection, name: str, columns: Mapping[str, Sequence[Any]]) -> None:
    types = {"agency": pa.string()}
    rows = pa.table({key: pa.array(values, type=types.get(key)) for key, values in columns.items()})
    connection.register("rows_to_open", rows)
    connection.execute(f"create table publish.{name} as from rows_to_open")
    connection.unregister("rows_to_open")


def _typed(rows: pa.Table, contract: PublishedTable) -> pa.Table:
    """The columns of the contract and no more, with its types."""
    loose = pa.schema([field.with_nullable(True) for field in contract.arrow_schema])
    columns = rows.select(contract.arrow_schema.names).cast(loose).combine_chunks().columns
    return pa.Table.from_arrays(columns, schema=contract.arrow_schema)
