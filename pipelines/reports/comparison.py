"""A comparison's page: who was compared, how alike they are, what differed afterwards, and what only describes."""

from __future__ import annotations

from pathlib import Path

from pipelines.comparison.balance import WELL_BALANCED
from pipelines.publish.comparison import ToldComparison
from pipelines.publish.disclosure import MIN_CELL
from pipelines.reports.charts.comparing import balance_chart, survival_chart
from pipelines.reports.writing import write_page

METHODS = {
    "difference_in_differences": "Difference-in-differences among the matched",
    "matched_difference": "Treated less matched untreated, afterwards",
    "pre_post": "Treated after less before",
}
"""Method → what a reader is told it is."""

BECAME = {
    "looked_at": "looked at",
    "matched": "matched",
    "not_matched": "nobody near enough, or not needed",
    "unlinkable": "no identifiers to link by",
    "age_unknown": "age unknown",
    "died_before": "died before the day",
    "before_the_history": "the year before lies outside the data",
    "immature": "the window ends after the data",
    "too_little_prior_use": "not eligible by prior use",
    "in_custody": "in custody on the day",
}
"""What became of an index day → in words."""


def draw_comparison(told: ToldComparison, out: Path) -> Path:
    """Write the page of a comparison; returns where it is."""
    return write_page(
        "comparison.html",
        out,
        specification=told.comparison.specification,
        through=told.comparison.observed_through_on,
        flow=told.flow.to_dicts(),
        balance=told.balance.to_dicts(),
        balance_chart=balance_chart(told.balance.to_dicts()),
        effects=[row | {"kind": "rate"} for row in told.effects.to_dicts()],
        survival=told.survival.to_dicts(),
        survival_chart=survival_chart(told.survival.to_dicts()),
        p_value=told.log_rank_p_value,
        methods=METHODS,
        became=BECAME,
        well_balanced=WELL_BALANCED,
        min_cell=MIN_CELL,
    )
