"""How many units a contract would have to pay: enrolment by month, then what becomes of the enrolled, draw by draw.

Belongs here: flow → persons → units. What units are paid stands in `draws_pricing.py`. Every array's last axis is the
draw. All randomness goes by quantiles (`chances.py`), so that more take-up, more effect or fewer deaths never make
fewer units in any draw.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
from scipy.special import gammainc, ndtri

from pipelines.contracts import OutcomesContract
from pipelines.contracts.state import period_of
from pipelines.contracts.terms import Clause
from pipelines.underwriting.assumptions import ClauseAssumptions
from pipelines.underwriting.chances import Floats, arrivals, binomial, quantiles
from pipelines.underwriting.draws_pricing import MILLION, Ints, UnitPlace
from pipelines.underwriting.inputs import Inputs
from pipelines.underwriting.reading import Case

DAYS_A_QUARTER = 365.25 / 4
MONTHS_A_QUARTER = 3
PERCENT = 100.0


@dataclass(frozen=True)
class Volumes:
    """Units of every place in every draw, and the persons behind them."""

    places: tuple[UnitPlace, ...]
    quantities: Ints
    """place × draw, in millionths."""
    enrolled: Floats
    """month × draw."""
    person_years: Floats
    """draw: years in the programme, until death, move or its end."""


@dataclass(frozen=True)
class Luck:
    """A run's seed and draws, and the numbers that are held at a value instead of drawn."""

    seed: int
    draws: int
    held: Mapping[str, float] = field(default_factory=dict)
    effect_scale: float = 1.0
    """1: the effects as assumed; 0: none."""

    def number(self, inputs: Inputs, name: str, like: str | None = None) -> Floats:
        """A number in every draw; `like`: with the luck of another number."""
        if name in self.held:
            return np.full(self.draws, self.held[name])
        return inputs[name].value.at(quantiles(self.seed, like or name, self.draws))

    def quantiles(self, name: str, rows: int) -> Floats:
        """row × draw: the luck of persons, once the numbers are drawn."""
        return quantiles(self.seed, "persons of " + name, (rows, self.draws))


def volumes(case: Case, inputs: Inputs, luck: Luck) -> Volumes:
    """Enrol, follow and count in every draw."""
    assumptions = case.assumptions
    enrolled = _enrolled(case, inputs, luck)
    leaving = np.minimum(luck.number(inputs, "death_per_year") + luck.number(inputs, "move_per_year"), 1.0)
    stays = 1.0 - leaving
    units: dict[UnitPlace, Floats] = {}
    for position, clause in enumerate(case.contract.clauses):
        counted = _Counting(case.contract, clause, assumptions.clause(clause.id), inputs, luck, stays)
        for earned_on, quantity in counted.units(enrolled, assumptions.enrolment.starts_on).items():
            period = period_of(earned_on, case.contract.calendar.statement_every)
            units[UnitPlace(earned_on, period, position, clause.id)] = quantity
    places = tuple(sorted(units))
    # to the nearest millionth: persons are whole, and days and points are finer than anything that is measured
    quantities = np.array([np.rint(units[place] * MILLION) for place in places]).astype(np.int64)
    years = _years_in_programme(stays, assumptions.programme.months_per_person)
    return Volumes(places, quantities.reshape(len(places), luck.draws), enrolled, enrolled.sum(axis=0) * years)


def _enrolled(case: Case, inputs: Inputs, luck: Luck) -> Floats:
    """Month × draw: referred, taken up, and no more than the contract aims at."""
    enrolment, contract = case.assumptions.enrolment, case.contract
    full = luck.number(inputs, "referred_per_month") * luck.number(inputs, "take_up")
    ramp = enrolment.ramp_up.shares
    luck_of_months = luck.quantiles("enrolment", enrolment.months)
    room = np.full(luck.draws, float(contract.population.targeted_number or math.inf))
    months = np.zeros((enrolment.months, luck.draws))
    for month in range(enrolment.months):
        if add_months(enrolment.starts_on, month) > contract.ends_on:
            break
        # people who are referred and agree one by one: a thinned Poisson stream is a Poisson stream
        share = ramp[month] if month < len(ramp) else 1.0
        months[month] = np.minimum(arrivals(luck_of_months[month], full * share), room)
        room = room - months[month]
    return months


def _years_in_programme(stays: Floats, months: int) -> Floats:
    """The mean time from enrolment until death, move or the programme's end."""
    years = months / 12
    loss = -np.log(np.maximum(stays, 1e-9))
    whole = loss < 1e-9
    safe = np.where(whole, 1.0, loss)
    return np.where(whole, years, (1 - np.exp(-safe * years)) / safe)


def add_months(day: date, months: int) -> date:
    """The first day of the month so many months later; enrolment is counted by months."""
    at = day.year * 12 + day.month - 1 + months
    return date(at // 12, at % 12 + 1, 1)


def last_day(since: date, quarter: int) -> date:
    """The last day of a quarter counted from a first day: the first quarter is 0."""
    return add_months(since, (quarter + 1) * MONTHS_A_QUARTER) - timedelta(days=1)


def with_effect(kind: str, baseline: Floats, effect: Floats, scale: float) -> Floats:
    """What the baseline becomes under so much of an effect: 0 leaves it, 1 is the whole effect."""
    if kind == "rate":
        return baseline + scale * (effect - baseline)
    return baseline + scale * effect if kind == "difference" else baseline * (1 - scale * effect)


@dataclass(frozen=True)
class _Counting:
    """One clause while its units are counted."""

    contract: OutcomesContract
    clause: Clause
    assumed: ClauseAssumptions
    inputs: Inputs
    luck: Luck
    stays: Floats
    """Share that neither dies nor moves within a year."""

    def units(self, enrolled: Floats, starts_on: date) -> dict[date, Floats]:
        """Day on which they are earned → quantity in every draw."""
        if self.clause.pays_per == "population":
            return self._for_all(starts_on)
        if self.clause.pays_per == "provider_period":
            return self._provider_quarters(len(enrolled), starts_on)
        if self.clause.counts == "numerator":
            return self._units_in_time(enrolled, starts_on)
        return self._persons(enrolled, starts_on)

    def _persons(self, enrolled: Floats, starts_on: date) -> dict[date, Floats]:
        seen = self._seen(np.clip(self._treated(), 0.0, 1.0))
        earning = (seen if self.assumed.event == "earns" else 1.0 - seen) * self.stays ** (self.assumed.months / 12)
        luck = self.luck.quantiles(self.clause.id, len(enrolled))
        return {
            add_months(starts_on, month + self.assumed.months): binomial(luck[month], enrolled[month], earning)
            for month in range(len(enrolled))
            if add_months(starts_on, month) <= self.contract.ends_on
        }

    def _units_in_time(self, enrolled: Floats, starts_on: date) -> dict[date, Floats]:
        """Persons who stay earn units until they leave; by quarters, for quarterly cohorts."""
        quarters = math.ceil((_months_between(starts_on, self.contract.ends_on) + 1) / MONTHS_A_QUARTER)
        kept_a_month = np.clip(self._treated(), 0.0, 1.0) ** (1 / max(self.assumed.months, 1))
        kept = (kept_a_month * self.stays ** (1 / 12)) ** MONTHS_A_QUARTER
        earned: dict[date, Floats] = {}
        for first in range(0, len(enrolled), MONTHS_A_QUARTER):
            cohort = enrolled[first : first + MONTHS_A_QUARTER].sum(axis=0)
            self._follow(cohort, add_months(starts_on, first), quarters - first // MONTHS_A_QUARTER, kept, earned)
        return earned

    def _follow(self, cohort: Floats, since: date, quarters: int, kept: Floats, earned: dict[date, Floats]) -> None:
        units = self._seen_units(self.luck.number(self.inputs, f"{self.clause.id}.units_per_month")) * MONTHS_A_QUARTER
        last = math.ceil((self.assumed.last_month or quarters * MONTHS_A_QUARTER) / MONTHS_A_QUARTER)
        waits = math.ceil((self.clause.conditions.precondition_days or 0) / DAYS_A_QUARTER)
        skips = ((self.assumed.first_month or 1) - 1) // MONTHS_A_QUARTER
        # chance decides who is still there when the first units are paid; from then on the mean does, for what one
        # quarter more or less of a person comes to is nothing beside what is not known of all of them
        first = max(waits, skips, 1)
        luck = self.luck.quantiles(f"{self.clause.id} {since}", 1)[0]
        present = binomial(luck, cohort, kept**first)
        for quarter in range(first - 1, min(quarters, last)):
            if quarter + 1 > first:
                before, present = present, present * kept
                paid = (before + present) / 2 * units
            elif first > skips:
                # who reaches a precondition is paid for the whole time until then
                paid = (present if waits > 1 else (cohort + present) / 2) * units * first
            else:
                continue
            day = last_day(since, quarter)
            earned[day] = earned.get(day, np.zeros_like(paid)) + paid

    def _for_all(self, starts_on: date) -> dict[date, Floats]:
        """One quantity for the whole population: the effect as an evaluation would find it, points in percent."""
        baseline, effect = self._baseline(), self._effect()
        found = self.luck.effect_scale * (effect - baseline if self.assumed.effect.kind == "rate" else effect)
        points = PERCENT if self.clause.unit == "percentage-point" else 1.0
        every, months = self.assumed.every_months, _months_between(starts_on, self.contract.ends_on)
        paid_after = range(self.assumed.months, months + 2, every) if every else [self.assumed.months]
        luck = self.luck.quantiles(self.clause.id, len(paid_after))
        return {
            add_months(starts_on, after): np.maximum(found * points + self.assumed.standard_error * ndtri(one), 0.0)
            for after, one in zip(paid_after, luck, strict=True)
        }

    def _provider_quarters(self, months: int, starts_on: date) -> dict[date, Floats]:
        """Providers that pass the threshold in a quarter. The same luck in every quarter: who is good stays good."""
        variation = np.maximum(self.luck.number(self.inputs, f"{self.clause.id}.variation_between"), 1e-6)
        mean = np.maximum(self._seen_units(self._treated()), 1e-9)
        below = gammainc(1 / variation**2, float(self.clause.threshold or 0) / (mean * variation**2))
        passing = below if self.clause.pays_when == "at_most" else 1 - below
        luck = self.luck.quantiles(self.clause.id, 1)[0]
        providers = np.full(self.luck.draws, float(self.assumed.providers or 0))
        count = binomial(luck, providers, passing)
        quarters = math.ceil(months / MONTHS_A_QUARTER)
        return {last_day(starts_on, quarter): count for quarter in range(quarters)}

    def _treated(self) -> Floats:
        return with_effect(self.assumed.effect.kind, self._baseline(), self._effect(), self.luck.effect_scale)

    def _baseline(self) -> Floats:
        return self.luck.number(self.inputs, f"{self.clause.id}.baseline")

    def _effect(self) -> Floats:
        like = f"{self.assumed.moves_with}.effect" if self.assumed.moves_with else None
        return self.luck.number(self.inputs, f"{self.clause.id}.effect", like)

    def _seen(self, share: Floats) -> Floats:
        """The share of persons with the event as the linked records show it: misses lower it, false links raise it."""
        return np.minimum(self._seen_units(share), 1.0)

    def _seen_units(self, units: Floats) -> Floats:
        if not self.assumed.is_linked:
            return units
        precision = np.maximum(self.luck.number(self.inputs, "linkage_precision"), 1e-9)
        return units * self.luck.number(self.inputs, "linkage_recall") / precision


def _months_between(one: date, other: date) -> int:
    return (other.year - one.year) * 12 + other.month - one.month
