"""The asset checks on deliveries: what fails, what they tell, and that they tell counts and codes alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import dagster as dg
import pytest

from pipelines.defs.invariants import bad_rows_are_few, no_breaker_tripped, no_delivery_is_held
from pipelines.defs.on_time import deliveries_are_on_time, due_as_of
from pipelines.ingest import Problem
from pipelines.validate import Receipt, TableCounts
from schemas.data_contract import load_contracts

SHERIFF = load_contracts().of("sheriff")
REQUIRED = [one.table for one in SHERIFF if one.required_table]


def receipt(*held: str, as_of: date = date(2026, 11, 1), quarantined: int = 0) -> Receipt:
    return Receipt(
        delivery_id="sheriff_x", agency="sheriff", as_of=as_of, revision=1, status="held" if held else "accepted",
        is_hashed=False, data_through=None,
        tables={table: TableCounts(1000, 1000 - quarantined, quarantined, 0) for table in REQUIRED},
        held=tuple(Problem(rule, "booking.csv", "", "mend") for rule in held), warnings=(), checked_under="",
    )  # fmt: skip


def told(result: dg.AssetCheckResult) -> dict[str, object]:
    return {name: value.value for name, value in result.metadata.items()}


def test_a_delivery_held_by_a_breaker_is_told_apart_from_one_held_for_its_form() -> None:
    held = [receipt("breaker.row_count_fell")]
    assert no_delivery_is_held("sheriff", held).passed
    tripped = no_breaker_tripped("sheriff", held)
    assert not tripped.passed
    assert told(tripped)["sheriff_x"] == ["breaker.row_count_fell"]
    assert "release-hold" in str(told(tripped)["to_do"])
    both = [receipt("breaker.row_count_fell", "file.truncated")]
    assert not no_delivery_is_held("sheriff", both).passed
    assert no_breaker_tripped("sheriff", both).passed


@pytest.mark.parametrize(("quarantined", "passed"), [(10, True), (11, False)], ids=str)
def test_half_the_bad_rows_that_would_hold_a_delivery_are_a_warning(quarantined: int, passed: bool) -> None:
    own = [replace(one, max_bad_row_share=0.02, bad_rows_tolerated=3) for one in SHERIFF]
    found = bad_rows_are_few("sheriff", own, [receipt(quarantined=quarantined)])
    assert (found.passed, found.severity) == (passed, dg.AssetCheckSeverity.WARN)


def test_only_the_latest_accepted_delivery_is_looked_at() -> None:
    old, new = receipt(quarantined=900), receipt(as_of=date(2026, 11, 2))
    assert bad_rows_are_few("sheriff", SHERIFF, [old, new]).passed


@pytest.mark.parametrize(
    ("now", "due"),
    [
        # due at 02:00 on the 3rd for the 2nd; late 36 hours after the 2nd ended, at noon of the 4th in Los Angeles
        (datetime(2026, 11, 4, 19, 59, tzinfo=UTC), date(2026, 11, 1)),
        (datetime(2026, 11, 4, 20, 0, tzinfo=UTC), date(2026, 11, 2)),
    ],
    ids=str,
)
def test_a_delivery_is_late_when_its_service_level_has_passed_in_its_own_time_zone(now: datetime, due: date) -> None:
    assert due_as_of(SHERIFF[0], now) == due


def test_an_agency_is_late_by_days_and_its_steward_is_named() -> None:
    now = datetime(2026, 11, 4, 20, 0, tzinfo=UTC)
    assert deliveries_are_on_time("sheriff", SHERIFF, [receipt(as_of=date(2026, 11, 2))], now).passed
    late = deliveries_are_on_time("sheriff", SHERIFF, [receipt(as_of=date(2026, 10, 30))], now)
    assert (late.passed, late.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert told(late)["days_late"] == dict.fromkeys(REQUIRED, 3)
    assert SHERIFF[0].steward_contact in str(told(late)["to_do"])


def test_an_agency_that_never_delivered_is_late() -> None:
    found = deliveries_are_on_time("sheriff", SHERIFF, [], datetime(2026, 11, 4, 20, 0, tzinfo=UTC))
    assert told(found)["days_late"] == dict.fromkeys(REQUIRED, -1)
