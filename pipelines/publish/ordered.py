"""The rows of a published table, in its order: the query that makes it, with the contract's columns and types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb

from pipelines import sql
from pipelines.publish.disclosure.model import load_model
from pipelines.publish.published_contracts import PublishedTable

PACKAGE = "pipelines.publish"

PARAMETERS: Mapping[str, tuple[str, ...]] = {"persons": ("as_of", "oldest_age"), "data_through": ("as_of",)}
"""Which queries take which parameters; DuckDB refuses a parameter that a query does not use."""

SQL_TYPES = {"utf8": "varchar", "int64": "bigint", "double": "double", "boolean": "boolean", "date32": "date"}
"""What DuckDB calls the physical types of the published contracts."""

FEW_TEXTS: Mapping[str, tuple[str, ...]] = {
    "person_measures": (
        "measure_id",
        "definition_version",
        "provider_id",
        "program_code",
        "period",
        "status_code",
        "flags",
    ),
}
"""Table → columns that say few different texts. While millions of rows are ordered, these are places in the sorted list
of the texts: the same order in less time. The table that they are drawn from is `outcomes.<table>`."""


def ordered(
    connection: duckdb.DuckDBPyConnection, contract: PublishedTable, values: Mapping[str, Any]
) -> duckdb.DuckDBPyRelation:
    """The rows of a table's query with the contract's columns and order, and the working columns.

    Types are the contract's, but for the columns of few texts: enumerations here, dictionaries in Arrow.
    """
    types = {column.name: SQL_TYPES[column.physical_type] for column in contract.columns}
    table = load_model().tables.get(contract.name)
    types |= dict(table.working if table else {})
    types |= _enumerations(connection, contract.name)
    columns = ", ".join(f'"{name}"::{kind} as "{name}"' for name, kind in types.items())
    order = ", ".join(f'"{name}"' for name in dict.fromkeys([*contract.sorted_by, *types]))
    params = {name: values[name] for name in PARAMETERS.get(contract.name, ())}
    query = sql.text(PACKAGE, contract.name)
    return connection.sql(f"select {columns} from ({query}) order by {order}", params=params)


def _enumerations(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    """A type for each column of few texts, its values in the order of texts; made anew for this connection."""
    kinds = {name: f"{table}_{name}" for name in FEW_TEXTS.get(table, ())}
    for name, kind in kinds.items():
        texts = f'select distinct "{name}" from outcomes.{table} where "{name}" is not null order by "{name}"'
        connection.execute(f'create type "{kind}" as enum ({texts})')
    return kinds
