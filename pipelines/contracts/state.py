"""State what every outcomes contract pays: a line for each unit that earned a payment, a statement for each period.

Belongs here: the order of the steps. Which unit earns stands in `earned_units.sql`, what it is paid in `pricing.py`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from pipelines import sql
from pipelines.contracts.definitions import load_outcome_contracts
from pipelines.contracts.pricing import Line, Unit, price_units
from pipelines.contracts.terms import OutcomesContract
from pipelines.lake import Lake
from pipelines.outcomes import DEFINITIONS, load_measures

PACKAGE = "pipelines.contracts"

OUTCOME_CONTRACTS = DEFINITIONS.parent
"""The outcomes contracts that this checkout ships."""

INPUTS = (("outcomes", "person_measures"), ("outcomes", "measure_results"))

USD = pa.decimal128(18, 2)

CLAUSES = """
create or replace table terms.clauses (
    contract_id varchar, starts_on date, ends_on date, clause_id varchar, measure_id varchar, pays_per varchar,
    pays_when varchar, counts varchar, program_code varchar, threshold double, minimum_n integer
)
"""

PAYERS = """
create or replace table terms.payers (
    contract_id varchar, contract_version varchar, title varchar, payer_position integer, payer_id varchar,
    payer varchar, funding_stream varchar, share_percent decimal(9, 4)
)
"""

LINES = pa.schema(
    [
        ("contract_id", pa.string()),
        ("contract_version", pa.string()),
        ("clause_id", pa.string()),
        ("line_id", pa.string()),
        ("period", pa.string()),
        ("measure_id", pa.string()),
        ("definition_version", pa.string()),
        ("person_id", pa.int64()),
        ("provider_id", pa.string()),
        ("index_on", pa.date32()),
        ("earned_on", pa.date32()),
        ("quantity", pa.decimal128(18, 6)),
        ("paid_quantity", pa.decimal128(18, 6)),
        ("unit", pa.string()),
        ("price_usd", USD),
        ("earned_usd", USD),
        ("cut_usd", USD),
        ("cut_by", pa.string()),
        ("amount_usd", USD),
    ]
)
"""Columns of `contracts/statement_lines`. Grain: a unit that earned a payment. `price_usd` is null under tiers."""

LINE_PAYERS = pa.schema([("line_id", pa.string()), ("payer_id", pa.string()), ("amount_usd", USD)])
"""Columns of `contracts/statement_line_payers`. Grain: line × payer. A line's payers sum to its amount."""


def state(lake: Lake, outcome_contracts: Path = OUTCOME_CONTRACTS) -> dict[str, int]:
    """Write `contracts/statement_lines`, `statement_line_payers` and `statements`; returns table → rows."""
    contracts = load_terms(outcome_contracts)
    with sql.connect(lake.spill) as connection:
        sql.open_views(connection, lake, INPUTS)
        open_terms(connection, contracts)
        lines, payers = _priced(connection, contracts)
        written = {
            "statement_lines": lake.write_arrow("contracts", "statement_lines", lines),
            "statement_line_payers": lake.write_arrow("contracts", "statement_line_payers", payers),
        }
        sql.open_views(connection, lake, [("contracts", table) for table in written])
        statements = sql.relation(connection, PACKAGE, "statements")
        return written | {"statements": lake.write("contracts", "statements", statements)}


def load_terms(outcome_contracts: Path) -> tuple[OutcomesContract, ...]:
    """The outcomes contracts of a folder, checked against its measures; the shipped ones where it has none."""
    own = outcome_contracts / "measures"
    measures = load_measures(own if own.is_dir() else DEFINITIONS)
    return load_outcome_contracts(outcome_contracts, {measure.id: measure for measure in measures})


def open_terms(connection: duckdb.DuckDBPyConnection, contracts: Sequence[OutcomesContract]) -> None:
    """Make `terms.clauses`, a row a clause that one of our measures decides, and `terms.payers`."""
    connection.execute("create schema if not exists terms")
    connection.execute(CLAUSES)
    connection.execute(PAYERS)
    for contract in contracts:
        _insert(connection, "terms.clauses", _clause_rows(contract))
        _insert(connection, "terms.payers", _payer_rows(contract))


def _insert(connection: duckdb.DuckDBPyConnection, table: str, rows: Iterable[Sequence[Any]]) -> None:
    for row in rows:
        connection.execute(f"insert into {table} values ({', '.join('?' * len(row))})", list(row))


def _clause_rows(contract: OutcomesContract) -> Iterable[Sequence[Any]]:
    for clause in contract.clauses:
        measure = contract.metric(clause).measure
        if measure is not None:
            yield (
                *(contract.id, contract.starts_on, contract.ends_on, clause.id, measure, clause.pays_per),
                *(clause.pays_when, clause.counts, clause.program_code, clause.threshold, clause.minimum_n),
            )


def _payer_rows(contract: OutcomesContract) -> Iterable[Sequence[Any]]:
    for position, payer in enumerate(contract.payers):
        # A share that changed over the term is told by the lines; here stands the one of the term's end.
        share = payer.share_on(contract.ends_on)
        named = (contract.id, contract.version, contract.title, position, payer.id, payer.payer)
        yield (*named, payer.funding_stream, share)


def _priced(connection: duckdb.DuckDBPyConnection, contracts: Sequence[OutcomesContract]) -> tuple[pa.Table, pa.Table]:
    units = sql.relation(connection, PACKAGE, "earned_units").to_arrow_table().to_pylist()
    by_contract: dict[str, dict[str, dict[str, Any]]] = {contract.id: {} for contract in contracts}
    for unit in units:
        by_contract[unit["contract_id"]][unit["line_key"]] = unit
    lines: list[dict[str, Any]] = []
    payers: list[dict[str, Any]] = []
    for contract in contracts:
        facts = by_contract[contract.id]
        for line in price_units(contract, [_unit(contract, one) for one in facts.values()]):
            lines.append(_line_row(contract, line, facts[line.unit.key]))
            payers += [
                {"line_id": lines[-1]["line_id"], "payer_id": payer_id, "amount_usd": amount}
                for payer_id, amount in line.payer_usd.items()
            ]
    lines.sort(key=lambda row: (row["contract_id"], row["period"], row["clause_id"], row["line_id"]))
    payers.sort(key=lambda row: (row["line_id"], row["payer_id"]))
    return pa.Table.from_pylist(lines, schema=LINES), pa.Table.from_pylist(payers, schema=LINE_PAYERS)


def _unit(contract: OutcomesContract, facts: dict[str, Any]) -> Unit:
    earned_on: date = facts["earned_on"]
    period = period_of(earned_on, contract.calendar.statement_every)
    return Unit(facts["clause_id"], period, earned_on, facts["line_key"], facts["unit_quantity"])


def period_of(day: date, every: str) -> str:
    """The statement's period that holds a day: `2025-07`, `2025Q3`, `2025`, or `whole` for a single statement."""
    if every == "month":
        return f"{day:%Y-%m}"
    if every == "quarter":
        return f"{day.year}Q{(day.month + 2) // 3}"
    return f"{day.year}" if every == "year" else "whole"


def _line_row(contract: OutcomesContract, line: Line, facts: dict[str, Any]) -> dict[str, Any]:
    clause = contract.clause(line.unit.clause_id)
    named = ("clause_id", "measure_id", "definition_version", "person_id", "provider_id", "index_on", "earned_on")
    return {
        **{name: facts[name] for name in named},
        "contract_id": contract.id,
        "contract_version": contract.version,
        "line_id": "line-" + hashlib.md5(line.unit.key.encode(), usedforsecurity=False).hexdigest()[:16],
        "period": line.unit.period,
        "quantity": line.unit.quantity,
        "paid_quantity": line.paid_quantity,
        "unit": clause.unit if clause else None,
        "price_usd": line.unit_price_usd,
        "earned_usd": line.earned_usd,
        "cut_usd": sum((cut.amount_usd for cut in line.cuts), Decimal(0)),
        "cut_by": ", ".join(cut.cap for cut in line.cuts),
        "amount_usd": line.amount_usd,
    }
