"""Inpatient days and costs of members, and days that are not at risk."""

import pytest

from tests.sql.tables import Tables

PACKAGE = "pipelines.outcomes"
COLUMNS = "provider_id, period, status_code, numerator"


def given(tables: Tables, spans: str = "1 | P1 | 2024-01-01 |", through: str = "2024-06-30") -> None:
    tables.given("episodes.partnership_spans", f"person_id | provider_id | started_on | ended_on\n{spans}")
    tables.given("episodes.persons", "person_id\n 1")
    tables.observed_through(through)


def days(tables: Tables, *stays: str, classes: tuple[str, ...] = ("acute_psychiatric",)) -> list[tuple]:
    lines = "\n".join(f"i{n} | 1 | {stay}" for n, stay in enumerate(stays))
    tables.given(
        "episodes.inpatient", f"episode_id | person_id | facility_class_code | admitted_on | discharged_on\n{lines}"
    )
    return tables.rows(PACKAGE, "member_inpatient_days", COLUMNS, facility_classes=list(classes))


def test_a_day_is_a_midnight_and_who_came_and_went_on_one_day_was_there_for_one(tables: Tables) -> None:
    given(tables, through="2024-03-31")
    assert days(tables, "acute_psychiatric | 2024-02-28 | 2024-03-01")[0][3] == 2.0
    assert days(tables, "acute_psychiatric | 2024-02-29 | 2024-02-29")[0][3] == 1.0


def test_days_are_cut_at_quarters_providers_and_the_start_of_the_partnership(tables: Tables) -> None:
    given(tables, "1 | P1 | 2024-01-10 | 2024-05-01\n 1 | P2 | 2024-05-01 |")
    assert days(tables, "acute_psychiatric | 2024-01-05 | 2024-05-06") == [
        ("P1", "2024Q1", "met", 82.0),
        ("P1", "2024Q2", "met", 30.0),
        ("P2", "2024Q2", "met", 5.0),
    ]


def test_an_open_stay_counts_up_to_the_last_day_of_the_data(tables: Tables) -> None:
    given(tables)
    assert [row[3] for row in days(tables, "acute_psychiatric | 2024-06-21 |")] == [0.0, 10.0]


@pytest.mark.parametrize(("kind", "count"), [("imd", 4.0), ("mhrc", 4.0), ("state_hospital", 0.0)])
def test_only_the_classes_of_the_measure_count(tables: Tables, kind: str, count: float) -> None:
    given(tables, through="2024-03-31")
    assert days(tables, f"{kind} | 2024-02-01 | 2024-02-05", classes=("imd", "mhrc"))[0][3] == count


def test_days_in_jail_or_in_an_institution_leave_the_time_of_the_variant_alone(tables: Tables) -> None:
    given(tables, through="2024-03-31")
    tables.given("episodes.psychiatric_emergency")
    tables.given("shared.absences", "person_id | left_on | back_on\n 1 | 2023-12-01 | 2024-01-11\n 1 | 2024-03-31 |")
    column = "round(person_time * 30.4375)"
    every, community = (
        tables.rows(PACKAGE, "psychiatric_emergency_visits", column, counts_institutional_days=counts)
        for counts in (True, False)
    )
    assert (every, community) == ([(91.0,)], [(80.0,)])


def test_touching_stays_in_jail_and_hospital_are_one_absence_and_unknown_offences_stay_unknown(tables: Tables) -> None:
    tables.given("episodes.partnership_spans", "person_id\n 1")
    tables.given("episodes.tenancy_units")
    tables.given(
        "episodes.custody",
        """
        episode_id | person_id | started_on | ended_on   | latest_offense_on
        a          | 1         | 2024-01-01 | 2024-01-10 | 2023-12-31
        b          | 1         | 2024-03-01 |            |
        c          | 2         | 2024-03-01 |            |
        """,
    )
    tables.given(
        "episodes.inpatient",
        """
        episode_id | person_id | facility_class_code | admitted_on | discharged_on
        i          | 1         | acute_psychiatric   | 2024-01-10  | 2024-02-01
        j          | 1         | crisis_residential  | 2024-02-01  | 2024-02-10
        """,
    )
    assert tables.rows(PACKAGE, "absences", "person_id, left_on, back_on, is_jail, latest_offense_on") == [
        (1, "2024-01-01", "2024-02-01", True, "2023-12-31"),
        (1, "2024-03-01", None, True, None),
    ]


def costs(tables: Tables, unit_costs: str) -> list[tuple]:
    tables.given("episodes.partnership_spans", "person_id\n 1")
    tables.given("episodes.tenancy_units")
    tables.given(
        "episodes.custody",
        """
        episode_id | person_id | started_on | ended_on
        a          | 1         | 2023-12-30 | 2024-01-02
        b          | 1         | 2024-06-25 |
        c          | 2         | 2024-01-01 | 2024-01-02
        """,
    )
    tables.given("episodes.psychiatric_emergency", "episode_id | person_id | started_on\n v | 1 | 2024-02-01")
    tables.given("episodes.inpatient")
    tables.given("standard.data_through", "agency | data_through_on\n sheriff | 2024-06-30")
    rows = ", ".join(f"({row})" for row in unit_costs.strip().splitlines())
    tables.connection.execute(
        f"create or replace table code_sets.unit_costs as from (values {rows}) "
        "as t (unit_code, from_on, to_on, usd_per_unit)"
    )
    return tables.rows(PACKAGE, "episode_costs", "episode_id, from_on, to_on, units, cost_usd::varchar")


def test_an_episode_is_priced_by_the_cost_of_its_days(tables: Tables) -> None:
    dated = """'jail_day', '2020-01-01', '2024-01-01', '100.00'
        'jail_day', '2024-01-01', null, '110.50'"""
    assert costs(tables, dated) == [
        ("a", "2023-12-30", "2024-01-01", 2, "200.00"),
        ("a", "2024-01-01", "2024-01-03", 2, "221.00"),
        ("b", "2024-06-25", None, 6, "663.00"),
    ]


def test_a_visit_is_one_unit_and_what_has_no_cost_is_not_priced(tables: Tables) -> None:
    visit = "'psychiatric_emergency_visit', '2020-01-01', null, '2200'"
    assert costs(tables, visit) == [("v", "2024-02-01", "2024-02-02", 1, "2200.00")]


def test_costs_of_members_are_those_of_the_days_they_were_enrolled(tables: Tables) -> None:
    given(tables, "1 | P1 | 2024-01-02 | 2024-05-01\n 1 | P2 | 2024-05-01 |")
    tables.given(
        "outcomes.episode_costs",
        """
        person_id | unit_code | from_on    | to_on      | usd_per_unit
        1         | jail_day  | 2023-12-30 | 2024-01-04 | 100.00
        1         | jail_day  | 2024-06-29 |            | 110.50
        1         | imd_day   | 2024-02-01 | 2024-02-05 | 400.00
        """,
    )
    assert tables.rows(PACKAGE, "member_costs", COLUMNS, unit_codes=["jail_day"]) == [
        ("P1", "2024Q1", "met", 200.0),
        ("P1", "2024Q2", "not_met", 0.0),
        ("P2", "2024Q2", "met", 221.0),
    ]
