"""What reimbursing cost would have paid for the same services, beside what the contract pays.

Belongs here: the rates of a contract as a table. Which services count stands in `cost_reimbursement.sql`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import duckdb

from pipelines import sql
from pipelines.contracts.state import OUTCOME_CONTRACTS, PACKAGE, load_terms
from pipelines.contracts.terms import OutcomesContract
from pipelines.lake import Lake

TABLE = "cost_reimbursement"

INPUTS = (
    ("standard", "mental_health_services"),
    ("person_index", "person_of_client"),
    ("episodes", "partnership_spans"),
    ("contracts", "statement_lines"),
)

CONTRACTS = """
create or replace table terms.reimbursed_contracts (
    contract_id varchar, starts_on date, ends_on date, statement_every varchar
)
"""

RATES = """
create or replace table terms.reimbursement_rates (
    contract_id varchar, mode_code varchar, function_from varchar, function_to varchar, unit varchar, usd decimal(18, 4)
)
"""

IN_PERIOD = """
select sum(services)::bigint, sum(services_without_cost)::bigint, sum(reimbursed_usd), sum(paid_usd)
from read_parquet({path}) where contract_id = $contract_id and period = $period
"""


@dataclass(frozen=True)
class Reimbursed:
    """A period under both ways to pay."""

    services: int
    services_without_cost: int
    """Services to which no rate fits, or whose minutes nobody wrote: they are not in the sum."""
    reimbursed_usd: Decimal
    paid_usd: Decimal

    def as_json(self) -> dict[str, object]:
        """As plain data; amounts are texts."""
        counts = {"services": self.services, "services_without_cost": self.services_without_cost}
        return counts | {"reimbursed_usd": str(self.reimbursed_usd), "paid_usd": str(self.paid_usd)}


def set_beside(lake: Lake, outcome_contracts: Path = OUTCOME_CONTRACTS) -> int:
    """Write `contracts/cost_reimbursement` from the services and the statement lines; returns the row count."""
    with sql.connect(lake.spill) as connection:
        sql.open_views(connection, lake, INPUTS)
        open_rates(connection, load_terms(outcome_contracts))
        return lake.write("contracts", TABLE, sql.relation(connection, PACKAGE, TABLE))


def open_rates(connection: duckdb.DuckDBPyConnection, contracts: Sequence[OutcomesContract]) -> None:
    """Make `terms.reimbursed_contracts` and `terms.reimbursement_rates` of the contracts that state rates."""
    connection.execute("create schema if not exists terms")
    for statement in (sql.text(PACKAGE, "macros"), CONTRACTS, RATES):
        connection.execute(statement)
    for contract in contracts:
        if contract.cost_reimbursement is not None:
            term = [contract.id, contract.starts_on, contract.ends_on, contract.calendar.statement_every]
            connection.execute("insert into terms.reimbursed_contracts values (?, ?, ?, ?)", term)
            for row in _rates(contract):
                connection.execute("insert into terms.reimbursement_rates values (?, ?, ?, ?, ?, ?)", list(row))


def _rates(contract: OutcomesContract) -> Iterable[Sequence[object]]:
    rates = contract.cost_reimbursement.rates if contract.cost_reimbursement else ()
    for rate in rates:
        yield contract.id, rate.mode_code, rate.function_from, rate.function_to, rate.unit, rate.usd


def reimbursed_in(lake: Lake, contract: OutcomesContract, period: str) -> Reimbursed | None:
    """A period's sums; None where the contract states no rates, or the lake was made before it did."""
    if contract.cost_reimbursement is None or not lake.has("contracts", TABLE):
        return None
    query = IN_PERIOD.format(path=sql.literal(str(lake.path("contracts", TABLE))))
    with sql.connect(lake.spill) as connection:
        (found,) = connection.execute(query, {"contract_id": contract.id, "period": period}).fetchall()
    return Reimbursed(*found) if found[0] is not None else None
