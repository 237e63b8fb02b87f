"""The aggregate tables of a release as one workbook, for those who look at figures in Excel."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from pipelines.reports.tables import AGGREGATES, ReleaseTables
from pipelines.reports.workbook import Rows, write_workbook

WORKBOOK = "aggregates.xlsx"

LONGEST_SHEET = 100_000
"""Rows. Excel opens ten times as many, and nobody reads them there; the rest is in the CSV and the Parquet."""


def draw_workbook(release: Path, target: Path | None = None) -> Path:
    """Write the workbook of a release; returns it.

    Args:
        release: a release folder, sealed or just before it is.
        target: where it goes; default `aggregates.xlsx` inside the release.
    """
    tables = ReleaseTables(release)
    told = tables.manifest
    sheets: dict[str, Rows] = {name: tables.rows(name) for name in AGGREGATES}
    path = target or release / WORKBOOK
    write_workbook(
        path,
        {"about": _about(told["release_id"], sheets), **{name: rows[:LONGEST_SHEET] for name, rows in sheets.items()}},
        title=f"Aggregates of outcomes release {told['release_id']}",
        made_on=date.fromisoformat(told["inputs"]["as_of"]),
    )
    return path


def _about(release_id: str, sheets: dict[str, Rows]) -> Rows:
    return [
        {
            "table": name,
            "rows": len(rows),
            "rows_here": min(len(rows), LONGEST_SHEET),
            "mind": "an empty cell of a suppressed row is withheld: it counts 1 to 10 people, or protects one",
            "release": release_id,
        }
        for name, rows in sheets.items()
    ]
