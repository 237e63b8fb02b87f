"""Two small plots as inline SVG: an interval beside others of its unit, and intervals over time.

Each plot says its content in words for those who do not see it, uses `currentColor` so that it prints and follows the
page, and is drawn from numbers alone (no text of the data enters but through escaping).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from pipelines.reports import wording

WIDTH, HEIGHT, MARGIN = 220, 24, 8
SERIES_WIDTH, SERIES_HEIGHT = 560, 150

Row = Mapping[str, Any]


def interval_plot(row: Row, top: float) -> Markup:
    """A dot for the estimate on a bar for its interval, on an axis from 0 to `top`."""
    if row["estimate"] is None:
        return Markup("")
    at = _Scale(top, MARGIN, WIDTH - MARGIN)
    bar = (
        _bar(at(row["lower"]), at(row["upper"]))
        if row["lower"] is not None and row["upper"] is not None
        else Markup("")
    )
    middle = HEIGHT / 2
    label = f"{wording.estimate(row)}, 95 % interval {wording.interval(row)}"
    return Markup(
        '<svg class="interval" role="img" viewBox="0 0 {w} {h}" width="{w}" height="{h}" aria-label="{label}">'
        '<line class="axis" x1="{m}" y1="{y}" x2="{e}" y2="{y}"/>{bar}<circle cx="{x}" cy="{y}" r="4.5"/></svg>'
    ).format(w=WIDTH, h=HEIGHT, m=MARGIN, e=WIDTH - MARGIN, y=middle, x=at(row["estimate"]), bar=bar, label=label)


def interval_series(rows: Sequence[Row]) -> Markup:
    """Estimates over periods with their intervals, left to right; withheld periods leave a gap."""
    shown = [row for row in rows if row["estimate"] is not None]
    if len(shown) < 2:
        return Markup("")
    top = axis_top(shown)
    up = _Scale(top, SERIES_HEIGHT - 26, 10)
    step = (SERIES_WIDTH - 90) / max(len(rows) - 1, 1)
    marks = Markup("").join(
        _series_mark(row, 66 + step * place, up, place % max(1, len(rows) // 6) == 0) for place, row in enumerate(rows)
    )
    label = f"{rows[0]['title']}, {len(shown)} periods from {shown[0]['period']} to {shown[-1]['period']}"
    return Markup(
        '<svg class="series" role="img" viewBox="0 0 {w} {h}" aria-label="{label}">'
        '<line class="axis" x1="52" y1="{base}" x2="{w}" y2="{base}"/>'
        '<text x="48" y="14" text-anchor="end">{top}</text><text x="48" y="{base}" text-anchor="end">0</text>'
        "{marks}</svg>"
    ).format(w=SERIES_WIDTH, h=SERIES_HEIGHT, base=up(0), top=_tick(top, rows[0]), marks=marks, label=label)


def bars(rows: Sequence[Row], title: str, part_title: str) -> Markup:
    """A histogram: a column for each part, as high as its count; withheld parts leave a gap."""
    tallest = max((row["value"] or 0 for row in rows), default=0)
    if not tallest:
        return Markup("")
    up = _Scale(float(tallest), SERIES_HEIGHT - 26, 10)
    step = (SERIES_WIDTH - 66) / len(rows)
    marks = Markup("").join(_column(row, 60 + step * place, step, up) for place, row in enumerate(rows))
    label = f"{title}, by {part_title.lower()}: " + ", ".join(
        f"{row['part_code']} {wording.count(row['value'], True)}" for row in rows
    )
    return Markup(
        '<svg class="series" role="img" viewBox="0 0 {w} {h}" aria-label="{label}">'
        '<line class="axis" x1="52" y1="{base}" x2="{w}" y2="{base}"/>'
        '<text x="48" y="14" text-anchor="end">{top}</text><text x="48" y="{base}" text-anchor="end">0</text>'
        "{marks}</svg>"
    ).format(w=SERIES_WIDTH, h=SERIES_HEIGHT, base=up(0), top=wording.count(tallest), marks=marks, label=label)


def _column(row: Row, x: float, step: float, up: _Scale) -> Markup:
    top = up(row["value"] or 0)
    return Markup(
        '<rect class="column" x="{x}" y="{y}" width="{w}" height="{h}"/>'
        '<text x="{middle}" y="{foot}" text-anchor="middle">{part}</text>'
    ).format(
        x=round(x, 1), y=top, w=round(step * 0.8, 1), h=round(up(0) - top, 1), middle=round(x + step * 0.4, 1),
        foot=SERIES_HEIGHT - 6, part=row["part_code"],
    )  # fmt: skip


def axis_top(rows: Sequence[Row]) -> float:
    """The end of an axis that holds every estimate and interval: 1 for shares, else the largest value."""
    if rows and rows[0]["kind"] == wording.PROPORTION:
        return 1.0
    ends = [value for row in rows for value in (row["estimate"], row["upper"]) if value is not None]
    return max(ends, default=1.0) or 1.0


class _Scale:
    """Linear: 0 at `start`, `top` at `end`, and nothing beyond either."""

    def __init__(self, top: float, start: float, end: float) -> None:
        self._top, self._start, self._end = top, start, end

    def __call__(self, value: float) -> float:
        share = min(max(value / self._top, 0.0), 1.0)
        return round(self._start + share * (self._end - self._start), 1)


def _bar(start: float, end: float) -> Markup:
    return Markup('<line class="bar" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(start, HEIGHT / 2, end, HEIGHT / 2)


def _series_mark(row: Row, x: float, up: _Scale, labelled: bool) -> Markup:
    x = round(x, 1)
    marks = Markup("")
    if labelled:
        marks += Markup('<text x="{}" y="{}" text-anchor="middle">{}</text>').format(
            x, SERIES_HEIGHT - 6, row["period"]
        )
    if row["estimate"] is None:
        return marks
    if row["lower"] is not None and row["upper"] is not None:
        marks += Markup('<line class="bar" x1="{x}" y1="{low}" x2="{x}" y2="{high}"/>').format(
            x=x, low=up(row["lower"]), high=up(row["upper"])
        )
    return marks + Markup('<circle cx="{}" cy="{}" r="3.5"/>').format(x, up(row["estimate"]))


def _tick(top: float, row: Row) -> str:
    return f"{top:.0%}" if row["kind"] == wording.PROPORTION else f"{top:,.1f}"
