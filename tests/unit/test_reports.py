"""A report is drawn from a release alone, needs no network, and shows what a reader may see."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from pipelines.reports import draw
from pipelines.reports.plots import interval_plot
from pipelines.reports.tables import ReleaseTables
from pipelines.reports.wording import estimate, interval, interval_total


def row(**values: object) -> dict[str, object]:
    whole = {"estimate": 0.5, "lower": 0.4, "upper": 0.6, "kind": "proportion", "suppressed": False, "title": "T"}
    return whole | values


def test_a_report_needs_nothing_but_itself(published: Path) -> None:
    page = (published / "report.html").read_text()
    assert not re.search(r'(src|href)\s*=\s*"(?!#)', page)
    assert "url(" not in page
    assert "@import" not in page
    assert "<script" not in page


def test_a_report_drawn_again_is_the_same(published: Path, tmp_path: Path) -> None:
    again = draw(published, tmp_path / "again.html")
    assert again.read_bytes() == (published / "report.html").read_bytes()


def test_names_of_providers_are_text_and_not_markup(published: Path) -> None:
    page = (published / "report.html").read_text()
    assert "&lt;A&gt; &amp; Co" in page
    assert "<A>" not in page


def test_a_report_reads_no_table_of_persons(published: Path) -> None:
    with pytest.raises(KeyError, match="persons"):
        ReleaseTables(published).rows("persons")


def test_withheld_cells_are_named_as_such() -> None:
    assert estimate(row(estimate=None, suppressed=True)) == "withheld"
    assert estimate(row(estimate=None)) == "–"
    assert interval(row()) == "40.0 % to 60.0 %"
    assert interval_total(row(lower_total=0.35, upper_total=0.7)) == "35.0 % to 70.0 %"
    assert interval_total(row(lower_total=None, upper_total=None)) == interval_total(row()) == "–"
    assert estimate(row(kind="rate", estimate=1234.56)) == "1,234.6"


def test_a_plot_says_its_content_in_words_and_is_well_formed() -> None:
    plot = str(interval_plot(row(title='<a href="x">'), 1.0))
    element = ET.fromstring(plot)
    assert element.get("aria-label") == "50.0 %, 95 % interval 40.0 % to 60.0 %"
    assert float(element.find("circle").get("cx")) == 110.0  # type: ignore[union-attr, arg-type]


def test_every_table_has_a_caption_and_its_headers_have_a_scope(published: Path) -> None:
    page = (published / "report.html").read_text()
    assert page.count("<table") == page.count("<caption>")
    assert not re.search(r"<th(?![^>]*scope)[ >]", page)
    assert '<html lang="en">' in page
