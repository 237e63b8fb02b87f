"""Small cells are withheld, and nothing that is published gives them back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.publish.disclosure import (
    ADDING_MEASURES,
    MEASURE_RESULTS,
    MIN_CELL,
    Sum,
    hidden_cells,
    is_small,
    sums_of_results,
    withhold,
)


def result(cut_code: str = "all", cut_value: str = "all", period: str | None = None, **cells: Any) -> dict[str, Any]:
    row = {"measure_id": "jail_returns", "cut_code": cut_code, "cut_value": cut_value, "period": period, "kind": "rate"}
    row |= {"n": 100, "numerator": 50.0, "censored": 0, "immature": 0, "unknown": 0, "excluded": 0, "person_time": 9.0}
    return {**row, "estimate": 0.5, "lower": 0.4, "upper": 0.6, "suppressed": False, **cells}


def withheld(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return withhold(rows, MEASURE_RESULTS, sums_of_results(rows))


@pytest.mark.parametrize(
    ("count", "small"), [(None, False), (0, False), (1, True), (10, True), (10.5, True), (11, False)]
)
def test_a_small_cell_is_one_to_ten(count: float | None, small: bool) -> None:
    assert MIN_CELL == 11
    assert is_small(count) is small


def test_a_small_numerator_takes_its_estimate_and_interval_along() -> None:
    (row,) = withheld([result(n=100, numerator=10)])
    assert (row["n"], row["numerator"], row["estimate"], row["lower"], row["upper"]) == (100, None, None, None, None)
    assert row["suppressed"]


def test_a_small_denominator_takes_the_whole_row() -> None:
    (row,) = withheld([result(n=10, numerator=0)])
    assert {name for name, value in row.items() if value is None} >= {
        "n",
        "numerator",
        "person_time",
        "estimate",
        "unknown",
    }


def test_eleven_is_published() -> None:
    (row,) = withheld([result(n=22, numerator=11)])
    assert (row["n"], row["numerator"], row["estimate"], row["suppressed"]) == (22, 11, 0.5, False)


def test_zero_is_published() -> None:
    (row,) = withheld([result(n=20, numerator=0, estimate=0.0)])
    assert (row["numerator"], row["estimate"], row["suppressed"]) == (0, 0.0, False)


def test_the_few_without_the_outcome_are_a_small_cell_of_a_share() -> None:
    (share,) = withheld([result(n=100, numerator=95, kind="proportion")])
    (rate,) = withheld([result(n=100, numerator=95, kind="rate")])
    assert share["numerator"] is None
    assert share["estimate"] is None
    assert rate["numerator"] == 95


def test_one_withheld_cell_takes_a_second_with_it() -> None:
    rows = [result(n=150)] + [result("provider", value, n=n) for value, n in (("A", 100), ("B", 45), ("C", 5))]
    assert [row["n"] for row in withheld(rows)] == [150, 100, None, None]


def test_two_withheld_cells_that_add_up_to_few_take_a_third() -> None:
    rows = [result(n=102)] + [result("provider", value, n=n) for value, n in (("A", 60), ("B", 40), ("C", 1), ("D", 1))]
    assert [row["n"] for row in withheld(rows)] == [102, 60, None, None, None]


def test_a_total_goes_when_its_only_part_is_small() -> None:
    rows = [result(n=20), result("provider", "A", n=10), result("provider", "B", n=0, numerator=0)]
    assert [row["n"] for row in withheld(rows)] == [None, None, 0]


def test_a_quarter_cannot_be_worked_out_from_the_whole_time() -> None:
    rows = [result(n=70)] + [
        result(period=period, n=n) for period, n in (("2025Q1", 40), ("2025Q2", 25), ("2025Q3", 5))
    ]
    assert [row["n"] for row in withheld(rows)] == [70, 40, None, None]


counts = st.integers(min_value=0, max_value=40)
tables = st.lists(st.lists(st.tuples(counts, counts), min_size=1, max_size=5), min_size=1, max_size=4)


def county(table: list[list[tuple[int, int]]]) -> list[dict[str, Any]]:
    """Providers (inner) by quarters (outer) with every total: numerators never above their n."""
    cells = {(f"Q{q}", f"P{p}"): (n + k, k) for q, line in enumerate(table) for p, (n, k) in enumerate(line)}
    rows = []
    for period in [None, *sorted({q for q, _ in cells})]:
        for provider in [None, *sorted({p for _, p in cells})]:
            inside = [v for (q, p), v in cells.items() if period in (None, q) and provider in (None, p)]
            cut = ("all", "all") if provider is None else ("provider", provider)
            rows.append(result(*cut, period=period, n=sum(n for n, _ in inside), numerator=sum(k for _, k in inside)))
    return rows


def unknowns(one: Sum, hidden: set[int]) -> int:
    return len(hidden & {one.total, *one.parts})


@given(tables)
def test_no_withheld_cell_can_be_worked_out_from_a_sum(table: list[list[tuple[int, int]]]) -> None:
    rows = county(table)
    sums = sums_of_results(rows)
    hidden = hidden_cells(rows, MEASURE_RESULTS, sums)
    for column in ("n", "numerator"):
        assert all(unknowns(one, hidden[column]) != 1 for one in sums)


@given(tables)
def test_no_small_cell_is_published(table: list[list[tuple[int, int]]]) -> None:
    for row in withheld(county(table)):
        assert not is_small(row["n"])
        assert not is_small(row["numerator"])
        assert row["numerator"] is not None or row["estimate"] is None


def band(measure: str, numerator: int) -> dict[str, Any]:
    return {"measure_id": measure, "kind": "proportion", "cut_code": "all", "cut_value": "all", "period": None,
            "n": 500, "numerator": numerator, "censored": 0, "immature": 0, "unknown": 0, "excluded": 0,
            "estimate": 0.1, "lower": 0.1, "upper": 0.1, "person_time": None}  # fmt: skip


def test_a_small_band_of_a_measure_is_not_given_back_by_its_sum() -> None:
    (total, bands), *_ = ADDING_MEASURES.items()
    rows = [band(total, 105), *(band(name, count) for name, count in zip(bands, (5, 60, 40), strict=True))]
    controlled = withhold(rows, MEASURE_RESULTS, sums_of_results(rows))
    assert [row["numerator"] for row in controlled] == [105, None, 60, None]
    assert [row["n"] for row in controlled] == [500, 500, 500, 500]
