"""A release's tables, readable: as views of a connection, or as rows."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from pipelines import sql

Rows = list[dict[str, Any]]


def open_release(connection: duckdb.DuckDBPyConnection, schema: str, release: Path) -> None:
    """Make a release's tables readable as `<schema>.<table>`, and `<schema>.row_counts` with a row a table."""
    connection.execute(f"create schema if not exists {schema}")
    connection.execute(f"create table {schema}.row_counts (table_name varchar, row_count bigint)")
    for path in sorted(release.glob("*.parquet")):
        rows = f"from read_parquet({sql.literal(str(path))})"
        connection.execute(f"create view {schema}.{path.stem} as {rows}")
        counted = [path.stem, pq.read_metadata(path).num_rows]
        connection.execute(f"insert into {schema}.row_counts values (?, ?)", counted)


def release_rows(release: Path) -> Callable[[str], Rows]:
    """Table → its rows, each table read once; a table that the release does not have has none."""

    @cache
    def rows(table: str) -> Rows:
        path = release / f"{table}.parquet"
        found: Rows = pq.read_table(path).to_pylist() if path.exists() else []
        return found

    return rows
