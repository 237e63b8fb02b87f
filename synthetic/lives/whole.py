"""Whole lives: every subject drawn in the order in which one bears on the next."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from synthetic.chance import stream
from synthetic.lives.care import draw_encounters, draw_services
from synthetic.lives.crisis import draw_inpatient, draw_visits
from synthetic.lives.custody import away, draw_custody
from synthetic.lives.dwelling import draw_assessments
from synthetic.lives.homelessness import draw_homelessness, homeless_spans
from synthetic.lives.partnerships import draw_partnerships
from synthetic.lives.programmes import Programmes, programmes
from synthetic.lives.tenancies import draw_tenancies
from synthetic.needs import Needs, draw_needs
from synthetic.population import People
from synthetic.settings import Book, Settings
from synthetic.spans import Spans
from synthetic.times import FIRST_AS_OF, Bools, Ints, years_at


@dataclass(frozen=True)
class Lives:
    """What truly happened to the people of a chunk."""

    people: People
    needs: Needs
    tenancies: pl.DataFrame
    partnerships: pl.DataFrame
    at_work: Programmes
    custody: pl.DataFrame
    away: Spans
    homelessness: pl.DataFrame
    homeless: Spans
    visits: pl.DataFrame
    inpatient: pl.DataFrame
    encounters: pl.DataFrame
    services: pl.DataFrame
    assessments: pl.DataFrame


def draw_lives(people: People, county: int, seed: int, chunk: int, settings: Settings) -> Lives:
    """The lives of a chunk of people."""

    def luck(subject: str) -> np.random.Generator:
        return stream(seed, chunk, f"lives/{subject}")

    rates = settings.lives
    needs = draw_needs(luck("needs"), people, county, rates.part("needs"))
    new = _newcomers(luck("newcomers"), people, needs, rates.part("extracts"), chunk)
    tenancies = draw_tenancies(luck("tenancies"), needs, settings)
    partnerships = draw_partnerships(luck("partnerships"), people, needs, settings)
    at_work = programmes(tenancies, partnerships, settings, seed)
    custody = draw_custody(luck("custody"), people, needs, tenancies, at_work, rates.part("custody"), new["sheriff"])
    locked = away(custody)
    homelessness = draw_homelessness(luck("homelessness"), people, needs, tenancies, rates.part("homelessness"))
    crisis = rates.part("psychiatric")
    visits = draw_visits(luck("visits"), people, needs, at_work, locked, crisis, new["mental_health"])
    inpatient = draw_inpatient(luck("inpatient"), visits, custody, needs, crisis)
    care, homeless = rates.part("care"), homeless_spans(homelessness)
    return Lives(
        people=people,
        needs=needs,
        tenancies=tenancies,
        partnerships=partnerships,
        at_work=at_work,
        custody=custody,
        away=locked,
        homelessness=homelessness,
        homeless=homeless,
        visits=visits,
        inpatient=inpatient,
        encounters=draw_encounters(luck("encounters"), people, needs, locked, care, new["health"]),
        services=draw_services(luck("services"), people, needs, partnerships, locked, care),
        assessments=draw_assessments(luck("dwelling"), partnerships, tenancies, homeless, locked, inpatient, settings),
    )


def _newcomers(
    rng: np.random.Generator, people: People, needs: Needs, rates: Book, chunk: int
) -> dict[str, tuple[Ints, Ints]]:
    """Who of the first chunk becomes a client for the first time in one of the coming nights, and on which day."""
    known = {"sheriff": needs.justice, "health": needs.health, "mental_health": needs.mental}
    nights = int(rates.number("newcomer_nights")) if chunk == 0 else 0
    day = FIRST_AS_OF - 2 + np.repeat(np.arange(nights), int(rates.number("newcomers_a_night")))
    return {agency: _of_agency(rng, people, needs, who, day) for agency, who in known.items()}


def _of_agency(rng: np.random.Generator, people: People, needs: Needs, known: Bools, day: Ints) -> tuple[Ints, Ints]:
    """Strangers to the agency, of age and alive; at most a tenth of them, where the county is small."""
    stranger = ~known & (years_at(people.birth_day, FIRST_AS_OF) > 19) & (needs.death_day > FIRST_AS_OF + 120)
    rows = rng.permutation(np.flatnonzero(stranger))
    most = min(len(day), len(rows) // 10)
    return rows[:most], day[:most]
