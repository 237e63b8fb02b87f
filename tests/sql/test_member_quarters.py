"""Rates of Full Service Partnership members, by provider and quarter."""

from tests.sql.tables import Tables

ALL_DAYS = {"counts_institutional_days": True}
COLUMNS = "person_id, provider_id, period, status_code, numerator, round(person_time * 30.4375)"


def given(tables: Tables, spans: str, through: str = "2024-12-31", persons: str = "1 | true |") -> None:
    tables.given("episodes.partnership_spans", f"person_id | provider_id | started_on | ended_on\n{spans}")
    tables.given("episodes.persons", f"person_id | is_linkable | died_on\n{persons}")
    tables.given("episodes.psychiatric_emergency")
    tables.given("episodes.custody")
    tables.given("shared.absences")
    tables.observed_through(through)


def visits(tables: Tables, *days: str) -> list[tuple]:
    lines = "\n".join(f"v{n} | 1 | {day}" for n, day in enumerate(days))
    tables.given("episodes.psychiatric_emergency", f"episode_id | person_id | started_on\n{lines}")
    return tables.rows("pipelines.outcomes", "psychiatric_emergency_visits", COLUMNS, **ALL_DAYS)


def test_days_and_visits_are_attributed_to_the_provider_and_quarter_of_the_day(tables: Tables) -> None:
    given(tables, "1 | P1 | 2024-02-15 | 2024-05-01\n 1 | P2 | 2024-05-01 | 2024-05-11")
    assert visits(tables, "2024-02-14", "2024-02-15", "2024-03-31", "2024-04-01", "2024-05-01", "2024-05-11") == [
        (1, "P1", "2024Q1", "met", 2.0, 46.0),
        (1, "P1", "2024Q2", "met", 1.0, 30.0),
        (1, "P2", "2024Q2", "met", 1.0, 10.0),
    ]


def test_an_unfinished_quarter_is_immature(tables: Tables) -> None:
    given(tables, "1 | P1 | 2024-04-01 |", through="2024-09-29")
    assert [row[2:] for row in visits(tables)] == [
        ("2024Q2", "not_met", 0.0, 91.0),
        ("2024Q3", "immature", 0.0, 91.0),
    ]


def test_who_died_is_censored_and_who_cannot_be_linked_is_unknown(tables: Tables) -> None:
    spans = "1 | P1 | 2024-01-01 | 2024-01-11\n 2 | P1 | 2024-01-01 | 2024-02-01"
    given(tables, spans, persons="1 | true | 2024-01-11\n 2 | false |")
    assert [row[3:] for row in visits(tables)] == [("censored", 0.0, 10.0), ("unknown", 0.0, 31.0)]


def test_jail_days_of_a_member_are_the_touched_days_while_enrolled(tables: Tables) -> None:
    given(tables, "1 | P1 | 2024-03-30 | 2024-04-03")
    tables.given(
        "episodes.custody",
        """
        episode_id | person_id | started_on | ended_on
        a          | 1         | 2024-03-01 | 2024-03-30
        b          | 1         | 2024-04-02 |
        """,
    )
    assert tables.rows("pipelines.outcomes", "member_jail_bed_days", COLUMNS) == [
        (1, "P1", "2024Q1", "met", 1.0, 2.0),
        (1, "P1", "2024Q2", "met", 1.0, 2.0),
    ]
