"""Small plots of aggregates, as images in the metadata of an asset: a data URI, so that the UI asks nobody for it.

Drawn by hand as SVG, in a millisecond, from counts and shares; a count of 1 to 10 is left out, as in a release.
"""

import base64
from collections.abc import Sequence
from html import escape

import dagster as dg

WIDTH, HEIGHT, FOOT, HEAD, LEFT = 420, 130, 22, 18, 34

INK, FILL = "#374151", "#4f6ea8"
"""Dark on light and light on dark: the UI has both, so the picture brings a ground of its own."""

FEWEST = 11
"""Counts below are not drawn. Reason: CMS cell size policy, as in data_contracts/published/disclosure_rules.yaml."""

MOST_BARS = 40

Bar = tuple[str, float | None]
"""Label and value; None is not drawn."""


def bars(title: str, values: Sequence[Bar], *, as_share: bool = False) -> dg.MarkdownMetadataValue:
    """A bar chart, with its content in words as its alternative text."""
    shown = list(values)[:MOST_BARS]
    top = 1.0 if as_share else max((value or 0.0 for _, value in shown), default=0.0) or 1.0
    step = (WIDTH - LEFT - 6) / max(len(shown), 1)
    every = max(1, -(-len(shown) // 12))
    marks = "".join(_bar(bar, LEFT + step * place, step, top, place % every == 0) for place, bar in enumerate(shown))
    scale = f"{top:.0%}" if as_share else f"{top:,.0f}"
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'font-family="sans-serif" font-size="10" fill="{INK}"><rect width="100%" height="100%" fill="#ffffff"/>'
        f'<text x="{LEFT}" y="11" font-size="11">{escape(title)}</text>'
        f'<text x="{LEFT - 4}" y="{HEAD + 8}" text-anchor="end">{scale}</text>'
        f'<text x="{LEFT - 4}" y="{HEIGHT - FOOT}" text-anchor="end">0</text>'
        f'<line x1="{LEFT}" y1="{HEIGHT - FOOT}" x2="{WIDTH}" y2="{HEIGHT - FOOT}" stroke="{INK}"/>{marks}</svg>'
    )
    return _image(svg, f"{title}: {_words(shown, as_share)}")


def _bar(bar: Bar, x: float, step: float, top: float, is_labelled: bool) -> str:
    label, value = bar
    height = (value or 0.0) / top * (HEIGHT - FOOT - HEAD)
    rect = (
        f'<rect x="{x + step * 0.1:.1f}" y="{HEIGHT - FOOT - height:.1f}" width="{step * 0.8:.1f}" '
        f'height="{height:.1f}" fill="{FILL}"/>'
    )
    text = f'<text x="{x + step / 2:.1f}" y="{HEIGHT - 8}" text-anchor="middle">{escape(label)}</text>'
    return rect + (text if is_labelled else "")


def _words(shown: Sequence[Bar], as_share: bool) -> str:
    told = (f"{label} {'withheld' if value is None else _number(value, as_share)}" for label, value in shown)
    return ", ".join(told)


def _number(value: float, as_share: bool) -> str:
    return f"{value:.1%}" if as_share else f"{value:,.0f}"


def _image(svg: str, words: str) -> dg.MarkdownMetadataValue:
    data = base64.b64encode(svg.encode()).decode()
    safe = words.replace("[", "(").replace("]", ")")
    return dg.MetadataValue.md(f"![{safe}](data:image/svg+xml;base64,{data})")


def told(count: float | None) -> float | None:
    """A count as it may be drawn: nothing for 1 to 10."""
    return None if count is None or 0 < count < FEWEST else count
