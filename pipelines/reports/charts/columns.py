"""Columns side by side, and estimates over periods: the charts of a site where a night's own pages have small plots.

They take what the plots of the same name in `plots.py` take, so that one template serves both (ADR 31).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from pipelines.reports import wording
from pipelines.reports.charts.rendering import OWN, QUIET, render

WIDTH, HEIGHT = 520, 150

ABOVE = {"titleAngle": 0, "titleAlign": "left", "titleBaseline": "bottom", "titleX": 0, "titleY": -6}
"""A unit stands above its axis: turned beside it, a long one would be longer than the axis."""

MOST_LABELS = 12
"""As many have room below the columns."""

Row = Mapping[str, Any]


def columns(rows: Sequence[Row], title: str, part_title: str = "", unit: str = "count") -> Markup:
    """A histogram: a column for each part, as high as its count; withheld parts leave a gap.

    Args:
        rows: part_code (each once), value (None where there is none), suppressed.
        title: what is counted; its letters also name the chart in its page.
        part_title: what the parts are.
        unit: what the values are.
    """
    import altair as alt

    if not any(row["value"] for row in rows):
        return Markup("")
    places = list(range(len(rows)))  # and not names, of which two may be alike
    names = [str(row["part_code"]) for row in rows]
    shown = [{"place": at, "value": float(row["value"])} for at, row in enumerate(rows) if row["value"] is not None]
    axis = alt.Axis(labelAngle=0, ticks=False, labelExpr=f"{json.dumps(names)}[datum.value]", values=labelled(names))
    chart = (
        alt.Chart(alt.InlineData(values=shown))
        .mark_bar(color=OWN)
        .encode(
            x=alt.X("place:O", title=part_title or None, scale=alt.Scale(domain=places), axis=axis),
            y=alt.Y("value:Q", title=unit, axis=alt.Axis(tickCount=4, format=",.0f", **ABOVE)),
        )
        .properties(width=WIDTH, height=HEIGHT)
    )
    said = ", ".join(f"{row['part_code']} {wording.count(row['value'], True)}" for row in rows)
    return render(chart.to_dict(validate=False), named(title), title, said)


def labelled(names: Sequence[str]) -> list[int]:
    """The places whose names are written: so many that they do not touch; months by their Januaries."""
    januaries = [at for at, name in enumerate(names) if re.fullmatch(r"\d{4}-01", name)]
    return januaries or list(range(0, len(names), max(1, -(-len(names) // MOST_LABELS))))


def periods(rows: Sequence[Row]) -> Markup:
    """Estimates over periods with their intervals, left to right; withheld periods leave a gap.

    Args:
        rows: measure_id, title, unit, kind, period, estimate, lower, upper, suppressed; in the order of periods.
    """
    import altair as alt

    shown = [_point(row) for row in rows if row["estimate"] is not None]
    if len(shown) < 2:
        return Markup("")
    names = [row["period"] for row in rows]
    is_share = rows[0]["kind"] == wording.PROPORTION
    ends = [end for row in shown for end in (row["estimate"], row["upper"]) if end is not None]
    scale = alt.Scale(domain=[0, 1.0 if is_share else max(ends) or 1.0], clamp=True, nice=False)
    axis = alt.Axis(tickCount=4, format="%" if is_share else ",.0f", **ABOVE)
    base = alt.Chart(alt.InlineData(values=shown))
    x = alt.X("period:N", sort=names, title=None, scale=alt.Scale(domain=names),
              axis=alt.Axis(labelAngle=0, ticks=False, values=[names[at] for at in labelled(names)]))  # fmt: skip
    y = alt.Y("estimate:Q", title=rows[0]["unit"], scale=scale, axis=axis)
    chart = alt.layer(
        base.mark_rule(color=OWN, strokeWidth=3, opacity=0.45).encode(
            x=x, y=alt.Y("lower:Q", title=rows[0]["unit"], scale=scale, axis=axis), y2="upper:Q"),
        base.mark_point(color=OWN, filled=True, size=45, opacity=1, stroke=QUIET).encode(x=x, y=y),
    ).properties(width=WIDTH, height=HEIGHT)  # fmt: skip
    title = f"{rows[0]['title']}, {names[0]} to {names[-1]}"
    said = "; ".join(f"{row['period']} {wording.estimate(row)}, {wording.interval(row)}" for row in rows)
    return render(chart.to_dict(validate=False), named(rows[0]["measure_id"]), title, said)


def _point(row: Row) -> dict[str, Any]:
    told = {name: row[name] for name in ("period", "estimate", "lower", "upper")}
    return told if None not in (told["lower"], told["upper"]) else {**told, "lower": None, "upper": None}


def named(text: str) -> str:
    """A name for a chart, of the letters of what it shows."""
    return "chart-" + re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


CHARTS = {"bars": columns, "interval_series": periods}
"""What a site's pages draw with, by the names that templates call."""
