"""Which bookings are one custody, and what is said of it."""

from tests.sql.tables import Tables

PACKAGE = "pipelines.episodes"
RULES = {"max_gap_days": 1, "transfer_gap_days": 7}


def custody(tables: Tables, columns: str, bookings: str, people: str = "1 | 1") -> list[tuple[object, ...]]:
    tables.given("standard.bookings", bookings)
    tables.given("person_index.person_of_client", f"client_key | person_id\n{people}")
    tables.connection.execute("create schema if not exists members")
    tables.connection.execute("create or replace table members.custody_bookings as select 1")
    tables.rows(PACKAGE, "custody_bookings", "episode_id", **RULES)
    tables.connection.execute("create or replace table members.custody_bookings as from selected")
    return tables.rows(PACKAGE, "custody", columns)


def test_a_booking_on_the_day_after_a_release_is_the_same_custody(tables: Tables) -> None:
    assert custody(
        tables,
        "started_on, ended_on, booking_count, release_reason_code",
        """
        client_key | booking_number | booked_at           | released_at         | release_reason_code
        1          | B1             | 2024-01-01 23:00:00 | 2024-01-05 01:00:00 | BOND
        1          | B2             | 2024-01-06 23:00:00 | 2024-01-07 01:00:00 | TIME_SERVED
        1          | B3             | 2024-01-09 00:00:00 | 2024-01-09 05:00:00 | CITE_853_6
        """,
    ) == [("2024-01-01", "2024-01-07", 2, "TIME_SERVED"), ("2024-01-09", "2024-01-09", 1, "CITE_853_6")]


def test_a_transfer_links_bookings_that_are_a_week_apart(tables: Tables) -> None:
    bookings = """
        client_key | booking_number | booked_at           | released_at         | release_reason_code
        1          | B1             | 2024-01-01 10:00:00 | 2024-01-05 10:00:00 | {reason}
        1          | B2             | 2024-01-12 10:00:00 | 2024-01-20 10:00:00 | BOND
    """
    transfer, bond = bookings.format(reason="TRANSFER"), bookings.format(reason="BOND")
    assert custody(tables, "started_on, ended_on, booking_count", transfer) == [("2024-01-01", "2024-01-20", 2)]
    assert len(custody(tables, "episode_id", bond)) == 2


def test_an_open_booking_is_an_open_custody_and_no_release(tables: Tables) -> None:
    assert custody(
        tables,
        "ended_on, is_community_release, missing_release_count",
        "client_key | booking_number | booked_at\n 1 | B1 | 2024-02-29 10:00:00",
    ) == [(None, False, 0)]


def test_a_release_that_was_never_recorded_is_at_the_latest_at_the_next_booking(tables: Tables) -> None:
    assert custody(
        tables,
        "started_on, ended_on, booking_count, missing_release_count",
        """
        client_key | booking_number | booked_at           | released_at         | release_reason_code
        1          | B1             | 2024-01-01 10:00:00 |                     |
        1          | B2             | 2024-03-01 10:00:00 | 2024-03-02 10:00:00 | BOND
        """,
    ) == [("2024-01-01", "2024-03-02", 2, 1)]


def test_bookings_under_two_client_records_of_one_person_are_one_custody(tables: Tables) -> None:
    bookings = """
        client_key | booking_number | booked_at           | released_at         | release_reason_code
        1          | B1             | 2024-01-01 10:00:00 | 2024-01-08 10:00:00 | BOND
        2          | B2             | 2024-01-03 10:00:00 | 2024-01-04 10:00:00 | BOND
    """
    assert custody(tables, "person_id, ended_on, booking_count", bookings, "1 | 7\n2 | 7") == [(7, "2024-01-08", 2)]
    assert len(custody(tables, "person_id", bookings, "1 | 7\n2 | 8")) == 2


def test_transfers_prison_death_and_escape_are_no_release_to_the_community(tables: Tables) -> None:
    reasons = ("BOND", "TRANSFER", "TRANSFER_STATE_PRISON", "DEATH", "ESCAPE", "ICE", "TO_TREATMENT")
    lines = "\n".join(
        f"1 | B{year} | 20{year}-01-01 10:00:00 | 20{year}-01-02 10:00:00 | {reason}"
        for year, reason in enumerate(reasons, start=10)
    )
    header = "client_key | booking_number | booked_at | released_at | release_reason_code"
    found = custody(tables, "release_reason_code, is_community_release", f"{header}\n{lines}")
    assert {reason for reason, is_community in found if is_community} == {"BOND", "TO_TREATMENT"}


def test_a_citation_within_a_day_is_cite_and_release(tables: Tables) -> None:
    header = "client_key | booking_number | booked_at | released_at | release_reason_code"
    short = f"{header}\n 1 | B1 | 2024-01-01 23:00:00 | 2024-01-02 22:59:59 | CITE_853_6"
    long = f"{header}\n 1 | B1 | 2024-01-01 23:00:00 | 2024-01-02 23:00:00 | CITE_853_6"
    assert custody(tables, "is_cite_and_release", short) == [(True,)]
    assert custody(tables, "is_cite_and_release", long) == [(False,)]


def test_a_custody_is_technical_only_when_every_booking_is(tables: Tables) -> None:
    header = "client_key | booking_number | booked_at | released_at | is_technical | is_felony | booking_type_code"
    rows = (
        "1 | B1 | 2024-01-01 10:00:00 | 2024-01-02 10:00:00 | true  | false | COURT_RETURN",
        "1 | B2 | 2024-01-03 10:00:00 | 2024-01-04 10:00:00 | false | true  | WARRANT",
    )
    one, both = "\n".join((header, rows[0])), "\n".join((header, *rows))
    columns = "is_technical, is_felony, is_court_return, is_warrant, entry_type_code"
    assert custody(tables, columns, one) == [(True, False, True, False, "COURT_RETURN")]
    assert custody(tables, columns, both) == [(False, True, True, False, "COURT_RETURN")]


def test_clocks_that_change_make_no_day_and_take_none(tables: Tables) -> None:
    # 2024-03-10 has no half past two, 2024-11-03 has half past one twice: days are what the clerks' clocks showed
    assert custody(
        tables,
        "started_on, ended_on, ended_on - started_on + 1",
        """
        client_key | booking_number | booked_at           | released_at         | release_reason_code
        1          | B1             | 2024-03-10 02:30:00 | 2024-03-10 23:59:59 | BOND
        1          | B2             | 2024-11-02 23:59:59 | 2024-11-03 01:30:00 | BOND
        """,
    ) == [("2024-03-10", "2024-03-10", 1), ("2024-11-02", "2024-11-03", 2)]


def test_a_release_at_the_stroke_of_midnight_touches_the_day_that_begins(tables: Tables) -> None:
    assert custody(
        tables,
        "ended_on - started_on + 1",
        """
        client_key | booking_number | booked_at           | released_at         | release_reason_code
        1          | B1             | 2024-05-01 00:00:00 | 2024-05-02 00:00:00 | BOND
        """,
    ) == [(2,)]
