"""Who could have been treated, as of historic days: candidates with covariates and outcomes, out of the lake.

Belongs here: the order of the steps. What is known on an index day, and that nothing later is, stands in the `.sql`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, get_args

import duckdb
import polars as pl

from pipelines import sql
from pipelines.comparison.terms import Compared, PriorUse, Specification
from pipelines.errors import LakeError
from pipelines.lake import Lake
from pipelines.standardise.code_sets import CODE_SETS, open_code_sets

PACKAGE = "pipelines.comparison"

INPUTS = (
    ("standard", "clients"),
    ("standard", "data_through"),
    ("person_index", "person_of_client"),
    ("episodes", "custody"),
    ("episodes", "homelessness"),
    ("episodes", "inpatient"),
    ("episodes", "partnership"),
    ("episodes", "persons"),
    ("episodes", "placements"),
    ("episodes", "psychiatric_emergency"),
)

TREATED = {"first_tenancy": "first_tenancies", "fsp_enrolment": "fsp_enrolments"}
"""Kind of index → the `.sql` of who was treated and when."""

USES = {
    "jail_days": ("jail", True),
    "bookings": ("jail", False),
    "psychiatric_emergency_visits": ("psychiatric_emergency", False),
    "inpatient_days": ("inpatient", True),
}
"""Outcome → the use that it counts, and whether it counts days or beginnings."""

KEY = ("person_id", "index_on", "is_treated")


@dataclass(frozen=True)
class Eligible:
    """Candidates, and how many index days of the treated and the untreated were left out, and why."""

    candidates: pl.DataFrame
    left_out: pl.DataFrame
    """Grain: group × reason, with a count."""
    observed_through_on: date


def candidates_of(lake: Lake, specification: Specification, code_sets: Path = CODE_SETS) -> Eligible:
    """Every candidate of a comparison; raises LakeError when the lake has no data to look at."""
    with sql.connect(lake.spill, places=[code_sets]) as connection:
        sql.open_views(connection, lake, INPUTS)
        open_code_sets(connection, code_sets)
        through = observed_through(connection)
        find_candidates(connection, specification, through)
        return Eligible(with_outcomes(connection, specification, through), left_out(connection), through)


def observed_through(connection: duckdb.DuckDBPyConnection) -> date:
    """The last day that every agency's data has reached."""
    (through,) = connection.execute("select min(data_through_on) from standard.data_through").fetchall()[0]
    if not isinstance(through, date):
        raise LakeError("no agency has delivered anything yet; run countylink run first")
    return through


def find_candidates(connection: duckdb.DuckDBPyConnection, one: Specification, through: date) -> None:
    """Make `comparison.judged` (every index day, with why it is left out) and `comparison.candidates`."""
    population = one.population
    named = {} if population.program_code is None else {"program_code": population.program_code}
    sql.create(connection, "comparison", PACKAGE, TREATED[population.index], named)
    connection.execute(f"create or replace view comparison.treated as from comparison.{TREATED[population.index]}")
    sql.create(connection, "comparison", PACKAGE, "uses")
    between = {
        "first_index_on": population.first_index_on,
        "last_index_on": through - timedelta(days=one.longest_window_days),
    }
    sql.create(connection, "comparison", PACKAGE, "index_days", between | {"seed": one.seed})
    sql.create(connection, "comparison", PACKAGE, "prior_use")
    sql.create(connection, "comparison", PACKAGE, "attributes")
    connection.execute(
        f"create or replace table comparison.judged as {sql.text(PACKAGE, 'candidates')}",
        between | _least(one) | {"is_at_liberty": population.is_at_liberty},
    )
    connection.execute(
        "create or replace view comparison.candidates as "
        "select * exclude (left_out_reason) from comparison.judged where left_out_reason is null"
    )


def with_outcomes(connection: duckdb.DuckDBPyConnection, one: Specification, through: date) -> pl.DataFrame:
    """Every candidate with covariates, follow-up, and a column `post_<id>` for each outcome."""
    table: pl.DataFrame = connection.sql("select * exclude (died_on, treated_later_on) from comparison.candidates").pl()
    follow_up = {"observed_through_on": through, "within_days": one.jail_return_within_days}
    table = table.join(sql.relation(connection, PACKAGE, "follow_up", follow_up).pl(), on=KEY, how="left")
    for compared in one.outcomes:
        values = sql.relation(connection, PACKAGE, "outcome", _parameters(one, compared, through)).pl()
        table = table.join(values.rename({"outcome_value": f"post_{compared.id}"}), on=KEY, how="left")
    return table


def left_out(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """How many index days were left out, by group and reason."""
    counted: pl.DataFrame = connection.sql(
        "select case when is_treated then 'treated' else 'untreated' end as group_code, left_out_reason, "
        "count(*) as index_days from comparison.judged where left_out_reason is not null group by all order by all"
    ).pl()
    return counted


def _least(one: Specification) -> dict[str, Any]:
    return {use: one.population.at_least.get(use, 0) for use in get_args(PriorUse)}


def _parameters(one: Specification, compared: Compared, through: date) -> dict[str, Any]:
    use_code, counts_days = USES[compared.outcome]
    return {
        "observed_through_on": through,
        "window_days": compared.window_days,
        "at_least_days": one.follow_up.at_least_days,
        "use_code": use_code,
        "counts_days": counts_days,
    }
