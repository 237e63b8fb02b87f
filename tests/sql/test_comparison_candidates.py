"""Who could have been treated as of a historic day, on lives a person can check by hand."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.comparison.candidates import find_candidates, left_out, with_outcomes
from pipelines.comparison.terms import Specification
from tests.sql.tables import Tables
from tests.unit.comparisons import DOCUMENT, specification

THROUGH = date(2026, 1, 1)
INDEX = date(2023, 3, 1)
CUSTODY = "episode_id | person_id | started_on | ended_on"
ALL_USES = specification(
    population=DOCUMENT["population"] | {"first_index_on": date(2022, 1, 1)},
    outcomes=[
        {"id": "days", "title": "Jail days", "outcome": "jail_days", "window_days": 365, "reason": "A year"},
        {"id": "bookings", "title": "Bookings", "outcome": "bookings", "window_days": 365, "reason": "A year"},
    ],
)
PRIOR = [
    "prior_jail_days",
    "prior_bookings",
    "prior_psychiatric_emergency_visits",
    "prior_inpatient_days",
    "prior_homelessness_spells",
    "days_since_custody",
]


def county(tables: Tables, custody: str, persons: str = "1 | true |\n 2 | true |", placed: str = "") -> None:
    """Person 1 is housed by Just-in-Reach on 2023-03-01, person 2 is not; both are men of 40."""
    placed = placed or f"1 | JIR | {INDEX}"
    tables.given("episodes.placements", f"person_id | program_code | placed_on\n {placed}")
    tables.given("episodes.persons", f"person_id | is_linkable | died_on\n {persons}")
    tables.given("episodes.custody", f"{CUSTODY}\n{custody}")
    for empty in ("psychiatric_emergency", "inpatient", "homelessness", "partnership"):
        tables.given(f"episodes.{empty}")
    tables.given("person_index.person_of_client", "client_key | person_id\n 11 | 1\n 12 | 2")
    tables.given(
        "standard.clients",
        "client_key | birth_on | sex_code\n 11 | 1983-03-02 | M\n 12 | 1983-03-01 | M",
    )


def found(tables: Tables, one: Specification = ALL_USES) -> dict[int, dict[str, object]]:
    find_candidates(tables.connection, one, THROUGH)
    return {row["person_id"]: row for row in with_outcomes(tables.connection, one, THROUGH).to_dicts()}


TWO = """
    a | 1 | 2022-02-25 | 2022-03-02
    b | 1 | 2023-02-20 | 2023-03-01
    c | 2 | 2023-02-01 | 2023-02-03
"""


def test_the_untreated_are_looked_at_on_the_days_on_which_others_were_treated(tables: Tables) -> None:
    county(tables, TWO)
    rows = found(tables)
    assert {person: (row["index_on"], row["is_treated"]) for person, row in rows.items()} == {
        1: (INDEX, True),
        2: (INDEX, False),
    }


def test_prior_use_is_that_of_the_365_days_before_the_day(tables: Tables) -> None:
    county(tables, TWO)
    one, two = found(tables)[1], found(tables)[2]
    # 2022-03-01 and -02 of the first stay, 2023-02-20 to -28 of the second: the day itself lies after
    assert (one["prior_jail_days"], one["prior_bookings"], one["days_since_custody"]) == (2 + 9, 1, 0)
    assert (two["prior_jail_days"], two["prior_bookings"], two["days_since_custody"]) == (3, 1, 25)


def test_age_is_that_of_the_day_birthdays_included(tables: Tables) -> None:
    county(tables, TWO)
    assert [found(tables)[person]["age_years"] for person in (1, 2)] == [39, 40]


@pytest.mark.parametrize(
    ("custody", "persons", "reason"),
    [
        ("a | 1 | 2023-02-20 | 2023-03-02\n b | 2 | 2023-02-20 | 2023-02-21", "1 | true |\n 2 | true |", "in_custody"),
        ("b | 2 | 2023-02-20 | 2023-02-21", "1 | true |\n 2 | true |", "too_little_prior_use"),
        (TWO, "1 | false |\n 2 | true |", "unlinkable"),
        (TWO, "1 | true | 2023-02-28\n 2 | true |", "died_before"),
    ],
)
def test_who_is_left_out_is_counted_with_the_reason(tables: Tables, custody: str, persons: str, reason: str) -> None:
    county(tables, custody, persons)
    assert list(found(tables)) == [2]
    assert left_out(tables.connection).rows() == [("treated", reason, 1)]


def test_a_window_past_the_data_is_immature(tables: Tables) -> None:
    county(tables, TWO.replace("2023-", "2025-"), placed="1 | JIR | 2025-03-01")
    assert found(tables) == {}
    assert ("treated", "immature", 1) in left_out(tables.connection).rows()


def test_the_year_after_is_counted_per_year_followed(tables: Tables) -> None:
    after = "d | 1 | 2023-06-01 | 2023-06-10\n e | 2 | 2023-06-01 |"
    county(tables, f"{TWO}{after}", persons="1 | true |\n 2 | true | 2023-07-01")
    one, two = found(tables)[1], found(tables)[2]
    assert (one["post_days"], one["post_bookings"], one["jail_return_days"], one["followed_days"]) == (10, 1, 92, 365)
    # followed for 122 days until death, 31 of them in jail
    assert (two["followed_days"], two["jail_return_days"]) == (122, 92)
    assert two["post_days"] == pytest.approx(31 * 365 / 122)


def test_who_was_followed_too_shortly_says_nothing_of_a_year(tables: Tables) -> None:
    county(tables, TWO, persons="1 | true |\n 2 | true | 2023-05-01")
    assert found(tables)[2]["post_days"] is None


def test_who_is_treated_later_is_followed_until_then(tables: Tables) -> None:
    county(tables, TWO, placed="1 | JIR | 2023-03-01\n 2 | JIR | 2024-07-01")
    later = [row for row in rows_of(tables) if not row["is_treated"] and row["person_id"] == 2]
    assert [(row["index_on"], row["followed_days"]) for row in later] == [(INDEX, 365)]
    county(tables, TWO, placed="1 | JIR | 2023-03-01\n 2 | JIR | 2023-07-10")
    later = [row for row in rows_of(tables) if not row["is_treated"] and row["person_id"] == 2]
    assert [(row["index_on"], row["followed_days"]) for row in later] == [(INDEX, 131)]


def rows_of(tables: Tables) -> list[dict[str, object]]:
    find_candidates(tables.connection, ALL_USES, THROUGH)
    return with_outcomes(tables.connection, ALL_USES, THROUGH).to_dicts()


KINDS = st.sampled_from(["custody", "inpatient", "homelessness", "psychiatric_emergency"])
LATER = st.lists(st.tuples(KINDS, st.sampled_from([1, 2]), st.integers(0, 700), st.integers(0, 200)), max_size=6)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(LATER)
def test_nothing_that_begins_on_the_day_or_later_changes_a_covariate(
    tables: Tables, events: list[tuple[str, int, int, int]]
) -> None:
    county(tables, TWO)
    before = covariates(tables)
    add(tables, events)
    assert covariates(tables).equals(before)


def covariates(tables: Tables) -> pl.DataFrame:
    find_candidates(tables.connection, ALL_USES, THROUGH)
    chosen = ", ".join(["person_id", "index_on", "left_out_reason", *PRIOR])
    return tables.connection.sql(f"select {chosen} from comparison.judged order by all").pl()


def add(tables: Tables, events: list[tuple[str, int, int, int]]) -> None:
    lines: dict[str, list[str]] = {}
    for at, (kind, person, after, length) in enumerate(events):
        began = INDEX + timedelta(days=after)
        lines.setdefault(kind, []).append(f"n{at} | {person} | {began} | {began + timedelta(days=length)}")
    extra = "\n".join(lines.get("custody", []))
    tables.given("episodes.custody", f"{CUSTODY}\n{TWO}{extra}")
    columns = {
        "inpatient": "episode_id | person_id | admitted_on | discharged_on",
        "homelessness": "episode_id | person_id | entry_on | exit_on",
        "psychiatric_emergency": "episode_id | person_id | started_on | ended_at",
    }
    for kind, header in columns.items():
        tables.given(f"episodes.{kind}", "\n".join([header, *lines.get(kind, [])]))
    tables.connection.execute("update episodes.homelessness set project_group_code = 'ES'")
    tables.connection.execute("update episodes.inpatient set facility_class_code = 'acute_psychiatric'")
