"""standard/identities, standard/clients and standard/placeholder_counts, from linkage.identity_sources.

Belongs here: the order in which the `.sql` files run. Costly readings are done once per distinct name, date,
number and address, which is why the steps are tables and not one statement.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import duckdb

from pipelines import sql
from pipelines.errors import LakeError
from pipelines.lake import Lake
from pipelines.standardise.rules_sql import load_macros, load_rule_tables

PACKAGE = "pipelines.standardise"

STEPS: Mapping[str, tuple[str, ...]] = {
    "addresses": (),
    "full_names": (),
    "named_sources": ("full_names",),
    "names": (),
    "birth_dates": (),
    "places": (),
    "tax_numbers": (),
    "identity_fields": ("named_sources", "names", "addresses", "places", "tax_numbers"),
    "usual_fields": (),
}
"""Tables of schema `linkage`, in the order in which each needs the ones before, with those that nothing needs after it:
they are dropped, or a large county's would not fit into memory together."""


def make_identities(connection: duckdb.DuckDBPyConnection) -> int:
    """Make standard.identities (one row per distinct identity of a client) in memory; returns the row count.

    Needs linkage.identity_sources.
    """
    _read_fields(connection)
    return sql.create(connection, "standard", PACKAGE, "identities")


def _read_fields(connection: duckdb.DuckDBPyConnection) -> None:
    """Make linkage.identity_fields and linkage.usual_fields, which identities are made of."""
    load_macros(connection)
    load_rule_tables(connection)
    for step, done_with in STEPS.items():
        sql.create(connection, "linkage", PACKAGE, step)
        _drop(connection, done_with)


def _drop(connection: duckdb.DuckDBPyConnection, tables: Iterable[str]) -> None:
    for table in tables:
        connection.execute(f"drop table linkage.{table}")


def write_identities(connection: duckdb.DuckDBPyConnection, lake: Lake) -> dict[str, int]:
    """Write standard/identities, standard/clients and standard/placeholder_counts; returns table → rows.

    Needs linkage.identity_sources and linkage.client_sources, and drops them.

    Raises:
        LakeError: two clients have one client key.
    """
    sql.create(connection, "linkage", PACKAGE, "described_clients")
    _drop(connection, ["client_sources"])
    refuse_shared_keys(connection)
    _read_fields(connection)
    _drop(connection, ["identity_sources"])
    counts = {"identities": lake.write("standard", "identities", sql.relation(connection, PACKAGE, "identities"))}
    sql.open_views(connection, lake, [("standard", "identities")])
    for table in ("clients", "placeholder_counts"):
        counts[table] = lake.write("standard", table, sql.relation(connection, PACKAGE, table))
    return counts


def refuse_shared_keys(connection: duckdb.DuckDBPyConnection) -> None:
    """Stop where two clients of linkage.described_clients have one client key: they would be taken for one."""
    ((shared,),) = connection.execute("select count(*) from linkage.described_clients where is_shared").fetchall()
    if shared:
        raise LakeError(f"{shared} clients share a client key with another; the key in macros.sql needs more bits")
