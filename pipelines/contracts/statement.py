"""A statement: the lines of a contract, and what they come to by clause, period and payer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pipelines.contracts.pricing import Line, Unit, price_units, total
from pipelines.contracts.quantities import length_of
from pipelines.contracts.terms import Clause, OutcomesContract


@dataclass(frozen=True)
class Statement:
    """Priced lines under one contract."""

    contract: OutcomesContract
    lines: tuple[Line, ...]

    @property
    def earned_usd(self) -> Decimal:
        """What the units are worth before any cap."""
        return total([line.earned_usd for line in self.lines])

    @property
    def amount_usd(self) -> Decimal:
        """What is paid."""
        return total([line.amount_usd for line in self.lines])

    def payer_usd(self, payer_id: str) -> Decimal:
        """What one payer pays."""
        return total([line.payer_usd[payer_id] for line in self.lines])

    def as_json(self) -> dict[str, Any]:
        """The statement as plain data; amounts and quantities are texts, so that no cent is lost on the way."""
        contract = self.contract
        return {
            "contract_id": contract.id,
            "contract_version": contract.version,
            "title": contract.title,
            "currency": contract.currency,
            "lines": [_line(contract, line) for line in self.lines],
            "clauses": [self._sums("clause_id", one.id, lambda line: line.unit.clause_id) for one in contract.clauses],
            "periods": [self._sums("period", period, lambda line: line.unit.period) for period in self._periods()],
            "payers": [
                {
                    "payer_id": payer.id,
                    "payer": payer.payer,
                    "funding_stream": payer.funding_stream,
                    "amount_usd": str(self.payer_usd(payer.id)),
                }
                for payer in contract.payers
            ],
            "earned_usd": str(self.earned_usd),
            "cut_usd": str(self.earned_usd - self.amount_usd),
            "total_usd": str(self.amount_usd),
            "warnings": list(self.warnings()),
        }

    def warnings(self) -> Iterable[str]:
        """What a reader should know before paying."""
        outside = {
            line.unit.period
            for line in self.lines
            if line.unit.earned_on and not self.contract.starts_on <= line.unit.earned_on <= self.contract.ends_on
        }
        if outside:
            term = f"{self.contract.starts_on} to {self.contract.ends_on}"
            yield f"periods outside the contract's term ({term}): {', '.join(sorted(outside))}"
        for clause in self.contract.clauses:
            examples = self._lengths(clause) if clause.is_by_period else []
            if len(examples) > 1:
                yield (
                    f"periods of {clause.id} are of different length ({', '.join(examples)}): what holds for a period "
                    "holds for each by itself"
                )

    def _lengths(self, clause: Clause) -> list[str]:
        """The first period of each length that a clause has lines of."""
        periods = [line.unit.period for line in self.lines if line.unit.clause_id == clause.id]
        first: dict[int, str] = {}
        for period in periods:
            first.setdefault(length_of(period), period)
        return list(first.values())

    def _periods(self) -> list[str]:
        return list(dict.fromkeys(line.unit.period for line in self.lines))

    def _sums(self, name: str, value: str, of: Callable[[Line], str]) -> dict[str, str]:
        lines = [line for line in self.lines if of(line) == value]
        return {
            name: value,
            "quantity": str(sum((line.unit.quantity for line in lines), Decimal(0))),
            "earned_usd": str(total([line.earned_usd for line in lines])),
            "amount_usd": str(total([line.amount_usd for line in lines])),
        }


def state_quantities(contract: OutcomesContract, units: Sequence[Unit]) -> Statement:
    """Price quantities under a contract."""
    return Statement(contract, tuple(price_units(contract, units)))


def _line(contract: OutcomesContract, line: Line) -> dict[str, Any]:
    clause = contract.clause(line.unit.clause_id)
    return {
        "clause_id": line.unit.clause_id,
        "period": line.unit.period,
        "unit": clause.unit if clause else None,
        "quantity": str(line.unit.quantity),
        "paid_quantity": str(line.paid_quantity),
        "price_usd": None if line.unit_price_usd is None else str(line.unit_price_usd),
        "earned_usd": str(line.earned_usd),
        "cuts": [{"cap": cut.cap, "amount_usd": str(cut.amount_usd)} for cut in line.cuts],
        "amount_usd": str(line.amount_usd),
        "payers": {payer_id: str(amount) for payer_id, amount in line.payer_usd.items()},
    }
