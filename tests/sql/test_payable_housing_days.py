"""Payable housing days of person 1, housed by JIR on 2022-01-01: net of jail, for a full year or a planned exit."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sql.tables import Tables

RULES = {"precondition_days": 365, "max_gap_days": 7, "max_absence_days": 90}
UNITS = "unit_id | person_id | started_on | ended_on | exit_kind"
CUSTODY = "episode_id | person_id | started_on | ended_on"


def facts(
    tables: Tables,
    units: str,
    custody: str = "",
    absences: str = "",
    person: str = "true |",
    through: str = "2024-12-31",
) -> None:
    tables.given(
        "episodes.placements", "person_id | program_code | provider_id | placed_on\n 1 | JIR | P1 | 2022-01-01"
    )
    tables.given("episodes.persons", f"person_id | is_linkable | died_on\n 1 | {person}")
    tables.given("episodes.tenancy_units", f"{UNITS}\n{units}")
    tables.given("episodes.custody", f"{CUSTODY}\n{custody}")
    tables.given("shared.absences", f"person_id | left_on | back_on | is_jail | latest_offense_on\n{absences}")
    tables.observed_through(through, "JIR")


def earned(tables: Tables, *args: str, **kwargs: str) -> dict[str, float]:
    """Quarter → days earned in it."""
    facts(tables, *args, **kwargs)
    rows = tables.rows("pipelines.outcomes", "payable_housing_days", "period, numerator", **RULES)
    return {period: days for period, days in rows if days}


def statuses(tables: Tables, *args: str, **kwargs: str) -> dict[str, tuple[str, str]]:
    facts(tables, *args, **kwargs)
    rows = tables.rows("pipelines.outcomes", "payable_housing_days", "period, status_code, flags", **RULES)
    return {period: (status, flags) for period, status, flags in rows}


def test_a_year_is_earned_on_its_last_day_and_every_day_after_on_its_own(tables: Tables) -> None:
    assert earned(tables, "a | 1 | 2022-01-01 | 2023-02-01 | homeless") == {"2022Q4": 365.0, "2023Q1": 31.0}


@pytest.mark.parametrize(("ended_on", "days"), [("2022-12-31", 0.0), ("2023-01-01", 365.0)])
def test_a_day_less_than_a_year_earns_nothing(tables: Tables, ended_on: str, days: float) -> None:
    assert sum(earned(tables, f"a | 1 | 2022-01-01 | {ended_on} | homeless").values()) == days


@pytest.mark.parametrize(
    ("exit_kind", "days"),
    [("permanent", 100.0), ("institution", 100.0), ("deceased", 100.0), ("eviction", 0.0), ("jail", 0.0)],
)
def test_a_planned_exit_earns_the_days_before_it(tables: Tables, exit_kind: str, days: float) -> None:
    found = earned(tables, f"a | 1 | 2022-01-01 | 2022-04-11 | {exit_kind}")
    assert found == ({"2022Q2": days} if days else {})


def test_a_death_earns_the_days_lived_there_though_the_lease_runs_on(tables: Tables) -> None:
    assert earned(tables, "a | 1 | 2022-01-01 | | open", person="true | 2022-04-11") == {"2022Q2": 100.0}


def test_any_part_of_a_day_in_jail_is_taken_off_and_a_stay_over_new_year_from_both_quarters(tables: Tables) -> None:
    unit = "a | 1 | 2022-01-01 | 2023-04-01 | homeless"
    assert earned(tables, unit, "c | 1 | 2022-03-01 | 2022-03-01") == {"2022Q4": 364.0, "2023Q1": 90.0}
    assert earned(tables, unit, "c | 1 | 2022-12-31 | 2023-01-02") == {"2022Q4": 364.0, "2023Q1": 88.0}
    assert earned(tables, unit, "c | 1 | 2021-12-01 | 2022-01-01") == {"2022Q4": 364.0, "2023Q1": 90.0}


def test_an_open_booking_takes_off_every_day_since(tables: Tables) -> None:
    unit = "a | 1 | 2022-01-01 | | open"
    assert earned(tables, unit, "c | 1 | 2023-01-11 |", through="2023-03-31") == {"2022Q4": 365.0, "2023Q1": 10.0}


def test_jail_for_acts_before_the_placement_alone_is_a_planned_exit(tables: Tables) -> None:
    unit, custody = "a | 1 | 2022-01-01 | | open", "c | 1 | 2022-04-11 |"
    away = "1 | 2022-04-11 | | true | {offense}"
    assert earned(tables, unit, custody, away.format(offense="2021-12-31")) == {"2022Q2": 100.0}
    assert earned(tables, unit, custody, away.format(offense="2022-01-01")) == {}
    assert earned(tables, unit, custody, away.format(offense="")) == {}


def test_treatment_for_more_than_ninety_days_is_a_planned_exit_and_up_to_ninety_none(tables: Tables) -> None:
    unit = "a | 1 | 2022-01-01 | 2022-10-01 | homeless"
    assert earned(tables, unit, absences="1 | 2022-04-11 | 2022-07-11 | false |") == {"2022Q2": 100.0}
    assert earned(tables, unit, absences="1 | 2022-04-11 | 2022-07-10 | false |") == {}


def test_days_between_units_are_not_housed_and_do_not_break_the_year(tables: Tables) -> None:
    units = "a | 1 | 2022-01-01 | 2022-06-01 | transfer\n b | 1 | 2022-06-08 | 2023-01-09 | homeless"
    assert earned(tables, units) == {"2023Q1": 366.0}


def test_units_that_overlap_count_a_day_once(tables: Tables) -> None:
    units = "a | 1 | 2022-01-01 | 2022-12-01 | transfer\n b | 1 | 2022-11-01 | 2023-01-01 | homeless"
    assert earned(tables, units) == {"2022Q4": 365.0}


def test_a_leap_day_is_a_day(tables: Tables) -> None:
    unit = "a | 1 | 2022-01-01 | 2024-03-01 | homeless"
    assert earned(tables, unit)["2024Q1"] == 60.0


def test_who_is_housed_and_not_yet_payable_is_told_so(tables: Tables) -> None:
    found = statuses(tables, "a | 1 | 2022-01-01 | | open", through="2022-08-01")
    assert found == {
        "2022Q1": ("not_met", "precondition_not_met"),
        "2022Q2": ("not_met", "precondition_not_met"),
        "2022Q3": ("immature", "precondition_not_met"),
    }


def test_who_cannot_be_linked_is_unknown_since_no_jail_day_could_be_seen(tables: Tables) -> None:
    found = statuses(tables, "a | 1 | 2022-01-01 | 2023-01-01 | homeless", person="false |")
    assert found["2022Q4"] == ("unknown", "unlinkable")


DAYS = st.integers(0, 900)
SPELLS = st.lists(
    st.tuples(DAYS, st.integers(1, 420), st.sampled_from(["permanent", "homeless", "transfer", "unknown", "deceased"])),
    min_size=1,
    max_size=4,
)
STAYS = st.lists(st.tuples(DAYS, st.integers(0, 130)), max_size=2, unique_by=lambda stay: stay[0] // 300)


def day(number: int) -> str:
    return (date(2022, 1, 1) + timedelta(days=number)).isoformat()


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(spells=SPELLS, stays=STAYS, more=st.tuples(DAYS, st.sampled_from(["permanent", "homeless", "unknown"])))
def test_a_day_more_of_tenancy_never_lowers_the_payable_days(
    tables: Tables, spells: list[tuple], stays: list[tuple], more: tuple
) -> None:
    stays = [(start // 300 * 300 + start % 150, length) for start, length in stays]
    custody = "\n".join(f"c{n} | 1 | {day(at)} | {day(at + length)}" for n, (at, length) in enumerate(stays))
    absences = "\n".join(f"1 | {day(at)} | {day(at + length)} | true |" for at, length in stays)
    lines = [f"u{n} | 1 | {day(at)} | {day(at + length)} | {kind}" for n, (at, length, kind) in enumerate(spells)]
    before = sum(earned(tables, "\n".join(lines), custody, absences).values())
    lines.append(f"v | 1 | {day(more[0])} | {day(more[0] + 1)} | {more[1]}")
    assert sum(earned(tables, "\n".join(lines), custody, absences).values()) >= before
