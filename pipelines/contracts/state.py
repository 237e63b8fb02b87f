"""State what every outcomes contract pays: a line for each unit that earned a payment, a statement for each period.

Belongs here: the order of the steps and the payers' shares. Which unit earns, and what a cap leaves of it, stands in
`statement_lines.sql`.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from pipelines import sql
from pipelines.contracts.definitions import OutcomesContract, Payer, load_outcome_contracts
from pipelines.lake import Lake
from pipelines.outcomes import DEFINITIONS, load_measures

PACKAGE = "pipelines.contracts"

OUTCOME_CONTRACTS = DEFINITIONS.parent
"""The outcomes contracts that this checkout ships."""

INPUTS = (("outcomes", "person_measures"), ("outcomes", "measure_results"))

CENT = Decimal("0.01")

CLAUSES = """
create or replace table terms.clauses (
    contract_id varchar, contract_version varchar, starts_on date, ends_on date, contract_cap_usd decimal(18, 2),
    clause_position integer, clause_id varchar, measure_id varchar, pays_per varchar, pays_when varchar, unit varchar,
    price_usd decimal(18, 2), program_code varchar, threshold double, minimum_n integer, clause_cap_usd decimal(18, 2)
)
"""

STATEMENTS = pa.schema(
    [
        ("contract_id", pa.string()),
        ("contract_version", pa.string()),
        ("title", pa.string()),
        ("period", pa.string()),
        ("payer_id", pa.string()),
        ("payer", pa.string()),
        ("funding_stream", pa.string()),
        ("share_percent", pa.decimal128(9, 4)),
        ("line_count", pa.int64()),
        ("amount_usd", pa.decimal128(18, 2)),
    ]
)
"""Columns of `contracts/statements`. Grain: contract × period × payer."""


def state(lake: Lake, outcome_contracts: Path = OUTCOME_CONTRACTS) -> dict[str, int]:
    """Write `contracts/statement_lines` and `contracts/statements` from the outcomes; returns table → rows."""
    contracts = load_terms(outcome_contracts)
    with sql.connect(lake.spill) as connection:
        sql.open_views(connection, lake, INPUTS)
        open_terms(connection, contracts)
        sql.create(connection, "contracts", PACKAGE, "statement_lines")
        lines = lake.write("contracts", "statement_lines", connection.sql("from contracts.statement_lines"))
        statements = lake.write_arrow("contracts", "statements", statement_rows(connection, contracts))
        return {"statement_lines": lines, "statements": statements}


def load_terms(outcome_contracts: Path) -> tuple[OutcomesContract, ...]:
    """The outcomes contracts of a folder, checked against its measures; the shipped ones where it has none."""
    own = outcome_contracts / "measures"
    measures = load_measures(own if own.is_dir() else DEFINITIONS)
    return load_outcome_contracts(outcome_contracts, {measure.id for measure in measures})


def open_terms(connection: duckdb.DuckDBPyConnection, contracts: Sequence[OutcomesContract]) -> None:
    """Make `terms.clauses`: a row a clause, with its contract's term and cap."""
    connection.execute("create schema if not exists terms")
    connection.execute(CLAUSES)
    for contract in contracts:
        for position, clause in enumerate(contract.clauses):
            row = [contract.id, contract.version, contract.starts_on, contract.ends_on, contract.cap_usd, position]
            row += [clause.id, clause.measure, clause.pays_per, clause.pays_when, clause.unit, clause.price_usd]
            row += [clause.program_code, clause.threshold, clause.minimum_n, clause.cap_usd]
            connection.execute(f"insert into terms.clauses values ({', '.join('?' * len(row))})", row)


def statement_rows(connection: duckdb.DuckDBPyConnection, contracts: Sequence[OutcomesContract]) -> pa.Table:
    """What each payer owes for each period that has lines."""
    known = {contract.id: contract for contract in contracts}
    rows: list[dict[str, Any]] = []
    for contract_id, period, line_count, amount in sql.relation(connection, PACKAGE, "statement_totals").fetchall():
        contract = known[contract_id]
        for payer, share in zip(contract.payers, split(amount, contract.payers), strict=True):
            rows.append(_statement(contract, period, payer, line_count, share))
    return pa.Table.from_pylist(rows, schema=STATEMENTS)


def split(amount: Decimal, payers: Sequence[Payer]) -> list[Decimal]:
    """An amount in cents shared among payers so that nothing is lost: who is rounded down most gets the next cent."""
    exact = [amount * payer.share_percent / 100 for payer in payers]
    shares = [value.quantize(CENT, rounding="ROUND_DOWN") for value in exact]
    cents_left = int((amount - sum(shares, Decimal(0))) / CENT)
    by_remainder = sorted(range(len(payers)), key=lambda n: (shares[n] - exact[n], n))
    for n in by_remainder[:cents_left]:
        shares[n] += CENT
    return shares


def _statement(contract: OutcomesContract, period: str, payer: Payer, lines: int, amount: Decimal) -> dict[str, Any]:
    return {
        "contract_id": contract.id,
        "contract_version": contract.version,
        "title": contract.title,
        "period": period,
        "payer_id": payer.id,
        "payer": payer.name,
        "funding_stream": payer.funding_stream,
        "share_percent": payer.share_percent.quantize(Decimal("0.0001")),
        "line_count": lines,
        "amount_usd": amount,
    }
