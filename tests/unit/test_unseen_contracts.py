"""Contracts that nobody saw before, written from `outcome_contracts/README.md` alone, pay what a hand reckons."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from pipelines.cli import main

FOLDER = Path(__file__).parents[1] / "unseen_contracts"


def run(*words: str) -> str:
    ran = CliRunner().invoke(main, list(words))
    assert ran.exit_code == 0, ran.output
    return ran.stdout


def stated(contract: str) -> dict[str, Any]:
    path = FOLDER / contract
    told = run("statement", f"{path}.yaml", "--quantities", f"{path}.csv", "--json")
    document: dict[str, Any] = json.loads(told)
    return document


def lines(document: dict[str, Any]) -> list[tuple[str, ...]]:
    """Clause, period, paid quantity, price, earned and paid dollars of every line."""
    names = ("clause_id", "period", "paid_quantity", "price_usd", "earned_usd", "amount_usd")
    return [tuple(line[name] for name in names) for line in document["lines"]]


def payers(document: dict[str, Any]) -> dict[str, str]:
    return {payer["payer_id"]: payer["amount_usd"] for payer in document["payers"]}


def test_days_are_paid_at_a_price_that_rises_and_by_the_payer_that_still_can() -> None:
    document = stated("harbour_beds")
    # 87.35 x 1.025 = 89.53375 and x 1.025 again = 91.77209…, each to the cent before it is multiplied
    assert lines(document) == [
        ("housed_day", "2025Q1", "1850", "87.35", "161597.50", "161597.50"),
        ("housed_day", "2025Q3", "2000", "89.53", "179060.00", "179060.00"),
        ("housed_day", "2026Q3", "10", "91.77", "917.70", "917.70"),
    ]
    # county: half of 161,597.50 = 80,798.75, then the 69,201.25 that its maximum leaves; the state stands in
    assert payers(document) == {"state": "191575.20", "county": "150000.00"}
    assert document["total_usd"] == "341575.20"


def test_quarters_above_a_minimum_are_paid_until_budgets_the_contract_and_a_payer_are_used_up() -> None:
    document = stated("river_quarters")
    # 30 + 55 = 85, of which 45 lie above 40; then 60 and 40, at $1,200
    assert [(line["period"], line["earned_usd"], line["amount_usd"]) for line in document["lines"]] == [
        ("2025Q3", "0.00", "0.00"),
        ("2025Q4", "54000.00", "54000.00"),
        ("2026Q1", "72000.00", "15000.00"),
        ("2026Q3", "48000.00", "21000.00"),
    ]
    cuts = [[(cut["cap"], cut["amount_usd"]) for cut in line["cuts"]] for line in document["lines"]]
    # the budget has 16,000 left, of which the foundation can pay 3,800 of its 4,800; then the contract has 30,000 left
    assert cuts[2] == [("clause_period", "12000.00"), ("budget", "44000.00"), ("payer:foundation", "1000.00")]
    assert cuts[3] == [("contract", "18000.00"), ("payer:foundation", "9000.00")]
    assert payers(document) == {"foundation": "20000.00", "county": "70000.00"}
    assert (document["earned_usd"], document["cut_usd"], document["total_usd"]) == (
        "174000.00",
        "84000.00",
        "90000.00",
    )


def test_points_climb_their_tiers_and_the_tenth_graduate_raises_the_price_of_all() -> None:
    document = stated("summit_points")
    # 7.25 points above 5 at 40,000; 400,000 + 3 x 10,000 cut at 420,000; 7 x 500; 12 x 800 - 3,500
    assert [(line["clause_id"], line["period"], line["amount_usd"]) for line in document["lines"]] == [
        ("point", "2025", "290000.00"),
        ("graduate", "2025", "3500.00"),
        ("point", "2026", "420000.00"),
        ("graduate", "2026", "6100.00"),
    ]
    # 33.3333 % of 719,600.00 is 239,866.4268
    assert payers(document) == {"east": "239866.43", "west": "479733.57"}
    assert document["total_usd"] == "719600.00"


def test_graduates_wait_for_the_twentieth_and_are_then_paid_at_the_price_of_their_own_year() -> None:
    document = stated("cedar_graduates")
    # 2,750.00 x 1.035 = 2,846.25, x 1.035^2 = 2,945.86875, x 1.035^3 = 3,048.97415625, each to the cent; the year 2025
    # counts from the first day of the term; 12 wait until 21 have graduated
    assert lines(document) == [
        ("graduate", "2025", "12", "2750.00", "0.00", "0.00"),
        ("graduate", "2026Q1", "9", "2750.00", "57750.00", "57750.00"),
        ("graduate", "2026Q3", "30", "2846.25", "85387.50", "85387.50"),
        ("graduate", "2027-07", "70", "2945.87", "206210.90", "200000.00"),
        ("graduate", "2028-07-15", "40", "3048.97", "121958.80", "91862.50"),
    ]
    # the clause has 106,862.50 left, of which the county can pay 59,803.75 of its 74,803.75
    cuts = [(cut["cap"], cut["amount_usd"]) for cut in document["lines"][-1]["cuts"]]
    assert cuts == [("clause", "15096.30"), ("payer:county", "15000.00")]
    assert payers(document) == {"county": "300000.00", "state": "135000.00"}
    assert (document["total_usd"], document["warnings"]) == (
        "435000.00",
        [
            "periods of graduate are of different length (2025, 2026Q1, 2027-07, 2028-07-15): what holds for a period "
            "holds for each by itself"
        ],
    )


def test_whole_quarters_are_paid_up_to_a_maximum_by_a_third_payer_once_two_are_exhausted() -> None:
    document = stated("delta_quarters")
    # 80, 100, 60, and 60 of the last 90, at $1,875.50; the first budget has 149,960 left for the second quarter
    assert lines(document) == [
        ("quarter_at_home", "2025Q1", "80", "1875.50", "150040.00", "150040.00"),
        ("quarter_at_home", "2025Q2", "100", "1875.50", "187550.00", "149960.00"),
        ("quarter_at_home", "2025Q3", "60", "1875.50", "112530.00", "112530.00"),
        ("quarter_at_home", "2026Q1", "60", "1875.50", "112530.00", "112530.00"),
    ]
    assert [line["payers"] for line in document["lines"]] == [
        {"fund": "75020.00", "city": "45012.00", "state": "30008.00"},
        {"fund": "74980.00", "city": "44988.00", "state": "29992.00"},
        {"fund": "30000.00", "city": "10000.00", "state": "72530.00"},
        {"fund": "0.00", "city": "0.00", "state": "112530.00"},
    ]
    assert payers(document) == {"fund": "180000.00", "city": "100000.00", "state": "245060.00"}
    assert document["total_usd"] == "525060.00"


def test_points_climb_tiers_that_rise_and_months_count_above_their_hundredth_until_the_contract_is_used_up() -> None:
    document = stated("echo_points")
    # 3.5 x 25,000; (150,000 + 2.4 x 40,000) x 1.05; 550,000 x 1.1025, of which the clause has 454,200 left
    assert [(line["clause_id"], line["period"], line["earned_usd"]) for line in document["lines"]] == [
        ("point", "2025", "87500.00"),
        ("month", "2025", "15500.00"),
        ("point", "2026", "258300.00"),
        ("month", "2026", "0.00"),
        ("point", "2027", "606375.00"),
        ("month", "2027", "49755.00"),
    ]
    cuts = [[(cut["cap"], cut["amount_usd"]) for cut in line["cuts"]] for line in document["lines"][-2:]]
    assert cuts == [[("clause", "152175.00"), ("contract", "315500.00")], [("contract", "49755.00")]]
    assert payers(document) == {"north": "62500.00", "south": "437500.00"}
    assert document["total_usd"] == "500000.00"


@pytest.mark.parametrize("contract", sorted(path.stem for path in FOLDER.glob("*.yaml")))
def test_each_has_a_page_in_plain_language(contract: str, tmp_path: Path) -> None:
    out = tmp_path / "page.html"
    run("contract-page", f"{FOLDER / contract}.yaml", "--out", str(out))
    text = out.read_text(encoding="utf-8")
    assert "What is paid for" in text
    assert "None" not in text


SLIPS = [
    ("price_usd: \"87.35\"", "price_usd: 87.35", "price_usd: write the number as text"),
    ("pays_per: population", "pays_per: day", "pays_per: is one of 'person', 'provider_period', 'population'"),
    ("starts_on: 2025-01-01\nends", "starts_on: \"2025-01-01\"\nends", "starts_on: is a day, written 2025-07-01"),
    ("cap_usd: \"5000000.00\"\n", "", "cap_usd: the field is missing; add it"),
    ("share_percent: \"60\"", "share_percent: \"50\"", "the shares sum to 90 % from 2025-07-01 on; make"),
    ("first_raise_on: 2025-07-01", "first_raise_on: July", "first_raise_on: is a day, written 2025-07-01"),
    ("over: period", "over: quarter", "over: is one of 'period', 'contract'"),
    ("metric: days_housed", "metric: days", "metric: there is no outcome metric days; there are days_housed"),
    ("price_reason: What a bed costs", "price_reason:", "price_reason: "),
    ("method: validation", "method: audit", "method: is one of"),
    ("cap_usd: \"5000000.00\"", "cap_usd: \"5000000.00\"\ncap_usd: \"1.00\"", "12: cap_usd: stands on line 11"),
    ("ends_on: 2027-12-31", "ends_on: 2027-12-32", "10: 2027-12-32: is no day of the calendar; write one"),
    ("pays_per: population", "pays_per: population\n    minimum_n: 20", "minimum_n: means nothing where pays_per is"),
    ("unit: day\n    pays_per: population", "unit: percentage-point\n    pays_per: person\n    pays_when: met",
     "pays_per: points are those of a whole population"),
    ("text: The register is audited", "text: The register\u0000", "is not YAML (control characters are not allowed)"),
]  # fmt: skip


@pytest.mark.parametrize(("right", "wrong", "said"), SLIPS)
def test_a_slip_of_the_pen_is_told_with_file_line_field_and_mend(
    right: str, wrong: str, said: str, tmp_path: Path
) -> None:
    text = (FOLDER / "harbour_beds.yaml").read_text(encoding="utf-8")
    assert right in text
    path = tmp_path / "harbour_beds.yaml"
    path.write_text(text.replace(right, wrong, 1), encoding="utf-8")
    ran = CliRunner().invoke(main, ["statement", str(path), "--quantities", str(FOLDER / "harbour_beds.csv")])
    assert ran.exit_code != 0
    told = ran.output + str(ran.exception or "")
    assert f"{path}:" in told
    assert said in told


def test_a_file_that_is_not_utf8_is_told_with_the_line_that_is_not(tmp_path: Path) -> None:
    path = tmp_path / "latin.yaml"
    path.write_bytes("id: latin\ntitle: Caf\u00e9\n".encode("latin-1"))
    ran = CliRunner().invoke(main, ["contract-page", str(path), "--out", str(tmp_path / "page.html")])
    assert f"{path}:2: is not UTF-8; save the file again as UTF-8" in ran.output


@pytest.mark.parametrize(("period", "exit_code"), [("2024", 1), ("2025-06-30", 1), ("2025-07-01", 0), ("2025", 0)])
def test_a_quantity_of_a_day_on_which_nobody_pays_is_refused(tmp_path: Path, period: str, exit_code: int) -> None:
    quantities = tmp_path / "early.csv"
    quantities.write_text(f"clause_id,period,quantity\ngraduate,{period},1\n", encoding="utf-8")
    ran = CliRunner().invoke(main, ["statement", str(FOLDER / "cedar_graduates.yaml"), "--quantities", str(quantities)])
    assert ran.exit_code == exit_code
    if exit_code:
        assert f"early.csv:2: period: {period} lies before the first share of cedar_graduates runs" in ran.output


def test_a_quarter_is_one_period_however_it_is_written(tmp_path: Path) -> None:
    quantities = tmp_path / "twice.csv"
    quantities.write_text("clause_id,period,quantity\ngraduate,2026Q3,60\ngraduate,2026-Q3,60\n", encoding="utf-8")
    told = run("statement", str(FOLDER / "cedar_graduates.yaml"), "--quantities", str(quantities), "--json")
    document = json.loads(told)
    # 120 x 2,846.25 lies above what the clause pays in a period
    assert [period["period"] for period in document["periods"]] == ["2026Q3"]
    assert document["earned_usd"] == "341550.00"
    assert document["lines"][1]["cuts"][0] == {"cap": "clause_period", "amount_usd": "141550.00"}
