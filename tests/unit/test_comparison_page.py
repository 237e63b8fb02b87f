"""What a comparison tells, what it withholds, and the command that writes it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

from pipelines.cli import main
from pipelines.comparison import Comparison, compare_candidates
from pipelines.publish.comparison import told_comparison, write_comparison
from pipelines.reports.charts.comparing import balance_chart, survival_chart
from pipelines.reports.comparison import draw_comparison
from tests.unit.comparisons import candidate, specification, table


def compared(treated: int, untreated: int, users: int) -> Comparison:
    """So many people of each group, of whom `users` in each used anything, and came back on their own day."""
    rows = [
        candidate(
            at if is_treated else 1000 + at,
            is_treated,
            20.0 if at < users else 0.0,
            10.0 if at < users else 0.0,
            jail_return_days=float(at + 1) if at < users else None,
        )
        for is_treated, size in ((True, treated), (False, untreated))
        for at in range(size)
    ]
    return compare_candidates(table(*rows), specification(neighbours={"at_most": 10, "reason": "Many"}))


def test_effects_of_enough_people_are_told_with_their_strength() -> None:
    rows = told_comparison(compared(40, 60, 20)).effects.to_dicts()
    assert [(row["method"], row["causal_strength"], row["suppressed"]) for row in rows] == [
        ("difference_in_differences", "adjusted", False),
        ("matched_difference", "adjusted", False),
        ("pre_post", "descriptive", False),
    ]
    assert rows[2]["estimate"] == pytest.approx(-5)


@pytest.mark.parametrize(("treated", "untreated", "users"), [(10, 60, 5), (40, 60, 10), (40, 60, 1)])
def test_effects_of_few_people_or_few_users_are_withheld(treated: int, untreated: int, users: int) -> None:
    for row in told_comparison(compared(treated, untreated, users)).effects.to_dicts():
        assert row["suppressed"]
        assert {row[name] for name in ("treated_pre", "treated_post", "estimate", "lower", "treated_persons")} == {None}


def test_means_of_a_covariate_that_few_have_are_withheld_and_whether_it_is_balanced_is_told() -> None:
    few = told_comparison(compared(40, 60, 10)).balance.row(0, named=True)
    assert (few["suppressed"], few["treated_mean"], few["difference_after"]) == (True, None, None)
    assert few["is_balanced"] is not None
    many = told_comparison(compared(40, 60, 20)).balance.row(0, named=True)
    assert (many["suppressed"], many["treated_mean"]) == (False, 10.0)


def test_a_point_of_a_curve_is_told_once_eleven_more_people_came_back() -> None:
    late = compared(60, 60, 35)
    points = told_comparison(late).survival.filter(group_code="treated")
    events = dict(late.survival.filter(group_code="treated").select("day", "events_so_far").rows())
    steps = np.diff([events[day] for day in points["day"]])
    assert all(step == 0 or step >= 11 for step in steps)
    assert points["day"].to_list()[:2] == [0, 30]
    # by day 60 five more came back: nothing further is told
    assert points["day"].max() == 30


def test_no_row_of_the_flow_gives_a_small_one_back() -> None:
    found = compared(40, 60, 20)
    left = pl.DataFrame(
        {"group_code": ["treated"] * 2, "left_out_reason": ["in_custody", "immature"], "index_days": [3, 30]}
    )
    told = told_comparison(Comparison(**(vars(found) | {"left_out": left}))).flow
    treated = {row["became"]: row["index_days"] for row in told.to_dicts() if row["group_code"] == "treated"}
    assert treated["in_custody"] is None
    assert sum(days is None for days in treated.values()) >= 2


def test_the_page_tells_everything_and_labels_pre_post_as_descriptive(tmp_path: Path) -> None:
    text = draw_comparison(told_comparison(compared(40, 60, 20)), tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<em>descriptive</em>" in text
    assert text.count('role="img"') == 2
    assert "Kaplan–Meier" in text
    assert "withheld" in draw_comparison(told_comparison(compared(10, 60, 5)), tmp_path / "few.html").read_text()


def test_plots_of_nothing_are_empty() -> None:
    assert balance_chart([]) == ""
    assert survival_chart([]) == ""


def test_tables_hold_no_person(tmp_path: Path) -> None:
    files = write_comparison(told_comparison(compared(40, 60, 20)), tmp_path / "out")
    assert sorted(file.name for file in files) == [
        "balance.parquet", "cohort.parquet", "effects.parquet", "flow.parquet", "survival.parquet",
    ]  # fmt: skip
    assert all("person_id" not in pl.read_parquet_schema(file) for file in files)


def test_a_comparison_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    lake.mkdir()
    asked = ["compare", "nothing", "--lake", str(lake), "--out", str(tmp_path / "out")]
    answer = CliRunner().invoke(main, asked)
    assert answer.exit_code == 1
    assert "there are just_in_reach, lacdmh_fsp" in answer.output
