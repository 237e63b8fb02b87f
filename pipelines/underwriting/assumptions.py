"""What an outcomes contract is underwritten on: flow, take-up, baselines, effects, links, costs, each with its source.

Belongs here: the fields, their types, and what is wrong with one field by itself. What is wrong beside the contract
stands in `reading.py`, how a chance is drawn in `chances.py`.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from pipelines.contracts.fields import Day, Id, Text, Usd
from pipelines.contracts.terms import Terms

EpisodeKind = Literal["custody", "homelessness", "psychiatric_emergency", "inpatient", "partnership"]
"""The episodes that make a person eligible, and whose units are counted before and after."""


def _real(value: Any) -> float:
    if isinstance(value, bool) or value is None:
        raise PydanticCustomError("number", "is a number")
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number) or number < 0:
        raise PydanticCustomError("number", "is a number of at least 0")
    return number


Real = Annotated[float, BeforeValidator(_real)]
Share = Annotated[float, BeforeValidator(_real), Field(le=1)]
Count = Annotated[int, Field(ge=1)]


class Range(Terms):
    """A number between its lowest and highest, most likely its base; drawn as a PERT distribution."""

    low: Real
    base: Real
    high: Real
    source: Text

    @model_validator(mode="after")
    def _is_in_order(self) -> Self:
        if not self.low <= self.base <= self.high:
            raise PydanticCustomError("order", "low, base and high do not rise; put them in order")
        return self


class Chance(Range):
    """A range of shares, from 0 to 1."""

    low: Share
    base: Share
    high: Share


class Criterion(Terms):
    """So many episodes of a kind within the months before a day."""

    episodes: EpisodeKind
    at_least: Count = 1
    within_months: Count


class Eligibility(Terms):
    """Who is eligible on a day, by episodes that began before it and by nothing that came after."""

    needs: Literal["all", "any"]
    criteria: Annotated[tuple[Criterion, ...], Field(min_length=1)]
    treatment: Literal["placement", "partnership"]
    """What makes a person treated, and so no part of the untreated follow-up: of a placement, under the contract's
    programmes."""
    source: Text


class RampUp(Terms):
    """The share of the full flow in the first months; whole from then on."""

    shares: tuple[Share, ...]
    source: Text


class Enrolment(Terms):
    """Who comes, from when on, how many a month, and how the flow grows."""

    starts_on: Day
    months: Count
    referred_per_month: Range
    ramp_up: RampUp
    eligibility: Eligibility | None = None
    """Without it no flow and no baseline is read from a lake."""


class Linkage(Terms):
    """How many true links are found, and how many found ones are true."""

    agency_pair: Text | None = None
    """Row of `linkage_by_group`, as `housing+sheriff`; where the lake has it, its figures are taken."""
    recall: Chance
    precision: Chance


class Baseline(Terms):
    """What would be without the programme."""

    of: Literal["untreated", "observed", "stated"]
    """`untreated`: the lake's own follow-up of eligible people who were not treated; `observed`: the clause's measure
    as the lake has it; both fall back to the value here where the lake has too few. `stated`: the value here."""
    value: Real
    persons: Count
    """How many persons the stated value was seen in; it is drawn as uncertain as that."""
    episodes: EpisodeKind | None = None
    """Of an untreated follow-up: any episode of this kind within the clause's months is the event."""
    source: Text


class Effect(Range):
    """What the programme does to the baseline.

    `rate`: the event's share among the treated; `difference`: points added; `reduction`: share of it that is avoided.
    """

    kind: Literal["rate", "difference", "reduction"]


class ClauseAssumptions(Terms):
    """What is assumed of one clause: the event it looks at, when, how often without and with the programme."""

    id: Id
    months: Annotated[int, Field(ge=0)]
    """After so many months from enrolment (of the first day of the term, where nobody is paid for) it is decided."""
    event: Literal["earns", "forfeits"] = "earns"
    is_linked: bool
    """Whether another agency's records decide, so that a missed link hides the event."""
    baseline: Baseline
    effect: Effect
    moves_with: Id | None = None
    """A clause whose effect is high when this one's is: the same evidence."""
    units_per_month: Range | None = None
    """Of a clause that pays days, months or visits: how many units a person has in a month."""
    first_month: Count | None = None
    """The first month after enrolment whose units are paid; without it, the first. A precondition of the contract is
    something else: who meets it is paid from the first day."""
    last_month: Count | None = None
    """The last month after enrolment whose units are paid; without it, until the contract ends."""
    providers: Count | None = None
    """Of a clause that pays a provider's quarter: how many providers are large enough."""
    variation_between: Range | None = None
    """Of such a clause: standard deviation between providers over their mean."""
    standard_error: Real = 0.0
    """Of a clause paid for a whole population: the sampling error of the evaluation, in the clause's unit."""
    every_months: Count | None = None
    """Of such a clause: how often it is paid anew until the contract ends; without it, once."""


class StreamShare(Terms):
    """Which part of a cost a funding stream bears."""

    funding_stream: Id
    share: Share


class UnitCost(Terms):
    """What one more unit costs, and what the average one does; the first is what is saved in the short run."""

    id: Id
    title: Text
    episodes: EpisodeKind
    baseline_per_year: Baseline
    reduction: Chance
    dispersion: Real = 1.0
    """Of persons' units in a year, beyond chance: variance = mean + dispersion × mean²."""
    average_usd: Usd
    marginal_usd: Usd
    streams: Annotated[tuple[StreamShare, ...], Field(min_length=1)]
    source: Text


class Programme(Terms):
    """What the services cost the provider."""

    fixed_usd: Usd
    per_person_month_usd: Usd
    months_per_person: Count
    funding_stream: Id
    source: Text


class Value(Terms):
    """Which share of the cost avoided a payer would pay for the outcome."""

    share: Share
    at: Literal["average", "marginal"]
    source: Text


class Assumptions(Terms):
    """Everything that an outcomes contract is underwritten on."""

    contract: Id
    version: Text
    text: Text
    enrolment: Enrolment
    take_up: Chance
    death_per_year: Chance
    move_per_year: Chance
    linkage: Linkage
    clauses: Annotated[tuple[ClauseAssumptions, ...], Field(min_length=1)]
    programme: Programme
    unit_costs: tuple[UnitCost, ...] = ()
    value: Value
    discount_rate_percent: Real = 0.0
    """Per year, of payments; 0: a dollar is a dollar."""
    path: Annotated[Path, Field(exclude=True, default=Path())]

    def clause(self, clause_id: str) -> ClauseAssumptions:
        """What is assumed of a clause."""
        return next(clause for clause in self.clauses if clause.id == clause_id)
