"""Tables that must agree with each other, each pair by one `.sql` file that counts what does not.

`release_tie_outs` look at the written release. `lake_tie_outs` look at what it is drawn from, before disclosure control
has withheld or rounded anything: only there must a total be the sum of its rows to the unit.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb

from pipelines import sql
from pipelines.lake import Lake
from pipelines.publish.views import open_release

PACKAGE = "pipelines.publish.gate"

IN_THE_RELEASE: Mapping[str, str] = {
    "deliveries_conserved": "delivered tables whose rows are not each accepted, quarantined, superseded or held",
    "keys_without_person": "person keys of person_measures or statement_lines that stand for nobody in persons",
    "results_without_definition": "measures without a definition of their version",
}
"""Tie-out → what its count means."""

IN_THE_LAKE: Mapping[str, str] = {
    "results_unlike_rows": "measure results that are not the sum of their person rows",
    "payers_unlike_lines": "statement lines whose payers do not add up to them, to the cent",
}
"""Tie-out → what its count means."""

LAKE_TABLES = (
    ("outcomes", "person_measures"),
    ("outcomes", "measure_results"),
    ("outcomes", "measure_definitions"),
    ("contracts", "statement_lines"),
    ("contracts", "statement_line_payers"),
)


def tie_out_faults(release: Path) -> list[str]:
    """What of a written release does not tie out, with counts."""
    with sql.connect(places=[release]) as connection:
        open_release(connection, "release", release)
        return _faults(connection, IN_THE_RELEASE)


def lake_faults(lake: Lake) -> list[str]:
    """What a release would be drawn from and does not tie out, with counts."""
    with sql.connect(lake.spill) as connection:
        sql.open_views(connection, lake, LAKE_TABLES)
        return _faults(connection, IN_THE_LAKE)


def _faults(connection: duckdb.DuckDBPyConnection, stated: Mapping[str, str]) -> list[str]:
    counts = {name: sql.relation(connection, PACKAGE, name).fetchall()[0][0] for name in stated}
    return [f"{counts[name]} {text}" for name, text in stated.items() if counts[name]]
