"""How a `.sql` file is run.

One SELECT per file, named after the table it makes. A file names its inputs as `<zone>.<table>`; `open_views` makes
them readable, and a test makes tables of the same names from literal rows instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

import duckdb

from pipelines.lake import Lake
from pipelines.places import COUNTY, SHIPPED

DEFAULT_MEMORY_LIMIT = "6GB"
"""Leaves room for Splink and Python beside it in 8 GiB; DuckDB spills beyond it."""

DEFAULT_THREADS = 2


CHECKOUT = SHIPPED
"""Where shipped models and rules lie: every connection may read them, and the county's own folder."""

NO_EXTENSIONS = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_community_extensions": False,
}


def connect(
    spill: Path | None = None,
    *,
    places: Iterable[Path] = (),
    memory_limit: str = DEFAULT_MEMORY_LIMIT,
    threads: int = DEFAULT_THREADS,
) -> duckdb.DuckDBPyConnection:
    """A fresh in-memory DuckDB in a sandbox; every connection of the product is made here.

    It loads no extension, reaches no file outside its places, and nothing that it runs can change that: a path out of
    the data, or a statement that slipped into it, meets a closed door.

    Args:
        spill: where to put what does not fit in memory, `Lake.spill`; the lake around it is a place.
        places: further folders that it reads or writes.
    """
    connection = duckdb.connect(config={"memory_limit": memory_limit, "threads": threads, **NO_EXTENSIONS})
    if spill is not None:
        spill.mkdir(parents=True, exist_ok=True, mode=0o700)
        connection.execute(f"set temp_directory = {literal(str(spill))}")
        connection.execute("set max_temp_directory_size = '60GB'")
    else:
        connection.execute("set temp_directory = ''")
    _lock_up(connection, [CHECKOUT, COUNTY, *([spill.parent] if spill else []), *places])
    return connection


def _lock_up(connection: duckdb.DuckDBPyConnection, places: Iterable[Path]) -> None:
    """Leave a connection with these folders, and without a way to ask for more."""
    resolved = {str(form) for place in places for form in (place.absolute(), place.resolve())}
    connection.execute(f"set allowed_directories = [{', '.join(map(literal, sorted(resolved)))}]")
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")


def open_views(connection: duckdb.DuckDBPyConnection, lake: Lake, tables: Iterable[tuple[str, str]]) -> None:
    """Make derived tables of the lake readable as `<zone>.<table>`."""
    for zone, table in tables:
        connection.execute(f"create schema if not exists {zone}")
        path = literal(str(lake.path(zone, table)))
        connection.execute(f"create or replace view {zone}.{table} as from read_parquet({path})")


def text(package: str, name: str) -> str:
    """The text of `<name>.sql` in a package."""
    return resources.files(package).joinpath(f"{name}.sql").read_text(encoding="utf-8")


def relation(
    connection: duckdb.DuckDBPyConnection, package: str, name: str, params: Mapping[str, Any] | None = None
) -> duckdb.DuckDBPyRelation:
    """The rows that `<name>.sql` of a package selects; `params` fill its `$name` placeholders."""
    return connection.sql(text(package, name), params=dict(params) if params else None)


def create(
    connection: duckdb.DuckDBPyConnection, schema: str, package: str, name: str, params: Mapping[str, Any] | None = None
) -> int:
    """Run `<name>.sql` once into the in-memory table `<schema>.<name>`; returns the row count."""
    connection.execute(f"create schema if not exists {schema}")
    statement = f"create or replace table {schema}.{name} as {text(package, name)}"
    connection.execute(statement, dict(params) if params else None)
    return count(connection, f"{schema}.{name}")


INTERRUPTED = "Query interrupted"
"""What DuckDB says when a signal's handler raised while a statement ran: a `RuntimeError`; what was raised is lost."""


def was_interrupted(error: BaseException) -> bool:
    """Whether an error is only that somebody stopped the process, or its time was up, in the middle of a statement."""
    return type(error) is RuntimeError and str(error) == INTERRUPTED


def count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    """How many rows a table or view has."""
    (rows,) = connection.execute(f"select count(*) from {table}").fetchall()[0]
    return int(rows)


def literal(value: str) -> str:
    """A string as a SQL literal; only for places that take no parameter (paths in views, settings)."""
    return "'" + value.replace("'", "''") + "'"
