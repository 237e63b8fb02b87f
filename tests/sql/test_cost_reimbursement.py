"""What reimbursing cost would have paid for the services of members, beside what the contract pays."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from pipelines import sql
from pipelines.commands.statement import find_contract
from pipelines.contracts.reimbursement import PACKAGE, TABLE, open_rates, reimbursed_in
from pipelines.lake import Lake
from schemas.outcomes import CONTRACT_TABLES
from tests.sql.tables import Tables

LACDMH, _ = find_contract("lacdmh_fsp", None)


def beside(tables: Tables, services: str, lines: str = "") -> list[tuple]:
    """Period, provider, services, those without a cost, reimbursed and paid dollars."""
    tables.given("person_index.person_of_client", "client_key | person_id\n 1 | 1\n 2 | 2")
    tables.given(
        "episodes.partnership_spans",
        "person_id | provider_id | enrollment_id | started_on | ended_on\n 1 | P1 | e1 | 2025-01-10 | 2025-02-01",
    )
    tables.given(
        "standard.mental_health_services",
        "service_id | client_key | provider_id | served_on | mode_code | service_function_code | minutes_count\n"
        + services,
    )
    tables.connection.execute("create schema if not exists contracts")
    tables.connection.execute(
        "create or replace table contracts.statement_lines "
        "(contract_id varchar, period varchar, provider_id varchar, amount_usd decimal(18, 2))"
    )
    if lines:
        tables.connection.execute(f"insert into contracts.statement_lines values {lines}")
    open_rates(tables.connection, [LACDMH])
    found = sql.relation(tables.connection, PACKAGE, TABLE)
    CONTRACT_TABLES[TABLE].validate(found.pl())
    return [row[1:] for row in found.fetchall()]


def test_minutes_and_visits_of_members_are_priced_by_mode_and_function(tables: Tables) -> None:
    services = """
        s1 | 1 | P1 | 2025-01-10 | 15 | 01 | 50
        s2 | 1 | P1 | 2025-01-31 | 15 | 60 | 10
        s3 | 1 | P2 | 2025-01-15 | 10 | 85 | 120
    """
    # 50 x 2.20 + 10 x 5.20; a visit at 200.00, whatever its minutes
    assert beside(tables, services) == [
        ("2025Q1", "P1", 2, 0, Decimal("162.00"), Decimal("0.00")),
        ("2025Q1", "P2", 1, 0, Decimal("200.00"), Decimal("0.00")),
    ]


def test_only_days_on_which_the_partnership_was_open_and_the_contract_in_force_count(tables: Tables) -> None:
    services = """
        s1 | 1 | P1 | 2025-01-09 | 15 | 01 | 50
        s2 | 1 | P1 | 2025-02-01 | 15 | 01 | 50
        s3 | 2 | P1 | 2025-01-15 | 15 | 01 | 50
    """
    assert beside(tables, services) == []


def test_a_service_whose_minutes_or_rate_nobody_knows_is_counted_and_not_priced(tables: Tables) -> None:
    services = """
        s1 | 1 | P1 | 2025-01-11 | 15 | 01 |
        s2 | 1 | P1 | 2025-01-11 | 15 | 99 | 30
        s3 | 1 | P1 | 2025-01-11 | 45 | 10 | 60
    """
    assert beside(tables, services) == [("2025Q1", "P1", 3, 2, Decimal("90.00"), Decimal("0.00"))]


def test_what_the_contract_pays_stands_beside_it_even_where_nobody_was_served(tables: Tables) -> None:
    lines = "('lacdmh_fsp', '2025Q1', 'P7', 250.00), ('just_in_reach', '2025Q1', 'P7', 9.00)"
    assert beside(tables, "s1 | 1 | P1 | 2025-01-10 | 15 | 01 | 50", lines) == [
        ("2025Q1", "P1", 1, 0, Decimal("110.00"), Decimal("0.00")),
        ("2025Q1", "P7", 0, 0, Decimal("0.00"), Decimal("250.00")),
    ]


def test_a_statement_tells_the_sums_of_its_period(tables: Tables, tmp_path: Path) -> None:
    beside(tables, "s1 | 1 | P1 | 2025-01-10 | 15 | 01 | 50\n s2 | 1 | P2 | 2025-01-10 | 15 | 01 |")
    lake = Lake(tmp_path)
    lake.write("contracts", TABLE, sql.relation(tables.connection, PACKAGE, TABLE))
    found = reimbursed_in(lake, LACDMH, "2025Q1")
    assert found is not None
    assert found.as_json() == {
        "services": 2,
        "services_without_cost": 1,
        "reimbursed_usd": "110.00",
        "paid_usd": "0.00",
    }
    assert reimbursed_in(lake, LACDMH, "2024Q1") is None
