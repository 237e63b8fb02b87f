"""The rows in force: what each agency says today, from every delivery that was accepted.

One rule for every table: the newest row of each key is in force, unless it says that its record is gone, or a later
delivery speaks of it and does not hold it. A full delivery speaks of everything, of the units that it lists
(`scopes.py`), or of its period; a delta speaks of its rows only. So the answer depends on what was delivered for which
as-of date, never on the order in which deliveries reached us. Nothing here says what a row means.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import duckdb

from pipelines.lake import Lake
from pipelines.standardise.deliveries_in_play import Delivery, files_in_play
from pipelines.standardise.newest_rows import TRACE, TYPES, newest_of_each_key, no_rows, not_deleted, quoted, scan
from pipelines.standardise.scopes import Scopes, Table
from schemas.data_contract import SHIPPED_ROOT, Column, DataContract, DataContracts, contracts_at

__all__ = ["TYPES", "delivered_name", "open_current", "view_name"]


def open_current(
    connection: duckdb.DuckDBPyConnection, lake: Lake, contracts: DataContracts, receipts: Iterable[Delivery]
) -> None:
    """Make `current.<agency>_<table>` for every table, and `current.delivery_status` with a row an agency.

    Beside each, `delivered.<agency>_<table>` has every row of the same files, in force or not. The columns keep the
    source's names, beside `_delivery_id` and `_line_number`. A table that this county does not have, or that nobody
    delivered yet, is there with the shipped contract's columns and no rows.
    """
    accepted = sorted(receipts, key=lambda delivery: (delivery.agency, delivery.as_of, delivery.delivery_id))
    shipped = contracts_at(SHIPPED_ROOT)
    for schema in ("current", "delivered"):
        connection.execute(f"create schema if not exists {schema}")
    tables = [
        Table(contract, _columns(contract, shipped), tuple(files_in_play(lake, contract, accepted)))
        for contract in _each_table(contracts, shipped)
    ]
    scopes = Scopes(connection, tables, accepted)
    for table in sorted(tables, key=_units_first):
        every = scan(connection, table.columns, table.files) if table.files else no_rows(table.columns)
        connection.execute(f"create or replace view {delivered_name(table.contract)} as {every}")
        rows = _rows_in_force(connection, table, scopes)
        connection.execute(f"create or replace view {view_name(table.contract)} as {rows}")
    _open_delivery_status(connection, accepted)


def view_name(contract: DataContract) -> str:
    """The view of a table's rows in force."""
    return f'current."{contract.agency}_{contract.table}"'


def delivered_name(contract: DataContract) -> str:
    """The view of all rows of the files that a table's rows in force are found in."""
    return f'delivered."{contract.agency}_{contract.table}"'


def _units_first(table: Table) -> bool:
    """Tables whose rows stay for the sake of others come after them."""
    scope = table.contract.coverage.scope
    return bool(scope and scope.children)


def _each_table(contracts: DataContracts, shipped: DataContracts) -> list[DataContract]:
    own = contracts.all()
    known = {(contract.agency, contract.table) for contract in own}
    return [*own, *(other for other in shipped.all() if (other.agency, other.table) not in known)]


def _columns(contract: DataContract, shipped: DataContracts) -> tuple[Column, ...]:
    """The contract's columns, and those the shipped contract of this table has beside: event SQL always binds."""
    standard = shipped.get(contract.agency, contract.table)
    missing = [column for column in standard.columns if column.name not in contract.column_names] if standard else []
    return (*contract.columns, *missing)


def _rows_in_force(connection: duckdb.DuckDBPyConnection, table: Table, scopes: Scopes) -> str:
    """SQL of the rows that count today."""
    contract, scope = table.contract, table.contract.coverage.scope
    if not table.files:
        return no_rows(table.columns)
    if scope and scope.each_delivery:
        rows = scan(connection, table.columns, table.files)
    elif scope and (len(table.files) > 1 or scopes.refuses_in(contract.agency)):
        rows = scopes.in_force(table)
    else:
        rows = newest_of_each_key(connection, contract, table.columns, table.files)
    listed = ", ".join([quoted(column.name) for column in table.columns] + [name for name, _ in TRACE])
    return f"select {listed} from ({rows}) where {not_deleted(contract)}"


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
