"""The page that an agency gets back: what it tells, and what it never tells."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipelines.cli import main
from pipelines.errors import LakeError
from pipelines.reports.data_quality import draw_data_quality, gaps
from pipelines.reports.trend_plot import delivery_trend
from pipelines.validate import release_hold
from tests.intake import PATIENT_HEADER, VISIT_HEADER, County, county, patient

GOOD = PATIENT_HEADER + patient("p1") + patient("p2", "Xyzzyname")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> County:
    """Five nights: one with bad rows, one cut off, one with too few visits, one mended."""
    made = county(tmp_path_factory.mktemp("county"))
    visits = [VISIT_HEADER + "".join(f"v{i},p1,2026-01-02,\n" for i in range(rows)) for rows in (80, 80, 80, 20, 20)]
    bad = GOOD + patient("p3", "Xyzzyname", birth_date="<31.02.1980>")
    made.deliver({"patient.csv": bad, "visit.csv": visits[0]}, name="2026-11-01")
    made.deliver({"patient.csv": GOOD, "visit.csv": visits[1]}, name="2026-11-02")
    made.deliver({"patient.csv": GOOD, "visit.csv": visits[2]}, name="2026-11-03")
    made.deliver({"patient.csv": GOOD, "visit.csv": visits[3]}, name="2026-11-06")
    made.deliver({"patient.csv": GOOD + "p4,Xyzzyn"}, name="2026-11-07")
    made.run()
    return made


def page(made: County) -> str:
    return draw_data_quality(made.lake, made.contracts(), "clinic").read_text()


def test_it_lies_in_the_quarantine_and_nobody_else_can_read_it(made: County) -> None:
    path = draw_data_quality(made.lake, made.contracts(), "clinic")
    assert path == made.lake.root / "quarantine" / "clinic" / "data_quality.html"


def test_it_names_files_rules_and_mends_and_no_value(made: County) -> None:
    text = page(made)
    assert "birth_date.not_a_date" in text
    assert "send a date that exists, written %Y-%m-%d or %d.%m.%Y" in text
    assert "Xyzzyn" not in text and "31.02" not in text
    assert "file.truncated" in text and "breaker.row_count_fell" in text


def test_what_a_corrected_delivery_changed_is_told_when_the_lake_knows(made: County) -> None:
    assert "No delivery corrected another." in page(made)
    (folder,) = made.lake.zone("validated").glob("clinic/clinic_20261102_*")
    table = {"table": "visit", "rows_before": 7, "rows_after": 9, "added": 3, "removed": 1, "changed": 4,
             "changed_cells": {"ended_on": 4}}  # fmt: skip
    (folder / "differences.json").write_text(json.dumps({"tables": [table]}))
    assert "What a corrected delivery changed" in page(made)
    (folder / "differences.json").unlink()


def test_a_released_delivery_no_longer_waits(made: County) -> None:
    held = next((made.lake.zone("validated") / "clinic").glob("clinic_20261106_*")).name
    assert held in page(made)
    release_hold(made.lake, held, "R. Viewer", "the clinic closed a ward", datetime(2026, 11, 8, tzinfo=UTC))
    made.run()
    assert held not in page(made)
    assert "was looked at and let in" in page(made)


def test_an_agency_that_delivered_nothing_has_a_page(tmp_path: Path) -> None:
    assert "Nothing was delivered yet." in page(county(tmp_path))


def test_an_agency_without_contracts_has_none(made: County) -> None:
    with pytest.raises(LakeError, match="no contracts of nowhere; there are clinic"):
        draw_data_quality(made.lake, made.contracts(), "nowhere")


def test_the_command_writes_where_it_is_told(made: County, tmp_path: Path) -> None:
    options = [
        "--lake",
        str(made.lake.root),
        "--contracts",
        str(made.root / "contracts"),
        "--out",
        str(tmp_path / "p.html"),
    ]
    found = CliRunner().invoke(main, ["data-quality", "clinic", *options])
    assert (found.exit_code, (tmp_path / "p.html").exists()) == (0, True)


def test_a_gap_is_longer_than_the_agency_usually_takes() -> None:
    days = [date(2026, 11, day) for day in (1, 2, 3, 7, 8)]
    assert list(gaps(days)) == [(date(2026, 11, 4), date(2026, 11, 6))]
    assert list(gaps([date(2026, month, 1) for month in (1, 2, 3, 4)])) == []
    assert list(gaps(days[:1])) == []


def test_the_trend_says_its_shares_in_words_and_escapes_labels() -> None:
    drawn = delivery_trend([("<a>", 0.5, True), ("b", None, False)])
    assert "&lt;a&gt; 50.0 %" in drawn and "b – (held)" in drawn
    assert "<a>" not in drawn
    assert delivery_trend([("a", 0.5, True)]) == ""
