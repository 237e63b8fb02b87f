"""The macro `member_spans`: days at risk cut at quarters."""

from tests.sql.tables import Tables

COLUMNS = "provider_id, period, from_on, to_on"


def spans(tables: Tables, rows: str, through: str = "2024-12-31", columns: str = COLUMNS) -> list[tuple]:
    tables.given("episodes.partnership_spans", f"person_id | provider_id | started_on | ended_on\n{rows}")
    tables.observed_through(through)
    found = "member_spans('episodes.partnership_spans', 'needs.observed_through')"
    return tables.select(f"select {columns} from {found}")


def test_a_span_is_cut_at_the_first_day_of_a_quarter(tables: Tables) -> None:
    assert spans(tables, "1 | P1 | 2024-03-30 | 2024-04-03") == [
        ("P1", "2024Q1", "2024-03-30", "2024-04-01"),
        ("P1", "2024Q2", "2024-04-01", "2024-04-03"),
    ]


def test_a_span_that_ends_on_the_first_day_of_a_quarter_has_no_day_in_it(tables: Tables) -> None:
    assert spans(tables, "1 | P1 | 2024-03-30 | 2024-04-01") == [("P1", "2024Q1", "2024-03-30", "2024-04-01")]


def test_an_open_span_runs_through_the_last_day_that_every_source_has_reached(tables: Tables) -> None:
    assert spans(tables, "1 | P1 | 2024-01-05 |", through="2024-01-10") == [
        ("P1", "2024Q1", "2024-01-05", "2024-01-11")
    ]
    assert spans(tables, "1 | P1 | 2024-01-11 |", through="2024-01-10") == []


def test_two_spans_with_a_provider_in_a_quarter_stay_two(tables: Tables) -> None:
    rows = "1 | P1 | 2024-01-01 | 2024-01-05\n 1 | P1 | 2024-02-01 | 2024-02-05"
    quarter = ("2024-01-01", "2024-03-31", "2024-12-31")
    assert spans(tables, rows, columns="from_on, quarter_from_on, quarter_to_on, observed_through_on") == [
        ("2024-01-01", *quarter),
        ("2024-02-01", *quarter),
    ]
