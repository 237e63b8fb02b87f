"""The uncertain numbers of a case: from the lake where it has enough people, else as the assumptions state them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pipelines.contracts.terms import Clause
from pipelines.underwriting.assumptions import Baseline, ClauseAssumptions, Linkage, Range, UnitCost
from pipelines.underwriting.chances import (
    Pert,
    Resampled,
    Uncertain,
    mean_of_counts,
    mean_of_persons,
    pert,
    share_of_persons,
)
from pipelines.underwriting.evidence import Evidence
from pipelines.underwriting.reading import Case

FROM_LAKE, STATED = "lake", "stated"


@dataclass(frozen=True)
class Input:
    """One uncertain number, with where it is from."""

    name: str
    title: str
    value: Uncertain
    origin: str
    """`lake` or `stated`."""
    source: str


Inputs = Mapping[str, Input]


def inputs_of(case: Case, evidence: Evidence) -> dict[str, Input]:
    """Every uncertain number of a case, by its name."""
    assumptions = case.assumptions
    found = [
        _stated("referred_per_month", "Persons referred a month", assumptions.enrolment.referred_per_month),
        _stated("take_up", "Take-up of the referred", assumptions.take_up),
        _stated("death_per_year", "Deaths a year", assumptions.death_per_year),
        _stated("move_per_year", "Moves out of the county a year", assumptions.move_per_year),
        *_linkage(assumptions.linkage, evidence),
    ]
    for assumed in assumptions.clauses:
        clause = case.contract.clause(assumed.id)
        if clause is not None:
            found += _of_clause(clause, assumed, evidence)
    for cost in assumptions.unit_costs:
        found += _of_cost(cost, evidence)
    return {one.name: one for one in found}


def _stated(name: str, title: str, value: Range) -> Input:
    return Input(name, title, pert(value), STATED, value.source)


def _linkage(linkage: Linkage, evidence: Evidence) -> Iterator[Input]:
    for name, stated, measured in (
        ("linkage_recall", linkage.recall, evidence.recall),
        ("linkage_precision", linkage.precision, evidence.precision),
    ):
        title = f"Linkage {name.removeprefix('linkage_')}"
        if measured is None:
            yield _stated(name, title, stated)
            continue
        # how uncertain it is stays as stated; where it lies is measured
        low = max(measured - (stated.base - stated.low), 0.0)
        high = min(measured + (stated.high - stated.base), 1.0)
        source = f"linkage_by_group of the lake, {linkage.agency_pair}; width as stated"
        yield Input(name, title, Pert(low, measured, high), FROM_LAKE, source)


def _of_clause(clause: Clause, assumed: ClauseAssumptions, evidence: Evidence) -> Iterator[Input]:
    yield _baseline(clause, assumed, evidence)
    yield _stated(f"{assumed.id}.effect", f"{clause.title}: effect ({assumed.effect.kind})", assumed.effect)
    if assumed.units_per_month is not None:
        yield _stated(f"{assumed.id}.units_per_month", f"{clause.title}: units a month", assumed.units_per_month)
    if assumed.variation_between is not None:
        title = f"{clause.title}: variation between providers"
        yield _stated(f"{assumed.id}.variation_between", title, assumed.variation_between)


def _baseline(clause: Clause, assumed: ClauseAssumptions, evidence: Evidence) -> Input:
    name, title, baseline = f"{assumed.id}.baseline", f"{clause.title}: baseline", assumed.baseline
    if clause.pays_per == "provider_period":
        totals = evidence.observed_units(assumed.id) if baseline.of == "observed" else None
        if totals is None:
            return Input(name, title, mean_of_counts(baseline.value, baseline.persons), STATED, baseline.source)
        scaled = totals * [clause_scale(clause), 1.0, 1.0]
        return Input(
            name, title, mean_of_persons(scaled, name), FROM_LAKE, _lake_source("observed", totals[:, 2].sum())
        )
    counted = _counted(assumed, baseline, evidence)
    if counted is None:
        met = round(baseline.value * baseline.persons)
        value = Resampled(baseline.value, share_of_persons(met, baseline.persons).replicates)
        return Input(name, title, value, STATED, baseline.source)
    return Input(name, title, share_of_persons(*counted), FROM_LAKE, _lake_source(baseline.of, counted[1]))


def clause_scale(clause: Clause) -> float:
    """What a measure of a provider's quarter is told per: our rates of members are per 1,000 member-months."""
    return 1000.0 if clause.pays_per == "provider_period" else 1.0


def _counted(assumed: ClauseAssumptions, baseline: Baseline, evidence: Evidence) -> tuple[int, int] | None:
    if baseline.of == "untreated" and baseline.episodes is not None:
        return evidence.untreated(baseline.episodes, assumed.months)
    return evidence.observed(assumed.id) if baseline.of == "observed" else None


def _of_cost(cost: UnitCost, evidence: Evidence) -> Iterator[Input]:
    name, title = f"{cost.id}.baseline", f"{cost.title}: units a person and year without the programme"
    stated = cost.baseline_per_year
    totals = evidence.untreated_units(cost.episodes) if stated.of == "untreated" else None
    if totals is None:
        yield Input(name, title, mean_of_counts(stated.value, stated.persons), STATED, stated.source)
    else:
        persons = totals[:, 2].sum()
        yield Input(name, title, mean_of_persons(totals, name), FROM_LAKE, _lake_source("untreated", persons))
    yield _stated(f"{cost.id}.reduction", f"{cost.title}: share avoided", cost.reduction)


def _lake_source(of: str, persons: float) -> str:
    what = "untreated follow-up of eligible persons" if of == "untreated" else "the measure as the lake has it"
    return f"{what}, {int(persons):,} persons"
