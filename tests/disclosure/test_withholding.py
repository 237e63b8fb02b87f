"""Small cells are withheld, and what would give them back."""

from __future__ import annotations

from typing import Any

import pytest

from pipelines.publish.disclosure import MIN_CELL, is_small
from tests.disclosure.rows import column, controlled, result, told


@pytest.mark.parametrize(
    ("count", "small"), [(None, False), (0, False), (1, True), (10, True), (10.5, True), (11, False)]
)
def test_a_small_cell_is_one_to_ten(count: float | None, small: bool) -> None:
    assert MIN_CELL == 11
    assert is_small(count) is small


def test_a_small_numerator_takes_its_estimate_and_interval_along() -> None:
    (row,) = told([result(n=100, numerator=10)])
    assert (row["n"], row["numerator"], row["estimate"], row["lower"], row["upper"]) == (100, None, None, None, None)
    assert row["suppressed"]


def test_a_small_denominator_takes_the_whole_row() -> None:
    (row,) = told([result(n=10, numerator=0)])
    gone = {name for name, value in row.items() if value is None}
    assert gone >= {"n", "numerator", "person_time", "estimate", "lower", "upper", "unknown"}


def test_eleven_is_published() -> None:
    (row,) = told([result(n=22, numerator=11)])
    assert (row["n"], row["numerator"], row["estimate"], row["suppressed"]) == (22, 11, 0.5, False)


def test_zero_is_published() -> None:
    (row,) = told([result(n=20, numerator=0, estimate=0.0)])
    assert (row["numerator"], row["estimate"], row["suppressed"]) == (0, 0.0, False)


def test_the_few_without_the_outcome_are_a_small_cell_of_a_share() -> None:
    (share,) = told([result(n=100, numerator=95, kind="proportion")])
    (rate,) = told([result(n=100, numerator=95, kind="rate")])
    assert (share["n"], share["numerator"], share["estimate"]) == (100, None, None)
    assert rate["numerator"] == 95


def providers(*counts: int) -> list[dict[str, Any]]:
    """Providers of so many people, and their total; nobody had the outcome."""
    parts = [result("provider", f"P{at}", n=n, numerator=0) for at, n in enumerate(counts)]
    return [result(n=sum(counts), numerator=0), *parts]


def test_one_withheld_cell_takes_a_second_with_it() -> None:
    assert column(told(providers(100, 45, 5)), "n") == [150, 100, None, None]


def test_two_withheld_cells_that_add_up_to_few_take_a_third() -> None:
    assert column(told(providers(60, 40, 1, 1)), "n") == [102, 60, None, None, None]


def test_a_total_goes_when_its_only_part_is_small() -> None:
    assert column(told(providers(10, 0)), "n") == [None, None, 0]


def test_a_quarter_cannot_be_worked_out_from_the_whole_time() -> None:
    rows = [result(n=70, numerator=0)]
    rows += [result(period=p, n=n, numerator=0) for p, n in (("2025Q1", 40), ("2025Q2", 25), ("2025Q3", 5))]
    assert column(told(rows), "n") == [70, 40, None, None]


def test_the_few_whom_no_provider_serves_are_a_cell_as_well() -> None:
    rows = providers(100, 45)
    rows[0]["n"] = 150
    assert column(told(rows), "n") == [150, 100, None]


def test_a_programme_is_not_worked_out_from_providers_that_work_in_it_alone() -> None:
    programs = {"JIR": 52, "FHSP": 300}
    rows = [result(n=352, numerator=0)] + [result("program", name, n=n, numerator=0) for name, n in programs.items()]
    rows += [result("provider", f"P{n}", n=n, numerator=0, program_of_provider=program)
             for n, program in ((40, "JIR"), (12, "JIR"), (7, "FHSP"), (13, "FHSP"), (280, "FHSP"))]  # fmt: skip
    shown = dict(zip(column(rows, "n"), column(told(rows), "n"), strict=True))
    assert shown == {352: 352, 52: 52, 300: 300, 40: 40, 12: 12, 7: None, 13: None, 280: 280}


def placed(months: int, **counts: int) -> dict[str, Any]:
    whole = {"n": 0, "numerator": 0, "immature": 0, "excluded": 0} | counts
    return result(measure_id=f"housing_stability_{months}_months", kind="proportion", **whole)


def test_people_whom_two_measures_share_do_not_give_back_those_that_one_leaves_out() -> None:
    rows = [placed(6, n=200, numerator=100, excluded=20), placed(12, n=150, numerator=75, immature=66, excluded=4)]
    shown = told(rows)
    assert shown[1]["excluded"] is None
    assert [row["n"] for row in shown] == [200, 150]
    assert [row["excluded"] for row in shown].count(None) + [row["immature"] for row in shown].count(None) == 2


def test_who_came_back_between_two_windows_is_a_cell_as_well() -> None:
    rows = [
        result(measure_id=f"jail_return_after_placement_{months}_months", kind="proportion", n=300, numerator=numerator)
        for months, numerator in ((6, 40), (12, 43), (24, 90))
    ]
    assert column(told(rows), "numerator") == [None, 43, 90]


BANDS = [f"spm_returns_to_homelessness{band}" for band in ("", "_0_180_days", "_181_365_days", "_366_730_days")]


def test_a_small_band_of_a_measure_is_not_given_back_by_its_sum() -> None:
    counts = zip(BANDS, (105, 5, 60, 40), strict=True)
    rows = [result(measure_id=name, kind="proportion", n=500, numerator=count) for name, count in counts]
    shown = told(rows)
    assert column(shown, "numerator") == [105, None, 60, None]
    assert column(shown, "n") == [500, 500, 500, 500]


def statement(period: str | None, persons: int, amount: float, **more: Any) -> dict[str, Any]:
    row = {"contract_id": "jir", "clause_id": "housed", "unit": "person", "period": period, "persons": persons}
    row |= {"lines": persons, "quantity": float(persons), "amount_usd": amount}
    return row | {"amount_of_largest_usd": amount / 20, "amount_of_second_usd": amount / 20} | more


def test_dollars_leave_with_the_few_they_are_paid_for() -> None:
    rows = [statement(None, 60, 60_000.0), statement("Q1", 30, 30_000.0), statement("Q2", 25, 25_000.0)]
    rows.append(statement("Q3", 5, 5_000.0))
    shown = controlled({"contract_statements": rows}).tables["contract_statements"]
    assert column(shown, "amount_usd") == [60_000.0, 30_000.0, None, None]
    assert column(shown, "quantity") == [60.0, 30.0, None, None]


def test_a_sum_of_dollars_that_one_person_makes_up_is_withheld() -> None:
    one_large = statement(None, 40, 100_000.0, amount_of_largest_usd=90_000.0, amount_of_second_usd=5_000.0)
    (shown,) = controlled({"contract_statements": [one_large]}).tables["contract_statements"]
    assert (shown["persons"], shown["amount_usd"]) == (40, None)


def test_what_one_table_tells_of_an_agency_is_not_told_by_another() -> None:
    sheriff = {"agency": "sheriff", "other_agency": "sheriff", "clients": 7, "unlinkable_clients": 0, "persons": 7}
    health = {"agency": "health", "other_agency": "health", "clients": 500, "unlinkable_clients": 0, "persons": 490}
    quality = [sheriff | {"persons_in_both": 7}, health | {"persons_in_both": 490}]
    groups = [{"cut_code": "all", "cut_value": "all", "clients": 507}]
    groups += [{"cut_code": "agency", "cut_value": row["agency"], "clients": row["clients"]} for row in quality]
    rows = [row | {"linked_clients": 0, "unlinked_clients": 0, "linked": 0.0} for row in groups]
    shown = controlled({"linkage_quality": quality, "linkage_by_group": rows}).tables
    assert [row["clients"] for row in shown["linkage_quality"]].count(None) >= 1
    by_group = {row["cut_value"]: row["clients"] for row in shown["linkage_by_group"]}
    by_agency = {row["agency"]: row["clients"] for row in shown["linkage_quality"]}
    assert by_group["sheriff"] is None
    assert by_agency["sheriff"] is None
    assert by_agency["health"] == by_group["health"]
    assert None in (by_group["all"], by_group["health"])


def test_what_was_done_is_told_in_numbers_of_cells() -> None:
    (audit,) = controlled({"measure_results": providers(100, 45, 5)}).audit
    assert (audit["counts"], audit["withheld_themselves"], audit["withheld_beside"]) == (4, 1, 1)
    assert (audit["rows"], audit["rows_repeated"], audit["given_away_before"]) == (4, 0, 0)
