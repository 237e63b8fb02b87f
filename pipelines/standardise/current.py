"""The rows in force: what each agency says today, from every delivery that was accepted.

Belongs here: which row of which delivery counts. The answer depends on what was delivered for which as-of date, never
on the order in which deliveries reached us. Nothing here says what a row means.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

import duckdb

from pipelines import sql
from pipelines.lake import Lake
from schemas.data_contract import Column, DataContract, DataContracts, load_contracts

TYPES = {"text": "varchar", "integer": "bigint", "decimal": "double", "date": "date", "timestamp": "timestamp"}

TRACE = (("_delivery_id", "varchar"), ("_line_number", "bigint"))
"""Which row of which delivery a row is."""


class Delivery(Protocol):
    """What this module reads of an accepted delivery's receipt."""

    @property
    def agency(self) -> str:
        """The sender."""

    @property
    def delivery_id(self) -> str:
        """The folder in `validated/<agency>`."""

    @property
    def as_of(self) -> date:
        """The day the delivery speaks of."""

    @property
    def revision(self) -> int:
        """1, or more for a delivery that replaces those of the same day."""

    @property
    def data_through(self) -> date | None:
        """The last day that the delivery tells whole."""


@dataclass(frozen=True)
class _File:
    """One delivery's validated rows of one table."""

    path: Path
    delivery_id: str
    as_of: date
    revision: int

    @property
    def rank(self) -> tuple[date, int]:
        return (self.as_of, self.revision)


def open_current(
    connection: duckdb.DuckDBPyConnection, lake: Lake, contracts: DataContracts, receipts: Iterable[Delivery]
) -> None:
    """Make `current.<agency>_<table>` for every table, and `current.delivery_status` with a row an agency.

    The columns keep the source's names, beside `_delivery_id` and `_line_number`. A table that this county does not
    have, or that nobody delivered yet, is there with the shipped contract's columns and no rows.
    """
    accepted = sorted(receipts, key=lambda delivery: (delivery.agency, delivery.as_of, delivery.delivery_id))
    shipped = load_contracts()
    connection.execute("create schema if not exists current")
    for contract in _each_table(contracts, shipped):
        columns = _columns(contract, shipped)
        files = _in_play(_files(lake, contract, accepted))
        rows = _rows_in_force(connection, contract, columns, files)
        connection.execute(f"create or replace view {view_name(contract)} as {rows}")
    _open_delivery_status(connection, accepted)


def view_name(contract: DataContract) -> str:
    """The view of a table's rows in force."""
    return f'current."{contract.agency}_{contract.table}"'


def _each_table(contracts: DataContracts, shipped: DataContracts) -> list[DataContract]:
    own = contracts.all()
    known = {(contract.agency, contract.table) for contract in own}
    return [*own, *(other for other in shipped.all() if (other.agency, other.table) not in known)]


def _columns(contract: DataContract, shipped: DataContracts) -> tuple[Column, ...]:
    """The contract's columns, and those the shipped contract of this table has beside: event SQL always binds."""
    standard = shipped.get(contract.agency, contract.table)
    missing = [column for column in standard.columns if column.name not in contract.column_names] if standard else []
    return (*contract.columns, *missing)


def _files(lake: Lake, contract: DataContract, accepted: Sequence[Delivery]) -> list[_File]:
    folder = lake.zone("validated") / contract.agency
    paths = [(d, folder / d.delivery_id / f"{contract.table}.parquet") for d in accepted if d.agency == contract.agency]
    return [_File(path, d.delivery_id, d.as_of, d.revision) for d, path in paths if path.exists()]


def _in_play(files: Sequence[_File]) -> list[_File]:
    """Without the files that a later revision of the same day replaces; oldest first."""
    newest = {file.as_of: max(other.revision for other in files if other.as_of == file.as_of) for file in files}
    return sorted(
        (file for file in files if file.revision == newest[file.as_of]), key=lambda file: (file.rank, file.delivery_id)
    )


def _rows_in_force(
    connection: duckdb.DuckDBPyConnection, contract: DataContract, columns: Sequence[Column], files: Sequence[_File]
) -> str:
    """SQL of the rows that count today."""
    if not files:
        return _no_rows(columns)
    names = [_quoted(column.name) for column in columns] + [name for name, _ in TRACE]
    listed = ", ".join(names)
    if contract.semantics == "full":
        newest = _scan(connection, columns, files[-1:])
    else:
        newest = _newest_of_each_key(connection, contract, columns, files)
    return f"select {listed} from ({newest}) where {_not_deleted(contract)}"


def _newest_of_each_key(
    connection: duckdb.DuckDBPyConnection, contract: DataContract, columns: Sequence[Column], files: Sequence[_File]
) -> str:
    """The last row of each business key: by as-of date and revision, then by the table's own order, then by content.

    The oldest delivery is the big one and holds each key once (validation sees to that), so it needs no sorting:
    only keys that a later delivery names are taken out of it.
    """
    oldest = [file for file in files if file.rank == files[0].rank]
    if len(oldest) > 1:
        return _sorted_out(connection, contract, columns, files)
    base = _scan(connection, columns, oldest)
    later = files[1:]
    if not later:
        return base
    keys = ", ".join(_quoted(name) for name in contract.business_key)
    changes = _sorted_out(connection, contract, columns, later)
    named = _scan(connection, columns, later)
    matching = " and ".join(f"b.{_quoted(name)} = l.{_quoted(name)}" for name in contract.business_key)
    return (
        f"select * from ({base}) as b anti join (select distinct {keys} from ({named})) as l on {matching} "
        f"union all by name {changes}"
    )


def _sorted_out(
    connection: duckdb.DuckDBPyConnection, contract: DataContract, columns: Sequence[Column], files: Sequence[_File]
) -> str:
    keys = ", ".join(_quoted(name) for name in contract.business_key)
    ranks = sorted({file.rank for file in files})
    cases = " ".join(f"when {sql.literal(file.delivery_id)} then {ranks.index(file.rank)}" for file in files)
    newest_by = [contract.newest_by] if contract.newest_by else []
    content = [column.name for column in columns if column.name not in (*contract.business_key, *newest_by)]
    order = ", ".join(
        [f"case _delivery_id {cases} end desc"]
        + [f"{_quoted(name)} desc nulls last" for name in (*newest_by, *content)]
        + ["_delivery_id", "_line_number"]
    )
    rows = _scan(connection, columns, files)
    return f"select * from ({rows}) qualify row_number() over (partition by {keys} order by {order}) = 1"


def _scan(connection: duckdb.DuckDBPyConnection, columns: Sequence[Column], files: Sequence[_File]) -> str:
    """Rows of files with exactly these columns; a column that an older contract lacked is null."""
    paths = ", ".join(sql.literal(str(file.path)) for file in files)
    source = f"read_parquet([{paths}], union_by_name = true)"
    present = {row[0] for row in connection.execute(f"describe from {source}").fetchall()}
    selected = [_typed(column.name, TYPES[column.kind], present) for column in columns]
    selected += [_typed(name, kind, present) for name, kind in TRACE]
    return f"select {', '.join(selected)} from {source}"


def _typed(name: str, kind: str, present: set[str]) -> str:
    value = _quoted(name) if name in present else "null"
    return f"{value}::{kind} as {_quoted(name)}"


def _no_rows(columns: Sequence[Column]) -> str:
    named = [(column.name, TYPES[column.kind]) for column in columns] + list(TRACE)
    return "select " + ", ".join(f"null::{kind} as {_quoted(name)}" for name, kind in named) + " where false"


def _not_deleted(contract: DataContract) -> str:
    marker = contract.delete_marker
    if marker is None:
        return "true"
    if marker.values is None:
        return f"{_quoted(marker.column)} is null"
    values = ", ".join(sql.literal(value) for value in marker.values)
    return f"coalesce({_quoted(marker.column)}::varchar not in ({values}), true)"


def _open_delivery_status(connection: duckdb.DuckDBPyConnection, accepted: Sequence[Delivery]) -> None:
    """`current.delivery_status`: agency, latest_as_of_on, latest_delivery_id, reported_through_on."""
    connection.execute(
        "create or replace table current.delivery_status "
        "(agency varchar, latest_as_of_on date, latest_delivery_id varchar, reported_through_on date)"
    )
    for agency in sorted({delivery.agency for delivery in accepted}):
        latest = max(
            (delivery for delivery in accepted if delivery.agency == agency),
            key=lambda delivery: (delivery.as_of, delivery.revision, delivery.delivery_id),
        )
        row = [agency, latest.as_of, latest.delivery_id, latest.data_through]
        connection.execute("insert into current.delivery_status values (?, ?, ?, ?)", row)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
