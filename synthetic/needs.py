"""What troubles whom, and so which agencies come to know them. Needs are correlated: the same people are in several."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthetic.chance import flags, top
from synthetic.population import People
from synthetic.settings import Book
from synthetic.times import (
    DAYS_A_YEAR,
    FIRST_AS_OF,
    HISTORY_START,
    HORIZON,
    NEVER,
    Bools,
    Floats,
    Ints,
    day_number,
    years_at,
)

PROGRAMMES_BEGUN = day_number(2022, 4, 1)
"""By then every housing programme has been taking people in for some months."""


@dataclass(frozen=True)
class Needs:
    """Row = person. `follows` is the row of the household head whose homelessness a person shares, or -1."""

    justice: Bools
    homeless: Bools
    follows: Ints
    mental: Bools
    health: Bools
    partner: Bools
    just_in_reach: Bools
    diverted: Bools
    subsidised: Bools
    death_day: Ints

    def alive_at(self, person: Ints, day: Ints) -> Bools:
        """Whether persons live on a day."""
        result: Bools = day < self.death_day[person]
        return result


def quota(share: float, most: float, county: int, start: int, count: int) -> int:
    """This chunk's part of a county-wide number of people, so that the parts add up to it exactly."""
    total = min(share * county, most)
    return int(total * (start + count) / county + 1e-9) - int(total * start / county + 1e-9)


def draw_needs(rng: np.random.Generator, people: People, county: int, rates: Book) -> Needs:
    """Choose who has which need."""
    common = _common(rng, people)
    score = {
        name: _score(rng, common, people, rates) for name in ("justice", "homeless", "mental", "health", "programme")
    }
    grown = years_at(people.birth_day, FIRST_AS_OF) >= 19.5
    part = _Quotas(rates, county, int(people.number[0]), people.count)
    chosen = top(score["programme"], grown & (years_at(people.birth_day, FIRST_AS_OF) < 75), part.of("just_in_reach"))
    diverted = top(score["programme"], grown & ~chosen, part.of("diversion"))
    subsidised = top(score["programme"] + score["homeless"], grown & ~chosen & ~diverted, part.of("subsidy_pool"))
    programme = chosen | diverted
    homeless = top(score["homeless"] + 9 * (programme | subsidised), grown, part.of("homeless_adult"))
    child = flags(rng, rates.number("mentally_ill_child_share"), people.count) | grown
    mental = top(score["mental"] + 9 * programme, child, part.of("mental_health"))
    follows = _followers(rng, people, homeless)
    health = top(
        score["health"] + 0.8 * (homeless | (follows >= 0)), np.ones(people.count, dtype=bool), part.of("health")
    )
    return Needs(
        justice=top(score["justice"] + 9 * programme, grown, part.of("sheriff")),
        homeless=homeless | (follows >= 0),
        follows=follows,
        mental=mental,
        health=health,
        partner=top(score["mental"] + 0.4 * homeless, mental, part.of("full_service_partnership")),
        just_in_reach=chosen,
        diverted=diverted,
        subsidised=subsidised,
        death_day=_deaths(rng, people, homeless, programme | subsidised, rates),
    )


@dataclass(frozen=True)
class _Quotas:
    rates: Book
    county: int
    start: int
    count: int

    def of(self, name: str) -> int:
        most = self.rates.entries.get(f"{name}_most", float("inf"))
        return quota(self.rates.number(f"{name}_share"), float(most), self.county, self.start, self.count)


def _common(rng: np.random.Generator, people: People) -> Floats:
    """The need that all troubles share; partly the household's. Twins, and fathers and sons, have much the same."""
    of_household = rng.normal(size=people.members.households)[people.members.household]
    common = 0.6 * of_household + 0.8 * rng.normal(size=people.count)
    for one, other in (people.likenesses.twins, people.likenesses.fathers_and_sons, people.likenesses.namesakes):
        common[other] = common[one] = common[one] + 0.8
    return common


def _score(rng: np.random.Generator, common: Floats, people: People, rates: Book) -> Floats:
    weight = rates.number("common_need_weight")
    own = rng.normal(size=people.count)
    for one, other in (people.likenesses.twins, people.likenesses.fathers_and_sons):
        own[other] = own[one]
    score: Floats = weight * common + (1 - weight**2) ** 0.5 * own
    return score


def _followers(rng: np.random.Generator, people: People, homeless: Bools) -> Ints:
    """Children of a homeless head are homeless with them; spouses, half of them."""
    head = people.members.head
    young = (people.members.role == "child") & (years_at(people.birth_day, FIRST_AS_OF) < 20)
    spouse = (people.members.role == "spouse") & flags(rng, 0.5, people.count)
    follows = homeless[head] & (young | spouse) & ~homeless
    return np.where(follows, head, -1)


def _deaths(rng: np.random.Generator, people: People, homeless: Bools, housed: Bools, rates: Book) -> Ints:
    """Days of death by age and homelessness; NEVER for those who outlive the lives we draw.

    Whom a programme houses was alive when it began to take people in.
    """
    age = years_at(people.birth_day, FIRST_AS_OF)
    a_year = rates.number("deaths_a_year_at_50") * 2 ** ((age - 50) / rates.number("death_doubling_years"))
    a_year = np.minimum(a_year * np.where(homeless, rates.number("homeless_death_ratio"), 1.0), 0.3)
    born = np.maximum(people.birth_day, np.where(housed, PROGRAMMES_BEGUN, HISTORY_START))
    day = born + 30 + rng.exponential(DAYS_A_YEAR / a_year).astype(np.int64)
    return np.where(day < HORIZON, day, NEVER)
