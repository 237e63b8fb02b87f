"""Three plots of money as inline SVG: a tornado, a fan over quarters, a histogram. Each says its content in words.

Drawn as the plots of `plots.py` are: from numbers alone, in `currentColor`, every text escaped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

WIDTH = 640
LABEL_WIDTH = 250
ROW_HEIGHT = 24
FAN_HEIGHT = 190
BINS = 12
"""As many as have room for their labels."""

Row = Mapping[str, Any]


def short_usd(value: float) -> str:
    """Dollars for an axis: $7.5M, $250k."""
    if abs(value) >= 1e6:
        return f"${value / 1e6:,.1f}M"
    return f"${value / 1e3:,.0f}k" if abs(value) >= 1e3 else f"${value:,.0f}"


def tornado_plot(rows: Sequence[Row], middle: float) -> Markup:
    """A bar for each number: from the median payment at its low to that at its high, around the median of all."""
    ends = [float(row[end]) for row in rows for end in ("at_low_usd", "at_high_usd")]
    if not ends:
        return Markup("")
    least, most = min(*ends, middle), max(*ends, middle)
    span = (most - least) or 1.0

    def at(value: float) -> float:
        return round(LABEL_WIDTH + (value - least) / span * (WIDTH - LABEL_WIDTH - 16), 1)

    height = ROW_HEIGHT * len(rows) + 24
    marks = Markup("").join(_tornado_row(row, number, at) for number, row in enumerate(rows))
    said = "; ".join(
        f"{row['title']}: {short_usd(float(row['at_low_usd']))} to {short_usd(float(row['at_high_usd']))}"
        for row in rows
    )
    return Markup(
        '<svg class="series" role="img" viewBox="0 0 {w} {h}" aria-label="What the median payment depends on. {said}">'
        '{marks}<line class="axis" x1="{x}" y1="0" x2="{x}" y2="{foot}"/>'
        '<text x="{l}" y="{base}">{least}</text><text x="{r}" y="{base}" text-anchor="end">{most}</text>'
        '<text x="{x}" y="{base}" text-anchor="middle">{middle}</text></svg>'
    ).format(
        w=WIDTH, h=height, said=said, marks=marks, x=at(middle), foot=height - 20, base=height - 5, l=LABEL_WIDTH,
        r=WIDTH - 8, least=short_usd(least) if at(middle) - LABEL_WIDTH > 60 else "",
        most=short_usd(most) if WIDTH - at(middle) > 90 else "", middle=short_usd(middle),
    )  # fmt: skip


def _tornado_row(row: Row, number: int, at: Any) -> Markup:
    low, high = at(float(row["at_low_usd"])), at(float(row["at_high_usd"]))
    y = number * ROW_HEIGHT + 4
    return Markup(
        '<text x="{l}" y="{ty}" text-anchor="end">{title}</text>'
        '<rect class="column" x="{x}" y="{y}" width="{w}" height="{h}"/>'
    ).format(
        l=LABEL_WIDTH - 8, ty=y + 12, title=_cut(row["title"]), x=min(low, high), y=y,
        w=max(round(abs(high - low), 1), 1.0), h=ROW_HEIGHT - 8,
    )  # fmt: skip


def _cut(text: str, most: int = 44) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def fan_plot(rows: Sequence[Row], title: str) -> Markup:
    """By quarter: a bar from the 5th to the 95th percentile, a dot at the median."""
    top = max((float(row["p95_usd"]) for row in rows), default=0.0)
    if not top:
        return Markup("")
    foot = FAN_HEIGHT - 26
    step = (WIDTH - 90) / max(len(rows) - 1, 1)

    def up(value: Any) -> float:
        return round(foot - float(value) / top * (foot - 12), 1)

    marks = Markup("").join(
        _fan_mark(row, round(70 + step * at, 1), up, at % max(1, len(rows) // 7) == 0) for at, row in enumerate(rows)
    )
    said = "; ".join(f"{row['quarter']} {short_usd(float(row['p50_usd']))}" for row in rows)
    return Markup(
        '<svg class="series" role="img" viewBox="0 0 {w} {h}" aria-label="{title}, median by quarter: {said}">'
        '<line class="axis" x1="56" y1="{foot}" x2="{w}" y2="{foot}"/>'
        '<text x="52" y="16" text-anchor="end">{top}</text><text x="52" y="{foot}" text-anchor="end">0</text>'
        "{marks}</svg>"
    ).format(w=WIDTH, h=FAN_HEIGHT, title=title, said=said, foot=foot, top=short_usd(top), marks=marks)


def _fan_mark(row: Row, x: float, up: Any, is_labelled: bool) -> Markup:
    label = Markup('<text x="{}" y="{}" text-anchor="middle">{}</text>').format(x, FAN_HEIGHT - 8, row["quarter"])
    return (label if is_labelled else Markup("")) + Markup(
        '<line class="bar" x1="{x}" y1="{low}" x2="{x}" y2="{high}"/><circle cx="{x}" cy="{y}" r="3.5"/>'
    ).format(x=x, low=up(row["p5_usd"]), high=up(row["p95_usd"]), y=up(row["p50_usd"]))


def histogram_bins(values: Sequence[float]) -> list[dict[str, Any]]:
    """Values in bins of the same width, as the rows that `bars` draws; a bin is told by its middle."""
    least, most = min(values), max(values)
    if least == most:
        return [{"part_code": short_usd(least), "value": len(values), "suppressed": False}]
    width = (most - least) / BINS
    counts = [0] * BINS
    for value in values:
        counts[min(int((value - least) / width), BINS - 1)] += 1
    return [
        {"part_code": short_usd(least + (at + 0.5) * width).lstrip("$"), "value": count, "suppressed": False}
        for at, count in enumerate(counts)
    ]
