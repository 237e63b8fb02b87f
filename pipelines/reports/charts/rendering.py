"""A specification of Altair → SVG that stands in a page by itself.

Rendered by vl-convert: Vega in a process of its own making, no browser. What Vega leaves out for readers who do not
see is put in: a title, a description, the role of an image. What it leaves in and a strict content policy refuses, or
what would stand twice in a page, is taken out: style attributes, ids that repeat.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

INK, QUIET, OWN, MARK, BAND = "#1c2430", "#47525f", "#0b4f8a", "#9a3412", "#d4d9df"
"""Text, lesser text, a provider's own figures, targets and limits, areas. All but the last, on which no text stands,
have a contrast of at least 5.7 : 1 on white; WCAG 2.2 asks for 4.5 : 1 (text) and 3 : 1 (lines)."""

FONT = "Liberation Sans, Arial, sans-serif"

CONFIG: Mapping[str, Any] = {
    "aria": False,
    "background": "transparent",
    "font": FONT,
    "padding": {"left": 4, "right": 12, "top": 8, "bottom": 4},
    "view": {"stroke": None},
    "axis": {
        "labelColor": QUIET, "titleColor": QUIET, "labelFontSize": 11, "titleFontSize": 12, "titleFontWeight": "normal",
        "gridColor": "#e8ebee", "domainColor": "#7b8794", "tickColor": "#7b8794",
    },
}  # fmt: skip
"""How every chart looks."""


def render(specification: Mapping[str, Any], name: str, title: str, description: str) -> Markup:
    """The SVG of a chart.

    Args:
        specification: Vega-Lite, as Altair makes it; not held against its schema, which would take longer than drawing.
        name: unlike that of any other chart in the page; its ids begin with it.
        title: what the chart shows, in a few words.
        description: what is to be seen in it, for those who do not see it.
    """
    import vl_convert  # a renderer of 100 MB: loaded where something is drawn, never by a nightly run

    drawn = vl_convert.vegalite_to_svg({**specification, "config": dict(CONFIG)})
    return told(plain(drawn, name), name, title, description)


def plain(svg: str, name: str) -> str:
    """The SVG with ids that begin with `name`, and without what a page does not need or refuses."""
    svg = re.sub(r'\s(?:style|xmlns:xlink|version|class|role|pointer-events|aria-[a-z]+)="[^"]*"', "", svg)
    svg = re.sub(r'<path d="(?:M0,0h0v0h0Z)?"[^>]*/>', "", svg)
    numbers = {found: f"{name}-{at}" for at, found in enumerate(dict.fromkeys(re.findall(r'id="([^"]+)"', svg)))}
    for old, new in numbers.items():
        svg = svg.replace(f'id="{old}"', f'id="{new}"').replace(f"url(#{old})", f"url(#{new})")
    return svg


def told(svg: str, name: str, title: str, description: str) -> Markup:
    """The SVG as an image with title and description, as wide as its place and no wider than it was drawn."""
    head, body = svg.split(">", 1)
    width, height = re.findall(r'(?:width|height)="([\d.]+)"', head)[:2]
    opening = Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img" viewBox="0 0 {w} {h}" width="{w}" '
        'height="{h}" aria-labelledby="{name}-title {name}-desc"><title id="{name}-title">{title}</title>'
        '<desc id="{name}-desc">{description}</desc>'
    ).format(w=width, h=height, name=name, title=title, description=description)
    return opening + Markup(body)  # noqa: S704 - Vega escapes the texts that it draws
