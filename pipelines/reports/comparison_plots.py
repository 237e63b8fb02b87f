"""The two plots of a comparison as inline SVG: balance before and after matching, and curves of the return to jail.

As in `plots.py` each says its content in words, uses `currentColor`, and is drawn from numbers alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from pipelines.comparison.balance import WELL_BALANCED

WIDTH, LINE, NAMES = 640, 20, 280
HEIGHT, LEFT, BASE, TOP = 240, 52, 210, 12

Row = Mapping[str, Any]


def balance_plot(rows: Sequence[Row]) -> Markup:
    """A line a covariate: an open dot for the difference before matching, a full one for that after it."""
    shown = [row for row in rows if row["difference_before"] is not None and row["difference_after"] is not None]
    if not shown:
        return Markup("")
    ends = [abs(row[name]) for row in shown for name in ("difference_before", "difference_after")]
    top: float = max([*ends, 2 * WELL_BALANCED])
    height = LINE * (len(shown) + 2)

    def at(value: float) -> float:
        return round(float(NAMES + abs(value) / top * (WIDTH - NAMES - 12)), 1)

    lines = Markup("").join(_balance_line(row, LINE * (place + 1), at) for place, row in enumerate(shown))
    worst = max(abs(row["difference_after"]) for row in shown)
    label = f"Standardised differences of {len(shown)} covariates; the largest after matching is {worst:.2f}"
    return Markup(
        '<svg class="series" role="img" viewBox="0 0 {w} {h}" aria-label="{label}">'
        '<line class="axis" x1="{zero}" y1="4" x2="{zero}" y2="{foot}"/>'
        '<line class="axis" x1="{limit}" y1="4" x2="{limit}" y2="{foot}" stroke-dasharray="3 3"/>'
        '<text x="{zero}" y="{h}" text-anchor="middle">0</text>'
        '<text x="{limit}" y="{h}" text-anchor="middle">{said}</text>{lines}</svg>'
    ).format(w=WIDTH, h=height, foot=height - 16, zero=at(0), limit=at(WELL_BALANCED), said=WELL_BALANCED,
             label=label, lines=lines)  # fmt: skip


def _balance_line(row: Row, y: int, at: Any) -> Markup:
    return Markup(
        '<text x="{names}" y="{text}" text-anchor="end">{name}</text>'
        '<line class="bar" x1="{before}" y1="{y}" x2="{after}" y2="{y}"/>'
        '<circle cx="{before}" cy="{y}" r="4" style="fill:#fff;stroke:currentColor"/>'
        '<circle cx="{after}" cy="{y}" r="4"/>'
    ).format(names=NAMES - 12, text=y + 4, y=y, name=row["covariate"].replace("_", " "),
             before=at(row["difference_before"]), after=at(row["difference_after"]))  # fmt: skip


def survival_plot(rows: Sequence[Row]) -> Markup:
    """The share not yet back in jail by day, a line a group: full for the treated, dashed for the untreated."""
    last = max((row["day"] for row in rows), default=0)
    if not last:
        return Markup("")
    treated, untreated = ([row for row in rows if row["group_code"] == code] for code in ("treated", "untreated"))
    label = "; ".join(
        f"{name}: {own[-1]['free_share']:.0%} not back by day {own[-1]['day']}"
        for name, own in (("treated", treated), ("untreated", untreated))
        if own
    )
    return Markup(
        '<svg class="series" role="img" viewBox="0 0 {w} {h}" aria-label="{label}">'
        '<line class="axis" x1="{left}" y1="{base}" x2="{w}" y2="{base}"/>'
        '<text x="{tick}" y="{top}" text-anchor="end">100 %</text>'
        '<text x="{tick}" y="{base}" text-anchor="end">0</text>'
        '<text x="{w}" y="{foot}" text-anchor="end">day {last}</text>{treated}{untreated}</svg>'
    ).format(w=WIDTH, h=HEIGHT, left=LEFT, tick=LEFT - 4, base=BASE, top=TOP + 4, foot=BASE + 18, last=last,
             label=label, treated=_points(treated, last, ""), untreated=_points(untreated, last, "5 4"))  # fmt: skip


def _points(rows: Sequence[Row], last: int, dashes: str) -> Markup:
    """Told points, joined by straight lines: between two of them nothing is told."""
    at = [
        (
            round(LEFT + row["day"] / last * (WIDTH - LEFT - 8), 1),
            round(TOP + (1 - row["free_share"]) * (BASE - TOP), 1),
        )
        for row in rows
    ]
    line = Markup(
        '<polyline points="{}" style="fill:none;stroke:currentColor;stroke-width:2" stroke-dasharray="{}"/>'
    ).format(" ".join(f"{x},{y}" for x, y in at), dashes)
    return line + Markup("").join(Markup('<circle cx="{}" cy="{}" r="3"/>').format(x, y) for x, y in at)
