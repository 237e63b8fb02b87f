"""How often members came back to jail: bookings that are not the first, by the provider of the day."""

import pytest

from tests.sql.tables import Tables

CUSTODY = "person_id | started_on | is_technical | is_court_return | is_other_agency_hold | is_cite_and_release\n"
PLAIN = "false | false | false | false"


def returns(tables: Tables, *custody: str, spans: str = "1 | P1 | 2024-01-01 |") -> list[tuple]:
    tables.given("episodes.partnership_spans", f"person_id | provider_id | started_on | ended_on\n{spans}")
    tables.given("episodes.persons", "person_id\n 1")
    tables.given("episodes.custody", CUSTODY + "\n".join(f"1 | {one}" for one in custody))
    tables.observed_through("2024-06-30")
    return tables.rows("pipelines.outcomes", "member_jail_returns", "provider_id, period, status_code, numerator")


def test_the_first_booking_that_is_known_is_no_return_and_a_later_one_is(tables: Tables) -> None:
    assert [row[3] for row in returns(tables, f"2024-02-01 | {PLAIN}")] == [0.0, 0.0]
    assert [row[3] for row in returns(tables, f"2019-05-01 | {PLAIN}", f"2024-02-01 | {PLAIN}")] == [1.0, 0.0]


def test_a_return_is_of_the_provider_and_quarter_of_its_day(tables: Tables) -> None:
    spans = "1 | P1 | 2024-01-10 | 2024-05-01\n 1 | P2 | 2024-05-01 |"
    booked = [f"{day} | {PLAIN}" for day in ("2023-01-01", "2024-01-09", "2024-01-10", "2024-05-01", "2024-06-01")]
    assert returns(tables, *booked, spans=spans) == [
        ("P1", "2024Q1", "met", 1.0),
        ("P1", "2024Q2", "not_met", 0.0),
        ("P2", "2024Q2", "met", 2.0),
    ]


@pytest.mark.parametrize("at", range(4))
def test_violations_court_holds_and_citations_alone_do_not_count(tables: Tables, at: int) -> None:
    flags = " | ".join(str(number == at).lower() for number in range(4))
    assert [row[3] for row in returns(tables, f"2019-05-01 | {PLAIN}", f"2024-02-01 | {flags}")] == [0.0, 0.0]
