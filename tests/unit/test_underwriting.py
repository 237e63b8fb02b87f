"""Underwriting a small contract: units, payments, chances, break-even, what-if, and what is refused."""

from __future__ import annotations

import copy
import json
import re
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from pipelines.cli import main
from pipelines.contracts.state import load_terms
from pipelines.errors import ContractError
from pipelines.reports.underwriting import as_json, write_underwriting
from pipelines.underwriting import NO_EVIDENCE, Evidence, assumptions_path, differences, read_case, stated_changes
from pipelines.underwriting import underwrite as run_underwriting
from pipelines.underwriting.evidence import BASELINE_MONTHS
from pipelines.underwriting.inputs import inputs_of
from pipelines.underwriting.reading import FOLDER
from pipelines.underwriting.simulation import Simulated, simulate
from pipelines.underwriting.volumes import Luck
from tests.unit.underwriting_cases import ASSUMPTIONS, CONTRACT, certain, small_case

DRAWS = 200


def drawn(folder: Path, changes: dict[str, str] | None = None, **luck: Any) -> Simulated:
    case = small_case(folder, changes)
    return simulate(case, inputs_of(case, NO_EVIDENCE), Luck(1, DRAWS, **luck))


CERTAIN = {
    "assumptions.take_up.low": "1",
    "assumptions.take_up.base": "1",
    "assumptions.take_up.high": "1",
    "assumptions.clauses.housed.effect.kind": "rate",
    "assumptions.clauses.housed.effect.low": "1",
    "assumptions.clauses.housed.effect.base": "1",
    "assumptions.clauses.housed.effect.high": "1",
}
"""Everybody who is referred comes, and everybody who comes is housed."""


def test_where_nothing_is_in_doubt_everybody_who_is_enrolled_is_paid_for(tmp_path: Path) -> None:
    run = drawn(tmp_path, CERTAIN)
    enrolled = run.volumes.enrolled.sum(axis=0)
    assert np.array_equal(run.total, enrolled * 100 * 100)
    # half of 20 in the first month, 20 in each of five more: 110 arrivals, give or take their Poisson luck
    assert abs(enrolled.mean() - 110) < 3


def test_where_nobody_comes_nothing_is_paid_and_the_memo_says_so(tmp_path: Path) -> None:
    nobody = {f"assumptions.enrolment.referred_per_month.{end}": "0" for end in ("low", "base", "high")}
    found = run_underwriting(small_case(tmp_path, nobody), draws=DRAWS)
    assert not found.run.total.any()
    assert found.tables["prices"][0]["by_cost_usd"] is None
    write_underwriting(found, tmp_path / "out")
    assert "expected to pay <strong>$0</strong>" in (tmp_path / "out" / "memo.html").read_text(encoding="utf-8")


def test_no_more_are_enrolled_than_the_contract_aims_at_and_none_after_it_ends(tmp_path: Path) -> None:
    assert drawn(tmp_path, {"population.targeted_number": "7"}).volumes.enrolled.sum(axis=0).max() == 7
    assert not drawn(tmp_path, {"ends_on": "2024-01-31"}).volumes.enrolled[1:].any()


def test_a_milestone_is_earned_in_the_quarter_that_lies_its_months_after_enrolment(tmp_path: Path) -> None:
    assert drawn(tmp_path).quarters == ["2025Q1", "2025Q2"]


def test_a_price_of_zero_pays_zero(tmp_path: Path) -> None:
    assert not drawn(tmp_path, {"clauses.housed.price_usd": "0"}).total.any()


def test_payers_get_their_shares_and_no_cent_is_lost(tmp_path: Path) -> None:
    run = drawn(tmp_path)
    assert np.array_equal(run.of_payer(0) + run.of_payer(1), run.total)
    assert np.all(np.abs(run.of_payer(0) - run.total * 0.6) <= 1)


@pytest.mark.parametrize("scales", [(0.0, 0.5), (0.5, 1.0), (1.0, 1.5)])
def test_more_effect_never_pays_less_in_any_draw(tmp_path: Path, scales: tuple[float, float]) -> None:
    less, more = (drawn(tmp_path, effect_scale=scale).total for scale in scales)
    assert np.all(more >= less) and more.sum() > less.sum()


def test_a_missed_link_hides_a_jail_return_and_so_is_paid_for(tmp_path: Path) -> None:
    forfeits = {
        "assumptions.clauses.housed.event": "forfeits",
        "assumptions.clauses.housed.is_linked": "true",
        "assumptions.clauses.housed.effect.kind": "reduction",
    }
    whole, lossy = (drawn(tmp_path, forfeits, held={"linkage_recall": recall}) for recall in (1.0, 0.5))
    assert np.all(lossy.total >= whole.total) and lossy.total.mean() > whole.total.mean()


def test_who_dies_or_moves_earns_nothing(tmp_path: Path) -> None:
    stay, leave = (drawn(tmp_path, CERTAIN, held={"death_per_year": chance}) for chance in (0.0, 0.5))
    assert abs(leave.total.sum() / stay.total.sum() - 0.5) < 0.02


def test_the_cap_holds_and_its_chance_is_the_share_of_draws_that_it_cuts(tmp_path: Path) -> None:
    found = run_underwriting(small_case(tmp_path, {"cap_usd": "3000"}), draws=DRAWS)
    assert found.run.total.max() == 3000 * 100
    (cap,) = [row for row in found.tables["chances"] if row["what"] == "cap"]
    uncapped = drawn(tmp_path)
    assert cap["chance"] == float((uncapped.total > 3000 * 100).mean())


def test_repayment_is_the_chance_that_payments_reach_what_was_invested(tmp_path: Path) -> None:
    found = run_underwriting(small_case(tmp_path, {"investments.0.amount_usd": "3100"}), draws=DRAWS)
    (repaid,) = [row for row in found.tables["chances"] if row["what"] == "repayment"]
    assert repaid["chance"] == float((found.run.total >= 3100 * 100).mean())
    assert 0 < repaid["chance"] < 1


def test_at_the_break_even_effect_the_median_payment_is_the_investment(tmp_path: Path) -> None:
    case = small_case(tmp_path, {"investments.0.amount_usd": "3000"})
    found = run_underwriting(case, draws=DRAWS)
    (row,) = [one for one in found.tables["break_even"] if one["target"] == "investment"]
    at_root = simulate(case, found.inputs, Luck(1, 500, effect_scale=row["effect_scale"])).total
    # a median of whole persons at $100: it meets the target within one of them
    assert abs(float(np.median(at_root)) / 100 - 3000) <= 100


def test_the_same_seed_writes_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    case, bytes_of = small_case(tmp_path), {}
    for name, seed in (("one", 1), ("again", 1), ("other", 2)):
        files = write_underwriting(run_underwriting(case, seed=seed, draws=DRAWS), tmp_path / name)
        bytes_of[name] = {path.name: path.read_bytes() for path in files}
    assert bytes_of["one"] == bytes_of["again"]
    assert bytes_of["one"]["draws.parquet"] != bytes_of["other"]["draws.parquet"]


def test_a_what_if_tells_what_a_price_changes_and_nothing_else(tmp_path: Path) -> None:
    base = run_underwriting(small_case(tmp_path), draws=DRAWS)
    other = run_underwriting(small_case(tmp_path, {"clauses.housed.price_usd": "150"}), draws=DRAWS)
    rows = {row["figure"]: row for row in differences(base, other)}
    median = rows["All payments, p50 ($)"]
    assert median["what_if"] == median["base"] * Decimal("1.5")
    assert median["difference"] == median["what_if"] - median["base"]
    assert rows["Persons enrolled, mean"]["difference"] == 0


def test_what_ifs_come_from_files_and_settings_and_the_setting_holds(tmp_path: Path) -> None:
    path = tmp_path / "what_if.yaml"
    path.write_text("cap_usd: 5000.50\nclauses:\n  housed:\n    price_usd: 90.10\n", encoding="utf-8")
    changes = stated_changes(["clauses.housed.price_usd=80"], [path])
    assert changes == {"cap_usd": "5000.50", "clauses.housed.price_usd": "80"}
    contract = small_case(tmp_path, changes).contract
    assert (contract.cap_usd, contract.clauses[0].price_usd) == (Decimal("5000.50"), Decimal("80.00"))


def test_prices_by_cost_and_by_value_share_their_amounts_among_the_expected_units(tmp_path: Path) -> None:
    found = run_underwriting(small_case(tmp_path, CERTAIN), draws=DRAWS)
    (row,) = found.tables["prices"]
    # a year at $5 a month and $500 shared by all; half of 10 days × 50 % × $100 a person
    persons = found.run.volumes.enrolled.sum(axis=0).mean()
    assert abs(row["by_cost_usd"] - Decimal(60 + 500 / persons)) < Decimal("0.02")
    assert abs(row["by_value_usd"] - 250) < 10
    assert row["by_policy_usd"] == 100
    by_cost = run_underwriting(small_case(tmp_path, CERTAIN), draws=DRAWS, price_by="cost")
    assert by_cost.case.contract.clauses[0].price_usd == row["by_cost_usd"]


def test_cost_avoided_at_marginal_cost_is_the_average_one_at_another_price(tmp_path: Path) -> None:
    marginal, average = run_underwriting(small_case(tmp_path), draws=DRAWS).tables["avoided"]
    assert (marginal["basis"], average["basis"]) == ("marginal", "average")
    assert abs(average["mean_usd"] - 5 * marginal["mean_usd"]) < Decimal("0.05")


def test_a_discount_rate_tells_the_value_on_the_first_day_too(tmp_path: Path) -> None:
    found = run_underwriting(small_case(tmp_path, {"assumptions.discount_rate_percent": "10"}), draws=DRAWS)
    all_payments, discounted, _ = found.tables["payments"]
    assert Decimal("0.85") < discounted["mean_usd"] / all_payments["mean_usd"] < Decimal("0.92")


def test_the_lake_gives_a_baseline_only_with_enough_people(tmp_path: Path) -> None:
    assumptions = copy.deepcopy(ASSUMPTIONS)
    assumptions["clauses"][0]["baseline"] |= {"of": "untreated", "episodes": "custody"}
    case = small_case(tmp_path, assumptions=assumptions)

    def base(events: int, persons: int) -> float:
        row = {"kind": "custody", "months": 12, "is_untreated": True, "persons_after": events, "persons": persons}
        return inputs_of(case, Evidence(baselines=[row]))["housed.baseline"].value.base

    assert BASELINE_MONTHS[0] == case.assumptions.clauses[0].months
    assert (base(40, 100), base(10, 100), base(95, 100), base(15, 29)) == (0.4, 0.3, 0.3, 0.3)


def test_small_counts_of_people_leave_in_no_form(tmp_path: Path) -> None:
    evidence = Evidence(
        flow=[{"month_on": None, "eligible": 40, "newly_eligible": 7}],
        statuses=[{"clause_id": "housed", "measure_id": "m", "n": 40, "numerator": 33, "censored": 0, "immature": 3,
                   "unknown": 0, "excluded": 0}],
    )  # fmt: skip
    found = as_json(run_underwriting(small_case(tmp_path), evidence, draws=DRAWS))
    assert found["flow"][0]["newly_eligible"] is None
    (status,) = found["statuses"]
    # 33 of 40 leave 7, who are as few as 7 of 40
    assert (status["numerator"], status["immature"], status["estimate"]) == (None, None, None)


CLAUSE = ("clauses", 0)

BAD: list[tuple[tuple[Any, ...], Any, str]] = [
    (("take_up", "low"), 0.9, "take_up: low, base and high do not rise"),
    (("take_up", "high"), 1.2, "take_up.high: "),
    (("take_up", "source"), None, "take_up.source: is a text"),
    (("contract",), "other", "contract: these are assumptions of other, not of small"),
    ((*CLAUSE, "id"), "houses", "clauses: nothing is assumed of the clause housed"),
    ((*CLAUSE, "effect", "kind"), "magic", "clauses[0].effect.kind: is one of"),
    ((*CLAUSE, "baseline", "of"), "untreated", "clauses[0].baseline.episodes: the field is missing"),
    ((*CLAUSE, "providers"), 3, "clauses[0].providers: means nothing for this clause"),
    ((*CLAUSE, "moves_with"), "nobody", "clauses[0].moves_with: there is no clause nobody"),
    (("enrolment", "starts_on"), "2030-01-01", "enrolment.starts_on: is a day"),
    (("unit_costs", 0, "marginal_usd"), "200.00", "unit_costs[0].marginal_usd: lies above the average cost"),
    (("unit_costs", 0, "streams", 0, "share"), 0.5, "unit_costs[0].streams: the shares do not sum to 1"),
    (("unit_costs", 0, "id"), "housed", "unit_costs[0].id: housed is taken by a clause or another cost"),
    (("luck",), "good", "luck: there is no such field; take it out"),
]


@pytest.mark.parametrize(("place", "value", "said"), BAD, ids=[" ".join(map(str, one[0])) for one in BAD])
def test_bad_assumptions_are_refused_with_file_line_field_and_mend(
    tmp_path: Path, place: tuple[Any, ...], value: Any, said: str
) -> None:
    document = copy.deepcopy(ASSUMPTIONS)
    node: Any = document
    for step in place[:-1]:
        node = node[step]
    node[place[-1]] = value
    with pytest.raises(ContractError) as refused:
        small_case(tmp_path, assumptions=document)
    file, line, rest = str(refused.value).split(":", 2)
    assert (Path(file).name, rest.strip()[: len(said)]) == ("assumptions.yaml", said)
    assert int(line) >= 1


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("clauses.nobody.price_usd=1", "there is no nobody; there are housed"),
        ("clauses.housed.price_usd=cheap", "clauses[0].price_usd: is not a number"),
        ("clauses.housed.prise_usd=1", "clauses[0].prise_usd: there is no such field"),
        ("assumptions.take_up.base=2", "take_up.base"),
        ("cap_usd", "write KEY=VALUE"),
    ],
)
def test_a_what_if_that_leads_nowhere_is_refused(tmp_path: Path, setting: str, said: str) -> None:
    with pytest.raises(ContractError, match=said.replace("[", r"\[").replace("]", r"\]")):
        small_case(tmp_path, stated_changes([setting], []))


def test_every_shipped_set_of_assumptions_fits_its_contract() -> None:
    contracts = {contract.id: contract for contract in load_terms(FOLDER.parent)}
    assert sorted(path.stem for path in FOLDER.glob("*.yaml")) == sorted(contracts)
    for name in contracts:
        case = read_case(contracts[name].path, assumptions_path(name), _measures())
        assert {one.id for one in case.assumptions.clauses} == {one.id for one in case.contract.clauses}


def _measures() -> dict[str, Any]:
    from pipelines.outcomes import load_measures

    return {measure.id: measure for measure in load_measures()}


def test_the_command_prints_the_difference_and_writes_the_memo_beside_its_tables(tmp_path: Path) -> None:
    small_case(tmp_path)
    command = ["underwrite", str(tmp_path / "small.yaml"), "--assumptions", str(tmp_path / "assumptions.yaml"),
               "--draws", "100", "--set", "cap_usd=2000", "--out", str(tmp_path / "out")]  # fmt: skip
    ran = CliRunner().invoke(main, command)
    assert ran.exit_code == 0, ran.output
    assert "what if" in ran.output and "no lake; all figures are stated" in ran.output
    memo = (tmp_path / "out" / "memo.html").read_text(encoding="utf-8")
    assert memo.count("<svg") == memo.count('role="img"') == 3
    assert "Rests on no lake" in memo and "What if" in memo
    assert {"draws.parquet", "underwriting.xlsx", "payments.parquet", "what_if.parquet"} <= {
        path.name for path in (tmp_path / "out").iterdir()
    }
    told = json.loads(CliRunner().invoke(main, [*command, "--json"]).output)
    assert told["payments"][0]["p95_usd"] == "2000.00" and told["contract_id"] == "small"


def test_the_workbook_has_a_sheet_for_every_table_that_has_rows(tmp_path: Path) -> None:
    found = run_underwriting(small_case(tmp_path), draws=DRAWS)
    write_underwriting(found, tmp_path / "out")
    with zipfile.ZipFile(tmp_path / "out" / "underwriting.xlsx") as book:
        sheets = re.findall(r'<sheet name="(\w+)"', book.read("xl/workbook.xml").decode())
    assert sheets == [name for name, rows in found.tables.items() if rows]


def test_units_in_time_wait_for_their_precondition_and_are_then_paid_for_all_of_it(tmp_path: Path) -> None:
    contract, assumptions = copy.deepcopy(CONTRACT), copy.deepcopy(ASSUMPTIONS)
    contract["clauses"][0] |= {"unit": "day", "counts": "numerator", "conditions": {"precondition_days": 365}}
    del contract["clauses"][0]["pays_when"]
    assumptions["clauses"][0] |= {
        "units_per_month": certain(30),
        "last_month": 15,
        "effect": {"kind": "rate"} | certain(1),
    }
    assumptions["enrolment"] |= {"months": 1, "ramp_up": {"shares": [], "source": "s"}}
    case = small_case(tmp_path, contract=contract, assumptions=assumptions)
    run = simulate(case, inputs_of(case, NO_EVIDENCE), Luck(1, DRAWS))
    assert [str(place.earned_on) for place in run.volumes.places] == ["2024-12-31", "2025-03-31"]
    persons = run.volumes.enrolled.sum(axis=0)
    assert np.array_equal(run.volumes.quantities / 1e6, np.array([persons * 360, persons * 90]))


def test_months_before_the_first_that_is_paid_are_not_paid_afterwards_either(tmp_path: Path) -> None:
    contract, assumptions = copy.deepcopy(CONTRACT), copy.deepcopy(ASSUMPTIONS)
    contract["clauses"][0] |= {"unit": "month", "counts": "numerator"}
    del contract["clauses"][0]["pays_when"]
    assumptions["clauses"][0] |= {"units_per_month": certain(1), "first_month": 13, "last_month": 18,
                                  "effect": {"kind": "rate"} | certain(1)}  # fmt: skip
    assumptions["enrolment"] |= {"months": 1, "ramp_up": {"shares": [], "source": "s"}}
    case = small_case(tmp_path, contract=contract, assumptions=assumptions)
    run = simulate(case, inputs_of(case, NO_EVIDENCE), Luck(1, DRAWS))
    assert [str(place.earned_on) for place in run.volumes.places] == ["2025-03-31", "2025-06-30"]
    assert np.array_equal(run.volumes.quantities[0] / 1e6, run.volumes.enrolled.sum(axis=0) * 3)


def test_what_is_paid_every_year_is_paid_until_the_contract_ends(tmp_path: Path) -> None:
    contract, assumptions = copy.deepcopy(CONTRACT), copy.deepcopy(ASSUMPTIONS)
    contract["clauses"][0] |= {"unit": "visit", "pays_per": "population"}
    del contract["clauses"][0]["pays_when"]
    assumptions["clauses"][0] |= {"every_months": 12, "effect": {"kind": "difference"} | certain(7)}
    case = small_case(tmp_path, contract=contract, assumptions=assumptions)
    run = simulate(case, inputs_of(case, NO_EVIDENCE), Luck(1, DRAWS))
    assert [place.period for place in run.volumes.places] == [f"{year}Q1" for year in range(2025, 2031)]
    assert np.all(run.total == 6 * 7 * 100 * 100)


def test_a_population_is_paid_for_the_points_that_an_evaluation_finds(tmp_path: Path) -> None:
    contract, assumptions = copy.deepcopy(CONTRACT), copy.deepcopy(ASSUMPTIONS)
    contract["clauses"][0] |= {"unit": "percentage-point", "pays_per": "population"}
    del contract["clauses"][0]["pays_when"]
    assumptions["clauses"][0]["effect"] = {"kind": "difference"} | certain(0.25)
    case = small_case(tmp_path, contract=contract, assumptions=assumptions)
    run = simulate(case, inputs_of(case, NO_EVIDENCE), Luck(1, DRAWS))
    assert np.all(run.total == 25 * 100 * 100)


def test_providers_pass_more_often_when_links_are_missed_and_the_threshold_is_higher(tmp_path: Path) -> None:
    contract, assumptions = copy.deepcopy(CONTRACT), copy.deepcopy(ASSUMPTIONS)
    contract["clauses"][0] |= {"unit": "provider-quarter", "pays_per": "provider_period", "pays_when": "at_most",
                               "threshold": "20"}  # fmt: skip
    assumptions["clauses"][0] |= {
        "is_linked": True,
        "baseline": {"of": "stated", "value": 25, "persons": 1000, "source": "s"},
        "effect": {"kind": "reduction"} | certain(0.1),
        "providers": 40,
        "variation_between": certain(0.5),
    }
    case = small_case(tmp_path, contract=contract, assumptions=assumptions)
    higher = small_case(tmp_path, {"clauses.housed.threshold": "30"}, contract=contract, assumptions=assumptions)
    usual, missed, loose = (
        simulate(one, inputs_of(one, NO_EVIDENCE), Luck(1, DRAWS, held)).total
        for one, held in ((case, {}), (case, {"linkage_recall": 0.6}), (higher, {}))
    )
    assert np.all(missed >= usual) and np.all(loose >= usual)
    assert usual.mean() < min(missed.mean(), loose.mean())
    assert usual.max() <= 40 * 2 * 100 * 100
