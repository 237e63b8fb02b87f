"""What each way to cut the links would pay: units at strict, base and loose thresholds, priced by the contract's rules.

Belongs here: pricing a scenario's units, and the dollars that come to each cap. A measure that is not told by period
is priced on the first day of the term, at the price and in the budget of that day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa

from pipelines import sql
from pipelines.contracts.pricing import NOTHING, Line, Unit, caps_of, price_units
from pipelines.contracts.quantities import first_day
from pipelines.contracts.state import PACKAGE, USD, period_of
from pipelines.contracts.terms import OutcomesContract

WHOLE = "whole"
"""Period of units of which nobody tells the period."""

ALL = "all"
"""Stands for the clause and the measure of a cap that several clauses share."""

PAYMENTS = pa.schema(
    [
        ("contract_id", pa.string()),
        ("clause_id", pa.string()),
        ("scenario_code", pa.string()),
        ("quantity", pa.decimal128(18, 6)),
        ("earned_usd", USD),
        ("amount_usd", USD),
    ]
)
"""Columns of `contracts/payments_by_threshold`. Grain: contract × clause × scenario. `earned_usd`: before any cap."""

CAPS = """
create or replace table terms.caps (
    contract_id varchar, clause_id varchar, measure_id varchar, step_kind varchar, cap_usd double, period varchar,
    scenario_code varchar, demanded_usd double
)
"""


@dataclass(frozen=True)
class Scenario:
    """One contract under one way to cut the links."""

    contract: OutcomesContract
    code: str
    lines: Sequence[Line]

    def payments(self) -> Iterator[dict[str, Any]]:
        """A row a clause that one of our measures decides."""
        for clause_id in dict.fromkeys(line.unit.clause_id for line in self.lines):
            own = [line for line in self.lines if line.unit.clause_id == clause_id]
            yield {
                "contract_id": self.contract.id,
                "clause_id": clause_id,
                "scenario_code": self.code,
                "quantity": sum((line.unit.quantity for line in own), Decimal(0)),
                "earned_usd": sum((line.earned_usd for line in own), NOTHING),
                "amount_usd": sum((line.amount_usd for line in own), NOTHING),
            }

    def demands(self) -> Iterator[tuple[Any, ...]]:
        """What comes to each cap before it cuts: the columns of `terms.caps`."""
        demanded: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
        named: dict[tuple[str, ...], tuple[Any, ...]] = {}
        for line in self.lines:
            left, cut = line.earned_usd, {one.cap: one.amount_usd for one in line.cuts}
            clause = next(one for one in self.contract.clauses if one.id == line.unit.clause_id)
            for cap, account, most in caps_of(self.contract, clause, line.unit):
                if most is not None and not (cap == "clause_period" and line.unit.period == WHOLE):
                    demanded[account] += left
                    is_shared = cap in ("budget", "contract")
                    measure = self.contract.metric(clause).measure
                    of = (ALL, ALL) if is_shared else (clause.id, measure)
                    period = account[-1] if cap in ("clause_period", "budget") else None
                    named[account] = (self.contract.id, *of, f"{cap}_cap", float(most), period, self.code)
                left -= cut.get(cap, NOTHING)
        for account, row in named.items():
            yield (*row, float(demanded[account]))


def scenarios(connection: duckdb.DuckDBPyConnection, contracts: Sequence[OutcomesContract]) -> list[Scenario]:
    """Every contract that a measure decides, at each threshold; reads `terms.clauses` and the results."""
    units: dict[tuple[str, str], list[Unit]] = defaultdict(list)
    by_id = {contract.id: contract for contract in contracts}
    rows = sql.relation(connection, PACKAGE, "scenario_units").to_arrow_table().to_pylist()
    for row in rows:
        contract = by_id[row["contract_id"]]
        units[contract.id, row["scenario_code"]] += _unit(contract, row)
    return [Scenario(by_id[name], code, price_units(by_id[name], own)) for (name, code), own in sorted(units.items())]


def _unit(contract: OutcomesContract, row: Mapping[str, Any]) -> Iterable[Unit]:
    """The unit of a row; none where its period lies outside the term."""
    day = first_day(row["period"] or "")
    if day is None:
        yield Unit(row["clause_id"], WHOLE, contract.starts_on, "", row["quantity"])
    elif contract.starts_on <= day <= contract.ends_on:
        period = period_of(day, contract.calendar.statement_every)
        yield Unit(row["clause_id"], period, day, row["period"], row["quantity"])


def open_caps(connection: duckdb.DuckDBPyConnection, found: Iterable[Scenario]) -> None:
    """Make `terms.caps`, a row a cap and scenario: how many dollars came to it."""
    connection.execute(CAPS)
    for scenario in found:
        for row in scenario.demands():
            connection.execute(f"insert into terms.caps values ({', '.join('?' * len(row))})", list(row))


def payment_rows(found: Iterable[Scenario]) -> pa.Table:
    """`contracts/payments_by_threshold`, ordered by its grain."""
    return pa.Table.from_pylist([row for scenario in found for row in scenario.payments()], schema=PAYMENTS)
