"""What holds of episodes whatever the events: their order does not matter, and merging twice changes nothing."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sql.tables import Tables

RULES = {"max_gap_days": 1, "transfer_gap_days": 7}
START = date(2023, 12, 20)

Spell = tuple[int, int | None, str]
"""Days from the start, length in days (None: open), release reason."""

spells = st.lists(
    st.tuples(
        st.integers(0, 120),
        st.one_of(st.none(), st.integers(0, 20)),
        st.sampled_from(["BOND", "TRANSFER", "DEATH"]),
    ),
    min_size=1,
    max_size=7,
)

quietly = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

HEADER = "client_key | booking_number | booked_at | released_at | release_reason_code"


def booking(number: int, spell: Spell) -> str:
    start, length, reason = spell
    booked = START + timedelta(days=start)
    released = "" if length is None else f"{booked + timedelta(days=length)} 18:00:00"
    return f"1 | B{number} | {booked} 06:00:00 | {released} | {reason if released else ''}"


def custody(tables: Tables, lines: list[str]) -> list[tuple[object, ...]]:
    tables.given("standard.bookings", "\n".join([HEADER, *lines]))
    tables.given("person_index.person_of_client", "client_key | person_id\n1 | 1")
    tables.connection.execute("create schema if not exists members")
    tables.rows("pipelines.episodes", "custody_bookings", "1", **RULES)
    tables.connection.execute("create or replace table members.custody_bookings as from selected")
    return tables.rows("pipelines.episodes", "custody", "started_at, ended_at, release_reason_code, booking_count")


@quietly
@given(spells, st.randoms(use_true_random=False))
def test_the_order_of_bookings_does_not_matter(tables: Tables, drawn: list[Spell], shuffler: object) -> None:
    lines = [booking(number, spell) for number, spell in enumerate(drawn)]
    straight = custody(tables, lines)
    shuffler.shuffle(lines)  # type: ignore[attr-defined]
    assert custody(tables, lines) == straight


@quietly
@given(spells)
def test_merging_what_is_merged_changes_nothing(tables: Tables, drawn: list[Spell]) -> None:
    once = custody(tables, [booking(number, spell) for number, spell in enumerate(drawn)])
    again = [f"1 | B{n} | {row[0]} | {row[1] or ''} | {row[2] or ''}" for n, row in enumerate(once)]
    assert [row[:3] for row in custody(tables, again)] == [row[:3] for row in once]


@quietly
@given(spells)
def test_bed_days_never_exceed_calendar_days_and_never_count_a_day_twice(tables: Tables, drawn: list[Spell]) -> None:
    lines = [booking(number, spell) for number, spell in enumerate(drawn)]
    custody(tables, lines)
    tables.connection.execute("create schema if not exists episodes")
    tables.connection.execute(
        "create or replace table episodes.custody as select person_id, min(booked_at)::date as started_on, "
        "(case when bool_and(left_at is not null) then max(left_at) end)::date as ended_on "
        "from members.custody_bookings group by person_id, episode_id"
    )
    tables.given("episodes.placements", f"person_id | program_code | placed_on\n 1 | JIR | {START}")
    tables.given("episodes.persons", "person_id\n 1")
    tables.observed_through("2026-01-01")
    columns = "numerator, window_end_on - index_on + 1"
    ((days, window),) = tables.rows("pipelines.outcomes", "jail_bed_days_after_placement", columns, months=12)
    assert days == len(touched(tables)) <= window


def touched(tables: Tables) -> set[object]:
    """Every civil day of the window on which the person was in custody, counted one by one."""
    days = tables.select(
        "select unnest(generate_series(started_on::timestamp, coalesce(ended_on, date '2026-01-01')::timestamp, "
        "interval 1 day))::date from episodes.custody"
    )
    return {day for (day,) in days if str(START) <= str(day) < str(START.replace(year=2024))}
