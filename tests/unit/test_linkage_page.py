"""The linkage page is drawn from a release alone, and what is few is not in it."""

from __future__ import annotations

import json
import re
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from linkage_rules.gallery import gallery
from pipelines.reports import draw_linkage
from pipelines.reports.plots import bars


def groups(published: Path) -> dict[tuple[str, str], dict[str, Any]]:
    rows = pq.read_table(published / "linkage_by_group.parquet").to_pylist()
    return {(row["cut_code"], row["cut_value"]): row for row in rows}


def test_a_small_group_is_withheld_with_the_next_one_and_with_its_pairs(published: Path) -> None:
    found = groups(published)
    hidden = {key for key, row in found.items() if row["clients"] is None}
    assert hidden == {
        ("agency", "hmis"),  # 8 clients
        ("agency", "health"),  # or the total would give the 8 back
        ("agency_pair", "hmis+sheriff"),  # or the sheriff's clients would
        ("agency_pair", "health+sheriff"),
    }
    assert all(found[key]["linked"] is None and found[key]["suppressed"] for key in hidden)
    assert found["sex", "F"]["linked"] == pytest.approx(0.714)


def test_a_group_is_told_by_labels_where_there_are_some_and_says_so(published: Path) -> None:
    found = groups(published)
    sheriff, women = found["agency", "sheriff"], found["sex", "F"]
    assert (sheriff["precision_source"], sheriff["recall_source"], sheriff["labelled_pairs"]) == ("labels", "model", 40)
    assert sheriff["labels_set_aside_share"] == 0.2
    assert (women["precision_source"], women["labelled_pairs"], women["labels_set_aside_share"]) == (
        "model",
        None,
        None,
    )
    page = (published / "linkage.html").read_text()
    assert re.search(r"95\.3 %<br>.{0,80}by 40 labels<br>the model expects 99\.0 %", page)
    assert "20.0 % of the labels are set aside" in page
    assert re.search(r"97\.0 %<br>.{0,80}<br>expected<", page)


def test_counts_for_disclosure_control_do_not_leave(published: Path) -> None:
    names = set(pq.read_schema(published / "linkage_by_group.parquet").names)
    assert not names & {"linked_clients", "unlinked_clients", "linkable_clients", "labels_set_aside"}


def test_a_small_part_of_a_figure_is_withheld_and_the_total_does_not_give_it_back(published: Path) -> None:
    rows = pq.read_table(published / "linkage_figures.parquet").to_pylist()
    shown = {(row["figure_code"], row["part_code"]): row["value"] for row in rows}
    assert shown["links_by_weight", "00"] is None
    assert shown["links_by_weight", "20"] is None
    assert shown["links_by_weight", "all"] == 114
    assert shown["clusters_by_size", "05+"] == 15, "9 and 6 are one part of 15"
    assert ("largest_cluster", "clients") not in shown


def test_the_page_needs_nothing_but_itself_and_is_the_same_when_drawn_again(published: Path, tmp_path: Path) -> None:
    page = (published / "linkage.html").read_text()
    assert not re.search(r'(src|href)\s*=\s*"(?!#)', page)
    assert "<script" not in page and "url(" not in page
    assert page.count("<table") == page.count("<caption>")
    assert not re.search(r"<th(?![^>]*scope)[ >]", page)
    assert draw_linkage(published, tmp_path / "again.html").read_text() == page


def test_the_page_shows_rules_gallery_and_model_card_of_the_release(published: Path) -> None:
    page = (published / "linkage.html").read_text()
    rules = json.loads((published / "linkage_rules.json").read_text())
    assert len(rules["gallery"]) == len(gallery()) > 10
    assert all(case["case"].replace("'", "&#39;") in page for case in rules["gallery"])
    assert "# Model &lt;b1&gt;" in page
    assert "never one person: junior and senior" in page


def test_a_page_tells_no_drift_unless_it_is_held_against_another_release(published: Path, tmp_path: Path) -> None:
    assert 'id="drift"' not in (published / "linkage.html").read_text()
    other = tmp_path / "other"
    shutil.copytree(published, other)
    figures = pq.read_table(other / "linkage_figures.parquet").to_pylist()
    for row in figures:
        if row["part_code"] == "02":
            row["value"] = 400
    pq.write_table(pa.Table.from_pylist(figures), other / "linkage_figures.parquet")
    page = draw_linkage(published, tmp_path / "held.html", other).read_text()
    assert re.search(r"clusters by size.*?<strong>error</strong>", page, re.S)


def test_bins_are_written_as_numbers(published: Path) -> None:
    page = (published / "linkage.html").read_text()
    assert '<th scope="row">0</th>' in page and '<th scope="row">5+</th>' in page
    assert '<th scope="row">05+</th>' not in page


def test_columns_of_a_histogram_are_as_high_as_their_counts_and_withheld_ones_are_gaps() -> None:
    rows = [{"part_code": code, "value": value} for code, value in (("00", 50), ("04", None), ("08", 100))]
    drawn = ET.fromstring(str(bars(rows, 'Weights <"x">', "Bits")))
    heights = [float(one.get("height")) for one in drawn.iter("rect")]  # type: ignore[arg-type]
    assert heights[1] == 0
    assert heights[2] == pytest.approx(2 * heights[0])
    assert "04 withheld" in str(drawn.get("aria-label"))
