"""From person rows to results: a number with its interval for every measure, cut and period."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from pipelines import sql
from pipelines.intervals import (
    NOTHING,
    Estimate,
    RateSums,
    person_bootstrap,
    person_robust,
    poisson_exact,
    seed_of,
    wilson,
)
from pipelines.kept_results import KeptResults, figures, figures_bytes, key_of
from pipelines.outcomes.definitions import PACKAGE, Measure

SCHEMA = pa.schema(
    [
        ("measure_id", pa.string()),
        ("definition_version", pa.string()),
        ("title", pa.string()),
        ("cut_code", pa.string()),
        ("cut_value", pa.string()),
        ("period", pa.string()),
        ("n", pa.int64()),
        ("numerator", pa.float64()),
        ("person_time", pa.float64()),
        ("censored", pa.int64()),
        ("immature", pa.int64()),
        ("unknown", pa.int64()),
        ("excluded", pa.int64()),
        ("excluded_by_reason", pa.string()),
        ("estimate", pa.float64()),
        ("lower", pa.float64()),
        ("upper", pa.float64()),
        ("interval_method", pa.string()),
        ("unit", pa.string()),
        ("data_through_on", pa.date32()),
        ("link_version", pa.string()),
    ]
)
"""Columns of `outcomes/measure_results`. Grain: measure × cut × cut value × period (null: all periods together)."""

SUMMED = ("measure_id", "cut_code", "cut_value", "period", "n", "numerator", "person_time", "censored", "immature",
          "unknown", "excluded", "excluded_by_reason")  # fmt: skip
"""Columns that come out of the sums as they are."""

Cell = tuple[str, str, str, str | None]
"""(measure, cut, cut value, period)"""

DATA_THROUGH = """
select min(data_through_on) from standard.data_through where list_contains($agencies::varchar[], agency)
"""


STEPS = ("person_attributes", "cells_by_place", "cells_by_person")
"""Tables of `cuts`, in the order in which they are made."""


def measure_results(
    connection: duckdb.DuckDBPyConnection, measures: Sequence[Measure], link_version: str, resampled: KeptResults
) -> pa.Table:
    """The results of every measure in `outcomes.person_measures`, ordered by their grain.

    `resampled`: intervals of persons drawn anew, as the last run left them.
    """
    open_definitions(connection, measures, id_type="outcomes.measure_id")
    connection.execute("create schema if not exists cuts")
    connection.execute(f"create or replace view cuts.counted_rows as {sql.text(PACKAGE, 'counted_rows')}")
    for name in STEPS:
        sql.create(connection, "cuts", PACKAGE, name)
    resampling = _Resampling(_person_totals(connection), resampled)
    known = {each.id: each for each in measures}
    through = {each.id: _data_through(connection, each) for each in measures}
    cells = sql.relation(connection, PACKAGE, "measure_results").to_arrow_table().to_pylist()
    rows = [
        _row(known[cell["measure_id"]], cell, resampling)
        | {"data_through_on": through[cell["measure_id"]], "link_version": link_version}
        for cell in cells
    ]
    return pa.Table.from_pylist(rows, schema=SCHEMA)


@dataclass(frozen=True)
class _Resampling:
    """Intervals that resample persons: a thousand draws each, so those of cells that did not change are found again."""

    totals: Mapping[Cell, np.ndarray]
    kept: KeptResults

    def estimate(self, cell: Cell, scale: float) -> Estimate:
        """The rate of a cell and its interval."""
        totals, seed = self.totals[cell], seed_of(*cell)
        key = key_of(totals.tobytes(), struct.pack("<dq", scale, seed))
        if (found := self.kept.find(key)) is None:
            made = person_bootstrap(totals, scale, seed)
            found = figures_bytes(made.estimate, made.lower, made.upper)
            self.kept.add(key, found)
        return Estimate(*figures(found))


def _row(measure: Measure, cell: dict[str, Any], resampling: _Resampling) -> dict[str, Any]:
    method = measure.cuts[cell["cut_code"]]
    estimate = _estimate(measure, method, cell, resampling)
    return {name: cell[name] for name in SUMMED} | {
        "definition_version": measure.version,
        "title": measure.title,
        "estimate": estimate.estimate,
        "lower": estimate.lower,
        "upper": estimate.upper,
        "interval_method": method,
        "unit": measure.unit,
    }


def _estimate(measure: Measure, method: str, cell: dict[str, Any], resampling: _Resampling) -> Estimate:
    if cell["n"] == 0:
        return NOTHING
    if method == "none":
        # a sum of days or dollars has no distribution to draw an interval from
        return Estimate(cell["numerator"], None, None)
    if method == "person_robust":
        return person_robust(_sums(cell), measure.scale)
    if method == "wilson":
        return wilson(cell["numerator"], cell["n"])
    if method == "poisson_exact":
        # a count has no person-time: it stands for itself
        return poisson_exact(cell["numerator"], 1.0 if measure.kind == "count" else cell["person_time"], measure.scale)
    key: Cell = (cell["measure_id"], cell["cut_code"], cell["cut_value"], cell["period"])
    return resampling.estimate(key, measure.scale)


def _sums(cell: dict[str, Any]) -> RateSums:
    names = ("numerator", "person_time", "numerator_squared", "cross_product", "person_time_squared")
    return RateSums(cell["n"], *(cell[name] or 0.0 for name in names))


def _person_totals(connection: duckdb.DuckDBPyConnection) -> dict[Cell, np.ndarray]:
    """Cell → its distinct (events, time, persons), for the cells whose interval resamples persons."""
    gathered: dict[Cell, list[tuple[float, float, int]]] = {}
    for *cell, events, time, persons in sql.relation(connection, PACKAGE, "person_totals").fetchall():
        gathered.setdefault((cell[0], cell[1], cell[2], cell[3]), []).append((events, time, persons))
    return {cell: np.array(rows, dtype=np.float64) for cell, rows in gathered.items()}


def open_definitions(
    connection: duckdb.DuckDBPyConnection, measures: Sequence[Measure], id_type: str = "varchar"
) -> None:
    """Make `definitions.measures`, `.exclusions` and `.cuts` for the SQL that aggregates; ids as the rows have them."""
    exclusions = [(each.id, reason, rank) for each in measures for rank, reason in enumerate(each.exclusions)]
    cuts = [(each.id, cut, method, each.is_by_period) for each in measures for cut, method in each.cuts.items()]
    connection.execute("create schema if not exists definitions")
    numbered = [(number, each.id, each.kind) for number, each in enumerate(measures)]
    _open(connection, "measures", f"measure_number integer, measure_id {id_type}, kind varchar", numbered)
    _open(connection, "exclusions", f"measure_id {id_type}, reason_code varchar, reason_rank integer", exclusions)
    columns = f"measure_id {id_type}, cut_code varchar, interval_method varchar, is_by_period boolean"
    _open(connection, "cuts", columns, cuts)


def _open(connection: duckdb.DuckDBPyConnection, name: str, columns: str, rows: Sequence[Sequence[Any]]) -> None:
    connection.execute(f"create or replace table definitions.{name} ({columns})")
    if rows:
        marks = f"({', '.join('?' * len(rows[0]))})"
        values = [value for row in rows for value in row]
        connection.execute(f"insert into definitions.{name} values {', '.join([marks] * len(rows))}", values)


def _data_through(connection: duckdb.DuckDBPyConnection, measure: Measure) -> Any:
    agencies = sorted({agency for agencies in measure.needs_agencies.values() for agency in agencies})
    return connection.execute(DATA_THROUGH, {"agencies": agencies}).fetchall()[0][0]
