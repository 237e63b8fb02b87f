"""Small plots of aggregates, as images in the metadata of an asset: a data URI, so that the UI asks nobody for it.

Drawn by hand as SVG, in a millisecond, from counts and shares; a count of 1 to 10 is left out, as in a release.
"""

import base64
from collections.abc import Sequence
from html import escape

import dagster as dg

WIDTH, HEIGHT, FOOT, HEAD, LEFT = 420, 130, 22, 18, 34

INK, FILL, WITHHELD = "#374151", "#4f6ea8", "#c3c9d4"
"""Dark on light and light on dark: the UI has both, so the picture brings a ground of its own."""

CHARACTER = 6.2
"""Pixels that a character of a label takes at 10 pixels: a little more than most do, so labels never touch."""

LINE, NAMES = 12, 190
"""Pixels of a line of `lines`, and of the names before its bars."""

FEWEST = 11
"""Counts below are not drawn. Reason: CMS cell size policy, as in data_contracts/published/disclosure_rules.yaml."""

MOST_BARS, MOST_LINES = 40, 80
"""Beyond, a plot would no longer be small; it says how many it leaves out."""

Bar = tuple[str, float | None]
"""Label and value; None is withheld."""


def bars(title: str, values: Sequence[Bar]) -> dg.MarkdownMetadataValue:
    """Upright bars of counts and rates, with their content in words as the alternative text."""
    return _upright(title, values, as_share=False)


def share_bars(title: str, values: Sequence[Bar]) -> dg.MarkdownMetadataValue:
    """Upright bars of shares, from 0 to 100 %."""
    return _upright(title, values, as_share=True)


def _upright(title: str, values: Sequence[Bar], *, as_share: bool) -> dg.MarkdownMetadataValue:
    shown = list(values)[:MOST_BARS]
    top = 1.0 if as_share else max((value or 0.0 for _, value in shown), default=0.0) or 1.0
    step = (WIDTH - LEFT - 6) / max(len(shown), 1)
    every = max(1, -(-int(_longest(shown)) // max(int(step), 1)))
    marks = "".join(_bar(bar, LEFT + step * place, step, top, place % every == 0) for place, bar in enumerate(shown))
    scale = f"{top:.0%}" if as_share else f"{top:,.0f}"
    body = (
        f'<text x="{LEFT - 4}" y="{HEAD + 8}" text-anchor="end">{scale}</text>'
        f'<text x="{LEFT - 4}" y="{HEIGHT - FOOT}" text-anchor="end">0</text>'
        f'<line x1="{LEFT}" y1="{HEIGHT - FOOT}" x2="{WIDTH}" y2="{HEIGHT - FOOT}" stroke="{INK}"/>{marks}'
    )
    return _image(_svg(_with_key(title, shown), HEIGHT, body, LEFT), f"{title}: {_words(shown, values, as_share)}")


def lines(title: str, values: Sequence[Bar]) -> dg.MarkdownMetadataValue:
    """A line for each named share, its bar beside its name: for columns, whose names are long."""
    shown = list(values)[:MOST_LINES]
    height = HEAD + LINE * len(shown) + 4
    names = "".join(
        f'<text x="{NAMES - 4}" y="{HEAD + LINE * place + 9}" text-anchor="end">{escape(label)}</text>'
        for place, (label, _) in enumerate(shown)
    )
    body = names + _lying(shown, FILL, is_withheld=False) + _lying(shown, WITHHELD, is_withheld=True)
    return _image(_svg(_with_key(title, shown), height, body, 8), f"{title}: {_words(shown, values, as_share=True)}")


def _lying(shown: Sequence[Bar], colour: str, *, is_withheld: bool) -> str:
    """The bars of one colour as one path: an element each would make a wide table's picture three times as long."""
    room = WIDTH - NAMES - 6
    drawn = "".join(
        f"M{NAMES} {HEAD + LINE * place + 1}h{6 if value is None else value * room:.0f}v9H{NAMES}z"
        for place, (_, value) in enumerate(shown)
        if (value is None) == is_withheld
    )
    return f'<path fill="{colour}" d="{drawn}"/>' if drawn else ""


def _longest(shown: Sequence[Bar]) -> float:
    return max((len(label) for label, _ in shown), default=0) * CHARACTER + CHARACTER


def _bar(bar: Bar, x: float, step: float, top: float, is_labelled: bool) -> str:
    """A bar; a withheld one is a low grey mark, for no bar at all would be read as none."""
    label, value = bar
    height = 4.0 if value is None else value / top * (HEIGHT - FOOT - HEAD)
    rect = (
        f'<rect x="{x + step * 0.1:.1f}" y="{HEIGHT - FOOT - height:.1f}" width="{step * 0.8:.1f}" '
        f'height="{height:.1f}" fill="{WITHHELD if value is None else FILL}"/>'
    )
    middle = min(x + step / 2, WIDTH - len(label) * CHARACTER / 2)  # the last label, too, stays inside the picture
    text = f'<text x="{middle:.1f}" y="{HEIGHT - 8}" text-anchor="middle">{escape(label)}</text>'
    return rect + (text if is_labelled else "")


def _with_key(title: str, shown: Sequence[Bar]) -> str:
    return f"{title} (grey: withheld)" if any(value is None for _, value in shown) else title


def _svg(title: str, height: int, body: str, left: int) -> str:
    room = WIDTH - left - 4
    squeezed = f' textLength="{room}" lengthAdjust="spacingAndGlyphs"' if len(title) * CHARACTER > room else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'font-family="sans-serif" font-size="10" fill="{INK}"><rect width="100%" height="100%" fill="#ffffff"/>'
        f'<text x="{left}" y="11" font-size="11"{squeezed}>{escape(title)}</text>{body}</svg>'
    )


def _words(shown: Sequence[Bar], values: Sequence[Bar], as_share: bool) -> str:
    told = [f"{label} {'withheld' if value is None else _number(value, as_share)}" for label, value in shown]
    left_out = len(values) - len(shown)
    return ", ".join([*told, *([f"and {left_out} more"] if left_out else [])])


def _number(value: float, as_share: bool) -> str:
    return f"{value:.1%}" if as_share else f"{value:,.0f}"


def _image(svg: str, words: str) -> dg.MarkdownMetadataValue:
    data = base64.b64encode(svg.encode()).decode()
    safe = words.replace("[", "(").replace("]", ")")
    return dg.MetadataValue.md(f"![{safe}](data:image/svg+xml;base64,{data})")


def told(count: float | None) -> float | None:
    """A count as it may be drawn: nothing for 1 to 10."""
    return None if count is None or 0 < count < FEWEST else count
