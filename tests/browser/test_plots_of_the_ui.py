"""The small plots of the Dagster UI in real Chromium: what is written can be read, on either theme."""

from __future__ import annotations

import base64
import re
from itertools import pairwise
from typing import TYPE_CHECKING

import dagster as dg
import pytest

from pipelines.defs import plots

if TYPE_CHECKING:
    from playwright import sync_api

QUARTERS = [
    (f"{year}Q{quarter}", None if quarter == 2 else 700.0) for year in range(2021, 2027) for quarter in range(1, 5)
]
LONG = "Psychiatric emergency visits per 1,000 member-months"

PLACES = """() => [...document.querySelectorAll("text")].map(one => one.getBoundingClientRect())
    .map(box => [box.left, box.right, box.top, box.bottom])"""


@pytest.mark.parametrize(
    "plot",
    [
        plots.bars(LONG, QUARTERS),
        plots.lines("Filled", [(f"CountOfReferralApproaches{one}", 0.5) for one in range(67)]),
    ],
    ids=["quarters", "columns"],
)
def test_no_word_of_a_plot_leaves_the_picture_or_lies_on_another(
    browser: sync_api.Browser, plot: dg.MarkdownMetadataValue
) -> None:
    found = re.search(r"base64,(.+)\)", str(plot.value))
    assert found
    page = browser.new_page()
    page.set_content(f"<body style='margin:0'>{base64.b64decode(found[1]).decode()}")
    boxes = page.evaluate(PLACES)
    height = page.evaluate("document.querySelector('svg').getBoundingClientRect().height")
    page.close()
    assert all(left >= 0 and right <= plots.WIDTH for left, right, _, _ in boxes)
    assert max(bottom for *_, bottom in boxes) <= height
    rows: dict[int, list[tuple[float, float]]] = {}
    for left, right, top, _ in boxes:
        rows.setdefault(round(top), []).append((left, right))
    for row in rows.values():
        assert all(one[1] < later[0] for one, later in pairwise(sorted(row)))
