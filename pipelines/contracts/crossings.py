"""Where the linkage decides a payment: results that lie on both sides of a clause's step, one way linked or another.

Belongs here: the steps of a contract as a table. What crosses one stands in `threshold_crossings.sql`, what each way to
cut the links would pay in `scenarios.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb

from pipelines import sql
from pipelines.contracts.scenarios import open_caps, payment_rows, scenarios
from pipelines.contracts.state import OUTCOME_CONTRACTS, PACKAGE, load_terms, open_terms
from pipelines.contracts.terms import Clause, OutcomesContract
from pipelines.lake import Lake

INPUTS = (("outcomes", "measure_by_threshold"), ("outcomes", "measure_uncertainty"))

STEPS = """
create or replace table terms.steps (
    contract_id varchar, clause_id varchar, measure_id varchar, pays_per varchar, pays_when varchar, counts varchar,
    program_code varchar, step_kind varchar, step double, is_over_contract boolean
)
"""


def crossings(lake: Lake, outcome_contracts: Path = OUTCOME_CONTRACTS) -> dict[str, int]:
    """Write `contracts/threshold_crossings` and `contracts/payments_by_threshold`; returns table → rows."""
    contracts = load_terms(outcome_contracts)
    with sql.connect(lake.spill) as connection:
        sql.open_views(connection, lake, INPUTS)
        open_terms(connection, contracts)
        open_steps(connection, contracts)
        found = scenarios(connection, contracts)
        open_caps(connection, found)
        crossed = sql.relation(connection, PACKAGE, "threshold_crossings")
        return {
            "threshold_crossings": lake.write("contracts", "threshold_crossings", crossed),
            "payments_by_threshold": lake.write_arrow("contracts", "payments_by_threshold", payment_rows(found)),
        }


def open_steps(connection: duckdb.DuckDBPyConnection, contracts: Sequence[OutcomesContract]) -> None:
    """Make `terms.steps`, a row a step of a clause that one of our measures decides; and the macros that read it."""
    connection.execute("create schema if not exists terms")
    connection.execute(sql.text(PACKAGE, "macros"))
    connection.execute(STEPS)
    for contract in contracts:
        for row in _step_rows(contract):
            connection.execute(f"insert into terms.steps values ({', '.join('?' * len(row))})", list(row))


def _step_rows(contract: OutcomesContract) -> Iterable[Sequence[Any]]:
    for clause in contract.clauses:
        measure = contract.metric(clause).measure
        if measure is not None and clause.pays_per != "population":
            named = (contract.id, clause.id, measure, clause.pays_per, clause.pays_when, clause.counts)
            for kind, step, is_over_contract in _steps(clause):
                yield (*named, clause.program_code, kind, step, is_over_contract)


def _steps(clause: Clause) -> Iterator[tuple[str, float, bool]]:
    """Kind, step, and whether what is held against it is summed over the whole contract."""
    if clause.pays_per == "provider_period":
        if clause.threshold is not None:
            yield "threshold", float(clause.threshold), False
        if clause.minimum_n > 1:
            yield "minimum_n", float(clause.minimum_n), False
        return
    if clause.tiers is not None:
        for tier in clause.tiers.steps:
            if tier.starts_at > 0:
                yield "tier", float(tier.starts_at), clause.tiers.over == "contract"
    if clause.minimum is not None:
        yield "minimum", float(clause.minimum.quantity), clause.minimum.over == "contract"
    if clause.maximum is not None:
        yield "maximum", float(clause.maximum.quantity), clause.maximum.over == "contract"
