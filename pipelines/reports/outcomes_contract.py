"""A contract's page in plain language: what is paid, for what, by whom, up to which limits. Drawn from its YAML."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pipelines.contracts.terms import Clause, Escalator, OutcomesContract, Tiers
from pipelines.lake import replacing
from pipelines.outcomes import Measure
from pipelines.reports.pages import page_environment
from pipelines.reports.wording import dollars

OVER = {"period": "in a period", "contract": "over the whole contract"}
PAYS = {
    "met": "for each person who met it",
    "not_met": "for each person to whom it did not happen",
    "at_most": "for each provider and quarter at or below",
    "at_least": "for each provider and quarter at or above",
}


def draw_outcomes_contract(contract: OutcomesContract, measure_by_id: dict[str, Measure], out: Path) -> Path:
    """Write the page of a contract; returns where it is."""
    page = page_environment().get_template("outcomes_contract.html")
    terms = [(clause, contract.metric(clause), list(clause_terms(clause))) for clause in contract.clauses]
    with replacing(out) as staged:
        staged.write_text(page.render(contract=contract, terms=terms, measures=measure_by_id), encoding="utf-8")
    return out


def clause_terms(clause: Clause) -> Iterator[str]:
    """A clause's terms, a sentence each."""
    yield _paid_for(clause)
    yield from _price(clause)
    if clause.minimum is not None:
        then = "every unit is paid" if clause.minimum.then_pays == "all_units" else "what lies above it is paid"
        yield f"Nothing is paid below {clause.minimum.quantity} {OVER[clause.minimum.over]}; from there on {then}."
    if clause.maximum is not None:
        yield f"At most {clause.maximum.quantity} units are paid {OVER[clause.maximum.over]}."
    if clause.quantity_rounding == "down":
        yield "Only whole units are paid."
    if clause.period_cap_usd is not None:
        yield f"At most {dollars(clause.period_cap_usd)} in a period."
    if clause.cap_usd is not None:
        yield f"At most {dollars(clause.cap_usd)} in all."
    yield from _conditions(clause)


def _paid_for(clause: Clause) -> str:
    if clause.pays_per == "population":
        return f"Paid by the {clause.unit.replace('-', ' ')}, one quantity a period for everybody together."
    who = PAYS[clause.pays_when] if clause.pays_when else "for each person who is counted"
    text = f"Paid {who}" + (f" {clause.threshold}" if clause.threshold is not None else "")
    if clause.counts == "numerator":
        text += f", as many {clause.unit}s as were counted"
    if clause.program_code is not None:
        text += f", in programme {clause.program_code}"
    if clause.minimum_n > 1:
        text += f", where at least {clause.minimum_n} persons are counted"
    return text + "."


def _price(clause: Clause) -> Iterator[str]:
    if clause.price_usd is not None:
        yield f"{dollars(clause.price_usd)} a {clause.unit.replace('-', ' ')}."
    if clause.tiers is not None:
        yield from _tiers(clause.tiers)
    if clause.escalator is not None:
        yield _escalator(clause.escalator)


def _tiers(tiers: Tiers) -> Iterator[str]:
    yield f"The price depends on the quantity {OVER[tiers.over]}:"
    for step in tiers.steps:
        upto = f"to below {step.ends_at}" if step.ends_at is not None else "on"
        if tiers.priced == "all_units":
            yield f"From {step.starts_at} {upto}: {dollars(step.price_usd)} for every unit."
        else:
            base = f"{dollars(step.base_usd)}, and " if step.base_usd else ""
            yield f"From {step.starts_at} {upto}: {base}{dollars(step.price_usd)} for each unit above {step.starts_at}."


def _escalator(escalator: Escalator) -> str:
    return f"The price rises by {escalator.percent_per_year} % on {escalator.first_raise_on} and each year after."


def _conditions(clause: Clause) -> Iterator[str]:
    conditions = clause.conditions
    if conditions.window_months is not None:
        yield f"Looked at over {conditions.window_months} months."
    if conditions.precondition_days is not None:
        yield f"Counted once {conditions.precondition_days} days were reached, or by an allowed exit."
    if conditions.max_gap_days is not None:
        yield f"Gaps of up to {conditions.max_gap_days} days do not interrupt."
    if conditions.net_of:
        yield f"Net of {', '.join(one.replace('_', ' ') for one in conditions.net_of)}."
    if conditions.allowed_exits:
        yield f"Allowed exits: {'; '.join(one.replace('_', ' ') for one in conditions.allowed_exits)}."
