"""standard/identities, standard/clients and standard/placeholder_counts, from linkage.identity_sources.

Belongs here: the order in which the `.sql` files run. Costly readings are done once per distinct name, date,
number and address, which is why the steps are tables and not one statement.
"""

from __future__ import annotations

import duckdb

from pipelines import sql
from pipelines.errors import LakeError
from pipelines.lake import Lake
from pipelines.standardise.rules_sql import load_macros, load_rule_tables

PACKAGE = "pipelines.standardise"

STEPS = (
    "addresses",
    "full_names",
    "named_sources",
    "names",
    "birth_dates",
    "places",
    "tax_numbers",
    "identity_fields",
    "usual_fields",
)
"""Tables of schema `linkage`, in the order in which each needs the one before."""


def make_identities(connection: duckdb.DuckDBPyConnection) -> int:
    """Make standard.identities (one row per distinct identity of a client) in memory; returns the row count.

    Needs linkage.identity_sources.
    """
    load_macros(connection)
    load_rule_tables(connection)
    for step in STEPS:
        sql.create(connection, "linkage", PACKAGE, step)
    return sql.create(connection, "standard", PACKAGE, "identities")


def write_identities(connection: duckdb.DuckDBPyConnection, lake: Lake) -> dict[str, int]:
    """Write standard/identities, standard/clients and standard/placeholder_counts; returns table → rows.

    Needs linkage.identity_sources and linkage.client_sources.

    Raises:
        LakeError: two clients have one client key.
    """
    refuse_shared_keys(connection)
    make_identities(connection)
    counts = {"identities": lake.write("standard", "identities", connection.sql("from standard.identities"))}
    for table in ("clients", "placeholder_counts"):
        counts[table] = lake.write("standard", table, sql.relation(connection, PACKAGE, table))
    return counts


def refuse_shared_keys(connection: duckdb.DuckDBPyConnection) -> None:
    """Stop where two clients of linkage.client_sources have one client key: they would be taken for one."""
    ((shared,),) = connection.execute(
        "select count(*) - count(distinct client_key(agency, client_id)) "
        "from (select distinct agency, client_id from linkage.client_sources)"
    ).fetchall()
    if shared:
        raise LakeError(f"{shared} clients share a client key with another; the key in macros.sql needs more bits")
