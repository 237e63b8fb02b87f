"""Charts of memos and of the site: what they draw, what they leave out, and what they say to those who do not see."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import Any

import pytest

from pipelines.reports import wording
from pipelines.reports.charts.columns import columns, labelled, periods
from pipelines.reports.charts.comparing import balance_chart, survival_chart
from pipelines.reports.charts.money import fan, histogram_bins, tornado

SVG = "{http://www.w3.org/2000/svg}"


def part(code: str, value: int | None) -> dict[str, Any]:
    return {"part_code": code, "value": value, "suppressed": value is None}


def quarter(period: str, estimate: float | None, lower: float | None = None) -> dict[str, Any]:
    told = {"estimate": estimate, "lower": lower, "upper": lower and lower + 9, "suppressed": estimate is None}
    return {"measure_id": "days", "title": "Days <in> jail", "unit": "days", "kind": "rate", "period": period, **told}


def words(drawn: object) -> str:
    """Title and description of a well-formed chart that is an image."""
    root = ET.fromstring(str(drawn))
    assert root.get("role") == "img"
    assert not re.findall(r"style=|<script|href", str(drawn)), "a page's own policy refuses them"
    return " ".join(root.findtext(SVG + name) or "" for name in ("title", "desc"))


def test_columns_leave_a_gap_where_a_count_is_withheld_and_say_so() -> None:
    drawn = columns([part("4", 20), part("8", None), part("12", 30)], "Weights <x>", "bits", "links")
    assert words(drawn) == "Weights <x> 4 20, 8 withheld, 12 30"
    assert str(drawn).count('fill="#0b4f8a"') == 2
    assert all(f">{text}<" in drawn for text in ("8", "bits", "links"))
    assert columns([part("4", None), part("8", 0)], "Weights", "bits") == ""


def test_periods_are_told_with_their_intervals_and_one_alone_is_no_course() -> None:
    rows = [quarter("2026Q1", 12.0, 8.0), quarter("2026Q2", None), quarter("2026Q3", 15.5)]
    assert words(periods(rows)) == (
        "Days <in> jail, 2026Q1 to 2026Q3 2026Q1 12.0, 8.0 to 17.0; 2026Q2 withheld, –; 2026Q3 15.5, –"
    )
    assert periods(rows[:2]) == ""


def test_months_are_labelled_by_januaries_and_else_so_few_that_they_do_not_touch() -> None:
    months = [f"{2025 + at // 12}-{at % 12 + 1:02d}" for at in range(30)]
    assert labelled(months) == [0, 12, 24]
    assert labelled([str(at) for at in range(24)]) == list(range(0, 24, 2))


def test_a_tornado_and_a_fan_tell_dollars_in_words_and_nothing_is_drawn_of_nothing() -> None:
    rows = [{"title": "Take-up", "at_low_usd": 5_800_000, "at_high_usd": 8_100_000}]
    assert words(tornado(rows, 7_700_000)) == "What the median payment of $7.7M depends on Take-up: $5.8M to $8.1M"
    months = [{"quarter": f"2027Q{at}", "p5_usd": 0, "p50_usd": at * 100_000, "p95_usd": 500_000} for at in (1, 2)]
    assert words(fan(months, "Payments")) == "Payments by quarter Median by quarter: 2027Q1 $100k; 2027Q2 $200k"
    assert (tornado([], 1.0), fan([], "Payments")) == ("", "")


def test_bins_that_lie_close_have_names_of_their_own() -> None:
    bins = histogram_bins([7_000_000 + at * 10_000.0 for at in range(13)])
    assert len({one["part_code"] for one in bins}) == len(bins) == 12
    assert sum(one["value"] for one in bins) == 13
    assert [one["part_code"] for one in histogram_bins([5.0, 5.0])] == ["$5"]


def test_a_comparison_is_drawn_before_and_after_treated_and_untreated() -> None:
    balance = [{"covariate": "jail_days", "difference_before": 0.4, "difference_after": -0.05}]
    assert "1 covariates; the largest after matching is 0.05" in words(balance_chart(balance))
    days = [
        {"group_code": code, "day": day, "free_share": 1 - day / 1000}
        for code in ("treated", "untreated")
        for day in (0, 300)
    ]
    assert words(survival_chart(days)).endswith("treated: 70% not back by day 300; untreated: 70% not back by day 300")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (wording.agency("mental_health + hmis"), "Mental Health + HMIS (homeless services)"),
        (wording.agency("probation_north"), "probation north"),
        (wording.unit("person", 2), "persons"),
        (wording.unit("person", 1), "person"),
        (wording.unit(None), ""),
        (wording.short_usd(7_461_000), "$7.5M"),
        (wording.short_usd(7_461_000, step=20_000), "$7.46M"),
        (wording.short_usd(250_400), "$250k"),
    ],
)
def test_agencies_units_and_dollars_are_said_as_readers_say_them(said: str, expected: str) -> None:
    assert said == expected
