"""The ledger of the quarantine: which refused line still waits for its mend, and which has been superseded.

Derived anew from the receipts, the quarantine and the accepted rows, so it is the same in whatever order deliveries
reached us, and re-made whenever one is added or judged again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import duckdb
import polars as pl

from pipelines import sql
from pipelines.lake import Lake
from pipelines.validate.keys import key_hash_sql
from pipelines.validate.receipts import Receipt
from schemas.data_contract import DataContract, DataContracts

LEDGER = "ledger"

QUARANTINE_ROWS = """create table quarantine.rows (agency varchar, table_name varchar, delivery_id varchar,
    file_name varchar, line_number bigint, column_name varchar, rule_id varchar, mend varchar, key_hash varchar)"""
DELIVERIES = """create table validated.deliveries (agency varchar, table_name varchar, delivery_id varchar,
    as_of_on date, revision bigint, is_accepted boolean, is_whole boolean)"""
KEYS = """create table validated.keys (agency varchar, table_name varchar, delivery_id varchar,
    key_hash varchar, is_deleted boolean)"""


def write_ledger(lake: Lake, contracts: DataContracts, receipts: Sequence[Receipt]) -> int:
    """Write `quarantine/ledger.parquet`, a row a rule that a line broke (see `ledger.sql`); returns the row count."""
    with sql.connect(lake.spill) as connection:
        connection.execute("create schema quarantine; create schema validated")
        for table in (QUARANTINE_ROWS, DELIVERIES, KEYS):
            connection.execute(table)
        for contract in contracts.all():
            own = [one for one in receipts if one.agency == contract.agency and contract.table in one.tables]
            _open(connection, lake, contract, own)
        return lake.write("quarantine", LEDGER, sql.relation(connection, "pipelines.validate", LEDGER))


def read_ledger(lake: Lake) -> pl.DataFrame:
    """The ledger; empty where nothing was validated yet."""
    path = lake.path("quarantine", LEDGER)
    return pl.read_parquet(path) if path.exists() else pl.DataFrame(schema=LEDGER_SCHEMA)


def _open(connection: duckdb.DuckDBPyConnection, lake: Lake, contract: DataContract, receipts: list[Receipt]) -> None:
    """Make one table's quarantined lines, deliveries and keys readable."""
    refused = [one for one in receipts if _quarantine(lake, one, contract).exists()]
    if not refused:
        return
    whole = [one for one in receipts if _replaces_all(one, contract, receipts)]
    connection.executemany(
        "insert into validated.deliveries values (?, ?, ?, ?, ?, ?, ?)",
        [
            (one.agency, contract.table, one.delivery_id, one.as_of, one.revision, one.is_accepted, one in whole)
            for one in receipts
        ],
    )
    connection.execute(
        """insert into quarantine.rows
        select $agency, $table, _delivery_id, _file_name, _line_number, column_name, rule_id, mend, key_hash
        from read_parquet($paths)""",
        {
            "agency": contract.agency,
            "table": contract.table,
            "paths": [str(_quarantine(lake, one, contract)) for one in refused],
        },
    )
    later = [str(path) for one in _answers(receipts, refused, whole) if (path := one.path(lake, contract.table))]
    if later:
        connection.execute(
            f"""insert into validated.keys
            select $agency, $table, _delivery_id, {key_hash_sql(contract)} as hash, {_deleted_sql(contract)}
            from read_parquet($paths)
            where hash in (select key_hash from quarantine.rows where table_name = $table and agency = $agency)""",
            {"agency": contract.agency, "table": contract.table, "paths": later},
        )


def _replaces_all(receipt: Receipt, contract: DataContract, receipts: Iterable[Receipt]) -> bool:
    """Whether a delivery is whole for every unit that an earlier one spoke of: what it lacks is then gone."""
    semantics = receipt.told.semantics.get(contract.table, contract.semantics)
    earlier = (one for one in receipts if (one.as_of, one.revision) < (receipt.as_of, receipt.revision))
    return semantics == "full" and all(receipt.told.holds_units(one.told) for one in earlier)


def _answers(receipts: Iterable[Receipt], refused: list[Receipt], whole: list[Receipt]) -> Iterator[Receipt]:
    """Accepted deliveries that can supersede a refused line: all later ones, up to the first that replaces all."""
    by_moment = defaultdict(list)
    for one in receipts:
        if one.is_accepted:
            by_moment[one.as_of, one.revision].append(one)
    moments = sorted(by_moment)
    wanted = set()
    for one in refused:
        later = [moment for moment in moments if moment > (one.as_of, one.revision)]
        first_whole = next((n for n, moment in enumerate(later) if by_moment[moment][0] in whole), len(later))
        wanted |= set(later[: first_whole + 1])
    for moment in sorted(wanted):
        yield from by_moment[moment]


def _quarantine(lake: Lake, receipt: Receipt, contract: DataContract) -> Path:
    return lake.zone("quarantine") / receipt.agency / receipt.delivery_id / f"{contract.table}.parquet"


def _deleted_sql(contract: DataContract) -> str:
    marker = contract.delete_marker
    if marker is None:
        return "false"
    column = '"' + marker.column.replace('"', '""') + '"'
    if marker.values is None:
        return f"{column} is not null"
    return f"coalesce({column}::varchar in ({', '.join(map(sql.literal, marker.values))}), false)"


LEDGER_SCHEMA = pl.Schema(
    {
        "agency": pl.String,
        "table_name": pl.String,
        "delivery_id": pl.String,
        "as_of_on": pl.Date,
        "delivery_status_code": pl.String,
        "file_name": pl.String,
        "line_number": pl.Int64,
        "column_name": pl.String,
        "rule_id": pl.String,
        "mend": pl.String,
        "key_hash": pl.String,
        "status_code": pl.String,
        "closed_by_delivery_id": pl.String,
        "closed_on": pl.Date,
        "closed_because_code": pl.String,
    }
)
