"""Draws are priced by the rules of the statements: whatever the contract, the columns say what the engine says."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.contracts import OutcomesContract
from pipelines.contracts.pricing import Unit, price_units
from pipelines.underwriting.draws_pricing import MILLION, UnitPlace, price_draws
from tests.unit.test_pricing import payer, terms

DRAWS = 3

STEPS = [
    {"starts_at": "5", "ends_at": "12.5", "base_usd": "40.00", "price_usd": "3.33"},
    {"starts_at": "12.5", "ends_at": "40", "base_usd": "70.00", "price_usd": "7.77"},
    {"starts_at": "40", "base_usd": "300.00", "price_usd": "0.00"},
]
ALL_UNITS = [{"starts_at": "0", "ends_at": "10", "price_usd": "1.11"}, {"starts_at": "10", "price_usd": "2.22"}]

CLAUSES: list[dict[str, Any]] = [
    {"price_usd": "15.12"},
    {"price_usd": "0.15", "cap_usd": "9.99", "period_cap_usd": "3.33"},
    {"price_usd": "9.99", "escalator": {"percent_per_year": "3.7", "first_raise_on": date(2024, 7, 1)}},
    {"price_usd": "1.01", "minimum": {"quantity": "7.5", "over": "contract", "then_pays": "all_units"}},
    {"price_usd": "1.01", "minimum": {"quantity": "3", "over": "period", "then_pays": "units_above"}},
    {"price_usd": "3.03", "maximum": {"quantity": "20.25", "over": "contract"}, "quantity_rounding": "down"},
    {"tiers": {"over": "contract", "priced": "units_in_tier", "steps": STEPS}},
    {"tiers": {"over": "period", "priced": "units_in_tier", "steps": STEPS}, "period_cap_usd": "100.00"},
    {"tiers": {"over": "contract", "priced": "all_units", "steps": ALL_UNITS}},
]
RAISED_TIERS = {
    "tiers": {"over": "contract", "priced": "units_in_tier", "steps": STEPS},
    "escalator": {"percent_per_year": "2.5", "first_raise_on": date(2024, 7, 1)},
}

PAYERS: list[list[dict[str, Any]]] = [
    [payer("a", "100")],
    [payer("a", "33.3333"), payer("b", "33.3333"), payer("c", "33.3334")],
    [payer("a", "60", max_amount_usd="50.00"), payer("b", "40", max_amount_usd="500.00")],
    [
        payer("old", shares=[{"starts_on": date(2020, 1, 1), "share_percent": "55"},
                             {"starts_on": date(2024, 7, 1), "share_percent": "0"}]),
        payer("new", shares=[{"starts_on": date(2024, 7, 1), "share_percent": "55"}]),
        payer("state", "45"),
    ],
]  # fmt: skip
BUDGETS = [{"starts_on": date(2024, 1, 1), "ends_on": date(2024, 6, 30), "cap_usd": "60.00"}]

DAYS = [date(2024, 2, 29), date(2024, 7, 1), date(2025, 7, 1)]


@given(
    clauses=st.lists(st.sampled_from(CLAUSES), min_size=1, max_size=3),
    payers=st.sampled_from(PAYERS),
    exhausted=st.sampled_from(["unpaid", "others_pay"]),
    cap=st.sampled_from(["77.77", "400.00", "1000000.00"]),
    has_budget=st.booleans(),
    data=st.data(),
)
@settings(max_examples=60, deadline=None)
def test_a_draw_is_paid_what_the_engine_of_the_statements_pays_it(
    clauses: list[dict[str, Any]],
    payers: list[dict[str, Any]],
    exhausted: str,
    cap: str,
    has_budget: bool,
    data: st.DataObject,
) -> None:
    contract = terms(*clauses, outcome_payment_commitments=payers, when_a_payer_is_exhausted=exhausted, cap_usd=cap,
                     budget_caps=BUDGETS if has_budget else [])  # fmt: skip
    places = [
        UnitPlace(day, str(day.year), position, clause.id)
        for day in DAYS
        for position, clause in enumerate(contract.clauses)
    ]
    drawn = data.draw(
        st.lists(st.integers(0, 45 * MILLION), min_size=DRAWS * len(places), max_size=DRAWS * len(places))
    )
    assert_same(contract, places, np.array(drawn, dtype=np.int64).reshape(len(places), DRAWS))


@pytest.mark.parametrize("payers", PAYERS)
def test_a_price_that_rises_and_has_tiers_goes_to_the_engine_itself(payers: list[dict[str, Any]]) -> None:
    contract = terms(RAISED_TIERS, outcome_payment_commitments=payers, cap_usd="180.00")
    places = [UnitPlace(day, str(day.year), 0, "clause_0") for day in DAYS]
    assert_same(contract, places, np.array([[6, 20, 0], [9, 30, 1], [50, 3, 4]], dtype=np.int64) * MILLION)


def test_places_may_come_in_any_order() -> None:
    contract = terms(*CLAUSES[:3], cap_usd="100.00")
    places = [UnitPlace(day, str(day.year), at, f"clause_{at}") for day in DAYS for at in range(3)]
    quantities = np.arange(len(places) * DRAWS, dtype=np.int64).reshape(len(places), DRAWS) * MILLION
    one = price_draws(contract, places, quantities)
    other = price_draws(contract, places[::-1], quantities[::-1])
    assert one.places == other.places and np.array_equal(one.payers, other.payers)


def assert_same(contract: OutcomesContract, places: list[UnitPlace], quantities: np.ndarray) -> None:
    priced = price_draws(contract, places, quantities)
    for draw in range(quantities.shape[1]):
        units = [
            Unit(
                place.clause_id,
                place.period,
                place.earned_on,
                f"{at:03d}",
                Decimal(int(quantities[at, draw])) / MILLION,
            )
            for at, place in enumerate(places)
        ]
        lines = price_units(contract, units)
        said = [
            (place.clause_id, place.earned_on, int(priced.earned[at, draw]), int(priced.paid[at, draw]),
             tuple(int(cents) for cents in priced.payers[:, at, draw]))
            for at, place in enumerate(priced.places)
        ]  # fmt: skip
        assert said == [
            (line.unit.clause_id, line.unit.earned_on, int(line.earned_usd * 100), int(line.amount_usd * 100),
             tuple(int(line.payer_usd[one.id] * 100) for one in contract.payers))
            for line in lines
        ]  # fmt: skip
        cuts = sum(int(cut.amount_usd * 100) for line in lines for cut in line.cuts if cut.cap == "contract")
        assert int(priced.contract_cut[draw]) == cuts
