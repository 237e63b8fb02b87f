from tests.sql.tables import Tables

PACKAGE = "pipelines.standardise"


def bookings(tables: Tables, columns: str) -> list[tuple[object, ...]]:
    return tables.rows(PACKAGE, "bookings", columns)


def given_booking(tables: Tables, charges: str = "", releases: str = "", kind: str = "NEW_ARREST") -> None:
    tables.given(
        "current.sheriff_booking",
        f"""
        booking_number | main_number | booked_at           | booking_type_code
        B1             | M1          | 2024-02-29 23:50:00 | {kind}
        """,
    )
    tables.given("current.sheriff_charge", charges)
    tables.given("current.sheriff_release", releases)


def test_a_booking_without_a_release_is_open(tables: Tables) -> None:
    given_booking(tables)
    assert bookings(tables, "booking_number, booked_at, released_at") == [("B1", "2024-02-29 23:50:00", None)]


def test_a_release_closes_its_booking(tables: Tables) -> None:
    given_booking(
        tables,
        releases="""
        booking_number | released_at         | release_reason_code
        B1             | 2024-03-01 00:10:00 | BOND
        """,
    )
    assert bookings(tables, "released_at, release_reason_code") == [("2024-03-01 00:10:00", "BOND")]


def test_violations_alone_are_technical_and_any_other_charge_is_not(tables: Tables) -> None:
    charges = """
        charge_id | booking_number | offense_on | charge_class_code
        C1        | B1             | 2024-01-05 | PROBATION_VIOLATION
        C2        | B1             | 2024-02-05 | PAROLE_VIOLATION
    """
    given_booking(tables, charges)
    assert bookings(tables, "is_technical, is_felony, earliest_offense_on, latest_offense_on") == [
        (True, False, "2024-01-05", "2024-02-05")
    ]
    given_booking(tables, charges + "\n C3 | B1 | 2024-02-28 | FELONY")
    assert bookings(tables, "is_technical, is_felony, latest_offense_on") == [(False, True, "2024-02-28")]


def test_a_booking_without_charges_is_as_technical_as_its_type(tables: Tables) -> None:
    given_booking(tables, kind="FLASH_INCARCERATION")
    assert bookings(tables, "is_technical") == [(True,)]
    given_booking(tables, kind="NEW_ARREST")
    assert bookings(tables, "is_technical") == [(False,)]


def test_a_client_key_is_the_same_for_the_same_client_in_every_table(tables: Tables) -> None:
    given_booking(tables)
    (key,) = bookings(tables, "client_key")[0]
    assert tables.select("select client_key('sheriff', 'M1')") == [(key,)]
    assert isinstance(key, int)
    assert 0 <= key < 2**63
