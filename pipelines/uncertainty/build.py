"""The stage: results at strict, base and loose thresholds, and intervals that include link error.

Belongs here: the order of the steps, and what is written. Which clients are cut anew is in `placing.py`, how what they
lived through is measured anew in `worlds.py`, the arithmetic of intervals in `link_error.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from pipelines import sql
from pipelines.kept_results import KeptResults
from pipelines.lake import Lake
from pipelines.outcomes.definitions import DEFINITIONS, load_measures
from pipelines.standardise.code_sets import CODE_SETS
from pipelines.uncertainty.link_error import Values
from pipelines.uncertainty.placing import FIRST_DRAW, placed_clients, read_linkage, read_quality
from pipelines.uncertainty.rows import Cell, table_rows
from pipelines.uncertainty.rules import Rules, load_rules
from pipelines.uncertainty.worlds import PACKAGE, open_county, world_cells
from schemas.uncertainty import PAID_CUTS

RESULTS = f"""
select * from county.measure_results
where cut_code in {PAID_CUTS!r} order by measure_id, cut_code, cut_value, period nulls first
"""  # fmt: skip


@dataclass(frozen=True)
class UncertaintyReport:
    """Counts of one run."""

    cells: int
    touched_cells: int
    """Cells that any other linkage changes."""
    placed_clients: int
    """Clients over all worlds that are other persons there."""


def measure_uncertainty(
    lake: Lake, definitions: Path = DEFINITIONS, code_sets: Path = CODE_SETS, rules: Rules | None = None
) -> UncertaintyReport:
    """Write `outcomes/measure_by_threshold` and `outcomes/measure_uncertainty`."""
    measures, rules = load_measures(definitions, code_sets), rules or load_rules()
    corrected = KeptResults.of(lake, "outcomes", "corrected")
    with sql.connect(lake.spill, places=[code_sets]) as connection:
        open_county(connection, lake)
        quality = read_quality(connection)
        placed = placed_clients(connection, read_linkage(lake), quality, rules)
        cells = world_cells(connection, lake, measures, placed, code_sets=code_sets)
        changes = _changes(cells, FIRST_DRAW + rules.draws)
        squares = {tuple(row[:4]): row[4] for row in sql.relation(connection, PACKAGE, "squares").fetchall()}
        results = connection.sql(RESULTS).to_arrow_table().to_pylist()
    known = {each.id: each for each in measures}
    by_threshold, uncertainty = table_rows(results, known, changes, quality, squares, rules, corrected)
    lake.write_arrow("outcomes", "measure_by_threshold", by_threshold)
    lake.write_arrow("outcomes", "measure_uncertainty", uncertainty)
    corrected.keep()
    return UncertaintyReport(uncertainty.num_rows, len(changes), placed.num_rows)


def _changes(cells: pa.Table, worlds: int) -> dict[Cell, Values]:
    """Cell → what each world adds to n, numerator and person-time (worlds × 3)."""
    found: dict[Cell, Values] = {}
    for row in cells.to_pylist():
        cell = (row["measure_id"], row["cut_code"], row["cut_value"], row["period"])
        added = found.setdefault(cell, np.zeros((worlds, 3)))
        added[row["world"]] = (row["n"], row["numerator"], row["person_time"])
    return found
