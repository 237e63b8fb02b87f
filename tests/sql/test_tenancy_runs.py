"""Continuous tenancy: what interrupts it, and what does not."""

import pytest

from tests.sql.tables import Tables

UNITS = "unit_id | person_id | started_on | ended_on | exit_kind"
ABSENCES = "person_id | left_on | back_on | is_jail | latest_offense_on"


def runs(tables: Tables, units: str, absences: str = "", known: str = "2026-01-01") -> list[tuple]:
    tables.given("episodes.tenancy_units", f"{UNITS}\n{units}")
    tables.given("shared.absences", f"{ABSENCES}\n{absences}")
    tables.given("needs.observed_through", f"observed_through_on\n {known}")
    macro = "tenancy_runs('episodes.tenancy_units', 'shared.absences', 'needs.observed_through', 7, 90)"
    return tables.select(f"select started_on, ended_on, exit_kind from {macro}")


@pytest.mark.parametrize(("next_on", "count"), [("2024-02-29", 1), ("2024-03-01", 2)])
def test_a_move_to_another_unit_may_take_seven_days(tables: Tables, next_on: str, count: int) -> None:
    units = f"a | 1 | 2024-01-01 | 2024-02-22 | transfer\n b | 1 | {next_on} | | open"
    assert len(runs(tables, units)) == count


def test_units_that_overlap_or_lie_in_one_another_are_one_tenancy(tables: Tables) -> None:
    units = """
        a | 1 | 2024-01-01 | 2024-06-01 | permanent
        b | 1 | 2024-02-01 | 2024-03-01 | homeless
        c | 1 | 2024-05-01 | 2024-07-01 | unknown
    """
    assert runs(tables, units) == [("2024-01-01", "2024-07-01", "unknown")]


def test_the_same_unit_sent_by_two_agencies_is_one_tenancy(tables: Tables) -> None:
    units = "a | 1 | 2024-01-01 | | open\n b | 1 | 2024-01-01 | | open"
    assert runs(tables, units) == [("2024-01-01", None, "open")]


@pytest.mark.parametrize(("back_on", "count"), [("2024-05-01", 1), ("2024-05-02", 2)])
def test_an_absence_of_ninety_days_bridges_the_gap_that_it_covers(tables: Tables, back_on: str, count: int) -> None:
    # 1 February to 1 May of a leap year are 90 days
    units = f"a | 1 | 2023-06-01 | 2024-02-01 | jail\n b | 1 | {back_on} | | open"
    assert len(runs(tables, units, f"1 | 2024-02-01 | {back_on} | true |")) == count


def test_a_gap_that_no_absence_covers_ends_the_tenancy(tables: Tables) -> None:
    units = "a | 1 | 2023-06-01 | 2024-02-01 | jail\n b | 1 | 2024-03-01 | | open"
    assert len(runs(tables, units, "1 | 2024-02-01 | 2024-02-10 | true |")) == 2
    assert len(runs(tables, units, "1 | 2024-02-01 | 2024-02-23 | true |")) == 1


def test_a_longer_absence_ends_the_tenancy_on_the_day_the_tenant_left(tables: Tables) -> None:
    units = "a | 1 | 2024-01-01 | | open"
    assert runs(tables, units, "1 | 2024-02-01 | 2024-05-01 | false |") == [("2024-01-01", None, "open")]
    assert runs(tables, units, "1 | 2024-02-01 | 2024-05-02 | false |") == [
        ("2024-01-01", "2024-02-01", "institution"),
        ("2024-05-02", None, "open"),
    ]
    assert runs(tables, units, "1 | 2024-02-01 | 2024-05-02 | true |")[0][2] == "jail"


def test_an_absence_that_goes_on_counts_up_to_the_last_known_day(tables: Tables) -> None:
    units, away = "a | 1 | 2024-01-01 | | open", "1 | 2024-02-01 | | true |"
    assert runs(tables, units, away, known="2024-05-01") == [("2024-01-01", None, "open")]
    assert runs(tables, units, away, known="2024-05-02") == [("2024-01-01", "2024-02-01", "jail")]


def test_two_long_absences_leave_the_days_between_them(tables: Tables) -> None:
    away = "1 | 2023-12-01 | 2024-04-01 | true |\n 1 | 2024-06-01 | 2024-10-01 | false |"
    assert runs(tables, "a | 1 | 2024-01-01 | 2024-12-01 | permanent", away) == [
        ("2024-04-01", "2024-06-01", "institution"),
        ("2024-10-01", "2024-12-01", "permanent"),
    ]


def test_people_are_kept_apart(tables: Tables) -> None:
    units = "a | 1 | 2024-01-01 | 2024-02-01 | transfer\n b | 2 | 2024-02-03 | | open"
    assert len(runs(tables, units, "2 | 2023-01-01 | 2023-12-01 | true |")) == 2
