"""What the draws say: payments by clause, quarter and payer, and the chances that somebody is going to ask for.

Rows are plain mappings, one a line of a table (`tables.py` has their columns). Money is in dollars and cents.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np

from pipelines.contracts.fields import CENT
from pipelines.underwriting.chances import Floats
from pipelines.underwriting.draws_pricing import MILLION, Ints
from pipelines.underwriting.simulation import CENTS, Simulated

Row = dict[str, Any]

DAYS_A_YEAR = 365.25

PERCENTILES = {"p5": 5, "p50": 50, "p95": 95}


def dollars(cents: float) -> Decimal:
    """Cents as dollars."""
    return (Decimal(str(cents)) / CENTS).quantize(CENT, rounding=ROUND_HALF_UP)


def spread(cents: Ints | Floats) -> Row:
    """Percentiles and mean of draws of money. Percentiles are draws, not between two: an amount that can be paid."""
    values = {name: np.percentile(cents, at, method="inverted_cdf") for name, at in PERCENTILES.items()}
    return {f"{name}_usd": dollars(float(value)) for name, value in values.items()} | {
        "mean_usd": dollars(float(cents.mean()))
    }


def spread_of(values: Floats) -> Row:
    """Percentiles and mean of draws of anything else."""
    found = {name: float(np.percentile(values, at)) for name, at in PERCENTILES.items()}
    return found | {"mean": float(values.mean())}


def payments(run: Simulated) -> list[Row]:
    """What is paid in all and by clause; with a discount rate, what it is worth on the first day too."""
    rows: list[Row] = [{"part": "all", "title": "All payments"} | spread(run.total)]
    if rate := run.case.assumptions.discount_rate_percent:
        title = f"All payments, discounted to the first day at {rate:g} % a year"
        rows.append({"part": "present_value", "title": title} | spread(_discounted(run, rate)))
    clauses = [{"part": one.id, "title": one.title} | spread(run.of(one.id)) for one in run.case.contract.clauses]
    return [*rows, *clauses]


def _discounted(run: Simulated, percent: float) -> Floats:
    since = run.case.assumptions.enrolment.starts_on
    years = np.array([(place.earned_on - since).days / DAYS_A_YEAR for place in run.priced.places])
    return np.asarray((1 + percent / 100) ** -years @ run.priced.paid, dtype=np.float64)


def by_quarter(run: Simulated) -> list[Row]:
    """What is paid for what was earned in a quarter, by clause."""
    return [
        {"quarter": quarter, "clause_id": clause.id} | spread(run.of(clause.id, quarter))
        for quarter in run.quarters
        for clause in run.case.contract.clauses
    ]


def cash_flow(run: Simulated) -> list[Row]:
    """What each payer pays by quarter."""
    return [
        {"quarter": quarter, "payer_id": payer.id, "payer": payer.payer, "funding_stream": payer.funding_stream}
        | spread(run.of_payer(at, quarter))
        for quarter in run.quarters
        for at, payer in enumerate(run.case.contract.payers)
    ]


def expected_units(run: Simulated) -> list[Row]:
    """Persons enrolled, and units of every clause."""
    enrolled = run.volumes.enrolled.sum(axis=0)
    rows: list[Row] = [{"part": "enrolled", "title": "Persons enrolled", "unit": "person"} | spread_of(enrolled)]
    for clause in run.case.contract.clauses:
        named = {"part": clause.id, "title": clause.title, "unit": clause.unit}
        rows.append(named | spread_of(run.units(clause.id) / MILLION))
    return rows


def programme_cents(run: Simulated) -> Floats:
    """What the services cost in every draw."""
    programme = run.case.assumptions.programme
    per_year = float(programme.per_person_month_usd) * 12 * CENTS
    return float(programme.fixed_usd) * CENTS + run.volumes.person_years * per_year


def chances(run: Simulated) -> list[Row]:
    """Chances that somebody is going to ask for: of the cap, of each investor's repayment, of the provider's cost."""
    contract = run.case.contract
    capped = run.priced.contract_cut > 0
    rows = [{"what": "cap", "title": f"The cap of ${contract.cap_usd:,.0f} cuts", "chance": float(capped.mean())}]
    owed = 0
    for one in contract.investments:
        owed += int(one.amount_usd * CENTS)
        title = f"Payments reach ${owed / CENTS:,.0f}: {one.investor} ({one.type}) is repaid"
        rows.append({"what": "repayment", "title": title, "chance": float((run.total >= owed).mean())})
    covered = float((run.total >= programme_cents(run)).mean())
    return [*rows, {"what": "cost", "title": "Payments cover the cost of the programme", "chance": covered}]


def drawn_payments(run: Simulated) -> Iterator[tuple[str, str, Ints]]:
    """(clause, quarter, cents in every draw): everything that was drawn."""
    for clause in run.case.contract.clauses:
        for quarter in run.quarters:
            yield clause.id, quarter, run.of(clause.id, quarter)
