"""What quantities are paid: prices, tiers, minimums, raises, caps and payers, without a lake."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from pipelines.cli import main
from pipelines.contracts import OutcomesContract, Statement, read_quantities, state_quantities
from pipelines.contracts.pricing import Unit, price_units
from pipelines.contracts.quantities import first_day
from pipelines.errors import ContractError

USD = Decimal


def terms(*clauses: dict[str, Any], **changed: Any) -> OutcomesContract:
    """A contract that pays $10 a day, unless told otherwise."""
    given_clauses = clauses or ({},)
    usual = {
        "id": "small",
        "version": "1",
        "title": "t",
        "text": "t",
        "source": "s",
        "population": {"text": "p"},
        "currency": "USD",
        "starts_on": date(2020, 1, 1),
        "ends_on": date(2029, 12, 31),
        "cap_usd": "1000000.00",
        "outcome_payment_commitments": [payer("a", "100")],
        "outcome_metrics": [
            {"id": "m", "title": "t", "definition": "d", "data_source": "s", "verification_method": "v"}
        ],
        "evaluation": {"method": "validation", "text": "t"},
        "calendar": {"statement_every": "year", "freeze_after_days": 30},
    }
    return OutcomesContract.model_validate(
        usual | {"clauses": [clause(n, one) for n, one in enumerate(given_clauses)]} | changed
    )


def clause(number: int, changed: dict[str, Any]) -> dict[str, Any]:
    usual: dict[str, Any] = {
        "id": f"clause_{number}",
        "title": "t",
        "metric": "m",
        "unit": "day",
        "pays_per": "population",
        "price_reason": "r",
    }
    return usual | ({} if "tiers" in changed else {"price_usd": "10.00"}) | changed


def payer(name: str, share: str | None = None, **more: Any) -> dict[str, Any]:
    return {"id": name, "payer": name, "funding_stream": name} | ({"share_percent": share} if share else {}) | more


def paid(contract: OutcomesContract, *quantities: tuple[str, str] | tuple[str, str, str]) -> Statement:
    """The statement for (period, quantity), or (clause, period, quantity)."""
    units = []
    for number, given_quantity in enumerate(quantities):
        clause_id, period, quantity = ("clause_0", *given_quantity) if len(given_quantity) == 2 else given_quantity
        units.append(Unit(clause_id, period, first_day(period), f"{number:03d}", Decimal(quantity)))
    return state_quantities(contract, units)


def amounts(stated: Statement) -> list[str]:
    return [str(line.amount_usd) for line in stated.lines]


def test_a_price_is_paid_for_every_unit_and_half_a_cent_is_rounded_up() -> None:
    contract = terms({"price_usd": "0.15"})
    assert amounts(paid(contract, ("2024", "3"), ("2025", "0.5"), ("2026", "0.1"))) == ["0.45", "0.08", "0.02"]


STEPS = [
    {"starts_at": "20", "ends_at": "30", "base_usd": "3200000.00", "price_usd": "160000.00"},
    {"starts_at": "30", "ends_at": "65", "base_usd": "4800000.00", "price_usd": "38000.00"},
]


@pytest.mark.parametrize(
    ("points", "amount"),
    [
        ("0", "0.00"),
        ("19.99", "0.00"),
        ("20", "3200000.00"),
        ("29", "4640000.00"),
        ("30", "4800000.00"),
        ("38", "5104000.00"),
        ("65", "6130000.00"),
        ("80", "6130000.00"),
    ],
)
def test_tiers_pay_their_base_and_their_price_above_their_start(points: str, amount: str) -> None:
    contract = terms({"tiers": {"over": "period", "priced": "units_in_tier", "steps": STEPS}}, cap_usd="9999999.00")
    assert amounts(paid(contract, ("2024", points))) == [amount]


def test_a_tier_for_all_units_prices_those_below_it_too_once_it_is_reached() -> None:
    steps = [{"starts_at": "0", "ends_at": "10", "price_usd": "1.00"}, {"starts_at": "10", "price_usd": "3.00"}]
    contract = terms({"tiers": {"over": "contract", "priced": "all_units", "steps": steps}})
    assert amounts(paid(contract, ("2024", "9"), ("2025", "1"), ("2026", "2"))) == ["9.00", "21.00", "6.00"]


def test_tiers_over_the_contract_go_on_where_the_last_period_ended_and_over_a_period_begin_anew() -> None:
    steps = [
        {"starts_at": "0", "ends_at": "10", "price_usd": "1.00"},
        {"starts_at": "10", "base_usd": "10.00", "price_usd": "5.00"},
    ]
    for over, second in (("contract", "32.00"), ("period", "8.00")):
        contract = terms({"tiers": {"over": over, "priced": "units_in_tier", "steps": steps}})
        assert amounts(paid(contract, ("2024", "8"), ("2025", "8"))) == ["8.00", second]


def test_below_its_minimum_a_clause_pays_nothing_and_from_it_on_all_or_what_lies_above() -> None:
    all_units = terms({"minimum": {"quantity": "10", "over": "contract", "then_pays": "all_units"}})
    assert amounts(paid(all_units, ("2024", "6"), ("2025", "4"), ("2026", "1"))) == ["0.00", "100.00", "10.00"]
    above = terms({"minimum": {"quantity": "10", "over": "contract", "then_pays": "units_above"}})
    assert amounts(paid(above, ("2024", "6"), ("2025", "6"), ("2026", "1"))) == ["0.00", "20.00", "10.00"]
    by_period = terms({"minimum": {"quantity": "10", "over": "period", "then_pays": "all_units"}})
    assert amounts(paid(by_period, ("2024", "9"), ("2025", "10"))) == ["0.00", "100.00"]


def test_beyond_its_maximum_a_quantity_is_told_and_not_paid() -> None:
    contract = terms({"maximum": {"quantity": "10", "over": "contract"}})
    stated = paid(contract, ("2024", "8"), ("2025", "8"))
    assert [(line.unit.quantity, line.paid_quantity) for line in stated.lines] == [(8, 8), (8, 2)]
    assert amounts(stated) == ["80.00", "20.00"]


def test_only_whole_units_are_paid_where_the_contract_says_so() -> None:
    assert amounts(paid(terms({"quantity_rounding": "down"}), ("2024", "2.9"))) == ["20.00"]


def test_a_price_rises_at_each_anniversary_of_its_first_raise_compounded() -> None:
    contract = terms({"escalator": {"percent_per_year": "3", "first_raise_on": date(2024, 7, 1)}})
    periods = ("2024Q2", "2024Q3", "2025Q2", "2025Q3")
    assert amounts(paid(contract, *((period, "100") for period in periods))) == [
        "1000.00",
        "1030.00",
        "1030.00",
        "1061.00",
    ]


def test_caps_of_a_clause_its_period_a_budget_and_the_contract_are_each_told() -> None:
    contract = terms(
        {"period_cap_usd": "90.00", "cap_usd": "150.00"},
        {},
        cap_usd="200.00",
        budget_caps=[{"starts_on": date(2025, 1, 1), "ends_on": date(2025, 12, 31), "cap_usd": "50.00"}],
    )
    stated = paid(
        contract, ("2024", "10"), ("2025", "10"), ("2026", "10"), ("clause_1", "2026", "10"), ("clause_1", "2026", "1")
    )
    cuts = [[(cut.cap, str(cut.amount_usd)) for cut in line.cuts] for line in stated.lines]
    assert amounts(stated) == ["90.00", "50.00", "10.00", "50.00", "0.00"]
    assert cuts == [
        [("clause_period", "10.00")],
        [("clause_period", "10.00"), ("clause", "30.00"), ("budget", "10.00")],
        [("clause_period", "10.00"), ("clause", "80.00")],
        [("contract", "50.00")],
        [("contract", "10.00")],
    ]


def test_what_a_payer_cannot_pay_any_more_stays_unpaid_or_goes_to_the_others() -> None:
    commitments = [payer("a", "50", max_amount_usd="30.00"), payer("b", "50")]
    unpaid = paid(terms(outcome_payment_commitments=commitments), ("2024", "4"), ("2025", "4"))
    assert [dict(line.payer_usd) for line in unpaid.lines] == [
        {"a": USD("20.00"), "b": USD("20.00")},
        {"a": USD("10.00"), "b": USD("20.00")},
    ]
    assert [(cut.cap, cut.amount_usd) for cut in unpaid.lines[1].cuts] == [("payer:a", USD("10.00"))]
    passed_on = terms(outcome_payment_commitments=commitments, when_a_payer_is_exhausted="others_pay")
    assert amounts(paid(passed_on, ("2024", "4"), ("2025", "4"))) == ["40.00", "40.00"]


def test_shares_follow_the_day_on_which_a_payment_was_earned() -> None:
    old = payer("mhsa", shares=[{"starts_on": date(2020, 1, 1), "share_percent": "100"},
                                {"starts_on": date(2026, 7, 1), "share_percent": "0"}])  # fmt: skip
    new = payer("bhsa", shares=[{"starts_on": date(2026, 7, 1), "share_percent": "100"}])
    stated = paid(terms(outcome_payment_commitments=[old, new]), ("2026Q2", "1"), ("2026Q3", "1"))
    assert [dict(line.payer_usd) for line in stated.lines] == [
        {"mhsa": USD("10.00"), "bhsa": USD("0.00")},
        {"mhsa": USD("0.00"), "bhsa": USD("10.00")},
    ]


QUANTITIES = st.lists(
    st.tuples(st.sampled_from(["2023", "2024", "2025"]), st.decimals(0, 5000, places=2).map(str)), max_size=8
)
WEIGHTS = st.lists(st.integers(1, 60), min_size=1, max_size=4)


def shared(weights: list[int], **more: Any) -> list[dict[str, Any]]:
    shares = [Decimal(weight * 100) / sum(weights) for weight in weights[:-1]]
    return [payer(f"p{n}", str(share), **more) for n, share in enumerate([*shares, 100 - sum(shares)])]


@given(QUANTITIES, WEIGHTS)
def test_every_line_is_its_payers_and_its_cuts_and_no_payer_is_a_cent_off_in_all(
    quantities: list[tuple[str, str]], weights: list[int]
) -> None:
    contract = terms({"price_usd": "3.33", "cap_usd": "9000.00"}, outcome_payment_commitments=shared(weights))
    stated = paid(contract, *quantities)
    for line in stated.lines:
        assert sum(line.payer_usd.values()) == line.amount_usd
        assert line.amount_usd + sum(cut.amount_usd for cut in line.cuts) == line.earned_usd
        assert min(line.payer_usd.values()) >= 0
    assert stated.amount_usd <= 9000
    for one in contract.payers:
        exact = stated.amount_usd * one.share_on(None) / 100
        assert abs(stated.payer_usd(one.id) - exact) < Decimal("0.010001")


@given(QUANTITIES, st.randoms(use_true_random=False))
def test_the_order_in_which_quantities_are_given_changes_no_sum(quantities: list[tuple[str, str]], random: Any) -> None:
    contract = terms(
        {"tiers": {"over": "contract", "priced": "units_in_tier", "steps": STEPS}},
        {"minimum": {"quantity": "100", "over": "period", "then_pays": "all_units"}},
        cap_usd="5000000.00",
        outcome_payment_commitments=shared([1, 2, 4]),
    )
    units = [
        Unit(f"clause_{n % 2}", period, first_day(period), f"{n}", Decimal(quantity))
        for n, (period, quantity) in enumerate(quantities)
    ]
    shuffled = random.sample(units, len(units))
    assert price_units(contract, shuffled) == price_units(contract, units)


@given(QUANTITIES)
def test_a_contract_at_price_zero_pays_zero(quantities: list[tuple[str, str]]) -> None:
    assert paid(terms({"price_usd": "0.00"}), *quantities).amount_usd == 0


@given(QUANTITIES, st.integers(0, 7))
def test_more_of_anything_is_never_paid_less(quantities: list[tuple[str, str]], which: int) -> None:
    steps = [{"starts_at": "0", "ends_at": "100", "price_usd": "2.00"},
             {"starts_at": "100", "base_usd": "200.00", "price_usd": "1.00"}]  # fmt: skip
    contract = terms({"tiers": {"over": "contract", "priced": "units_in_tier", "steps": steps}})
    more = [(period, str(Decimal(q) + (n == which))) for n, (period, q) in enumerate(quantities)]
    assert paid(contract, *more).amount_usd >= paid(contract, *quantities).amount_usd


DENVER = "clause_id,period,quantity\nhousing_day,2020,258858\nhousing_day,2021,41070\njail_day_reduction,2021,38\n"


def test_denver_fed_its_published_quantities_pays_its_published_amounts(tmp_path: Path) -> None:
    (tmp_path / "q.csv").write_text(DENVER)
    run = CliRunner().invoke(main, ["statement", "denver_sib", "--quantities", str(tmp_path / "q.csv"), "--json"])
    stated = json.loads(run.stdout)
    assert [line["amount_usd"] for line in stated["lines"]] == ["3913932.96", "620978.40", "5104000.00"]
    assert stated["total_usd"] == "9638911.36"


def test_a_statement_for_people_names_every_line_payer_and_the_sum(tmp_path: Path) -> None:
    (tmp_path / "q.csv").write_text(DENVER)
    run = CliRunner().invoke(main, ["statement", "denver_sib", "--quantities", str(tmp_path / "q.csv")])
    for said in ("3,913,932.96", "5,104,000.00", "City and County of Denver", "9,638,911.36"):
        assert said in run.output


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"q\.csv:1: is empty"),
        ("clause_id,period\n", r"q\.csv:1: quantity: the header must name it once"),
        (
            "clause_id,period,quantity\nother,2024,1\n",
            r"q\.csv:2: clause_id: small has no such clause; it has clause_0",
        ),
        ("clause_id,period,quantity\nclause_0,,1\n", r"q\.csv:2: period: is empty"),
        ('clause_id,period,quantity\nclause_0,2024,"1,000"\n', r"q\.csv:2: quantity: is no number"),
        ("clause_id,period,quantity\nclause_0,2024,-1\n", r"q\.csv:2: quantity: is no number"),
        ("clause_id,period,quantity\nclause_0,2024,1e3\n", r"q\.csv:2: quantity: is no number"),
        ("clause_id,period,quantity\nclause_0,2024\n", r"q\.csv:2: has 2 fields"),
    ],
)
def test_a_bad_quantity_is_refused_with_file_line_column_and_mend(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "q.csv").write_text(text)
    with pytest.raises(ContractError, match=message):
        read_quantities(tmp_path / "q.csv", terms())


def test_a_period_that_is_no_time_is_refused_where_prices_rise(tmp_path: Path) -> None:
    (tmp_path / "q.csv").write_text("clause_id,period,quantity\nclause_0,final,1\n")
    assert len(read_quantities(tmp_path / "q.csv", terms())) == 1
    rising = terms({"escalator": {"percent_per_year": "3", "first_raise_on": date(2024, 7, 1)}})
    with pytest.raises(ContractError, match=r"q\.csv:2: period: must be a year, quarter, month or day"):
        read_quantities(tmp_path / "q.csv", rising)
