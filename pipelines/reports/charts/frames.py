"""A measure over quarters: the frame that all scorecards share, and a provider's own figures on it.

Drawing a chart takes Vega some tenths of a second, and a release has a thousand of them. So Altair draws each frame
once (axes, target, all providers together with their interval), and a provider's points and intervals are set into it
by the frame's own scales. All cards of a measure then have the same axis, and can be held beside each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from markupsafe import Markup

from pipelines.reports import wording
from pipelines.reports.charts.rendering import BAND, FONT, INK, MARK, OWN, QUIET, render
from pipelines.reports.scorecards.cards import quarters_up_to
from pipelines.reports.scorecards.figures import Figure, Told
from pipelines.reports.scorecards.terms import scorecard_terms

WIDTH, HEIGHT, AXIS = 384, 150, 56
"""Of the drawn area, and the room of the axis left of it, in units of the picture."""

HALF_DAY = 0.5
"""Points stand in the middle of their quarter."""

FRAMES = 64
"""Frames that are kept: a release has one a measure and quarter, and cards that are final have theirs."""


@dataclass(frozen=True)
class FrameKey:
    """All that decides a frame."""

    quarters: tuple[str, ...]
    kind: str
    unit: str
    top: float
    target: float | None
    peers: tuple[tuple[str, float, float, float], ...]


def trend_chart(figure: Figure, quarter: str, name: str) -> Markup:
    """A provider's figure over quarters up to this one, beside target and all providers; empty without a figure."""
    if not any(row.estimate is not None for row in figure.trend):
        return Markup("")
    key = FrameKey(
        quarters=tuple(quarters_up_to(quarter, scorecard_terms().quarters_in_a_chart)),
        kind=figure.kind,
        unit=figure.unit,
        top=figure.top,
        target=figure.target,
        peers=_peers(figure),
    )
    return _with_own(_frame(key), figure, key, name)


def describe(figure: Figure) -> str:
    """What is to be seen in the chart, in words."""
    shown = [f"{row.period} {_number(row, row.estimate)}" for row in figure.trend if row.estimate is not None]
    hidden = [row.period for row in figure.trend if row.estimate is None and row.suppressed]
    parts = ["; ".join(shown)]
    if hidden:
        parts.append(f"withheld in {', '.join(hidden)}")
    if figure.target is not None and figure.own is not None:
        parts.append(f"target {_number(figure.own, figure.target)}")
    if figure.peers is not None and figure.peers.estimate is not None and figure.kind != "count":
        parts.append(f"all providers in {figure.peers.period} {_number(figure.peers, figure.peers.estimate)}")
    return "; ".join(parts)


def _peers(figure: Figure) -> tuple[tuple[str, float, float, float], ...]:
    """All providers together; not of counts, which stand on an axis of one provider's size."""
    if figure.kind == "count":
        return ()
    return tuple(
        (row.period, row.estimate, row.lower, row.upper)
        for row in figure.peers_trend
        if row.estimate is not None and row.lower is not None and row.upper is not None
    )


@lru_cache(maxsize=FRAMES)
def _frame(key: FrameKey) -> Markup:
    return render(_specification(key), "frame", "", "")


def _specification(key: FrameKey) -> Mapping[str, Any]:
    import altair as alt

    x = alt.X("quarter:O", scale=alt.Scale(domain=list(key.quarters)), title=None, axis=alt.Axis(labelAngle=0))
    form = "%" if key.kind == "proportion" else "~s" if key.top >= 10_000 else ",.0f" if key.top >= 5 else ",.1f"
    axis = alt.Axis(format=form, tickCount=4, minExtent=AXIS - 12, maxExtent=AXIS - 12, title=None, domain=False)
    scale = alt.Scale(domain=[0, key.top], clamp=True, nice=False)
    rows = [{"quarter": quarter, "estimate": at, "lower": low, "upper": high} for quarter, at, low, high in key.peers]
    base = alt.Chart(alt.InlineData(values=rows))
    layers: list[Any] = [
        base.mark_bar(color=BAND, width=30).encode(x=x, y=alt.Y("lower:Q", scale=scale, axis=axis), y2="upper:Q"),
        base.mark_tick(color=QUIET, thickness=2, width=30, orient="horizontal").encode(
            x=x, y=alt.Y("estimate:Q", scale=scale, axis=axis)
        ),
    ]
    if key.target is not None and key.target <= key.top:
        line = alt.Chart(alt.InlineData(values=[{"target": key.target}]))
        rule = line.mark_rule(color=MARK, strokeDash=[6, 4], strokeWidth=1.5)
        layers.append(rule.encode(y=alt.Y("target:Q", scale=scale, axis=axis)))
    chart: Mapping[str, Any] = alt.layer(*layers).properties(width=WIDTH, height=HEIGHT).to_dict(validate=False)
    return chart


def _with_own(frame: Markup, figure: Figure, key: FrameKey, name: str) -> Markup:
    """The frame with a provider's marks in it, and their description."""
    title = f"{figure.heading} by quarter, {figure.unit}"
    head, _, body = frame.partition("</desc>")
    opening = head.split("<title", 1)[0].replace("frame-title frame-desc", f"{name}-title {name}-desc")
    words = Markup('<title id="{n}-title">{title}</title><desc id="{n}-desc">{said}</desc>').format(
        n=name, title=title, said=describe(figure)
    )
    drawn, _, _ = body.replace("frame-", f"{name}-").rpartition("</svg>")
    marks = Markup("").join(_mark(row, key) for row in figure.trend if row.period in key.quarters)
    left, top = _origin(body)
    return opening + words + drawn + Markup('<g transform="translate({},{})">{}</g></svg>').format(left, top, marks)


def _origin(body: str) -> tuple[float, float]:
    """Where the drawn area of a frame begins: its first translation."""
    at = body.index("translate(") + len("translate(")
    left, top = body[at : body.index(")", at)].split(",")
    return float(left), float(top)


def _mark(row: Told, key: FrameKey) -> Markup:
    """A point on its interval; an open end where the interval goes on beyond the axis; a word where it is withheld."""
    x = round((key.quarters.index(row.period) + HALF_DAY) * WIDTH / len(key.quarters), 1)
    if row.estimate is None:
        said = Markup(
            '<text x="{}" y="{}" text-anchor="middle" font-size="9" font-family="{}" fill="{}">withheld</text>'
        )
        return said.format(x, HEIGHT - 5, FONT, QUIET) if row.suppressed else Markup("")
    marks = Markup("")
    if row.lower is not None and row.upper is not None:
        marks += Markup('<line x1="{x}" y1="{a}" x2="{x}" y2="{b}" stroke="{c}" stroke-width="3"/>').format(
            x=x, a=_up(row.lower, key), b=_up(row.upper, key), c=OWN)  # fmt: skip
        if row.upper > key.top:
            marks += Markup('<path d="M{},5L{},-2L{},5Z" fill="{}"/>').format(x - 5, x, x + 5, OWN)
    return marks + Markup('<circle cx="{}" cy="{}" r="5" fill="{}" stroke="{}"/>').format(
        x, _up(row.estimate, key), OWN, INK)  # fmt: skip


def _up(value: float, key: FrameKey) -> float:
    return round(HEIGHT * (1 - min(max(value / key.top, 0.0), 1.0)), 1)


def _number(row: Told, value: float | None) -> str:
    return wording.estimate({"estimate": value, "suppressed": False, "kind": row.kind})
