"""What is wrong with an outcomes contract as a whole: names that lead nowhere, overlapping tiers, shares ≠ 100 %.

Belongs here: faults and their mends. Whoever reads the file adds its name and line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Protocol

from pipelines.contracts.terms import PAYS_WHEN, Clause, CostReimbursement, OutcomesContract, Tiers
from pipelines.outcomes import Measure

WHOLE_PERCENT = Decimal(100)

READ_BY_NOBODY = {
    "person": ("threshold", "minimum_n"),
    "provider_period": ("counts", "program_code"),
    "population": ("pays_when", "threshold", "program_code", "minimum_n"),
}
"""What a clause pays per → fields that would be passed over there, so that the writer would rely on them in vain."""


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong, where it stands, and how to mend it."""

    place: tuple[str | int, ...]
    mend: str


class _Named(Protocol):
    @property
    def id(self) -> str: ...


def faults_of(
    contract: OutcomesContract, measures: Mapping[str, Measure], unavailable: Mapping[str, str]
) -> Iterator[Fault]:
    """Everything that is wrong, in no order but that of looking.

    `unavailable`: measures that the extracts cannot give → what an agency would have to send.
    """
    if contract.ends_on < contract.starts_on:
        yield Fault(("ends_on",), "lies before starts_on; correct one of them")
    named: dict[str, Sequence[_Named]] = {
        "parties": contract.parties,
        "outcome_payment_commitments": contract.payers,
        "outcome_metrics": contract.outcome_metrics,
        "clauses": contract.clauses,
    }
    for field, entries in named.items():
        yield from _ids(field, entries)
    yield from _budget_caps(contract)
    yield from _commitments(contract)
    for position, clause in enumerate(contract.clauses):
        for fault in _clause(contract, clause, measures):
            yield Fault(("clauses", position, *fault.place), fault.mend)
    yield from _metrics(contract, measures, unavailable)
    if contract.cost_reimbursement is not None:
        yield from _rates(contract.cost_reimbursement)


def _rates(beside: CostReimbursement) -> Iterator[Fault]:
    for position, rate in enumerate(beside.rates):
        place = ("cost_reimbursement", "rates", position)
        if rate.function_to < rate.function_from:
            yield Fault((*place, "function_to"), "lies below function_from; correct one of them")
        for other in beside.rates[:position]:
            is_apart = rate.function_to < other.function_from or other.function_to < rate.function_from
            if rate.mode_code == other.mode_code and not is_apart:
                yield Fault(place, f"overlaps {other.title}, so that a service would cost twice; part them")


def _ids(field: str, entries: Sequence[_Named]) -> Iterator[Fault]:
    seen: set[str] = set()
    for position, entry in enumerate(entries):
        if entry.id in seen:
            yield Fault((field, position, "id"), f"{entry.id} is taken by another of the {field}; choose another")
        seen.add(entry.id)


def _budget_caps(contract: OutcomesContract) -> Iterator[Fault]:
    ordered = sorted(enumerate(contract.budget_caps), key=lambda entry: entry[1].starts_on)
    for position, cap in ordered:
        if cap.ends_on < cap.starts_on:
            yield Fault(("budget_caps", position, "ends_on"), "lies before starts_on; correct one of them")
    for (_, one), (position, other) in pairwise(ordered):
        if other.starts_on <= one.ends_on:
            yield Fault(("budget_caps", position, "starts_on"), "overlaps another budget cap; let one end before it")


def _commitments(contract: OutcomesContract) -> Iterator[Fault]:
    for position, payer in enumerate(contract.payers):
        if (payer.share_percent is None) == (not payer.shares):
            place = ("outcome_payment_commitments", position, "share_percent")
            yield Fault(place, "write either share_percent, or shares with the day from which each runs")
    for day in _days_of_change(contract):
        total = sum((payer.share_on(day) for payer in contract.payers), Decimal(0))
        if total != WHOLE_PERCENT:
            yield Fault(
                ("outcome_payment_commitments",), f"the shares sum to {total} % from {day} on; make them sum to 100"
            )


def _days_of_change(contract: OutcomesContract) -> list[date]:
    days = {share.starts_on for payer in contract.payers for share in payer.shares}
    return sorted({contract.starts_on, *(day for day in days if contract.starts_on <= day <= contract.ends_on)})


def _metrics(
    contract: OutcomesContract, measures: Mapping[str, Measure], unavailable: Mapping[str, str]
) -> Iterator[Fault]:
    used = {clause.metric for clause in contract.clauses}
    for position, metric in enumerate(contract.outcome_metrics):
        if metric.measure is not None and metric.measure not in measures:
            place = ("outcome_metrics", position, "measure")
            yield Fault(place, _no_measure(metric.measure, measures, unavailable))
        if metric.id not in used:
            yield Fault(("outcome_metrics", position, "id"), "no clause looks at it; add one, or take the metric out")


def _no_measure(name: str, measures: Mapping[str, Measure], unavailable: Mapping[str, str]) -> str:
    if name in unavailable:
        needs = unavailable[name].removesuffix(".")
        return f"{name} cannot be computed; take the field out, and price quantities from a file. It needs: {needs}"
    return f"there is no measure {name}; the measures are {', '.join(sorted(measures))}"


def _clause(contract: OutcomesContract, clause: Clause, measures: Mapping[str, Measure]) -> Iterator[Fault]:
    known = [metric.id for metric in contract.outcome_metrics]
    if clause.metric not in known:
        yield Fault(("metric",), f"there is no outcome metric {clause.metric}; there are {', '.join(known)}")
        return
    yield from _when(clause)
    if (clause.price_usd is None) == (clause.tiers is None):
        yield Fault(("price_usd",), "write either price_usd, or tiers")
    if clause.tiers is not None:
        yield from _tiers(clause.tiers)
    if clause.minimum and clause.maximum and clause.maximum.quantity < clause.minimum.quantity:
        yield Fault(("maximum", "quantity"), "lies below the minimum, so nothing could ever be paid; correct one")
    measure = measures.get(contract.metric(clause).measure or "")
    if measure is not None:
        yield from _conditions(clause, measure)


def _when(clause: Clause) -> Iterator[Fault]:
    if clause.pays_per != "population":
        if clause.unit == "percentage-point":
            yield Fault(("pays_per",), "points are those of a whole population; write population, or correct the unit")
        allowed = PAYS_WHEN[clause.pays_per]
        if clause.pays_when not in allowed and not (clause.pays_when is None and clause.counts == "numerator"):
            yield Fault(("pays_when",), f"per {clause.pays_per} it is one of {', '.join(allowed)}")
        if clause.pays_per == "provider_period" and clause.threshold is None:
            yield Fault(("threshold",), "the field is missing; say which estimate earns the payment")
    for field in READ_BY_NOBODY[clause.pays_per]:
        if getattr(clause, field) != Clause.model_fields[field].default:
            yield Fault(
                (field,), f"means nothing where pays_per is {clause.pays_per}, and nobody would read it; take it out"
            )


def _tiers(tiers: Tiers) -> Iterator[Fault]:
    for position, step in enumerate(tiers.steps):
        if step.ends_at is not None and step.ends_at <= step.starts_at:
            yield Fault(("tiers", "steps", position, "ends_at"), "does not lie above starts_at; correct one of them")
        if tiers.priced == "all_units" and step.base_usd:
            yield Fault(("tiers", "steps", position, "base_usd"), "goes with units_in_tier alone; take it out")
    for position, (lower, upper) in enumerate(pairwise(tiers.steps), start=1):
        place = ("tiers", "steps", position, "starts_at")
        if lower.ends_at is None or upper.starts_at < lower.ends_at:
            yield Fault(place, "overlaps the tier before; let each tier start where the one before ends")
        elif upper.starts_at > lower.ends_at:
            yield Fault(place, "leaves a gap after the tier before; let each tier start where the one before ends")
        elif _reached(tiers, position) < _left(tiers, position - 1):
            yield Fault(place, "pays less than the end of the tier before, so that one unit more would cost money")


def _left(tiers: Tiers, position: int) -> Decimal:
    """What is paid just below the end of a tier."""
    step = tiers.steps[position]
    ends_at = step.ends_at or step.starts_at
    if tiers.priced == "all_units":
        return step.price_usd * ends_at
    return step.base_usd + step.price_usd * (ends_at - step.starts_at)


def _reached(tiers: Tiers, position: int) -> Decimal:
    """What is paid at the start of a tier."""
    step = tiers.steps[position]
    return step.price_usd * step.starts_at if tiers.priced == "all_units" else step.base_usd


def _conditions(clause: Clause, measure: Measure) -> Iterator[Fault]:
    """A condition that the measure does not apply, or applies with another number, would be paid past."""
    conditions = clause.conditions
    stated = {
        "precondition_days": conditions.precondition_days,
        "window_months": conditions.window_months,
        "max_gap_days": conditions.max_gap_days,
    }
    names = {"window_months": "months"}
    for field, value in stated.items():
        applied = measure.parameters.get(names.get(field, field))
        if value is not None and applied != value:
            says = f"{measure.id} applies {applied}" if applied is not None else f"{measure.id} knows no such condition"
            yield Fault(("conditions", field), f"{says}; name a measure that does, or correct the condition")
    yield from _same_names("net_of", conditions.net_of, measure.net_of, measure)
    yield from _same_names("allowed_exits", conditions.allowed_exits, measure.allowed_exits, measure)


def _same_names(field: str, stated: Sequence[str], applied: Mapping[str, str], measure: Measure) -> Iterator[Fault]:
    """What the clause lists is what the measure applies: one more would be paid past, one less paid in silence."""
    if stated and set(stated) != applied.keys():
        says = f"applies {', '.join(applied)}" if applied else "knows no such condition"
        yield Fault(("conditions", field), f"{measure.id} {says}; name a measure that does, or correct the condition")
