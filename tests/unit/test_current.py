"""Which row of which delivery counts today."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines import sql
from pipelines.lake import Lake
from pipelines.standardise.current import open_current
from pipelines.validate.told import Told
from schemas.data_contract import load_contracts


@dataclass(frozen=True)
class Receipt:
    agency: str
    as_of: date
    revision: int
    delivery_id: str
    data_through: date | None
    told: Told = field(default_factory=Told)


RELEASES = "booking_number varchar, release_reason_code varchar, updated_at timestamp, record_action varchar"
TENANCIES = "tenancy_id varchar, client_id varchar, program_code varchar"


def deliver(lake: Lake, agency: str, day: int, table: str, columns: str, *rows: tuple[str, ...], revision: int = 1,
            mark: str = "a") -> Receipt:  # fmt: skip
    """Put validated rows of one delivery of November 2026 into the lake."""
    as_of = date(2026, 11, day)
    receipt = Receipt(agency, as_of, revision, f"{agency}_202611{day:02}_r{revision}_{mark}", as_of - timedelta(days=1))
    path = lake.zone("validated") / agency / receipt.delivery_id / f"{table}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        connection.execute(f"create table t ({columns}, _delivery_id varchar, _line_number bigint)")
        for line, row in enumerate(rows, start=2):
            marks = ", ".join("?" * (len(row) + 2))
            connection.execute(f"insert into t values ({marks})", [*row, receipt.delivery_id, line])
        connection.execute(f"copy t to {sql.literal(str(path))}")
    return receipt


def releases(lake: Lake, day: int, *rows: tuple[str, ...], revision: int = 1, mark: str = "a") -> Receipt:
    return deliver(lake, "sheriff", day, "release", RELEASES, *rows, revision=revision, mark=mark)


def tenancies(lake: Lake, day: int, *rows: tuple[str, ...], revision: int = 1) -> Receipt:
    return deliver(lake, "fhsp", day, "tenancy", TENANCIES, *rows, revision=revision)


def in_force(lake: Lake, receipts: list[Receipt], query: str) -> list[tuple[object, ...]]:
    with sql.connect(lake.spill) as connection:
        open_current(connection, lake, load_contracts(), receipts)
        return sorted(connection.execute(query).fetchall())


RELEASED = "select booking_number, release_reason_code from current.sheriff_release"


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path)


def test_the_newest_row_of_a_key_is_in_force(lake: Lake) -> None:
    receipts = [
        releases(lake, 1, ("B1", "BOND", "2026-10-31", "U"), ("B2", "BOND", "2026-10-31", "U")),
        releases(lake, 2, ("B1", "ACQUITTAL", "2026-11-02", "U"), ("B3", "BOND", "2026-11-02", "U")),
        releases(lake, 3, ("B1", "TIME_SERVED", "2026-11-01", "U")),
    ]
    expected = [("B1", "TIME_SERVED"), ("B2", "BOND"), ("B3", "BOND")]
    assert in_force(lake, receipts, RELEASED) == expected


def test_the_order_in_which_deliveries_come_does_not_matter(lake: Lake) -> None:
    receipts = [
        releases(lake, 1, ("B1", "BOND", "2026-10-31", "U"), ("B2", "BOND", "2026-10-31", "U")),
        releases(lake, 2, ("B1", "ACQUITTAL", "2026-11-02", "U"), ("B2", "BOND", "2026-11-02", "D")),
        releases(lake, 3, ("B2", "PAROLE", "2026-11-03", "U")),
    ]
    for order in itertools.permutations(receipts):
        assert in_force(lake, list(order), RELEASED) == [("B1", "ACQUITTAL"), ("B2", "PAROLE")]


def test_a_deleted_row_is_out(lake: Lake) -> None:
    receipts = [
        releases(lake, 1, ("B1", "BOND", "2026-10-31", "U"), ("B2", "BOND", "2026-10-31", "U")),
        releases(lake, 2, ("B1", "BOND", "2026-11-02", "D")),
    ]
    assert in_force(lake, receipts, RELEASED) == [("B2", "BOND")]


NIGHTS = st.lists(
    st.dictionaries(st.sampled_from(["B1", "B2", "B3", "B4"]), st.sampled_from(["BOND", "ICE", "DELETED"]), max_size=4),
    min_size=1, max_size=6,
)  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(nights=NIGHTS)
def test_over_any_nights_the_last_to_name_a_key_has_the_say(
    tmp_path_factory: pytest.TempPathFactory, nights: list[dict[str, str]]
) -> None:
    lake = Lake(tmp_path_factory.mktemp("lake"))
    receipts, expected = [], dict[str, str]()
    for day, said in enumerate(nights, start=1):
        rows = [(key, reason, "2026-11-09", "D" if reason == "DELETED" else "U") for key, reason in said.items()]
        receipts.append(releases(lake, day, *rows))
        expected |= said
    told = sorted((key, reason) for key, reason in expected.items() if reason != "DELETED")
    assert in_force(lake, receipts, RELEASED) == told


def test_a_revision_replaces_the_delivery_of_the_same_day(lake: Lake) -> None:
    receipts = [
        releases(lake, 1, ("B1", "BOND", "2026-10-31", "U")),
        releases(lake, 2, ("B1", "ICE", "2026-11-02", "U"), ("B9", "ICE", "2026-11-02", "U")),
        releases(lake, 2, ("B2", "BOND", "2026-11-02", "U"), revision=2),
    ]
    assert in_force(lake, receipts, RELEASED) == [("B1", "BOND"), ("B2", "BOND")]


def test_two_deliveries_of_one_rank_are_settled_by_content_and_not_by_arrival(lake: Lake) -> None:
    first = releases(lake, 1, ("B1", "BOND", "2026-10-31", "U"), mark="z")
    second = releases(lake, 1, ("B1", "TIME_SERVED", "2026-10-31", "U"), mark="b")
    assert in_force(lake, [first, second], RELEASED) == in_force(lake, [second, first], RELEASED)
    assert in_force(lake, [first, second], RELEASED) == [("B1", "TIME_SERVED")]


def test_a_full_table_is_its_latest_delivery(lake: Lake) -> None:
    receipts = [tenancies(lake, 1, ("T1", "1", "JIR"), ("T2", "2", "JIR")), tenancies(lake, 2, ("T2", "2", "ODR"))]
    query = "select tenancy_id, program_code, moved_in_on, _line_number from current.fhsp_tenancy"
    assert in_force(lake, receipts, query) == [("T2", "ODR", None, 2)]


def test_a_logically_deleted_hmis_row_is_out(lake: Lake) -> None:
    columns = "EnrollmentID varchar, DateDeleted timestamp"
    receipt = deliver(lake, "hmis", 1, "enrollment", columns, ("E1", None), ("E2", "2026-01-01"))  # type: ignore[arg-type]
    assert in_force(lake, [receipt], "select EnrollmentID from current.hmis_enrollment") == [("E1",)]


def test_a_table_that_nobody_delivered_is_there_with_its_columns_and_no_rows(lake: Lake) -> None:
    query = "select crisis_id, arrived_at, _delivery_id from current.mental_health_crisis_encounter"
    assert in_force(lake, [], query) == []


def test_the_status_of_an_agency_is_that_of_its_latest_delivery(lake: Lake) -> None:
    receipts = [
        releases(lake, 2, ("B1", "BOND", "2026-10-31", "U")),
        releases(lake, 1, ("B1", "BOND", "2026-10-31", "U")),
        tenancies(lake, 1, ("T1", "1", "JIR")),
    ]
    query = "select agency, latest_as_of_on, reported_through_on from current.delivery_status"
    assert in_force(lake, receipts, query) == [
        ("fhsp", date(2026, 11, 1), date(2026, 10, 31)),
        ("sheriff", date(2026, 11, 2), date(2026, 11, 1)),
    ]
