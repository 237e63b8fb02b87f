"""The plots that a few assets show: weights, cluster sizes, outcomes over time. From aggregates alone."""

from pathlib import Path

import dagster as dg
import pyarrow.parquet as pq

from pipelines.defs import plots
from pipelines.lake import Lake

HISTOGRAMS = {
    "links_by_weight": "Links by match weight, in bits",
    "clusters_by_size": "Persons by the number of their clients",
}
"""Figure of `person_index/linkage_figures` → title of its plot."""

HEADLINES = (
    "fsp_retention_12_months",
    "stably_housed_members",
    "jail_bed_days_per_1000_member_months",
    "psychiatric_emergency_visits_per_1000_member_months",
)
"""Measures whose course over quarters is shown: members retained, housed, in jail, in psychiatric emergencies."""


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
    columns = ["measure_id", "title", "cut_code", "period", "kind", "estimate"]
    rows = [row for row in pq.read_table(path, columns=columns).to_pylist() if row["cut_code"] == "all"]
    found = {}
    for measure in HEADLINES:
        mine = sorted(
            (row for row in rows if row["measure_id"] == measure and row["period"]), key=lambda row: row["period"]
        )
        if mine:
            is_share = mine[0]["kind"] == "proportion"
            points = [(row["period"], row["estimate"]) for row in mine]
            found[measure] = plots.bars(mine[0]["title"], points, as_share=is_share)
    return found
