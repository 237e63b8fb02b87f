"""Events: what the agencies' records say happened, in one vocabulary, one table a kind.

Belongs here: which event tables there are and how they are written. What an event is stands in the `.sql` file of its
name; what a code means stands in the code sets. Merging events into episodes is a later stage.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from pipelines import sql
from pipelines.lake import Lake
from pipelines.standardise.code_sets import CODE_SETS, open_code_sets
from pipelines.standardise.rules_sql import load_macros

PACKAGE = "pipelines.standardise"

EVENTS = (
    "bookings",
    "tenancies",
    "homeless_enrollments",
    "psychiatric_emergency_contacts",
    "inpatient_stays",
    "partnerships",
    "residential_settings",
    "mental_health_services",
    "deaths",
    "data_through",
    "providers",
)
"""Every event table, each made by the `.sql` file of its name; the last two are about agencies and providers."""


def events(connection: duckdb.DuckDBPyConnection, lake: Lake, code_sets: Path = CODE_SETS) -> dict[str, int]:
    """Write every event table from the rows in force (`current.…` views); returns table → rows."""
    load_macros(connection)
    open_code_sets(connection, code_sets)
    return {name: lake.write("standard", name, sql.relation(connection, PACKAGE, name)) for name in EVENTS}
