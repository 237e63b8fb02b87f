"""All providers at once: a funnel plot with control limits, and a caterpillar of intervals. Never a bare ranking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from pipelines.reports.charts.rendering import BAND, MARK, OWN, QUIET, render
from pipelines.reports.limits import Z_95, Z_998, Funnel

WIDTH, HEIGHT = 560, 320
LINE = 13
"""Height of a provider's line in a caterpillar, so that 196 of them can be read."""

BAR = 16
"""Height of a bar with its gap."""

STEPS = 60
"""Points of a curve of limits."""

SIDES = {"inside": OWN, "outside": MARK}
SHAPES = {"inside": "circle", "outside": "diamond"}
"""Beyond the limits is told by shape as well as by colour."""

Row = Mapping[str, Any]


def funnel_plot(rows: Sequence[Row], funnel: Funnel, terms: Row, name: str) -> Markup:
    """Providers by size, among the limits that their size allows.

    Args:
        rows: provider_id, estimate, size, side (`inside` or `outside` the 95 % limits).
        funnel: the limits.
        terms: title, unit, size_title, kind, scale, description.
        name: of the chart in its page.
    """
    import altair as alt

    largest = max(row["size"] for row in rows)
    curves = limit_curves(funnel, largest, terms["scale"])
    shown = [row["estimate"] for row in rows]
    middle = funnel.middle * terms["scale"]
    top = 1.0 if terms["kind"] == "proportion" else max(*shown, middle * 2) * 1.05
    x = alt.X("size:Q", title=terms["size_title"], scale=alt.Scale(domain=[0, largest * 1.03], nice=False))
    form = "%" if terms["kind"] == "proportion" else ",.0f"
    y = alt.Y("estimate:Q", title=terms["unit"], axis=alt.Axis(format=form, tickCount=5),
              scale=alt.Scale(domain=[0, top], clamp=True, nice=False))  # fmt: skip
    lines = alt.Chart(alt.InlineData(values=curves))
    side = alt.Scale(domain=list(SIDES), range=list(SIDES.values()))
    shape = alt.Scale(domain=list(SHAPES), range=list(SHAPES.values()))
    chart = alt.layer(
        *(lines.transform_filter(f"datum.curve == '{curve}'").mark_line(color=QUIET, strokeDash=dash, strokeWidth=1.2)
          .encode(x=x, y=y) for curve, dash in (("low_95", [5, 4]), ("high_95", [5, 4]), ("low_998", [1, 0]),
                                                ("high_998", [1, 0]))),
        alt.Chart(alt.InlineData(values=[{"estimate": middle}])).mark_rule(color=QUIET).encode(y=y),
        alt.Chart(alt.InlineData(values=list(rows))).mark_point(filled=True, size=45, opacity=0.85).encode(
            x=x, y=y, color=alt.Color("side:N", scale=side, legend=None),
            shape=alt.Shape("side:N", scale=shape, legend=None)),
    ).properties(width=WIDTH, height=HEIGHT)  # fmt: skip
    return render(chart.to_dict(validate=False), name, terms["title"], terms["description"])


def limit_curves(funnel: Funnel, largest: float, scale: float) -> list[dict[str, Any]]:
    """The four curves of limits, from a provider of a sixtieth of the largest size to the largest."""
    curves = []
    for step in range(1, STEPS + 1):
        size = largest * 1.03 * step / STEPS
        for z, code in ((Z_95, "95"), (Z_998, "998")):
            for side, end in zip(("low", "high"), funnel.between(size, z), strict=True):
                curves.append({"curve": f"{side}_{code}", "size": size, "estimate": end * scale})
    return curves


def caterpillar(rows: Sequence[Row], middle: float, terms: Row, name: str) -> Markup:
    """Providers with their intervals, in the order of their estimates; the line is all of them together.

    Args:
        rows: provider_id, estimate, lower, upper, by estimate.
        middle: of all providers together.
        terms: title, unit, kind, description, top.
        name: of the chart in its page.
    """
    import altair as alt

    order = [row["provider_id"] for row in rows]
    form = "%" if terms["kind"] == "proportion" else ",.0f"
    axis = alt.Axis(format=form, tickCount=5, orient="top")
    scale = alt.Scale(domain=[0, terms["top"]], clamp=True, nice=False)
    y = alt.Y("provider_id:N", sort=order, title=None, axis=alt.Axis(labelLimit=140, ticks=False, labelFontSize=10))
    base = alt.Chart(alt.InlineData(values=list(rows)))
    chart = alt.layer(
        base.mark_rule(color=OWN, strokeWidth=3, opacity=0.55, clip=True).encode(
            x=alt.X("lower:Q", scale=scale, axis=axis, title=terms["unit"]), x2="upper:Q", y=y),
        base.mark_point(filled=True, color=OWN, size=36, opacity=1).encode(
            x=alt.X("estimate:Q", scale=scale, axis=axis, title=terms["unit"]), y=y),
        alt.Chart(alt.InlineData(values=[{"middle": middle}])).mark_rule(color=MARK, strokeDash=[5, 4]).encode(
            x=alt.X("middle:Q", scale=scale, axis=axis, title=terms["unit"])),
    ).properties(width=WIDTH - 80, height=LINE * len(rows))  # fmt: skip
    return render(chart.to_dict(validate=False), name, terms["title"], terms["description"])


def bar_chart(rows: Sequence[Row], terms: Row, name: str) -> Markup:
    """Parts side by side, each as long as its number.

    Args:
        rows: part, value (None where it is withheld), and `series` where the parts are divided.
        terms: title, unit, description.
        name: of the chart in its page.
    """
    import altair as alt

    shown = [row for row in rows if row["value"] is not None]
    order = list(dict.fromkeys(row["part"] for row in rows))
    chart = alt.Chart(alt.InlineData(values=shown)).mark_bar(color=OWN)
    x = alt.X("value:Q", title=terms["unit"], axis=alt.Axis(tickCount=5, format="~s"))
    y = alt.Y(
        "part:N", sort=order, title=None, scale=alt.Scale(domain=order), axis=alt.Axis(labelLimit=220, ticks=False)
    )
    encoded = {"x": x, "y": y}
    if any("series" in row for row in rows):
        series = list(dict.fromkeys(row["series"] for row in rows))
        colours = alt.Scale(domain=series, range=[OWN, MARK, BAND, QUIET][: len(series)])
        encoded["color"] = alt.Color(
            "series:N", scale=colours, sort=series, legend=alt.Legend(orient="top", title=None)
        )
    drawn = chart.encode(**encoded).properties(width=WIDTH - 160, height=BAR * len(order))
    return render(drawn.to_dict(validate=False), name, terms["title"], terms["description"])
