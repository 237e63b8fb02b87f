"""The two charts of a comparison: balance before and after matching, and curves of the return to jail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from pipelines.comparison.balance import WELL_BALANCED
from pipelines.reports.charts.rendering import INK, MARK, OWN, QUIET, render

WIDTH, HEIGHT, LINE = 520, 220, 20

MOMENTS = {"before": "before matching", "after": "after matching"}

GROUPS = ("treated", "untreated")

Row = Mapping[str, Any]


def balance_chart(rows: Sequence[Row]) -> Markup:
    """A line a covariate: an open dot for the difference before matching, a full one for that after it.

    Args:
        rows: covariate, difference_before, difference_after (standard deviations; None where it is withheld).
    """
    import altair as alt

    told = [row for row in rows if row["difference_before"] is not None and row["difference_after"] is not None]
    if not told:
        return Markup("")
    dots = [
        {"covariate": row["covariate"].replace("_", " "), "moment": said, "size": abs(row[f"difference_{moment}"])}
        for row in told
        for moment, said in MOMENTS.items()
    ]
    names = [row["covariate"].replace("_", " ") for row in told]
    top = max(2 * WELL_BALANCED, *(dot["size"] for dot in dots))
    x = alt.X("size:Q", title="standardised difference, standard deviations", scale=alt.Scale(domain=[0, top]),
              axis=alt.Axis(tickCount=5))  # fmt: skip
    y = alt.Y("covariate:N", sort=names, title=None, axis=alt.Axis(labelLimit=240, ticks=False, grid=True))
    said = list(MOMENTS.values())
    fill = alt.Fill("moment:N", sort=said, scale=alt.Scale(domain=said, range=["#ffffff", OWN]),
                    legend=alt.Legend(orient="top", title=None, symbolStrokeColor=OWN))  # fmt: skip
    limit = alt.Chart(alt.InlineData(values=[{"size": WELL_BALANCED}]))
    chart = alt.layer(
        limit.mark_rule(color=MARK, strokeDash=[5, 4]).encode(x=x),
        alt.Chart(alt.InlineData(values=dots)).mark_point(stroke=OWN, size=60, opacity=1).encode(x=x, y=y, fill=fill),
    ).properties(width=WIDTH - 200, height=LINE * len(names))  # fmt: skip
    worst = max(abs(row["difference_after"]) for row in told)
    text = f"Standardised differences of {len(told)} covariates; the largest after matching is {worst:.2f}"
    return render(chart.to_dict(validate=False), "chart-balance", "How alike treated and untreated are", text)


def survival_chart(rows: Sequence[Row]) -> Markup:
    """The share not yet back in jail by day, a line a group: full for the treated, dashed for the untreated.

    Told points are joined by straight lines: between two of them nothing is told.

    Args:
        rows: group_code, day, free_share; in the order of days.
    """
    import altair as alt

    if not any(row["day"] for row in rows):
        return Markup("")
    shown = [{name: row[name] for name in ("group_code", "day", "free_share")} for row in rows]
    group = {"sort": list(GROUPS), "legend": alt.Legend(orient="top", title=None)}
    base = alt.Chart(alt.InlineData(values=shown)).encode(
        x=alt.X("day:Q", title="days since the index day", axis=alt.Axis(tickCount=6)),
        y=alt.Y("free_share:Q", title="share not back in jail", scale=alt.Scale(domain=[0, 1]),
                axis=alt.Axis(format="%", tickCount=5)),
        color=alt.Color("group_code:N", scale=alt.Scale(domain=list(GROUPS), range=[OWN, INK]), **group),
    )  # fmt: skip
    dash = alt.StrokeDash("group_code:N", scale=alt.Scale(domain=list(GROUPS), range=[[1, 0], [5, 4]]), **group)
    chart = alt.layer(
        base.mark_line(strokeWidth=2).encode(strokeDash=dash),
        base.mark_point(filled=True, size=30, opacity=1, stroke=QUIET),
    ).properties(width=WIDTH, height=HEIGHT)
    return render(chart.to_dict(validate=False), "chart-survival", "Share not back in jail", _ends(shown))


def _ends(rows: Sequence[Row]) -> str:
    last = {row["group_code"]: row for row in rows}
    return "; ".join(
        f"{code}: {last[code]['free_share']:.0%} not back by day {last[code]['day']}" for code in GROUPS if code in last
    )
