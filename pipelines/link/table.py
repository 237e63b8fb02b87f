"""Any table of person records as identities and clients: for linking, and measuring on, tables of no agency.

Belongs here: reading a flat table by its columns' roles (`columns.py`), and refusing one that cannot be linked.
Standardising, training and linking are the same code that a county runs.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from linkage_rules.bundle import Bundle, load_bundle, shipped_bundle
from pipelines import sql
from pipelines.errors import TableError
from pipelines.lake import replacing
from pipelines.link.columns import NEEDED, Column, columns_by_role, most_unread_dates
from pipelines.link.engine import USUAL, EngineChoice, open_engine
from pipelines.link.linking import LinkReport, make_clusters
from pipelines.link.train import train_on
from pipelines.standardise import load_macros, make_identities

PACKAGE = "pipelines.link"

TEXT_ROLES = (
    "first_name",
    "middle_name",
    "last_name",
    "name_suffix",
    "full_name",
    "birth_date",
    "ssn",
    "ssn_last4",
    "phone",
    "address_line",
    "city",
    "zip_code",
)

ONE_SOURCE = "table"
"""The source of every record of a table that has no column for it."""

LEAST_TO_LEARN = 1_000
"""Identities below which a table is linked with the shipped model."""


@dataclass(frozen=True)
class LinkedTable:
    """What became of a table: counts and names of columns, no value of any record."""

    report: LinkReport
    columns: Mapping[str, str]
    """Role → the column that was read for it."""
    is_trained: bool
    """Whether the model was trained on the table itself."""


def link_table(
    records: Path, out: Path, roles: Path | None = None, bundle: Bundle | None = None, choice: EngineChoice = USUAL
) -> LinkedTable:
    """Link a Parquet table of person records; writes source, source_record_id, person_id to `out`.

    Trains on the table itself unless a bundle is given; a table that is too small to learn from is linked with the
    shipped one. `roles` is YAML: column → linkage role, above the usual names of columns.

    Raises:
        TableError: the table or the roles cannot be taken as they are.
    """
    with tempfile.TemporaryDirectory() as folder:
        scratch, told = Path(folder), [bundle.folder] if bundle else []
        with sql.connect(places=[records.parent, out.parent, scratch, *told]) as connection:
            columns = open_table(connection, records, roles)
            is_trained = bundle is None and sql.count(connection, "standard.identities") >= LEAST_TO_LEARN
            if is_trained:
                train_on(connection, scratch / "bundle", "of-the-table")
                bundle = load_bundle(scratch / "bundle")
            with open_engine(choice, scratch) as engine:
                report = make_clusters(connection, bundle or shipped_bundle(), engine=engine)
            with replacing(out) as staged:
                sql.relation(connection, PACKAGE, "table_persons").write_parquet(str(staged), compression="zstd")
            return LinkedTable(report, {role: column.name for role, column in columns.items()}, is_trained)


def open_table(connection: duckdb.DuckDBPyConnection, records: Path, roles: Path | None = None) -> dict[str, Column]:
    """Make standard.identities and standard.clients from a Parquet table of person records; returns role → column.

    Raises:
        TableError: it is no Parquet table, nothing says who a person is, ids are missing or not unique, or birth dates
            are written in a form that is not known.
    """
    source = f"read_parquet({sql.literal(str(records))})"
    columns = columns_by_role(records.name, _columns(connection, source, records.name), roles)
    connection.execute("create schema if not exists linkage")
    load_macros(connection)
    connection.execute(f"create or replace table linkage.identity_sources as {_sources_sql(source, columns)}")
    _refuse_shared_ids(connection, records.name, columns)
    make_identities(connection)
    _refuse_unread_dates(connection, records.name, columns)
    connection.execute(f"create or replace table standard.clients as {sql.text(PACKAGE, 'table_clients')}")
    return columns


def _columns(connection: duckdb.DuckDBPyConnection, source: str, table: str) -> list[Column]:
    try:
        described = connection.execute(f"describe from {source}").fetchall()
    except duckdb.Error:
        raise TableError(f"{table}: is no Parquet table that can be read; write it as Parquet") from None
    return [Column(str(name), str(type_name)) for name, type_name, *_ in described]


def _sources_sql(source: str, columns: Mapping[str, Column]) -> str:
    texts = ", ".join(f"{_text(columns, role)} as {role}" for role in TEXT_ROLES)
    agency = _text(columns, "agency") if "agency" in columns else sql.literal(ONE_SOURCE)
    return (
        f"select {agency} as agency, {_text(columns, 'client_id')} as client_id, "
        "true as is_primary, true as is_plain, []::varchar[] as given_ids, []::varchar[] as own_ids, "
        f"sex_of({_text(columns, 'sex')}) as sex_code, {texts} from {source}"
    )


def _text(columns: Mapping[str, Column], role: str) -> str:
    return columns[role].as_text(role) if role in columns else "null::varchar"


def _refuse_shared_ids(connection: duckdb.DuckDBPyConnection, table: str, columns: Mapping[str, Column]) -> None:
    """Two records of one id would be taken for one record, and one without an id could not be written down."""
    names = [columns[role].name for role in NEEDED if role in columns]
    ((missing, shared),) = connection.execute(sql.text(PACKAGE, "table_id_faults")).fetchall()
    if missing:
        raise TableError(f"{table}: {' or '.join(names)} is empty in {missing:,} records; give each record its own")
    if shared:
        raise TableError(
            f"{table}: {shared:,} records have the {' and '.join(names)} of another; each record needs its own, also "
            "where several are one person"
        )


def _refuse_unread_dates(connection: duckdb.DuckDBPyConnection, table: str, columns: Mapping[str, Column]) -> None:
    ((given, unread),) = connection.execute(sql.text(PACKAGE, "table_unread_dates")).fetchall()
    if unread > most_unread_dates() * given:
        raise TableError(
            f"{table}: column {columns['birth_date'].name} (birth_date): {unread:,} of {given:,} values are no date "
            "that is read; write YYYY-MM-DD or MM/DD/YYYY, or give the column the role none in --roles"
        )
