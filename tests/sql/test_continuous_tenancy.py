"""Milestones and months of continuous tenancy, of person 1 housed by Just-in-Reach on 2023-08-31."""

import pytest

from tests.sql.tables import Tables

RULES = {"max_gap_days": 7, "max_absence_days": 90}
UNITS = "unit_id | person_id | started_on | ended_on | exit_kind"
ABSENCES = "person_id | left_on | back_on | is_jail"


def given(
    tables: Tables, units: str, died_on: str = "", through: str = "2026-01-01", absences: str = "", placed_on: str = ""
) -> None:
    placed = placed_on or "2023-08-31"
    tables.given("episodes.placements", f"person_id | program_code | provider_id | placed_on\n 1 | JIR | P1 | {placed}")
    tables.given("episodes.persons", f"person_id | died_on\n 1 | {died_on}")
    tables.given("episodes.tenancy_units", f"{UNITS}\n{units}")
    tables.given("shared.absences", f"{ABSENCES}\n{absences}")
    tables.observed_through(through, "JIR")


def milestone(tables: Tables, units: str, months: int = 6, **facts: str) -> tuple:
    given(tables, units, **facts)
    columns = "status_code, flags, window_end_on"
    (found,) = tables.rows("pipelines.outcomes", "continuous_tenancy", columns, months=months, **RULES)
    return found


@pytest.mark.parametrize(("ended_on", "status"), [("2024-02-28", "not_met"), ("2024-02-29", "met")])
def test_six_months_are_over_on_the_last_day_of_february(tables: Tables, ended_on: str, status: str) -> None:
    found = milestone(tables, f"a | 1 | 2023-08-31 | {ended_on} | homeless")
    assert (found[0], found[2]) == (status, "2024-02-29")


def test_a_home_found_again_after_a_break_is_no_continuous_tenancy(tables: Tables) -> None:
    units = "a | 1 | 2023-08-31 | 2023-10-01 | {kind}\n b | 1 | {again} | | open"
    assert milestone(tables, units.format(kind="permanent", again="2023-10-09"))[:2] == ("not_met", "good_exit")
    assert milestone(tables, units.format(kind="unknown", again="2023-10-09"))[:2] == ("not_met", "exit_unknown")
    assert milestone(tables, units.format(kind="transfer", again="2023-10-08"))[0] == "met"


def test_an_absence_longer_than_ninety_days_ends_it_though_the_lease_goes_on(tables: Tables) -> None:
    unit = "a | 1 | 2023-08-31 | | open"
    assert milestone(tables, unit, absences="1 | 2023-10-01 | 2023-12-30 | true")[0] == "met"
    assert milestone(tables, unit, absences="1 | 2023-10-01 | 2023-12-31 | true")[0] == "not_met"


def test_who_died_before_the_milestone_leaves_the_denominator(tables: Tables) -> None:
    unit = "a | 1 | 2023-08-31 | 2024-02-28 | deceased"
    assert milestone(tables, unit, died_on="2024-02-28")[:2] == ("excluded", "died_in_window")
    assert milestone(tables, "a | 1 | 2023-08-31 | 2024-02-29 | deceased", died_on="2024-02-29")[0] == "met"


def test_a_milestone_past_the_data_is_immature(tables: Tables) -> None:
    assert milestone(tables, "a | 1 | 2023-08-31 | | open", through="2024-02-28")[0] == "immature"
    assert milestone(tables, "a | 1 | 2023-08-31 | | open", months=3, through="2024-02-28")[0] == "met"


def months(tables: Tables, units: str, after: int = 12, **facts: str) -> list[tuple]:
    given(tables, units, **facts)
    columns = "period, window_end_on, status_code, numerator"
    return tables.rows("pipelines.outcomes", "tenancy_months", columns, after_months=after, **RULES)


def test_each_month_after_the_twelfth_is_a_row_up_to_the_one_in_which_the_tenancy_ended(tables: Tables) -> None:
    assert months(tables, "a | 1 | 2023-08-31 | 2024-11-15 | homeless") == [
        ("2024-08", "2024-09-30", "met", 1.0),
        ("2024-09", "2024-10-31", "met", 1.0),
        ("2024-10", "2024-11-30", "not_met", 0.0),
    ]


def test_a_tenancy_that_ends_with_its_month_has_the_whole_of_it(tables: Tables) -> None:
    assert months(tables, "a | 1 | 2023-08-31 | 2024-09-30 | homeless") == [("2024-08", "2024-09-30", "met", 1.0)]


def test_without_twelve_months_there_is_no_month_after_them(tables: Tables) -> None:
    assert months(tables, "a | 1 | 2023-08-31 | 2024-08-31 | homeless") == []


def test_the_running_month_is_immature(tables: Tables) -> None:
    found = months(tables, "a | 1 | 2023-08-31 | | open", through="2024-10-30")
    assert [row[2] for row in found] == ["met", "immature"]
    found = months(tables, "a | 1 | 2023-08-31 | | open", through="2024-10-31")
    assert [row[2] for row in found] == ["met", "met", "immature"]


def test_months_from_a_leap_day_end_on_the_last_of_february(tables: Tables) -> None:
    found = months(tables, "a | 1 | 2024-02-29 | | open", placed_on="2024-02-29", through="2025-04-01")
    assert [row[1] for row in found] == ["2025-03-29", "2025-04-29"]
