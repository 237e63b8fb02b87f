"""Where the linkage decides on which side of a payment step a result lies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import duckdb
import polars as pl
import pytest

from pipelines import sql
from pipelines.contracts.crossings import open_steps
from pipelines.contracts.definitions import load_outcome_contracts
from pipelines.contracts.scenarios import open_caps, payment_rows, scenarios
from pipelines.contracts.state import OUTCOME_CONTRACTS, PACKAGE, open_terms
from pipelines.contracts.terms import OutcomesContract, Tier, Tiers
from pipelines.outcomes import load_measures
from schemas.uncertainty import CROSSING_TABLES

VISITS = "psychiatric_emergency_visits_per_1000_member_months"
SHIPPED = {
    one.id: one
    for one in load_outcome_contracts(OUTCOME_CONTRACTS, {measure.id: measure for measure in load_measures()})
}


def crossed(contract: OutcomesContract, rows: list[tuple[Any, ...]], ends: tuple[float, float]) -> list[Any]:
    """Step kind, period, and the three flags of every step and cap."""
    with results(rows, ends, contract) as connection:
        open_caps(connection, scenarios(connection, [contract]))
        found = sql.relation(connection, PACKAGE, "threshold_crossings")
        CROSSING_TABLES["threshold_crossings"].validate(found.pl())
        return [(row[6], row[5], *row[13:]) for row in found.fetchall()]


@contextmanager
def results(
    rows: list[tuple[Any, ...]], ends: tuple[float, float] = (0.0, 1.0), *contracts: OutcomesContract
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with results at three thresholds (the columns below) and the terms of contracts."""
    with sql.connect() as connection:
        connection.execute("create schema outcomes")
        connection.execute(
            "create table outcomes.measure_by_threshold (measure_id varchar, cut_code varchar, cut_value varchar, "
            "period varchar, scenario_code varchar, n bigint, numerator double, estimate double)"
        )
        connection.executemany("insert into outcomes.measure_by_threshold values (?, ?, ?, ?, ?, ?, ?, ?)", rows)
        connection.execute(
            "create table outcomes.measure_uncertainty as select distinct measure_id, cut_code, cut_value, period, "
            f"{ends[0]}::double as lower_total, {ends[1]}::double as upper_total from outcomes.measure_by_threshold"
        )
        open_terms(connection, contracts)
        open_steps(connection, contracts)
        yield connection


def quarter(strict: float, base: float, loose: float, n: int = 30) -> list[tuple[Any, ...]]:
    estimates = {"strict": strict, "base": base, "loose": loose}
    return [(VISITS, "provider", "P1", "2025Q1", name, n, 0.0, value) for name, value in estimates.items()]


THRESHOLD_OF_20 = ("threshold", "2025Q1")


@pytest.mark.parametrize(
    ("estimates", "ends", "flags"),
    [
        ((12.0, 13.0, 14.0), (11.0, 19.0), (False, False, False)),
        ((19.0, 21.0, 22.0), (20.5, 25.0), (True, False, True)),
        ((12.0, 13.0, 14.0), (11.0, 21.0), (False, True, True)),
        # what equals a limit is still at most the limit
        ((20.0, 20.0, 20.0), (15.0, 20.0), (False, False, False)),
    ],
)
def test_a_provider_crosses_the_threshold_of_few_visits(
    estimates: tuple[float, float, float], ends: tuple[float, float], flags: tuple[bool, bool, bool]
) -> None:
    found = crossed(SHIPPED["lacdmh_fsp"], quarter(*estimates), ends)
    assert (*THRESHOLD_OF_20, *flags) in found


def test_a_provider_that_has_enough_members_only_when_linked_otherwise_crosses_the_minimum() -> None:
    rows = quarter(12.0, 12.0, 12.0)
    rows[0] = (*rows[0][:5], 19, *rows[0][6:])
    assert ("minimum_n", "2025Q1", True, False, True) in crossed(SHIPPED["lacdmh_fsp"], rows, (11.0, 13.0))


def test_units_over_the_whole_contract_cross_a_tier() -> None:
    contract = SHIPPED["just_in_reach"]
    steps = (Tier(starts_at=Decimal(0), ends_at=Decimal(10), price_usd=Decimal("1.00")),
             Tier(starts_at=Decimal(10), price_usd=Decimal("2.00")))  # fmt: skip
    tiered = contract.clauses[0].model_copy(
        update={"price_usd": None, "tiers": Tiers(over="contract", priced="all_units", steps=steps)}
    )
    rows = [
        ("housing_stability_6_months", "program", "JIR", period, scenario, 8, met, met / 8)
        for period in ("2025Q1", "2025Q2")
        for scenario, met in (("strict", 4.0), ("base", 5.0), ("loose", 5.0))
    ]
    changed = contract.model_copy(update={"clauses": (tiered,)})
    # 8 people met it strictly linked, 10 as linked
    assert crossed(changed, rows, (0.1, 0.9)) == [
        ("contract_cap", None, False, False, False),
        ("tier", None, True, False, True),
    ]


def housed(strict: float, base: float, loose: float) -> list[tuple[Any, ...]]:
    met = {"strict": strict, "base": base, "loose": loose}
    return [("housing_stability_6_months", "program", "JIR", None, name, 400, n, n / 400) for name, n in met.items()]


def capped(**changed: Any) -> OutcomesContract:
    """Just in Reach with its first clause alone: $9,500 a person."""
    contract = SHIPPED["just_in_reach"]
    clause = contract.clauses[0].model_copy(update=changed.pop("clause", {}))
    return contract.model_copy(update={"clauses": (clause,)} | changed)


@pytest.mark.parametrize(
    ("met", "flags"),
    [
        # $95,000 is the cap: 10 persons fit in it, the eleventh does not
        ((8, 9, 10), (False, False, False)),
        ((9, 10, 11), (True, False, True)),
        ((11, 12, 13), (False, False, False)),
    ],
)
def test_a_cap_is_crossed_where_one_linkage_fills_it_and_another_does_not(
    met: tuple[float, float, float], flags: tuple[bool, bool, bool]
) -> None:
    of_clause = capped(clause={"cap_usd": Decimal("95000.00")})
    assert ("clause_cap", None, *flags) in crossed(of_clause, housed(*met), (0.1, 0.9))
    of_contract = capped(cap_usd=Decimal("95000.00"))
    assert ("contract_cap", None, *flags) in crossed(of_contract, housed(*met), (0.1, 0.9))


def test_a_provider_that_earns_by_one_linkage_alone_shows_in_what_is_paid() -> None:
    with results(quarter(19.0, 20.0, 21.0), (0.0, 1.0), SHIPPED["lacdmh_fsp"]) as connection:
        found = scenarios(connection, [SHIPPED["lacdmh_fsp"]])
        rows = payment_rows(found)
    told = {row["scenario_code"]: row["amount_usd"] for row in rows.to_pylist()}
    assert told == {"base": Decimal("2500.00"), "loose": Decimal("0.00"), "strict": Decimal("2500.00")}
    CROSSING_TABLES["payments_by_threshold"].validate(pl.DataFrame(rows))


def test_what_lies_outside_the_term_is_not_paid_by_any_linkage() -> None:
    early = [(*row[:3], "2019Q1", *row[4:]) for row in quarter(1.0, 1.0, 1.0)]
    with results(early, (0.0, 1.0), SHIPPED["lacdmh_fsp"]) as connection:
        assert payment_rows(scenarios(connection, [SHIPPED["lacdmh_fsp"]])).num_rows == 0


def test_a_contract_without_steps_is_crossed_at_its_cap_at_most() -> None:
    assert crossed(SHIPPED["just_in_reach"], quarter(1.0, 2.0, 3.0), (0.0, 9.0)) == []
    assert crossed(SHIPPED["just_in_reach"], housed(1, 2, 3), (0.0, 9.0)) == [
        ("contract_cap", None, False, False, False)
    ]
