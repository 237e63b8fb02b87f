"""What an outcomes contract pays, and which contracts are refused."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from pipelines.contracts import OUTCOME_CONTRACTS, read_outcome_contract, state
from pipelines.contracts.definitions import load_outcome_contracts
from pipelines.errors import ContractError
from pipelines.lake import Lake
from pipelines.outcomes import load_measures
from schemas.outcomes import CONTRACT_TABLES
from tests.sql.tables import column_types, parse

MEASURES = {measure.id: measure for measure in load_measures()}

SMALL: dict[str, Any] = {
    "id": "small",
    "version": "1.0.0",
    "title": "A small contract",
    "text": "t",
    "source": "s",
    "population": {"text": "p"},
    "currency": "USD",
    "starts_on": "2023-01-01",
    "ends_on": "2024-12-31",
    "cap_usd": "1000.00",
    "outcome_payment_commitments": [
        {"id": "a", "payer": "A", "funding_stream": "fund_a", "share_percent": "66.67"},
        {"id": "b", "payer": "B", "funding_stream": "fund_b", "share_percent": "33.33"},
    ],
    "outcome_metrics": [
        {
            "id": "housing",
            "title": "Housing",
            "definition": "d",
            "measure": "housing_stability_6_months",
            "data_source": "s",
            "verification_method": "v",
        },
    ],
    "clauses": [
        {
            "id": "housed",
            "title": "Housed",
            "metric": "housing",
            "pays_per": "person",
            "pays_when": "met",
            "program_code": "JIR",
            "unit": "person-milestone",
            "price_usd": "333.35",
            "price_reason": "r",
        },
    ],
    "evaluation": {"method": "validation", "text": "t"},
    "calendar": {"statement_every": "quarter", "freeze_after_days": 30},
}
FEW_VISITS = {
    "id": "few_visits",
    "title": "Few visits",
    "metric": "housing",
    "pays_per": "provider_period",
    "pays_when": "at_most",
    "threshold": "20",
    "minimum_n": 11,
    "unit": "provider-quarter",
    "price_usd": "100.00",
    "price_reason": "r",
}
VISITS = "psychiatric_emergency_visits_per_1000_member_months"
PERSONS = """
    measure_id | person_id | program_code | index_on | window_end_on | status_code | definition_version
"""
RESULTS = "measure_id | cut_code | cut_value | period | n | immature | estimate | definition_version"


def write_contract(folder: Path, document: dict[str, Any]) -> Path:
    path = folder / "contract.yaml"
    text = yaml.safe_dump(document).replace("'2023-01-01'", "2023-01-01").replace("'2024-12-31'", "2024-12-31")
    path.write_text(text)
    return path


def stated(tmp_path: Path, document: dict[str, Any], persons: str = "", results: str = "") -> list[tuple[Any, ...]]:
    """Clause, person, provider, period and amount of every line."""
    lake = Lake(tmp_path / "lake")
    (tmp_path / "contracts").mkdir(exist_ok=True)
    write_contract(tmp_path / "contracts", document)
    with duckdb.connect() as connection:
        write(connection, lake, "person_measures", f"{PERSONS.strip()}\n{persons}")
        write(connection, lake, "measure_results", f"{RESULTS}\n{results}")
        state(lake, tmp_path / "contracts")
        lines, statements = (lake.path("contracts", name) for name in ("statement_lines", "statements"))
        tie_out(connection, lines, statements)
        query = f"select clause_id, person_id, provider_id, period, amount_usd from '{lines}' order by all"
        return connection.execute(query).fetchall()


def write(connection: duckdb.DuckDBPyConnection, lake: Lake, table: str, text: str) -> None:
    columns = column_types(f"outcomes.{table}")
    connection.execute(f"create or replace table t ({', '.join(f'{n} {kind}' for n, kind in columns.items())})")
    for row in parse(text):
        connection.execute(f"insert into t values ({', '.join('?' * len(columns))})", [row.get(n) for n in columns])
    lake.write("outcomes", table, connection.sql("from t"))


def tie_out(connection: duckdb.DuckDBPyConnection, lines: Path, statements: Path) -> None:
    """Every period's payers sum to its lines, to the cent; and both tables are what their schemas say."""
    for table, path in (("statement_lines", lines), ("statements", statements)):
        CONTRACT_TABLES[table].validate(connection.sql(f"from '{path}'").pl())
    difference = connection.execute(
        f"select period, sum(amount_usd) from '{lines}' group by all except "
        f"select period, sum(amount_usd) from '{statements}' group by all"
    ).fetchall()
    assert difference == []


def measured_by(measure: str) -> dict[str, Any]:
    return {"outcome_metrics": [SMALL["outcome_metrics"][0] | {"measure": measure}]}


def housed(*rows: str) -> str:
    return "\n".join(f"housing_stability_6_months | {row} | 1.0.0" for row in rows)


def test_each_person_who_met_the_measure_earns_the_price(tmp_path: Path) -> None:
    persons = housed(
        "1 | JIR | 2023-01-01 | 2023-07-01 | met",
        "2 | JIR | 2023-01-01 | 2023-07-01 | not_met",
        "3 | JIR | 2023-01-01 | 2023-07-01 | immature",
        "4 | FHSP | 2023-01-01 | 2023-07-01 | met",
        "5 | JIR | 2022-12-31 | 2023-06-30 | met",
        "6 | JIR | 2024-12-31 | 2025-06-30 | met",
    )
    assert stated(tmp_path, SMALL, persons) == [
        ("housed", 1, None, "2023Q3", Decimal("333.35")),
        ("housed", 6, None, "2025Q2", Decimal("333.35")),
    ]


def test_the_cap_is_used_up_in_the_order_in_which_payments_were_earned(tmp_path: Path) -> None:
    persons = housed(*(f"{n} | JIR | 2023-0{n}-01 | 2023-0{n + 5}-01 | met" for n in (4, 3, 2, 1)))
    assert [(row[1], row[4]) for row in stated(tmp_path, SMALL, persons)] == [
        (1, Decimal("333.35")),
        (2, Decimal("333.35")),
        (3, Decimal("333.30")),
        (4, Decimal("0.00")),
    ]


def test_a_cap_of_one_clause_leaves_the_others_alone(tmp_path: Path) -> None:
    capped = SMALL["clauses"][0] | {"cap_usd": "400.00"}
    second = SMALL["clauses"][0] | {"id": "again", "price_usd": "10.00"}
    persons = housed("1 | JIR | 2023-01-01 | 2023-07-01 | met", "2 | JIR | 2023-01-02 | 2023-07-02 | met")
    found = stated(tmp_path, SMALL | {"clauses": [capped, second]}, persons)
    assert [(row[0], row[1], row[4]) for row in found] == [
        ("again", 1, Decimal("10.00")),
        ("again", 2, Decimal("10.00")),
        ("housed", 1, Decimal("333.35")),
        ("housed", 2, Decimal("66.65")),
    ]


def test_a_provider_earns_a_quarter_by_its_estimate(tmp_path: Path) -> None:
    results = "\n".join(
        f"{VISITS} | {row} | 1.0.0"
        for row in (
            "provider | P1 | 2023Q1 | 11 | 0 | 20.0",
            "provider | P2 | 2023Q1 | 10 | 0 | 5.0",
            "provider | P3 | 2023Q1 | 40 | 0 | 20.1",
            "provider | P4 | 2023Q1 | 40 | 3 | 5.0",
            "provider | P5 | 2022Q4 | 40 | 0 | 5.0",
            "all | all | 2023Q1 | 40 | 0 | 5.0",
        )
    )
    found = stated(tmp_path, SMALL | measured_by(VISITS) | {"clauses": [FEW_VISITS]}, results=results)
    assert found == [("few_visits", None, "P1", "2023Q1", Decimal("100.00"))]


def test_a_contract_at_price_zero_pays_zero(tmp_path: Path) -> None:
    free = SMALL["clauses"][0] | {"price_usd": "0.00"}
    persons = housed("1 | JIR | 2023-01-01 | 2023-07-01 | met")
    assert [row[4] for row in stated(tmp_path, SMALL | {"clauses": [free]}, persons)] == [Decimal("0.00")]


def test_the_shipped_contracts_are_well_formed() -> None:
    assert [contract.id for contract in load_outcome_contracts(OUTCOME_CONTRACTS, MEASURES)] == [
        "denver_sib",
        "just_in_reach",
        "lacdmh_fsp",
        "partners_in_wellness",
        "project_welcome_home",
        "santa_clara_fsp",
    ]


PAYERS = "outcome_payment_commitments"


def tiers(*steps: tuple[str, str | None, str]) -> dict[str, Any]:
    named = [{"starts_at": low, "ends_at": high, "price_usd": usd} for low, high, usd in steps]
    return {"over": "period", "priced": "units_in_tier", "steps": named}


def tiered(*steps: tuple[str, str | None, str]) -> dict[str, Any]:
    return clause(price_usd=None, tiers=tiers(*steps))


def clause(**changed: Any) -> dict[str, Any]:
    return {"clauses": [SMALL["clauses"][0] | changed]}


def rates(*entries: tuple[str, str, str]) -> dict[str, Any]:
    """Rates for a mode and functions from one to another."""
    named = [
        {"title": f"rate {number}", "mode_code": mode, "function_from": low, "function_to": high, "unit": "minute",
         "usd": "2.00", "source": "s"}
        for number, (mode, low, high) in enumerate(entries)
    ]  # fmt: skip
    return {"cost_reimbursement": {"text": "t", "rates": named}}


def test_a_clause_may_name_what_its_measure_takes_off_and_which_ends_it_forgives(tmp_path: Path) -> None:
    stated_right = {"net_of": ["jail_days"], "allowed_exits": sorted(MEASURES["payable_housing_days"].allowed_exits)}
    document = SMALL | measured_by("payable_housing_days") | clause(conditions=stated_right)
    read = read_outcome_contract(write_contract(tmp_path, document), MEASURES)
    assert read.clauses[0].conditions.net_of == ("jail_days",)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (clause(metric="joy"), r"clauses\[0\]\.metric: there is no outcome metric joy; there are housing"),
        (measured_by("happiness"), r"outcome_metrics\[0\]\.measure: there is no measure happiness"),
        (clause(pays_when="at_most"), r"clauses\[0\]\.pays_when: per person it is one of met, not_met"),
        (clause(pays_when="often"), r"clauses\[0\]\.pays_when: is one of 'met', 'not_met'"),
        (clause(price_usd=333.35), r"clauses\[0\]\.price_usd: write the number as text"),
        (clause(price_usd="1.005"), r"clauses\[0\]\.price_usd: dollars are not negative and have two decimals"),
        (clause(price_usd=None), r"clauses\[0\]\.price_usd: write"),
        (clause(tiers=tiers(("0", "5", "1.00"))), r"clauses\[0\]\.price_usd: write either price_usd, or tiers"),
        (clause(pays_per="provider_period", pays_when="at_most"), r"clauses\[0\]\.threshold: the field is missing"),
        (clause(colour="blue"), r"clauses\[0\]\.colour: there is no such field"),
        (clause(conditions={"window_months": 12}), r"clauses\[0\]\.conditions\.window_months: .* applies 6"),
        (clause(conditions={"net_of": ["jail_days"]}), r"clauses\[0\]\.conditions\.net_of: .* knows no such condition"),
        (
            clause(conditions={"allowed_exits": ["long_term_care", "jail"]}),
            r"clauses\[0\]\.conditions\.allowed_exits: housing_stability_6_months applies other_permanent_housing",
        ),
        (
            clause(conditions={"allowed_exits": ["long_term_care"]}),
            r"clauses\[0\]\.conditions\.allowed_exits: .*; name a measure that does, or correct the condition",
        ),
        (
            measured_by("police_arrest_after_placement"),
            r"outcome_metrics\[0\]\.measure: .* cannot be computed; take the field out, .* It needs: Arrest records",
        ),
        (rates(("15", "10", "05")), r"cost_reimbursement\.rates\[0\]\.function_to: lies below function_from"),
        (rates(("15", "01", "30"), ("15", "30", "40")), r"cost_reimbursement\.rates\[1\]: overlaps rate 0"),
        (rates(("5", "01", "30")), r"cost_reimbursement\.rates\[0\]\.mode_code: is two digits in quotes"),
        (tiered(("0", "5", "1.00"), ("4", None, "2.00")), r"clauses\[0\]\.tiers\.steps\[1\]\.starts_at: overlaps"),
        (tiered(("0", "5", "1.00"), ("6", None, "2.00")), r"clauses\[0\]\.tiers\.steps\[1\]\.starts_at: leaves a gap"),
        (tiered(("0", "5", "1.00"), ("5", None, "2.00")), r"clauses\[0\]\.tiers\.steps\[1\]\.starts_at: pays less"),
        (
            {PAYERS: SMALL[PAYERS][:1]},
            rf"{PAYERS}: the shares sum to 66\.67 % from 2023-01-01 on; make them sum to 100",
        ),
        ({"cap_usd": None}, r"cap_usd: write the number as text"),
        ({"clauses": []}, r"clauses: is empty"),
        ({"ends_on": "2022-01-01"}, r"ends_on: is a day"),
    ],
)
def test_a_bad_contract_is_refused_with_file_line_field_and_mend(
    tmp_path: Path, changed: dict[str, Any], message: str
) -> None:
    path = write_contract(tmp_path, SMALL | changed)
    with pytest.raises(ContractError, match=rf"contract\.yaml:[0-9]+: ({message})"):
        read_outcome_contract(path, MEASURES)


def test_the_line_of_a_fault_is_the_line_of_its_field(tmp_path: Path) -> None:
    text = write_contract(tmp_path, SMALL | clause(price_usd="1.005")).read_text().splitlines()
    line = 1 + next(n for n, row in enumerate(text) if "1.005" in row)
    with pytest.raises(ContractError, match=rf"contract\.yaml:{line}: clauses"):
        read_outcome_contract(tmp_path / "contract.yaml", MEASURES)


def test_a_missing_cap_is_refused(tmp_path: Path) -> None:
    path = write_contract(tmp_path, {name: value for name, value in SMALL.items() if name != "cap_usd"})
    with pytest.raises(ContractError, match=r"contract\.yaml:1: cap_usd: the field is missing; add it"):
        read_outcome_contract(path, MEASURES)
