"""Engagement, graduation, exits, months served and stable housing of Full Service Partnership members."""

import pytest

from tests.sql.tables import Tables

PACKAGE = "pipelines.outcomes"
ENDED = "episode_id | person_id | last_provider_id | started_on | ended_on | discontinuation_reason_code"


def given(tables: Tables, partnership: str, person: str = "true |", through: str = "2025-06-30") -> None:
    tables.given("episodes.partnership", partnership)
    tables.given("episodes.persons", f"person_id | is_linkable | died_on\n 1 | {person}")
    tables.observed_through(through)


def engaged(tables: Tables, *served: str, services: int = 1, **facts: str) -> tuple:
    given(tables, "episode_id | person_id | provider_id | started_on\n p | 1 | P1 | 2024-01-31", **facts)
    days = "\n".join(f"1 | {day}" for day in served)
    tables.given("shared.member_services", f"person_id | served_on\n{days}")
    columns = "status_code, flags, period, window_end_on"
    (found,) = tables.rows(PACKAGE, "fsp_engagement", columns, days=30, services=services)
    return found


@pytest.mark.parametrize(
    ("served", "status"),
    [("2024-01-30", "not_met"), ("2024-01-31", "met"), ("2024-02-29", "met"), ("2024-03-01", "not_met")],
)
def test_engagement_is_a_service_in_the_first_thirty_days(tables: Tables, served: str, status: str) -> None:
    assert engaged(tables, served)[0] == status


def test_four_services_are_four_days(tables: Tables) -> None:
    days = ("2024-01-31", "2024-02-01", "2024-02-02")
    assert engaged(tables, *days, services=4)[0] == "not_met"
    assert engaged(tables, *days, "2024-02-29", services=4)[:2] == ("met", "")
    assert engaged(tables, services=4)[:2] == ("not_met", "never_served")


def test_thirty_days_that_are_not_over_are_immature_and_a_death_in_them_is_excluded(tables: Tables) -> None:
    assert engaged(tables, "2024-01-31", through="2024-02-28")[0] == "immature"
    assert engaged(tables, "2024-01-31", through="2024-02-29")[0] == "met"
    assert engaged(tables, person="true | 2024-02-29")[0] == "excluded"
    assert engaged(tables, person="true | 2024-03-01")[0] == "not_met"


def graduated(
    tables: Tables, reason: str = "MET_GOALS", visit: str = "", stay: str = "", jail: str = "", **facts: str
) -> tuple:
    """Status and flags of person 1, whose partnership ended on 2024-03-31; the 90 days end on 2024-06-29."""
    given(tables, f"{ENDED}\n p | 1 | P1 | 2023-01-01 | 2024-03-31 | {reason}", **facts)
    tables.given("episodes.psychiatric_emergency", f"episode_id | person_id | started_on\n v | 1 | {visit}")
    tables.given(
        "episodes.inpatient",
        "episode_id | person_id | facility_class_code | admitted_on\n"
        f"i | 1 | {stay.split()[0] if stay else 'imd'} | {stay.split()[1] if stay else ''}",
    )
    tables.given("episodes.custody", f"episode_id | person_id | started_on\n c | 1 | {jail}")
    (found,) = tables.rows(PACKAGE, "fsp_graduation", "status_code, flags, window_end_on", days=90)
    assert found[2] == "2024-06-29"
    return found[:2]


def test_who_met_the_goals_and_stayed_well_graduated(tables: Tables) -> None:
    assert graduated(tables) == ("met", "goals_met")
    assert graduated(tables, reason="LOST_CONTACT") == ("not_met", "negative_exit")
    assert graduated(tables, reason="MOVED") == ("excluded", "neutral_exit")
    assert graduated(tables, reason="") == ("unknown", "reason_unknown")


@pytest.mark.parametrize(
    ("day", "status"),
    [("2024-03-31", "met"), ("2024-04-01", "not_met"), ("2024-06-29", "not_met"), ("2024-06-30", "met")],
)
def test_a_crisis_a_stay_or_jail_in_the_ninety_days_after_takes_the_graduation(
    tables: Tables, day: str, status: str
) -> None:
    assert graduated(tables, visit=day)[0] == status
    assert graduated(tables, stay=f"acute_psychiatric {day}")[0] == status
    assert graduated(tables, jail=day)[0] == status


def test_a_crisis_residential_stay_is_no_relapse(tables: Tables) -> None:
    assert graduated(tables, stay="crisis_residential 2024-04-10") == ("met", "goals_met")
    assert graduated(tables, stay="state_hospital 2024-04-10") == ("not_met", "goals_met,inpatient_after")


def test_graduation_waits_for_every_source_and_needs_a_link(tables: Tables) -> None:
    assert graduated(tables, through="2024-06-28")[0] == "immature"
    assert graduated(tables, person="false |") == ("unknown", "goals_met,unlinkable")
    assert graduated(tables, person="true | 2024-06-29") == ("excluded", "died_in_window,goals_met")


@pytest.mark.parametrize(
    ("reason", "statuses"),
    [
        ("JAIL", ("met", "not_met")),
        ("MOVED", ("not_met", "met")),
        ("MET_GOALS", ("not_met", "not_met")),
        ("", ("unknown", "unknown")),
    ],
)
def test_an_exit_is_of_one_kind(tables: Tables, reason: str, statuses: tuple[str, str]) -> None:
    given(tables, f"{ENDED}\n p | 1 | P1 | 2023-01-01 | 2024-03-31 | {reason}")
    found = [
        tables.rows(PACKAGE, "fsp_exits", "period, status_code", exit_code=kind) for kind in ("negative", "neutral")
    ]
    assert found == [[("2024Q1", statuses[0])], [("2024Q1", statuses[1])]]


def test_a_month_is_served_that_has_a_service_while_enrolled(tables: Tables) -> None:
    tables.given(
        "episodes.partnership_spans", "person_id | provider_id | started_on | ended_on\n 1 | P1 | 2024-01-15 |"
    )
    tables.given("episodes.persons", "person_id\n 1")
    tables.given(
        "shared.member_services",
        "person_id | served_on\n 1 | 2024-01-14\n 1 | 2024-02-01\n 1 | 2024-02-29\n 1 | 2024-03-31\n 1 | 2024-04-01",
    )
    tables.observed_through("2024-06-29")
    assert tables.rows(PACKAGE, "fsp_months_served", "period, status_code, numerator") == [
        ("2024Q1", "met", 2.0),
        ("2024Q2", "immature", 1.0),
    ]


def housed(tables: Tables, settings: str, through: str = "2024-12-31", ended_on: str = "") -> list[tuple]:
    tables.given(
        "episodes.partnership_spans",
        f"person_id | provider_id | started_on | ended_on\n 1 | P1 | 2024-02-01 | {ended_on}",
    )
    tables.given("episodes.persons", "person_id\n 1")
    tables.given("person_index.person_of_client", "client_key | person_id\n 11 | 1")
    header = "client_key | source_table | setting_id | set_on | residential_setting_code"
    tables.given("standard.residential_settings", f"{header}\n{settings}")
    tables.observed_through(through)
    return tables.rows(PACKAGE, "stably_housed_members", "period, status_code, flags")


def test_the_latest_setting_up_to_the_end_of_the_quarter_tells_whether_a_member_is_housed(tables: Tables) -> None:
    settings = """
        11 | fsp_key_event | a | 2024-02-01 | homeless_unsheltered
        11 | fsp_quarterly | b | 2024-06-30 | house_apartment_alone
        11 | fsp_key_event | c | 2024-07-01 | jail
    """
    assert housed(tables, settings, through="2024-09-29") == [
        ("2024Q1", "not_met", "setting_homeless"),
        ("2024Q2", "met", "setting_permanent"),
        ("2024Q3", "immature", "setting_justice"),
    ]


def test_a_key_event_is_later_news_than_an_assessment_of_the_same_day(tables: Tables) -> None:
    settings = """
        11 | fsp_key_event | a | 2024-03-01 | emergency_shelter
        11 | fsp_quarterly | b | 2024-03-01 | sro_leased
    """
    assert housed(tables, settings, through="2024-03-31")[0][2] == "setting_homeless"


def test_without_a_known_setting_a_member_is_unknown_and_never_homeless(tables: Tables) -> None:
    assert housed(tables, "11 | fsp_quarterly | a | 2024-03-01 | other", through="2024-03-31")[0][1] == "unknown"
    assert housed(tables, "11 | fsp_quarterly | a | 2024-04-01 | sro_leased", through="2024-03-31")[0][1] == "unknown"


def test_who_left_before_the_last_day_of_the_quarter_is_no_member_on_it(tables: Tables) -> None:
    setting = "11 | fsp_quarterly | a | 2024-02-01 | sro_leased"
    assert housed(tables, setting, ended_on="2024-03-31") == []
    assert [row[0] for row in housed(tables, setting, ended_on="2024-04-01")] == ["2024Q1"]
