"""What a contract may come to pay, drawn for its memo: a histogram's bins, a fan over quarters, a tornado."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from pipelines.reports.charts.columns import ABOVE
from pipelines.reports.charts.rendering import INK, OWN, QUIET, render
from pipelines.reports.wording import short_usd

WIDTH, HEIGHT, LINE = 520, 170, 22

BINS = 12
"""As many as have room for their labels."""

LETTER = 6
"""Pixels of a letter in the widest font that a reader's machine may have; the one here may be narrower."""

MOST_ROOM = 340
"""Pixels of the longest name beside a bar; what is longer ends in dots."""

IN_MILLIONS = {"format": "$~s", "tickCount": 5}

Row = Mapping[str, Any]


def tornado(rows: Sequence[Row], middle: float) -> Markup:
    """A bar for each number: from the median payment at its low to that at its high, around the median of all.

    Args:
        rows: title, at_low_usd, at_high_usd; those that matter most first.
        middle: the median payment, US dollars.
    """
    import altair as alt

    if not rows:
        return Markup("")
    shown = [
        {"title": row["title"], "low": float(row["at_low_usd"]), "high": float(row["at_high_usd"])} for row in rows
    ]
    x = alt.X("low:Q", title="median payment, US dollars", axis=alt.Axis(**IN_MILLIONS), scale=alt.Scale(zero=False))
    room = min(MOST_ROOM, LETTER * max(len(row["title"]) for row in shown))
    axis = alt.Axis(labelLimit=MOST_ROOM, minExtent=room, ticks=False)
    y = alt.Y("title:N", sort=[row["title"] for row in shown], title=None, axis=axis)
    line = alt.Chart(alt.InlineData(values=[{"low": middle}])).mark_rule(color=INK, strokeDash=[4, 3])
    chart = alt.layer(
        alt.Chart(alt.InlineData(values=shown)).mark_bar(color=OWN, opacity=0.8, height=LINE - 8, stroke=OWN)
        .encode(x=x, x2="high:Q", y=y),
        line.encode(x=x),
    ).properties(width=WIDTH - 220, height=LINE * len(rows))  # fmt: skip
    said = "; ".join(f"{row['title']}: {short_usd(row['low'])} to {short_usd(row['high'])}" for row in shown)
    title = f"What the median payment of {short_usd(middle)} depends on"
    return render(chart.to_dict(validate=False), "chart-tornado", title, said)


def fan(rows: Sequence[Row], title: str) -> Markup:
    """By quarter: a bar from the 5th to the 95th percentile, a dot at the median.

    Args:
        rows: quarter, p5_usd, p50_usd, p95_usd; in the order of quarters.
        title: what is paid.
    """
    import altair as alt

    if not any(float(row["p95_usd"]) for row in rows):
        return Markup("")
    shown = [
        {"quarter": row["quarter"], **{at: float(row[f"{at}_usd"]) for at in ("p5", "p50", "p95")}} for row in rows
    ]
    quarters = [row["quarter"] for row in shown]
    base = alt.Chart(alt.InlineData(values=shown))
    x = alt.X("quarter:N", sort=quarters, title=None,
              axis=alt.Axis(labelAngle=0, ticks=False, values=quarters[::2]))  # fmt: skip
    axis = alt.Axis(**IN_MILLIONS, **ABOVE)
    chart = alt.layer(
        base.mark_rule(color=OWN, strokeWidth=3, opacity=0.45).encode(
            x=x, y=alt.Y("p5:Q", title="US dollars a quarter", axis=axis), y2="p95:Q"),
        base.mark_point(color=OWN, filled=True, size=45, opacity=1, stroke=QUIET).encode(
            x=x, y=alt.Y("p50:Q", title="US dollars a quarter", axis=axis)),
    ).properties(width=WIDTH, height=HEIGHT)  # fmt: skip
    said = "; ".join(f"{row['quarter']} {short_usd(row['p50'])}" for row in shown)
    return render(chart.to_dict(validate=False), "chart-fan", f"{title} by quarter", f"Median by quarter: {said}")


def histogram_bins(values: Sequence[float]) -> list[dict[str, Any]]:
    """Values in bins of the same width, as the rows that `columns` draws; a bin is told by its middle."""
    least, most = min(values), max(values)
    if least == most:
        return [{"part_code": short_usd(least), "value": len(values), "suppressed": False}]
    width = (most - least) / BINS
    counts = [0] * BINS
    for value in values:
        counts[min(int((value - least) / width), BINS - 1)] += 1
    middles = [least + (at + 0.5) * width for at in range(BINS)]
    return [
        {"part_code": short_usd(middle, width), "value": count, "suppressed": False}
        for middle, count in zip(middles, counts, strict=True)
    ]
