"""The macro `member_rates`: events over days at risk, on spans and events that no measure made."""

import pytest

from tests.sql.tables import Tables

SPANS = """
    create or replace table spans as
    select
        1::bigint as person_id, 'P1' as provider_id, '2024Q1' as period, date '2024-01-01' as quarter_from_on,
        date '2024-03-31' as quarter_to_on, from_on::date as from_on, to_on::date as to_on,
        {through}::date as observed_through_on
    from (values ('2024-01-01', '2024-01-05'), ('2024-02-01', '2024-02-03')) as t (from_on, to_on)
"""
EVENTS = """
    create or replace table happened as
    select 1::bigint as person_id, 'P1' as provider_id, period, events
    from (values ({period}, 3)) as t (period, events)
"""
AWAY = """
    create or replace table away as
    select 1::bigint as person_id, 'P1' as provider_id, '2024Q1' as period, days from (values {days}) as t (days)
"""


def rates(
    tables: Tables,
    columns: str,
    person: str = "true |",
    period: str = "2024Q1",
    through: str = "2024-12-31",
    away: int = 0,
) -> list[tuple]:
    tables.connection.execute(SPANS.format(through=f"'{through}'"))
    tables.connection.execute(EVENTS.format(period=f"'{period}'"))
    tables.connection.execute(AWAY.format(days=f"({away})"))
    tables.given("episodes.persons", f"person_id | is_linkable | died_on\n 1 | {person}")
    return tables.select(f"select {columns} from member_rates('spans', 'episodes.persons', 'happened', 'away')")


def test_the_spans_of_a_quarter_are_one_row_of_all_their_days(tables: Tables) -> None:
    columns = "program_code, period, index_on, window_end_on, numerator, person_time"
    assert rates(tables, columns) == [("FSP", "2024Q1", "2024-01-01", "2024-03-31", 3.0, round(6 / 30.4375, 6))]


def test_days_that_are_not_at_risk_leave_the_time(tables: Tables) -> None:
    assert rates(tables, "person_time", away=2) == [(round(4 / 30.4375, 6),)]


def test_events_of_another_quarter_are_not_counted(tables: Tables) -> None:
    assert rates(tables, "status_code, numerator", period="2024Q2") == [("not_met", 0.0)]


@pytest.mark.parametrize(
    ("person", "through", "expected"),
    [
        ("true |", "2024-03-31", ("met", "")),
        ("true |", "2024-03-30", ("immature", "")),
        ("true | 2024-03-31", "2024-12-31", ("censored", "died_in_window")),
        ("true | 2024-04-01", "2024-12-31", ("met", "")),
        ("false |", "2024-12-31", ("unknown", "unlinkable")),
    ],
)
def test_a_quarter_is_judged_by_the_person_and_by_the_sources(
    tables: Tables, person: str, through: str, expected: tuple[str, str]
) -> None:
    assert rates(tables, "status_code, flags", person=person, through=through) == [expected]
