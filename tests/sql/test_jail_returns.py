from typing import Any

import pytest

from pipelines import sql
from tests.sql.tables import Tables

JIR = {
    "months": 24,
    "counts_technical": True,
    "counts_court_returns": False,
    "counts_other_agency_holds": False,
    "counts_old_warrants": False,
    "counts_cite_and_release": False,
    "counted_as": "qualifying",
}
CUSTODY = "episode_id | person_id | started_on | ended_on"


def after_placement(
    tables: Tables, custody: str, person: str = "true |", through: str = "2026-01-01", **changed: Any
) -> tuple[str, str]:
    """Status and flags of person 1, housed on 2022-02-28."""
    tables.given("episodes.placements", "person_id | program_code | placed_on\n 1 | JIR | 2022-02-28")
    tables.given("episodes.persons", f"person_id | is_linkable | died_on\n 1 | {person}")
    tables.given("episodes.custody", custody)
    tables.observed_through(through)
    (found,) = tables.rows("pipelines.outcomes", "jail_return_after_placement", "status_code, flags", **(JIR | changed))
    return found


@pytest.mark.parametrize(
    ("started_on", "status"),
    [("2022-02-28", "not_met"), ("2022-03-01", "met"), ("2024-02-28", "met"), ("2024-02-29", "not_met")],
)
def test_a_return_lies_after_the_index_and_within_the_window(tables: Tables, started_on: str, status: str) -> None:
    assert after_placement(tables, f"{CUSTODY}\n e | 1 | {started_on} | 2024-03-05")[0] == status


@pytest.mark.parametrize(
    ("column", "flags"),
    [
        ("is_court_return", "court_return,return_any"),
        ("is_other_agency_hold", "other_agency_hold,return_any"),
        ("is_cite_and_release", "cite_and_release,return_any"),
    ],
)
def test_what_does_not_qualify_is_flagged_and_is_no_return(tables: Tables, column: str, flags: str) -> None:
    custody = f"{CUSTODY} | {column}\n e | 1 | 2022-06-01 | 2022-06-02 | true"
    assert after_placement(tables, custody) == ("not_met", flags)
    switch = {
        "is_court_return": "counts_court_returns",
        "is_other_agency_hold": "counts_other_agency_holds",
        "is_cite_and_release": "counts_cite_and_release",
    }[column]
    assert after_placement(tables, custody, **{switch: True})[0] == "met"


def test_a_warrant_counts_by_the_day_of_its_offence(tables: Tables) -> None:
    custody = CUSTODY + " | is_warrant | latest_offense_on\n e | 1 | 2022-06-01 | 2022-06-02 | true | {day}"
    assert after_placement(tables, custody.format(day="2022-02-28")) == ("not_met", "old_warrant,return_any")
    assert after_placement(tables, custody.format(day="2022-03-01"))[0] == "met"
    assert after_placement(tables, custody.format(day=""))[0] == "met"


def test_violations_alone_count_where_the_definition_says_so(tables: Tables) -> None:
    custody = f"{CUSTODY} | is_technical\n e | 1 | 2022-06-01 | 2022-06-02 | true"
    assert after_placement(tables, custody) == ("met", "return_any,return_technical_only")
    assert after_placement(tables, custody, counts_technical=False)[0] == "not_met"


def test_a_person_nobody_can_link_is_unknown_and_never_zero(tables: Tables) -> None:
    assert after_placement(tables, "", person="false |") == ("unknown", "unlinkable")


def test_a_death_within_the_window_is_excluded_and_flagged(tables: Tables) -> None:
    assert after_placement(tables, "", person="true | 2024-02-28") == ("excluded", "died_in_window")
    assert after_placement(tables, "", person="true | 2024-02-29")[0] == "not_met"


def test_who_came_back_before_they_died_did_come_back(tables: Tables) -> None:
    custody = f"{CUSTODY} | is_court_return\n e | 1 | 2022-06-01 | 2022-06-02 | {{ordered}}"
    died = "true | 2023-01-01"
    assert after_placement(tables, custody.format(ordered="false"), person=died)[0] == "met"
    assert after_placement(tables, custody.format(ordered="true"), person=died)[0] == "excluded"


def test_a_window_past_the_sheriffs_data_is_immature_even_after_a_return(tables: Tables) -> None:
    custody = f"{CUSTODY}\n e | 1 | 2022-06-01 | 2022-06-02"
    assert after_placement(tables, custody, through="2024-02-27")[0] == "immature"
    assert after_placement(tables, custody, through="2024-02-28")[0] == "met"


def test_the_first_release_of_a_year_is_an_index(tables: Tables) -> None:
    tables.given("episodes.persons", "person_id\n 1")
    tables.given(
        "episodes.custody",
        """
        episode_id | person_id | started_on | ended_on   | is_community_release | is_felony
        a          | 1         | 2021-12-30 | 2022-01-02 | true                 | false
        b          | 1         | 2022-06-01 | 2022-06-05 | true                 | true
        c          | 1         | 2023-02-01 | 2023-02-05 | false                | false
        d          | 1         | 2023-03-01 |            | false                | false
        """,
    )
    tables.observed_through("2026-01-01")
    columns = "period, index_on, status_code, flags"
    sql.create(tables.connection, "shared", "pipelines.outcomes", "returns_after_release", {"months": 12})
    counted = {name: value for name, value in JIR.items() if name != "months"}
    found = tables.rows("pipelines.outcomes", "jail_return_after_release", columns, **counted)
    assert found == [("2022", "2022-01-02", "met", "return_any,return_felony,return_new_offense")]
