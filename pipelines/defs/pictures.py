"""The plots that a few assets show: weights, cluster sizes, outcomes over time. From aggregates alone."""

from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow.parquet as pq

from pipelines.defs import plots
from pipelines.lake import Lake

HISTOGRAMS = {
    "links_by_weight": "Links by match weight, in bits",
    "clusters_by_size": "Persons by the number of their clients",
}
"""Figure of `person_index/linkage_figures` → title of its plot."""

HEADLINES = {
    "fsp_retention_12_months": "members_retained",
    "stably_housed_members": "members_housed",
    "jail_bed_days_per_1000_member_months": "jail_bed_days",
    "psychiatric_emergency_visits_per_1000_member_months": "psychiatric_emergencies",
}
"""Measures whose course over quarters is shown → the key it is shown under: the UI writes long keys over its dates."""


def linkage_plots(lake: Lake) -> dict[str, dg.MarkdownMetadataValue]:
    """Histograms of this run's linkage."""
    rows = pq.read_table(lake.path("person_index", "linkage_figures")).to_pylist()
    return {
        figure: plots.bars(
            title,
            [
                (row["part_code"].lstrip("0") or "0", plots.told(row["value"]))
                for row in rows
                if row["figure_code"] == figure and row["part_code"] != "all"
            ],
        )
        for figure, title in HISTOGRAMS.items()
    }


def outcome_plots(release: Path) -> dict[str, dg.MarkdownMetadataValue]:
    """The course of the headline measures, from the release: what is withheld there is withheld here."""
    path = release / "measure_results.parquet"
    if not path.exists():
        return {}
    columns = ["measure_id", "title", "cut_code", "period", "kind", "estimate", "suppressed"]
    rows = [row for row in pq.read_table(path, columns=columns).to_pylist() if row["cut_code"] == "all"]
    found = {}
    for measure, key in HEADLINES.items():
        mine = sorted((row for row in rows if _is_in(row, measure)), key=lambda row: row["period"])
        if mine:
            drawn = plots.share_bars if mine[0]["kind"] == "proportion" else plots.bars
            found[key] = drawn(mine[0]["title"], [(row["period"], row["estimate"]) for row in mine])
    return found


def _is_in(row: dict[str, Any], measure: str) -> bool:
    """Whether a row is a quarter of the measure's course; one whose window is still open has no figure to withhold."""
    is_known = row["estimate"] is not None or row["suppressed"]
    return row["measure_id"] == measure and bool(row["period"]) and bool(is_known)
