"""Psychiatric emergencies, and the inpatient stays that some of them end in."""

from __future__ import annotations

import numpy as np
import polars as pl

from synthetic.chance import choose, flags, lognormal_days, whole
from synthetic.lives.programmes import Programmes
from synthetic.needs import Needs
from synthetic.population import People
from synthetic.settings import Book
from synthetic.spans import Spans, clear_of_earlier, merged
from synthetic.tables import table
from synthetic.times import DAYS_A_YEAR, HISTORY_START, HORIZON, SECONDS_A_DAY, Bools, Ints, Texts


def draw_visits(
    rng: np.random.Generator,
    people: People,
    needs: Needs,
    at_work: Programmes,
    away: Spans,
    rates: Book,
    newcomers: tuple[Ints, Ints],
) -> pl.DataFrame:
    """Visits: person, start and end (seconds), whether admitted, and the route by which it is written down."""
    person, day = _days(rng, people, needs, at_work, rates)
    person, day = np.concatenate([person, newcomers[0]]), np.concatenate([day, newcomers[1]])
    start = day * SECONDS_A_DAY + whole(rng, 0, 24 * 60 - 1, len(day)) * 60
    order = np.lexsort((start, person))
    person, start = person[order], start[order]
    keep = ~away.hold(person, start)
    person, start = person[keep], start[keep]
    hours = np.clip(np.exp(rng.normal(np.log(rates.number("median_hours")), 0.6, len(start))), 1.5, 60)
    end = np.minimum(start + (hours * 3600).astype(np.int64), needs.death_day[person] * SECONDS_A_DAY)
    apart = clear_of_earlier(person, start, end, int(rates.number("apart_days")) * SECONDS_A_DAY)
    person, start, end = person[apart & (end > start)], start[apart & (end > start)], end[apart & (end > start)]
    mental = needs.mental[person] | np.isin(person, newcomers[0])
    return table(
        {
            "person": person,
            "start": start,
            "end": end,
            "admitted": flags(rng, rates.number("admitted_share"), len(person)),
            "route": _routes(rng, mental, needs.health[person], rates),
        }
    )


def _days(
    rng: np.random.Generator, people: People, needs: Needs, at_work: Programmes, rates: Book
) -> tuple[Ints, Ints]:
    """Days of emergencies: drawn at the peak rate, thinned off the peak, and thinned again by programmes at work."""
    who = np.flatnonzero(needs.mental)
    a_year = np.where(needs.partner[who], rates.number("visits_a_year_partner"), rates.number("visits_a_year"))
    shape, years = rates.number("visit_shape"), (HORIZON - HISTORY_START) / DAYS_A_YEAR
    person = np.repeat(who, rng.poisson(rng.gamma(shape, a_year * years / shape)))
    day = whole(rng, HISTORY_START, HORIZON - 1, len(person))
    peak = ~needs.partner[person] | at_work.before_partnership.hold(person, day)
    happens = peak | flags(rng, rates.number("off_peak_ratio"), len(person))
    happens &= at_work.spare(rng, person, day, "psychiatric_emergency") & needs.alive_at(person, day)
    happens &= day > people.birth_day[person] + 6 * 365
    return person[happens], day[happens]


def _routes(rng: np.random.Generator, mental: Bools, health: Bools, rates: Book) -> Texts:
    """Where it is written down: an agency that does not know the person at all has no row of it."""
    route = choose(rng, rates.table("routes"), len(mental))
    for_mental = np.where(np.isin(route, ["both", "health_emergency_department"]), "mental_health_emergency", route)
    for_mental = np.where(for_mental == "health_only", "mental_health_urgent_care", for_mental)
    return np.where(mental & health, route, np.where(mental, for_mental, "health_only")).astype(object)


def draw_inpatient(
    rng: np.random.Generator, visits: pl.DataFrame, custody: pl.DataFrame, needs: Needs, rates: Book
) -> pl.DataFrame:
    """Stays: person, facility type, legal status, first and last day."""
    stays = pl.concat([_from_visits(rng, visits, rates), _from_jail(rng, custody)]).sort("person", "start_on", "end_on")
    person, start, end = (stays[name].to_numpy() for name in ("person", "start_on", "end_on"))
    end = np.minimum(end, needs.death_day[person])
    keep = clear_of_earlier(person, start, end, -1) & (end > start)
    return stays.with_columns(pl.Series("end_on", end)).filter(pl.Series(keep))


def inpatient_spans(stays: pl.DataFrame) -> Spans:
    """Days on which people are in a psychiatric facility."""
    return merged(*(stays[name].to_numpy() for name in ("person", "start_on", "end_on")))


def _from_visits(rng: np.random.Generator, visits: pl.DataFrame, rates: Book) -> pl.DataFrame:
    """Admissions from emergencies, and for some a longer stay in another facility straight after."""
    rows, inpatient = visits.filter(pl.col("admitted")), rates.part("inpatient")
    start = rows["end"].to_numpy() // SECONDS_A_DAY
    days = lognormal_days(rng, inpatient.number("median_days"), inpatient.number("spread"), 90, len(rows))
    first = _frame(rng, rows["person"].to_numpy(), start, start + days, inpatient, "first")
    onward = flags(rng, inpatient.number("onward_share"), len(rows))
    next_start = (start + days)[onward]
    later = _frame(rng, rows["person"].to_numpy()[onward], next_start, next_start + 1, inpatient, "onward")
    medians = inpatient.table("onward_median_days")
    median = np.array([medians[kind] for kind in later["facility_type_code"]])
    length = np.maximum(np.exp(rng.normal(np.log(median), 0.6)) if len(median) else median, 2).astype(np.int64)
    return pl.concat([first, later.with_columns(pl.Series("end_on", next_start + length))])


def _frame(rng: np.random.Generator, person: Ints, start: Ints, end: Ints, rates: Book, stage: str) -> pl.DataFrame:
    return table(
        {
            "person": person,
            "facility_type_code": choose(rng, rates.table(stage), len(person)),
            "legal_status_code": choose(rng, rates.table(f"legal_{stage}"), len(person)),
            "start_on": start,
            "end_on": end,
        }
    )


def _from_jail(rng: np.random.Generator, custody: pl.DataFrame) -> pl.DataFrame:
    """Found incompetent to stand trial: from jail to a state hospital."""
    rows = custody.filter(pl.col("incompetent"))
    start = rows["end"].to_numpy() // SECONDS_A_DAY
    felony = rows["felony"].to_numpy()
    return table(
        {
            "person": rows["person"].to_numpy(),
            "facility_type_code": np.full(len(rows), "state_hospital", dtype=object),
            "legal_status_code": np.where(felony, "ist_felony", "ist_misdemeanor").astype(object),
            "start_on": start,
            "end_on": start + lognormal_days(rng, 210, 0.5, 900, len(rows)),
        }
    )
