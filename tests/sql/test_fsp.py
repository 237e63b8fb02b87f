import pytest

from tests.sql.tables import Tables

PARAMS = {"months": 6, "service_days": 90}


def retention(
    tables: Tables,
    span_end: str = "",
    served: str = "2024-01-15",
    reason: str = "",
    died: str = "",
    through: str = "2025-01-01",
) -> tuple:
    """Status and flags of person 1, who entered on 2023-08-31; the milestone is 2024-02-29."""
    tables.given(
        "episodes.partnership",
        "episode_id | person_id | provider_id | started_on | ended_on | discontinuation_reason_code\n"
        f"p | 1 | P1 | 2023-08-31 | {span_end} | {reason}",
    )
    tables.given(
        "episodes.partnership_spans",
        f"person_id | provider_id | started_on | ended_on\n 1 | P1 | 2023-08-31 | {span_end}",
    )
    tables.given("episodes.persons", f"person_id | died_on\n 1 | {died}")
    tables.given("shared.member_services", f"person_id | served_on\n 1 | {served}")
    tables.observed_through(through)
    (found,) = tables.rows("pipelines.outcomes", "fsp_retention", "status_code, flags", **PARAMS)
    return found


@pytest.mark.parametrize(
    ("served", "status"),
    [("2023-12-01", "not_met"), ("2023-12-02", "met"), ("2024-02-29", "met"), ("2024-03-01", "not_met")],
)
def test_a_member_is_kept_who_was_served_in_the_90_days_up_to_the_milestone(
    tables: Tables, served: str, status: str
) -> None:
    assert retention(tables, served=served)[0] == status


def test_a_partnership_that_ends_on_the_milestone_day_is_not_open_on_it(tables: Tables) -> None:
    assert retention(tables, span_end="2024-02-29", reason="LOST_CONTACT") == ("not_met", "negative_exit")
    assert retention(tables, span_end="2024-03-01", reason="LOST_CONTACT") == ("met", "")


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("MET_GOALS", ("excluded", "graduated")),
        ("MOVED", ("excluded", "neutral_exit")),
        ("JAIL", ("not_met", "negative_exit")),
        ("PARTNER_DECISION", ("not_met", "negative_exit")),
    ],
)
def test_an_exit_counts_as_its_group(tables: Tables, reason: str, expected: tuple) -> None:
    assert retention(tables, span_end="2024-01-01", reason=reason) == expected


def test_death_is_excluded_and_a_window_past_the_data_is_immature(tables: Tables) -> None:
    assert retention(tables, died="2024-02-29") == ("excluded", "died_in_window")
    assert retention(tables, through="2024-02-28")[0] == "immature"


def test_enrolment_counts_new_partnerships_that_meet_a_focal_criterion(tables: Tables) -> None:
    tables.given(
        "episodes.partnership",
        """
        episode_id | person_id | provider_id | started_on | focal_justice
        a          | 1         | P1          | 2024-03-31 | true
        b          | 2         | P1          | 2024-03-31 | false
        c          | 3         | P1          | 2024-04-01 | true
        """,
    )
    tables.given("episodes.persons", "person_id\n 1\n 2\n 3")
    tables.observed_through("2024-06-29")
    assert tables.rows("pipelines.outcomes", "fsp_enrolment", "period, status_code, flags") == [
        ("2024Q1", "excluded", "no_focal_criterion"),
        ("2024Q1", "met", "focal_justice"),
        ("2024Q2", "immature", "focal_justice"),
    ]
