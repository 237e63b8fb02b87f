"""HUD System Performance Measures 2 and 7b2, with a report year of 2023-10-01 to 2024-09-30."""

import pytest

from tests.sql.tables import Tables

TOTAL = {"days_from": 0, "days_to": 730, "transition_days": 14, "counts_th_transitions": False}
HEADER = "episode_id | person_id | project_type_code | project_group_code | entry_on | exit_on | destination_code"
GROUPS = {0: "ES", 2: "TH", 3: "PH", 4: "SO", 6: "SSO", 13: "RRH"}


def stays(tables: Tables, *rows: tuple[int, str, str, str]) -> None:
    """HMIS stays of person 1: (project type, entry, exit, destination)."""
    lines = [
        f"e{n} | 1 | {kind} | {GROUPS[kind]} | {entry} | {left} | {to}"
        for n, (kind, entry, left, to) in enumerate(rows)
    ]
    tables.given("episodes.homelessness", "\n".join([HEADER, *lines]))
    tables.given("episodes.persons", "person_id\n 1")
    tables.observed_through("2024-09-30")


def returned(tables: Tables, *rows: tuple[int, str, str, str], **changed: object) -> list[tuple]:
    stays(tables, *rows)
    columns = "index_on, status_code, flags"
    return tables.rows("pipelines.outcomes", "spm_returns_to_homelessness", columns, **(TOTAL | changed))


EXIT = (0, "2021-10-01", "2022-01-01", "410")


def test_the_exit_window_is_730_days_before_the_report_year(tables: Tables) -> None:
    assert returned(tables, (0, "2021-01-01", "2021-09-30", "410")) == []
    assert returned(tables, (0, "2021-01-01", "2021-10-01", "410")) == [("2021-10-01", "not_met", "")]
    assert returned(tables, (0, "2021-01-01", "2022-10-01", "410")) == [("2022-10-01", "not_met", "")]
    assert returned(tables, (0, "2021-01-01", "2022-10-02", "410")) == []


def test_only_the_earliest_exit_to_a_permanent_destination_counts(tables: Tables) -> None:
    rows = ((0, "2021-10-01", "2021-12-01", "116"), EXIT, (2, "2022-02-01", "2022-03-01", "435"))
    assert [row[0] for row in returned(tables, *rows)] == ["2022-01-01"]


def test_services_only_is_neither_an_exit_nor_a_return(tables: Tables) -> None:
    assert returned(tables, (6, "2021-10-01", "2022-01-01", "410")) == []
    assert returned(tables, EXIT, (6, "2022-02-01", "", ""))[0][1] == "not_met"


@pytest.mark.parametrize(
    ("entry", "flag"),
    [
        ("2022-01-01", "returned_in_0_180_days"),
        ("2022-06-30", "returned_in_0_180_days"),
        ("2022-07-01", "returned_in_181_365_days"),
        ("2023-01-01", "returned_in_181_365_days"),
        ("2023-01-02", "returned_in_366_730_days"),
        ("2024-01-01", "returned_in_366_730_days"),
        ("2024-01-02", ""),
    ],
)
def test_a_return_to_shelter_falls_into_its_bucket(tables: Tables, entry: str, flag: str) -> None:
    ((_, status, flags),) = returned(tables, EXIT, (0, entry, "", ""))
    assert flags == flag
    assert status == ("met" if flag else "not_met")


def test_permanent_housing_within_14_days_is_a_move_and_no_return(tables: Tables) -> None:
    assert returned(tables, EXIT, (3, "2022-01-15", "", ""))[0][1] == "not_met"
    assert returned(tables, EXIT, (3, "2022-01-16", "", ""))[0][1] == "met"


def test_moving_between_permanent_homes_later_on_is_no_return(tables: Tables) -> None:
    between = (EXIT, (3, "2022-01-10", "2022-06-01", "410"), (13, "2022-06-15", "", ""))
    after = (EXIT, (3, "2022-01-10", "2022-06-01", "410"), (13, "2022-06-16", "", ""))
    assert returned(tables, *between)[0][1] == "not_met"
    assert returned(tables, *after)[0][1] == "met"


def retained(tables: Tables, kind: int, entry: str, move_in: str, left: str = "", to: str = "") -> list[tuple]:
    stays(tables, (kind, entry, left, to))
    tables.connection.execute("update episodes.homelessness set move_in_on = try_cast(? as date)", [move_in])
    return tables.rows("pipelines.outcomes", "permanent_housing_retention", "status_code, flags")


def test_stayers_and_permanent_exits_are_retained(tables: Tables) -> None:
    assert retained(tables, 3, "2022-01-01", "2022-01-05") == [("met", "stayer")]
    assert retained(tables, 3, "2022-01-01", "2022-01-05", "2024-10-01", "116") == [("met", "stayer")]
    assert retained(tables, 3, "2022-01-01", "2022-01-05", "2024-09-30", "410") == [("met", "leaver")]
    assert retained(tables, 3, "2022-01-01", "2022-01-05", "2024-09-30", "116") == [("not_met", "leaver")]


def test_who_left_before_the_year_or_never_moved_in_or_was_in_rapid_rehousing_is_not_asked(tables: Tables) -> None:
    assert retained(tables, 3, "2022-01-01", "2022-01-05", "2023-09-30", "410") == []
    assert retained(tables, 3, "2022-01-01", "") == []
    assert retained(tables, 13, "2022-01-01", "2022-01-05") == []


@pytest.mark.parametrize("destination", ["206", "215", "225", "24"])
def test_hospital_foster_care_long_term_care_and_death_leave_the_denominator(tables: Tables, destination: str) -> None:
    found = retained(tables, 3, "2022-01-01", "2022-01-05", "2024-01-01", destination)
    assert found == [("excluded", "exit_out_of_scope,leaver")]


@pytest.mark.parametrize(("entry", "switched"), [("2022-01-15", "not_met"), ("2022-01-16", "met")])
def test_transitional_housing_is_held_to_the_transition_days_by_a_switch(
    tables: Tables, entry: str, switched: str
) -> None:
    rows = (EXIT, (2, entry, "", ""))
    assert [row[1] for row in returned(tables, *rows)] == ["met"]
    assert [row[1] for row in returned(tables, *rows, counts_th_transitions=True)] == [switched]
    assert [row[1] for row in returned(tables, EXIT, (0, entry, "", ""), counts_th_transitions=True)] == ["met"]
