"""What outcomes are worth: cost avoided by funding stream, prices by cost, value or policy, and what can be proved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np

from pipelines.contracts.fields import CENT
from pipelines.contracts.terms import Clause, OutcomesContract
from pipelines.underwriting import power
from pipelines.underwriting.assumptions import UnitCost
from pipelines.underwriting.chances import Floats
from pipelines.underwriting.draws_pricing import MILLION
from pipelines.underwriting.evidence import BASELINE_MONTHS, Evidence
from pipelines.underwriting.findings import dollars, programme_cents, spread
from pipelines.underwriting.inputs import Inputs
from pipelines.underwriting.simulation import CENTS, Simulated
from pipelines.underwriting.volumes import Luck, with_effect

Row = dict[str, Any]

PER_ARM = 300
"""The size of Just-in-Reach, at which power is told in every memo, beside the size that is expected here."""


def avoided(run: Simulated, inputs: Inputs, luck: Luck) -> list[Row]:
    """Cost avoided by funding stream, at marginal and at average cost."""
    rows: list[Row] = []
    for cost in run.case.assumptions.unit_costs:
        units = avoided_units(cost, run.volumes.person_years, inputs, luck)
        for basis, price in (("marginal", cost.marginal_usd), ("average", cost.average_usd)):
            for stream in cost.streams:
                cents = units * float(price) * CENTS * stream.share
                named = {"unit_cost": cost.id, "title": cost.title, "basis": basis, "unit_usd": price}
                rows.append(named | {"funding_stream": stream.funding_stream} | spread(cents))
    return rows


def avoided_units(cost: UnitCost, years: Floats, inputs: Inputs, luck: Luck) -> Floats:
    """Days or visits that do not happen, in every draw."""
    baseline = luck.number(inputs, f"{cost.id}.baseline")
    return years * baseline * luck.number(inputs, f"{cost.id}.reduction")


def avoided_means(run: Simulated, inputs: Inputs, luck: Luck) -> dict[str, Decimal]:
    """The mean of all cost avoided, at marginal and at average cost."""
    years, costs = run.volumes.person_years, run.case.assumptions.unit_costs
    means = [(cost, float(avoided_units(cost, years, inputs, luck).mean())) for cost in costs]
    return {
        basis: sum((Decimal(str(units)) * getattr(cost, f"{basis}_usd") for cost, units in means), Decimal(0))
        for basis in ("marginal", "average")
    }


def prices(run: Simulated, avoided_usd: Mapping[str, Decimal]) -> list[Row]:
    """The price of a unit by cost, by value and by policy, clause by clause.

    By policy: the contract's own; under tiers, what a unit comes to. By cost: the programme's cost shared among the
    expected units; by value: a share of the cost avoided. Either is shared among clauses as the contract shares its own
    payments before caps: that says what each clause is worth to the other.
    """
    case = run.case
    earned = {clause.id: _earned(run, clause) for clause in case.contract.clauses}
    total = sum(earned.values())
    cost = dollars(float(programme_cents(run).mean()))
    value = avoided_usd[case.assumptions.value.at] * Decimal(str(case.assumptions.value.share))
    rows = []
    for clause in case.contract.clauses:
        units = float(run.units(clause.id).mean()) / MILLION
        weight = earned[clause.id] / total if total else 0.0
        shared = {name: _per_unit(amount, weight, units) for name, amount in (("cost", cost), ("value", value))}
        policy = clause.price_usd if clause.price_usd is not None else _per_unit(dollars(total), weight, units)
        rows.append(
            {"clause_id": clause.id, "title": clause.title, "unit": clause.unit, "expected_units": units}
            | {"by_cost_usd": shared["cost"], "by_value_usd": shared["value"], "by_policy_usd": policy}
        )
    return rows


def _earned(run: Simulated, clause: Clause) -> float:
    rows = [at for at, place in enumerate(run.priced.places) if place.clause_id == clause.id]
    return float(run.priced.earned[rows].sum(axis=0).mean())


def _per_unit(amount: Decimal, weight: float, units: float) -> Decimal | None:
    if units <= 0:
        return None
    return (amount * Decimal(str(weight)) / Decimal(str(units))).quantize(CENT, rounding=ROUND_HALF_UP)


def repriced(contract: OutcomesContract, rows: Iterable[Row], by: str) -> OutcomesContract:
    """The contract with the prices of a basis; a clause with tiers keeps them."""
    if by == "policy":
        return contract
    new = {row["clause_id"]: row[f"by_{by}_usd"] for row in rows}
    clauses = tuple(
        clause.model_copy(update={"price_usd": new[clause.id]})
        if clause.price_usd is not None and new[clause.id] is not None
        else clause
        for clause in contract.clauses
    )
    return contract.model_copy(update={"clauses": clauses})


def power_rows(run: Simulated, inputs: Inputs, evidence: Evidence) -> list[Row]:
    """What an evaluation with two arms could tell of each effect, at 300 an arm and at the expected size."""
    expected = max(int(np.median(run.volumes.enrolled.sum(axis=0))), 1)
    rows: list[Row] = []
    for clause in run.case.assumptions.clauses:
        terms = run.case.contract.clause(clause.id)
        if terms is None or terms.pays_per != "person":
            continue
        baseline = min(inputs[f"{clause.id}.baseline"].value.base, 1.0)
        effect = np.array([inputs[f"{clause.id}.effect"].value.base])
        treated = float(np.clip(with_effect(clause.effect.kind, np.array([baseline]), effect, 1.0), 0, 1)[0])
        if treated == baseline:
            continue  # nothing is expected, so there is nothing to find
        for persons in dict.fromkeys((PER_ARM, expected)):
            rows.append(
                {"part": clause.id, "title": terms.title, "test": "two proportions", "persons_per_arm": persons}
                | {"baseline": baseline, "dispersion": None, "expected_effect": abs(treated - baseline)}
                | {"least_effect": power.least_difference(persons, baseline)}
                | {"power": power.power_of_difference(persons, baseline, treated)}
            )
    for cost in run.case.assumptions.unit_costs:
        rows += _power_of_counts(cost, expected, inputs, evidence)
    return rows


def _power_of_counts(cost: UnitCost, expected: int, inputs: Inputs, evidence: Evidence) -> Iterator[Row]:
    mean, reduction = inputs[f"{cost.id}.baseline"].value.base, inputs[f"{cost.id}.reduction"].value.base
    if mean <= 0:
        return
    dispersion = _dispersion(cost, evidence)
    for persons in dict.fromkeys((PER_ARM, expected)):
        yield (
            {"part": cost.id, "title": cost.title, "test": "negative binomial", "persons_per_arm": persons}
            | {"baseline": mean, "dispersion": dispersion, "expected_effect": reduction}
            | {"least_effect": power.least_reduction(persons, mean, dispersion)}
            | {"power": power.power_of_reduction(persons, mean, dispersion, reduction)}
        )


def _dispersion(cost: UnitCost, evidence: Evidence) -> float:
    """How much persons differ: as the untreated follow-up shows it, else as stated."""
    if evidence.untreated_units(cost.episodes) is not None:
        for row in evidence.baselines:
            if (row["kind"], row["months"], row["is_untreated"]) == (cost.episodes, BASELINE_MONTHS[0], True):
                mean, variance = row["units_per_year_after"], row["variance_after"]
                return max((variance - mean) / mean**2, 0.0) if mean else cost.dispersion
    return cost.dispersion
