import pytest

from tests.sql.tables import Tables

PROGRAM = "JIR"


def result(tables: Tables, tenancies: str, died_on: str = "", through: str = "2026-01-01", months: int = 6) -> tuple:
    """Status, numerator and flags of person 1, placed by Just-in-Reach on 2023-08-31."""
    tables.given(
        "episodes.placements", "person_id | program_code | provider_id | placed_on\n 1 | JIR | P1 | 2023-08-31"
    )
    tables.given("episodes.persons", f"person_id | died_on\n 1 | {died_on}")
    tables.given("episodes.tenancy", f"episode_id | person_id | started_on | ended_on | exit_kind\n{tenancies}")
    tables.observed_through(through, PROGRAM)
    (found,) = tables.rows(
        "pipelines.outcomes", "housing_stability", "status_code, numerator, flags, window_end_on", months=months
    )
    assert found[3] == ("2024-02-29" if months == 6 else "2024-08-31")
    return found[:3]


def test_a_tenancy_that_goes_on_keeps_housing(tables: Tables) -> None:
    assert result(tables, "e | 1 | 2023-08-31 | | open") == ("met", 1.0, "")


@pytest.mark.parametrize(("ended_on", "status"), [("2024-02-29", "not_met"), ("2024-03-01", "met")])
def test_who_moves_out_on_the_milestone_day_is_not_housed_on_it(tables: Tables, ended_on: str, status: str) -> None:
    assert result(tables, f"e | 1 | 2023-08-31 | {ended_on} | homeless")[0] == status


@pytest.mark.parametrize(
    ("exit_kind", "expected"),
    [
        ("permanent", ("met", 1.0, "good_exit")),
        ("institution", ("met", 1.0, "good_exit")),
        ("deceased", ("excluded", 0.0, "died_in_window")),
        ("eviction", ("not_met", 0.0, "")),
        ("jail", ("not_met", 0.0, "")),
        ("unknown", ("not_met", 0.0, "exit_unknown")),
        ("transfer", ("not_met", 0.0, "")),
    ],
)
def test_an_exit_before_the_milestone_counts_as_its_kind(tables: Tables, exit_kind: str, expected: tuple) -> None:
    assert result(tables, f"e | 1 | 2023-08-31 | 2023-12-01 | {exit_kind}") == expected


def test_a_death_in_the_window_leaves_the_denominator_whatever_went_before(tables: Tables) -> None:
    tenancy = "e | 1 | 2023-08-31 | 2023-12-01 | homeless"
    assert result(tables, tenancy, died_on="2024-02-29")[0] == "excluded"
    assert result(tables, tenancy, died_on="2024-03-01")[0] == "not_met"


def test_who_finds_a_home_again_before_the_milestone_is_housed_on_it(tables: Tables) -> None:
    tenancies = "e | 1 | 2023-08-31 | 2023-12-01 | homeless\n f | 1 | 2024-02-01 | | open"
    assert result(tables, tenancies) == ("met", 1.0, "gap_in_tenancy")


def test_a_milestone_is_mature_on_the_day_that_the_data_reach_it(tables: Tables) -> None:
    tenancy = "e | 1 | 2023-08-31 | | open"
    assert result(tables, tenancy, through="2024-02-28")[0] == "immature"
    assert result(tables, tenancy, through="2024-02-29")[0] == "met"
    assert result(tables, tenancy, through="2024-08-30", months=12)[0] == "immature"
    assert result(tables, tenancy, through="2024-08-31", months=12)[0] == "met"


def test_without_data_of_the_programmes_agency_nothing_is_mature(tables: Tables) -> None:
    assert result(tables, "e | 1 | 2023-08-31 | | open", through="")[0] == "immature"
