"""Circuit breakers on literal counts: what trips, what does not, and what is told of it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from pipelines.validate.baseline import TableProfile, usual
from pipelines.validate.breakers import Past, by_chance, problems, trips
from schemas.breaker_terms import Breakers, MonthBreaker, RowCountBreaker, SegmentBreaker
from schemas.data_contract import DataContract, load_contracts


@cache
def shipped() -> DataContract:
    contract = load_contracts().get("fhsp", "tenancy")
    assert contract
    return contract


def contract(**breakers: object) -> DataContract:
    """A table with no other breakers than the row count's and those that a test names."""
    terms = Breakers(row_count=RowCountBreaker(fall=0.5, rise=3.0), over=8, at_least=3)
    return replace(shipped(), breakers=replace(terms, **breakers))


def table(rows: int, semantics: str = "full", **counts: object) -> TableProfile:
    return TableProfile(semantics, rows, rows, **counts)


def before(*profiles: TableProfile, released: int | None = None) -> list[Past]:
    return [Past(one, place == released) for place, one in enumerate(profiles)]


def tripped(terms: DataContract, now: TableProfile, past: list[Past]) -> list[tuple[str, str, str]]:
    return [trip.key for trip in trips(terms, now, past)]


FELL, ROSE = [("breaker.row_count_fell", "", "")], [("breaker.row_count_rose", "", "")]


@pytest.mark.parametrize(("rows", "expected"), [(500, []), (499, FELL), (0, FELL), (4000, []), (4001, ROSE)], ids=str)
def test_a_count_below_half_or_above_four_times_the_median_trips(rows: int, expected: list[object]) -> None:
    assert tripped(contract(), table(rows), before(table(900), table(1000), table(9000))) == expected


def test_without_enough_deliveries_before_nothing_trips() -> None:
    assert tripped(contract(), table(0), before(table(1000), table(1000))) == []


def test_a_small_table_may_fall_to_nothing() -> None:
    assert tripped(contract(), table(0), before(table(49), table(49), table(49))) == []


def test_a_quiet_sunday_does_not_trip_a_delta_once_there_was_one() -> None:
    week = before(*(table(rows, "delta") for rows in (5000, 100, 110, 90, 100, 105, 12)))
    terms = contract(row_count=RowCountBreaker(fall=0.8, rise=3.0))
    assert tripped(terms, table(12, "delta"), week) == []
    assert tripped(terms, table(11, "delta"), week) == FELL


def test_a_provider_that_vanishes_trips_while_the_total_is_fine() -> None:
    terms = contract(segments=(SegmentBreaker("provider_id", 0.8),))
    usually = [table(300, segments={"provider_id": {"P1": 100, "P2": 200, "P3": 19}})] * 3
    now = table(300, segments={"provider_id": {"P2": 300}})
    assert tripped(terms, now, before(*usually)) == [("breaker.segment_vanished", "provider_id", "P1")]


def test_a_clinic_that_is_closed_on_sundays_does_not_trip_a_delta_once_there_was_one() -> None:
    terms = contract(segments=(SegmentBreaker("provider_id", 0.8),))
    open_night, closed = ({"provider_id": {"P1": rows, "P2": 100}} for rows in (100, 5))
    nights = [table(200, "delta", segments=open_night)] * 6
    week = before(*nights, table(105, "delta", segments=closed))
    assert tripped(terms, table(105, "delta", segments=closed), week) == []
    assert tripped(terms, table(104, "delta", segments={"provider_id": {"P1": 4, "P2": 100}}), week) != []


def test_a_month_that_vanishes_trips_while_the_total_is_fine() -> None:
    terms = contract(months=MonthBreaker("started_on", 0.8))
    usually = [table(100, months={"2026-01": 40, "2026-02": 60})] * 3
    now = table(100, months={"2026-01": 7, "2026-02": 60, "2026-03": 33})
    assert tripped(terms, now, before(*usually)) == [("breaker.month_vanished", "started_on", "2026-01")]


def test_a_column_that_a_quarter_more_rows_leave_empty_trips() -> None:
    terms = contract(null_rate_rise=0.25)
    usually = [table(200, nulls={"zip": 20, "sex": 0})] * 3
    assert tripped(terms, table(200, nulls={"zip": 70, "sex": 0}), before(*usually)) == []
    found = tripped(terms, table(200, nulls={"zip": 71, "sex": 0}), before(*usually))
    assert found == [("breaker.null_rate_rose", "zip", "")]


def test_codes_that_change_places_trip() -> None:
    terms = contract(codes_psi=0.25)
    usually = [table(200, codes={"sex": {"F": 150, "M": 50}})] * 3
    assert tripped(terms, table(200, codes={"sex": {"F": 140, "M": 60}}), before(*usually)) == []
    found = tripped(terms, table(200, codes={"sex": {"F": 50, "M": 150}}), before(*usually))
    assert found == [("breaker.codes_shifted", "sex", "")]


def test_chance_gives_small_samples_of_many_codes_a_high_index() -> None:
    few, many = dict.fromkeys("abcdefghijklmnopqrst", 5), dict.fromkeys("abcdefghijklmnopqrst", 500)
    assert by_chance(few, few) > 0.25 > by_chance(many, many)


def test_what_was_released_once_is_usual_from_then_on() -> None:
    past = before(table(1000), table(1000), table(1000), table(300), released=3)
    assert tripped(contract(), table(310), past) == []
    assert tripped(contract(), table(1000), past) == []
    assert tripped(contract(), table(140), past) == FELL


def test_a_first_load_of_everything_moves_neither_the_usual_shares_nor_the_usual_counts() -> None:
    nights = [table(100, nulls={"x": 10}, codes={"c": {"U": 90, "D": 10}})] * 4
    load = table(90_000, nulls={"x": 90_000}, codes={"c": {"U": 90_000}})
    found = usual([load, *nights])
    assert (found.rows, found.nulls, found.codes) == (100, {"x": 10}, {"c": {"U": 90, "D": 10}})


def test_a_message_tells_no_small_count_and_names_no_value_that_is_not_a_code() -> None:
    terms = contract(segments=(SegmentBreaker("provider_id", 0.8),))
    usually = [table(500, segments={"provider_id": {"P1": 100, "Ada Lovelace": 200, "P2": 90}})] * 3
    now = table(500, segments={"provider_id": {"P1": 3}})
    (problem,) = problems(terms, trips(terms, now, before(*usually)))
    assert (problem.rule_id, problem.file, problem.column) == ("breaker.segment_vanished", "tenancy.csv", "provider_id")
    assert problem.mend == (
        "one of its values has no rows where 200 are usual; P1 has under 11 rows where 100 are usual; "
        "P2 has no rows where 90 are usual; send the rows that are missing, or ask us to release it"
    )
