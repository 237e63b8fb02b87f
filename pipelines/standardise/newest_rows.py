"""SQL that reads a table's files: with the contract's columns, and the newest row of each business key."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from pipelines import sql
from pipelines.standardise.deliveries_in_play import File
from schemas.data_contract import Column, DataContract

TYPES = {"text": "varchar", "integer": "bigint", "decimal": "double", "date": "date", "timestamp": "timestamp"}

TRACE = (("_delivery_id", "varchar"), ("_line_number", "bigint"))
"""Which row of which delivery a row is."""


def newest_of_each_key(
    connection: duckdb.DuckDBPyConnection, contract: DataContract, columns: Sequence[Column], files: Sequence[File]
) -> str:
    """The last row of each business key: by as-of date and revision, then by the table's own order, then by content.

    A delivery holds each key once (validation sees to that), so where no two are of one rank nothing needs sorting:
    a row is the newest unless a later delivery names its key. The oldest is the big one, and is not grouped either.
    """
    oldest = [file for file in files if file.rank == files[0].rank]
    if len(oldest) > 1:
        return _sorted_out(connection, contract, columns, files)
    base = scan(connection, columns, oldest)
    later = files[1:]
    if not later:
        return base
    keys = ", ".join(quoted(name) for name in contract.business_key)
    changes = _newest_of(connection, contract, columns, later)
    named = scan(connection, columns, later)
    matching = " and ".join(f"b.{quoted(name)} = l.{quoted(name)}" for name in contract.business_key)
    return (
        f"select * from ({base}) as b anti join (select distinct {keys} from ({named})) as l on {matching} "
        f"union all by name {changes}"
    )


def _newest_of(
    connection: duckdb.DuckDBPyConnection, contract: DataContract, columns: Sequence[Column], files: Sequence[File]
) -> str:
    """The same, where the oldest is no larger than the others."""
    if len({file.rank for file in files}) < len(files):
        return _sorted_out(connection, contract, columns, files)
    rows = scan(connection, columns, files)
    if len(files) == 1:
        return rows
    keys = [quoted(name) for name in contract.business_key]
    place = _place_of(files)
    matching = " and ".join([f"r.{key} is not distinct from n.{key}" for key in keys] + [f"{place} = n._newest"])
    newest = f"select {', '.join(keys)}, max({place}) as _newest from ({rows}) group by all"
    return f"select * from ({rows}) as r semi join ({newest}) as n on {matching}"


def _place_of(files: Sequence[File]) -> str:
    """SQL of the place of a row's delivery among files, the oldest first."""
    ranks = sorted({file.rank for file in files})
    cases = " ".join(f"when {sql.literal(file.delivery_id)} then {ranks.index(file.rank)}" for file in files)
    return f"case _delivery_id {cases} end"


def _sorted_out(
    connection: duckdb.DuckDBPyConnection, contract: DataContract, columns: Sequence[Column], files: Sequence[File]
) -> str:
    keys = ", ".join(quoted(name) for name in contract.business_key)
    newest_by = [contract.newest_by] if contract.newest_by else []
    content = [column.name for column in columns if column.name not in (*contract.business_key, *newest_by)]
    order = ", ".join(
        [f"{_place_of(files)} desc"]
        + [f"{quoted(name)} desc nulls last" for name in (*newest_by, *content)]
        + ["_delivery_id", "_line_number"]
    )
    rows = scan(connection, columns, files)
    return f"select * from ({rows}) qualify row_number() over (partition by {keys} order by {order}) = 1"


def scan(connection: duckdb.DuckDBPyConnection, columns: Sequence[Column], files: Sequence[File]) -> str:
    """Rows of files with exactly these columns; a column that an older contract lacked is null."""
    paths = ", ".join(sql.literal(str(file.path)) for file in files)
    source = f"read_parquet([{paths}], union_by_name = true)"
    present = {row[0] for row in connection.execute(f"describe from {source}").fetchall()}
    selected = [_typed(column.name, TYPES[column.kind], present) for column in columns]
    selected += [_typed(name, kind, present) for name, kind in TRACE]
    return f"select {', '.join(selected)} from {source}"


def _typed(name: str, kind: str, present: set[str]) -> str:
    value = quoted(name) if name in present else "null"
    return f"{value}::{kind} as {quoted(name)}"


def no_rows(columns: Sequence[Column]) -> str:
    """SQL of a table with these columns that nobody delivered."""
    named = [(column.name, TYPES[column.kind]) for column in columns] + list(TRACE)
    return "select " + ", ".join(f"null::{kind} as {quoted(name)}" for name, kind in named) + " where false"


def not_deleted(contract: DataContract) -> str:
    """SQL of whether a row does not say that its record is gone."""
    marker = contract.delete_marker
    if marker is None:
        return "true"
    if marker.values is None:
        return f"{quoted(marker.column)} is null"
    values = ", ".join(sql.literal(value) for value in marker.values)
    return f"coalesce({quoted(marker.column)}::varchar not in ({values}), true)"


def quoted(name: str) -> str:
    """A name as SQL takes it whatever is in it."""
    return '"' + name.replace('"', '""') + '"'
