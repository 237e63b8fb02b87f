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
from pipelines.errors import TableError, UnlearntError
from pipelines.lake import replacing
from pipelines.link.columns import NEEDED, ONE_SOURCE, Column, columns_by_role, most_unread_dates
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

LEAST_TO_LEARN = 250
"""Identities below which a table is linked with the shipped model. From parts of labelled sets with 1,000, 500 and 250
records a model trained on them was better than the shipped one (F1 .9988 to 1, .9975 to 1, .9950 beside .9948 to .9986,
.9932 to .9972, .9866), where it could be trained at all."""


@dataclass(frozen=True)
class LinkedTable:
    """What became of a table: counts and names of columns, no value of any record."""

    report: LinkReport
    columns: Mapping[str, str]
    """Role → the column that was read for it."""
    unread: tuple[str, ...]
    """Columns of which no value could be read."""
    is_trained: bool
    """Whether the model was trained on the table itself."""


def link_table(
    records: Path, out: Path, roles: Path | None = None, bundle: Bundle | None = None, choice: EngineChoice = USUAL
) -> LinkedTable:
    """Link a Parquet table of person records; writes source, source_record_id, person_id to `out`.

    Trains on the table itself unless a bundle is given; a table that cannot teach a model is linked with the shipped
    one. `roles` is YAML: column → linkage role, above the usual names of columns.

    Raises:
        TableError: the table or the roles cannot be taken as they are.
    """
    with tempfile.TemporaryDirectory() as folder:
        scratch, told = Path(folder), [bundle.folder] if bundle else []
        with sql.connect(places=[records.parent, out.parent, scratch, *told]) as connection:
            columns = {role: column.name for role, column in open_table(connection, records, roles).items()}
            silent = connection.execute(sql.text(PACKAGE, "table_unread_roles")).fetchall()
            learnt = _learnt(connection, scratch / "bundle") if bundle is None else None
            with open_engine(choice, scratch) as engine:
                report = make_clusters(connection, bundle or learnt or shipped_bundle(), engine=engine)
            with replacing(out) as staged:
                sql.relation(connection, PACKAGE, "table_persons").write_parquet(str(staged), compression="zstd")
            return LinkedTable(report, columns, tuple(columns[role] for (role,) in silent), learnt is not None)


def _learnt(connection: duckdb.DuckDBPyConnection, folder: Path) -> Bundle | None:
    """A model of the table itself; None if it is too small, or too much of one kind, to teach one."""
    if sql.count(connection, "standard.identities") < LEAST_TO_LEARN:
        return None
    try:
        train_on(connection, folder, "of-the-table")
    except UnlearntError:
        return None
    return load_bundle(folder)


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
    try:
        connection.execute(f"create or replace table linkage.identity_sources as {_sources_sql(source, columns)}")
    except duckdb.Error:  # its text may quote a row
        raise TableError(
            f"{records.name}: its rows cannot be read; write it as Parquet anew, columns as text"
        ) from None
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
        "client_key(agency, client_id) as client_key, "
        "true as is_primary, true as is_plain, []::varchar[] as given_ids, []::varchar[] as own_ids, "
        f"{_text(columns, 'sex')} as sex_written, sex_of(sex_written) as sex_code, {texts} from {source}"
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
