import pytest

from tests.sql.tables import Tables


def bed_days(tables: Tables, custody: str, died_on: str = "", through: str = "2026-01-01") -> tuple:
    """Days, person-years and status of person 1 in the year from 2024-01-01 (leap) on."""
    tables.given("episodes.placements", "person_id | program_code | placed_on\n 1 | JIR | 2024-01-01")
    tables.given("episodes.persons", f"person_id | died_on\n 1 | {died_on}")
    tables.given("episodes.custody", f"episode_id | person_id | started_on | ended_on\n{custody}")
    tables.observed_through(through)
    (found,) = tables.rows(
        "pipelines.outcomes", "jail_bed_days_after_placement", "numerator, person_time, status_code", months=12
    )
    return found


@pytest.mark.parametrize(
    ("custody", "days"),
    [
        ("e | 1 | 2024-02-29 | 2024-02-29", 1),
        ("e | 1 | 2024-02-28 | 2024-03-01", 3),
        ("e | 1 | 2023-12-20 | 2024-01-01", 1),
        ("e | 1 | 2023-12-20 | 2023-12-31", 0),
        ("e | 1 | 2024-12-31 | 2025-01-09", 1),
        ("e | 1 | 2025-01-01 | 2025-01-09", 0),
        ("e | 1 | 2023-01-01 |", 366),
        ("e | 1 | 2024-02-01 | 2024-02-02\n f | 1 | 2024-03-01 | 2024-03-01", 3),
    ],
)
def test_any_part_of_a_day_inside_the_window_is_a_day(tables: Tables, custody: str, days: int) -> None:
    found = bed_days(tables, custody)
    assert found[0] == days
    assert found[1] == pytest.approx(366 / 365.25, abs=1e-6)


def test_the_clock_stops_at_death(tables: Tables) -> None:
    numerator, years, status = bed_days(tables, "", died_on="2024-01-10")
    assert (numerator, status) == (0, "censored")
    assert years == pytest.approx(10 / 365.25, abs=1e-6)


def test_an_open_booking_runs_to_the_last_day_of_data(tables: Tables) -> None:
    assert bed_days(tables, "e | 1 | 2024-12-01 |", through="2024-12-31")[0] == 31
    assert bed_days(tables, "e | 1 | 2024-12-01 |", through="2024-12-30")[2] == "immature"
