"""Compute every measure for every person, then its results for every cut and period.

Belongs here: the order of the steps and maturity. What a measure counts stands in the `.sql` that its definition names.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from pipelines import sql
from pipelines.kept_results import KeptResults
from pipelines.lake import Lake
from pipelines.link.pin import read_pin
from pipelines.outcomes.definitions import DEFINITIONS, PACKAGE, Measure, load_measures
from pipelines.outcomes.results import measure_results
from pipelines.outcomes.unavailable import unavailable_rows
from pipelines.standardise.code_sets import CODE_SETS, open_code_sets
from schemas.outcomes import STATUSES

INPUTS = (
    ("standard", "mental_health_services"),
    ("standard", "residential_settings"),
    ("standard", "clients"),
    ("standard", "identities"),
    ("standard", "tenancies"),
    ("standard", "partnerships"),
    ("standard", "providers"),
    ("standard", "data_through"),
    ("person_index", "person_of_client"),
    ("episodes", "custody"),
    ("episodes", "tenancy"),
    ("episodes", "tenancy_units"),
    ("episodes", "placements"),
    ("episodes", "psychiatric_emergency"),
    ("episodes", "inpatient"),
    ("episodes", "partnership"),
    ("episodes", "partnership_spans"),
    ("episodes", "homelessness"),
    ("episodes", "persons"),
)

MACROS = ("macros", "return_kinds", "jail_returns", "tenancy_runs", "member_spans", "member_rates", "most_said")
"""Files of what several measures share, each after those that it uses."""

SHARED = ("member_services", "absences", "unknown_client_list")
"""Tables that several measures read, made once a run: services are the largest table of the lake."""

BY_WINDOW = {"jail_return_after_release": "returns_after_release"}
"""A measure's `.sql` → the table that its variants of one window share: `shared.<name>`, made for so many months."""

NOT_PINNED = "none"
"""Link version of a lake that no model has linked."""

PERSON_MEASURES = """
create or replace table outcomes.person_measures (
    measure_id {measure_id}, definition_version {definition_version}, person_id bigint, provider_id varchar,
    program_code varchar, period varchar, index_on date, window_end_on date, status_code {status_code},
    numerator double, person_time double, flags varchar
)
"""
AS_TEXTS = dict.fromkeys(("measure_id", "definition_version", "status_code"), "varchar")

PERSON_MEASURES_ORDER = "person_id, index_on, program_code, provider_id, period"
"""Order of a measure's rows. Measures follow one another by id, so that the whole table never has to be sorted."""


Tell = Callable[[str, float], None]
"""Hears of a step and its seconds."""


class _Watch:
    """Tells after each step what it took."""

    def __init__(self, tell: Tell | None) -> None:
        self._tell, self._since = tell, time.perf_counter()

    def lap(self, step: str) -> None:
        now = time.perf_counter()
        if self._tell is not None:
            self._tell(step, now - self._since)
        self._since = now


@dataclass(frozen=True)
class MeasureReport:
    """What was measured: counts, never a row of a person."""

    measures: int
    person_rows: int
    result_rows: int
    statuses: Mapping[str, Mapping[str, int]]
    """Measure → status (met, not_met, censored, excluded, immature, unknown) → rows."""


def measure(
    lake: Lake, definitions: Path = DEFINITIONS, code_sets: Path = CODE_SETS, tell: Tell | None = None
) -> MeasureReport:
    """Write every table of `outcomes/` from the episodes; `tell` hears of each step and its seconds."""
    measures = load_measures(definitions, code_sets)
    watch = _Watch(tell)
    with sql.connect(lake.spill, places=[code_sets]) as connection:
        open_inputs(connection, lake, code_sets)
        open_rows(connection, measures)
        watch.lap("what measures share")
        for each in measures:
            add_person_rows(connection, each)
            watch.lap(each.id)
        person_rows = lake.write("outcomes", "person_measures", connection.sql("from outcomes.person_measures"))
        watch.lap("writing the rows of persons")
        resampled = KeptResults.of(lake, "outcomes", "resampled")
        results = measure_results(connection, measures, link_version(lake), resampled)
        resampled.keep()
        watch.lap("results")
        result_rows = lake.write_arrow("outcomes", "measure_results", results)
        lake.write_arrow("outcomes", "measure_definitions", definition_rows(measures))
        lake.write_arrow(
            "outcomes", "unavailable_measures", unavailable_rows(definitions, [one.id for one in measures])
        )
        lake.write("outcomes", "episode_costs", connection.sql("from outcomes.episode_costs"))
        lake.write("outcomes", "unknown_clients", sql.relation(connection, PACKAGE, "unknown_clients"))
        return MeasureReport(len(measures), person_rows, result_rows, _statuses(connection))


def open_inputs(connection: duckdb.DuckDBPyConnection, lake: Lake, code_sets: Path = CODE_SETS) -> None:
    """Make everything readable that a measure reads: the lake's tables, code sets, macros and what measures share."""
    sql.open_views(connection, lake, INPUTS)
    share(connection, code_sets)


def share(connection: duckdb.DuckDBPyConnection, code_sets: Path = CODE_SETS) -> None:
    """Make code sets, macros and what several measures share, from the events and episodes that are readable."""
    open_code_sets(connection, code_sets)
    prepare(connection)
    for name in SHARED:
        sql.create(connection, "shared", PACKAGE, name)
    sql.create(connection, "outcomes", PACKAGE, "episode_costs")


def link_version(lake: Lake) -> str:
    """Which linkage model made the persons that are measured: its version and fingerprint."""
    pin = read_pin(lake)
    return f"{pin.version} {pin.sha256[:12]}" if pin else NOT_PINNED


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the macros that measures share, and the empty table that they fill."""
    for name in MACROS:
        connection.execute(sql.text(PACKAGE, name))
    connection.execute("create schema if not exists outcomes")
    connection.execute("create schema if not exists needs")
    connection.execute(PERSON_MEASURES.format(**AS_TEXTS))


def open_rows(connection: duckdb.DuckDBPyConnection, measures: Sequence[Measure]) -> None:
    """Make the empty table of rows again, for millions: texts of which there are few are numbers that read as texts."""
    texts = {
        "measure_id": [each.id for each in measures],
        "definition_version": sorted({each.version for each in measures}),
        "status_code": STATUSES,
    }
    for column, known in texts.items():
        listed = ", ".join(sql.literal(text) for text in known)
        connection.execute(f"create type outcomes.{column} as enum ({listed})")
    connection.execute(PERSON_MEASURES.format(**{column: f"outcomes.{column}" for column in texts}))


def add_person_rows(connection: duckdb.DuckDBPyConnection, each: Measure) -> None:
    """Run one measure's `.sql` and append its rows to `outcomes.person_measures`."""
    open_observed_through(connection, each)
    _open_window(connection, each)
    statement = f"""
        insert into outcomes.person_measures by name
        select $measure_id as measure_id, $definition_version as definition_version, *
        from (select * from ({sql.text(PACKAGE, each.sql)}) order by {PERSON_MEASURES_ORDER})
    """
    named: dict[str, Any] = {"measure_id": each.id, "definition_version": each.version}
    connection.execute(statement, named | _own_parameters(each))


def _own_parameters(each: Measure) -> dict[str, Any]:
    """Those of the measure's `.sql`; a window that its variants share is no longer asked for there."""
    return {name: value for name, value in each.parameters.items() if each.sql not in BY_WINDOW or name != "months"}


def _open_window(connection: duckdb.DuckDBPyConnection, each: Measure) -> None:
    """Make what variants of one window share, and let `shared.<name>` be that of this measure's window."""
    name = BY_WINDOW.get(each.sql)
    if name is None:
        return
    months = each.parameters["months"]
    made = f"{name}_{int(months)}"
    text = sql.text(PACKAGE, name)
    connection.execute(f"create table if not exists shared.{made} as {text}", {"months": months})
    connection.execute(f"create or replace view shared.{name} as from shared.{made}")


def open_observed_through(connection: duckdb.DuckDBPyConnection, each: Measure) -> None:
    """Make `needs.observed_through`: by programme, the last day that every agency the measure needs has reached.

    An agency that never delivered leaves it null: nothing that needs it is ever mature.
    """
    connection.execute(
        "create or replace table needs.observed_through (program_code varchar, observed_through_on date)"
    )
    for program, agencies in each.needs_agencies.items():
        row = [program, observed_through(connection, agencies)]
        connection.execute("insert into needs.observed_through values (?, ?)", row)


def observed_through(connection: duckdb.DuckDBPyConnection, agencies: Sequence[str]) -> date | None:
    """The earliest data-through date of some agencies; None when one of them has none."""
    rows = connection.execute(
        "select data_through_on from standard.data_through where list_contains($agencies::varchar[], agency)",
        {"agencies": list(agencies)},
    ).fetchall()
    return min(row[0] for row in rows) if len(rows) == len(set(agencies)) else None


def definition_rows(measures: Sequence[Measure]) -> pa.Table:
    """The definitions as a table, so that a release carries what its numbers mean. Grain: measure."""
    texts = ("title", "kind", "unit", "text", "numerator", "denominator", "person_time", "window", "source")
    columns: dict[str, list[Any]] = {"measure_id": [each.id for each in measures]}
    columns["definition_version"] = [each.version for each in measures]
    columns |= {name: [str(getattr(each, name)).strip() for each in measures] for name in texts}
    columns["exclusions"] = [_listed(each.exclusions) for each in measures]
    columns["flags"] = [_listed(each.flags) for each in measures]
    columns["unknown_when"] = [each.unknown_when.strip() for each in measures]
    columns["code_sets"] = [_listed(each.code_sets) for each in measures]
    columns["parameters"] = [_listed(each.parameters) for each in measures]
    columns["needs_agencies"] = [
        ",".join(sorted({agency for agencies in each.needs_agencies.values() for agency in agencies}))
        for each in measures
    ]
    table = pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})
    return table.append_column("is_published", pa.array([each.is_published for each in measures], pa.bool_()))


def _listed(texts: Mapping[str, Any]) -> str:
    return "; ".join(f"{name}: {text}" for name, text in texts.items())


def _statuses(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, int]]:
    rows = connection.execute(
        "select measure_id, status_code, count(*) from outcomes.person_measures group by all order by all"
    ).fetchall()
    statuses: dict[str, dict[str, int]] = {}
    for measure_id, status, count in rows:
        statuses.setdefault(measure_id, {})[status] = count
    return statuses
