"""What the lake knows of a contract's people: flow, baselines, outcomes so far, and how well they are linked.

Belongs here: the order of the queries and which figures are firm enough. Eligibility is asked for as of the first day
of each month, from episodes that began before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import duckdb
import numpy as np

from pipelines import sql
from pipelines.contracts.state import open_terms
from pipelines.errors import LakeError
from pipelines.lake import Lake
from pipelines.underwriting.assumptions import Eligibility
from pipelines.underwriting.chances import Floats
from pipelines.underwriting.reading import Case

PACKAGE = "pipelines.underwriting"

INPUTS = (
    ("episodes", "custody"),
    ("episodes", "homelessness"),
    ("episodes", "psychiatric_emergency"),
    ("episodes", "inpatient"),
    ("episodes", "partnership"),
    ("episodes", "placements"),
    ("episodes", "persons"),
    ("standard", "data_through"),
    ("outcomes", "person_measures"),
    ("person_index", "linkage_by_group"),
)

AGENCIES = {
    "custody": ("sheriff",),
    "homelessness": ("hmis",),
    "psychiatric_emergency": ("health", "mental_health"),
    "inpatient": ("health", "mental_health"),
    "partnership": ("mental_health",),
}
"""Kind of episode → the agencies whose data-through dates bound what is known of it."""

BASELINE_MONTHS = (12, 24)
"""Lengths of the windows that baselines are told for."""

MIN_PERSONS = 30
"""Fewer persons than this tell less than the studies that the stated figures are from."""

MIN_EVENTS = 11
"""Fewer persons with the event, or without it, are a count that nobody may publish: nothing is made to rest on it."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Evidence:
    """Figures out of a lake; all empty where there is none."""

    flow: Sequence[Row] = ()
    baselines: Sequence[Row] = ()
    statuses: Sequence[Row] = ()
    follow_up_totals: Mapping[tuple[str, int], Floats] = field(default_factory=dict)
    """(kind, months) → rows of (units, years, persons) of the untreated."""
    clause_totals: Mapping[str, Floats] = field(default_factory=dict)
    """Clause → rows of (units, person-time, persons)."""
    recall: float | None = None
    precision: float | None = None
    observed_through_on: date | None = None

    def untreated(self, kind: str, months: int) -> tuple[int, int] | None:
        """How many of the untreated had an episode within the months, and of how many; None where too few."""
        for row in self.baselines:
            if (row["kind"], row["months"], row["is_untreated"]) == (kind, months, True):
                return _firm(row["persons_after"], row["persons"])
        return None

    def untreated_units(self, kind: str) -> Floats | None:
        """Rows of (units, years, persons) of the untreated over 12 months; None where too few."""
        totals = self.follow_up_totals.get((kind, BASELINE_MONTHS[0]))
        if totals is None or _firm(int(totals[totals[:, 0] > 0, 2].sum()), int(totals[:, 2].sum())) is None:
            return None
        return totals

    def observed(self, clause_id: str) -> tuple[int, int] | None:
        """How many persons of a clause had its event so far, and of how many; None where too few."""
        for row in self.statuses:
            if row["clause_id"] == clause_id:
                return _firm(row["numerator"], row["n"])
        return None

    def observed_units(self, clause_id: str) -> Floats | None:
        """Rows of (units, person-time, persons) of a clause; None where too few."""
        totals = self.clause_totals.get(clause_id)
        return totals if totals is not None and totals[:, 2].sum() >= MIN_PERSONS else None


NO_EVIDENCE = Evidence()


def _firm(events: int, persons: int) -> tuple[int, int] | None:
    is_firm = persons >= MIN_PERSONS and MIN_EVENTS <= events <= persons - MIN_EVENTS
    return (events, persons) if is_firm else None


def gather(lake: Lake, case: Case) -> Evidence:
    """Ask a lake for everything that a case can rest on; raises LakeError where a run has not finished."""
    missing = [f"{zone}/{table}" for zone, table in INPUTS if not lake.has(zone, table)]
    if missing:
        raise LakeError(f"the lake lacks {', '.join(missing)}; run countylink run first")
    with sql.connect(lake.spill) as connection:
        sql.open_views(connection, lake, INPUTS)
        return gathered(connection, case)


def gathered(connection: duckdb.DuckDBPyConnection, case: Case) -> Evidence:
    """The evidence out of a connection in which the inputs can be read."""
    open_terms(connection, [case.contract])
    recall, precision = _linkage(connection, case.assumptions.linkage.agency_pair)
    found = Evidence(
        statuses=_rows(connection, "clause_statuses"),
        clause_totals=_clause_totals(connection),
        recall=recall,
        precision=precision,
    )
    eligibility = case.assumptions.enrolment.eligibility
    through_on = _observed_through(connection, _kinds(case)) if eligibility is not None else None
    if eligibility is None or through_on is None:
        return found
    _open_criteria(connection, case, eligibility)
    _follow(connection, eligibility, through_on)
    return Evidence(
        flow=_rows(connection, "eligible_flow"),
        baselines=_rows(connection, "baselines"),
        statuses=found.statuses,
        follow_up_totals=_follow_up_totals(connection),
        clause_totals=found.clause_totals,
        recall=recall,
        precision=precision,
        observed_through_on=through_on,
    )


def _follow(connection: duckdb.DuckDBPyConnection, eligibility: Eligibility, through_on: date) -> None:
    needed = len(eligibility.criteria) if eligibility.needs == "all" else 1
    steps: list[tuple[str, dict[str, Any] | None]] = [
        ("events", None),
        ("months", {"observed_through_on": through_on}),
        ("eligible_months", {"needed": needed}),
        ("treated", {"treatment": eligibility.treatment}),
        ("eligible_persons", None),
        ("follow_up", {"observed_through_on": through_on}),
    ]
    for name, params in steps:
        sql.create(connection, "work", PACKAGE, name, params)


def _kinds(case: Case) -> set[str]:
    """Every kind of episode that eligibility, a clause's baseline or an avoided cost looks at."""
    eligibility = case.assumptions.enrolment.eligibility
    kinds: set[str] = {one.episodes for one in eligibility.criteria} if eligibility else set()
    kinds |= {clause.baseline.episodes for clause in case.assumptions.clauses if clause.baseline.episodes}
    return kinds | {cost.episodes for cost in case.assumptions.unit_costs}


def _observed_through(connection: duckdb.DuckDBPyConnection, kinds: Iterable[str]) -> date | None:
    """The last day that every agency of these kinds has reached; None when one of them never delivered."""
    agencies = {agency for kind in kinds for agency in AGENCIES[kind]}
    rows = connection.sql("select agency, data_through_on from standard.data_through").fetchall()
    reached: dict[str, date] = dict(rows)
    return min(reached[agency] for agency in agencies) if agencies <= reached.keys() else None


def _open_criteria(connection: duckdb.DuckDBPyConnection, case: Case, eligibility: Eligibility) -> None:
    """Make `terms.criteria`, `treating_programs`, `windows` and `followed_kinds`."""
    connection.execute(
        "create or replace table terms.criteria "
        "(criterion integer, kind varchar, at_least integer, within_months integer)"
    )
    for number, one in enumerate(eligibility.criteria):
        row = [number, one.episodes, one.at_least, one.within_months]
        connection.execute("insert into terms.criteria values (?, ?, ?, ?)", row)
    clauses = case.assumptions.clauses
    months = {*BASELINE_MONTHS, *(one.months for one in clauses if one.baseline.of == "untreated")}
    _list(connection, "treating_programs", "program_code varchar", case.contract.population.program_codes)
    _list(connection, "windows", "months integer", sorted(months))
    _list(connection, "followed_kinds", "kind varchar", sorted(_kinds(case)))


def _list(connection: duckdb.DuckDBPyConnection, table: str, column: str, values: Iterable[Any]) -> None:
    connection.execute(f"create or replace table terms.{table} ({column})")
    for value in values:
        connection.execute(f"insert into terms.{table} values (?)", [value])


def _linkage(connection: duckdb.DuckDBPyConnection, pair: str | None) -> tuple[float | None, float | None]:
    """Recall and precision of a pair of agencies: as reviewers found them, else as the model expects them."""
    found = connection.execute(
        "select coalesce(labelled_recall, expected_recall), coalesce(labelled_precision, expected_precision) "
        "from person_index.linkage_by_group where cut_code = 'agency_pair' and cut_value = $pair",
        {"pair": pair},
    ).fetchall()
    return found[0] if found else (None, None)


def _rows(connection: duckdb.DuckDBPyConnection, name: str) -> list[Row]:
    return [dict(row) for row in sql.relation(connection, PACKAGE, name).to_arrow_table().to_pylist()]


def _follow_up_totals(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, int], Floats]:
    rows = sql.relation(connection, PACKAGE, "follow_up_totals").fetchall()
    keys = sorted({(row[0], row[1]) for row in rows})
    return {key: np.array([row[2:] for row in rows if (row[0], row[1]) == key], dtype=np.float64) for key in keys}


def _clause_totals(connection: duckdb.DuckDBPyConnection) -> dict[str, Floats]:
    rows = sql.relation(connection, PACKAGE, "clause_totals").fetchall()
    keys = sorted({row[0] for row in rows})
    return {key: np.array([row[1:] for row in rows if row[0] == key], dtype=np.float64) for key in keys}
