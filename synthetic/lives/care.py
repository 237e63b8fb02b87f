"""Ordinary care: clinic, urgent care, emergency and hospital encounters, and outpatient mental health services."""

from __future__ import annotations

import numpy as np
import polars as pl

from synthetic.chance import choose, flags, whole
from synthetic.lives.partnerships import provider_weights
from synthetic.needs import Needs
from synthetic.population import People
from synthetic.settings import Book
from synthetic.spans import Spans
from synthetic.tables import table, text
from synthetic.times import DAYS_A_YEAR, HISTORY_START, HORIZON, NEVER, SECONDS_A_DAY, Ints

HOURS = {"OP": (0.5, 3), "ED": (2, 14), "UC": (1, 4), "IP": (30, 190), "OBS": (14, 44)}
"""Shortest and longest hours of each type of encounter."""

MODES = {
    "15|01": 0.30,
    "15|10": 0.30,
    "15|30": 0.12,
    "15|60": 0.20,
    "15|70": 0.03,
    "10|85": 0.02,
    "45|10": 0.02,
    "60|20": 0.01,
}
"""Mode and service function of outpatient services: case management, therapy, medication support, crisis contact …"""


def draw_encounters(
    rng: np.random.Generator,
    people: People,
    needs: Needs,
    away: Spans,
    rates: Book,
    newcomers: tuple[Ints, Ints],
) -> pl.DataFrame:
    """Encounters that are not psychiatric emergencies: person, type, start and end (seconds)."""
    who = np.flatnonzero(needs.health)
    years = (HORIZON - HISTORY_START) / DAYS_A_YEAR
    a_year = rates.number("encounters_a_year") * np.where(needs.homeless[who], rates.number("homeless_ratio"), 1.0)
    person = np.repeat(who, 1 + rng.poisson(rng.gamma(1.0, a_year * years)))
    day = _days_alive(rng, people, needs, person)
    person, day = np.concatenate([person, newcomers[0]]), np.concatenate([day, newcomers[1]])
    kind = choose(rng, rates.table("types"), len(person))
    low, high = (np.array([HOURS[name][side] for name in kind]) for side in (0, 1))
    hours = low + (high - low) * rng.beta(1.2, 2.5, len(person))
    start = day * SECONDS_A_DAY + whole(rng, 0, 24 * 60 - 1, len(day)) * 60
    end = np.minimum(start + (hours * 3600).astype(np.int64), needs.death_day[person] * SECONDS_A_DAY + 80_000)
    keep = (day >= 0) & ~away.hold(person, start) & (end > start)
    frame = table({"person": person, "kind": kind, "start": start, "end": end})
    return frame.filter(pl.Series(keep)).sort("person", "start", "end")


def _days_alive(rng: np.random.Generator, people: People, needs: Needs, person: Ints) -> Ints:
    """A day between birth (or the start of history) and death; -1 where there is none."""
    first = np.maximum(HISTORY_START, people.birth_day[person])
    last = np.minimum(HORIZON, needs.death_day[person])
    day = first + (rng.random(len(person)) * np.maximum(last - first, 1)).astype(np.int64)
    return np.where(last > first, day, -1)


def draw_services(
    rng: np.random.Generator, people: People, needs: Needs, partnerships: pl.DataFrame, away: Spans, rates: Book
) -> pl.DataFrame:
    """Outpatient mental health services: person, provider (row of the providers file), day, mode and function."""
    services = pl.concat([_in_partnership(rng, partnerships, rates), _elsewhere(rng, people, needs, rates)])
    person, day = services["person"].to_numpy(), services["day"].to_numpy()
    happens = ~away.hold(person, day * SECONDS_A_DAY + 43_200) & needs.alive_at(person, day) & (day < HORIZON)
    services = services.filter(pl.Series(happens))
    modes = choose(rng, MODES, len(services))
    return services.with_columns(
        text("mode_code", modes).str.slice(0, 2),
        text("service_function_code", modes).str.slice(3, 2).alias("service_function_code"),
        pl.Series("minutes", whole(rng, 3, 24, len(services)) * 5),
    ).sort("person", "day")


def _in_partnership(rng: np.random.Generator, partnerships: pl.DataFrame, rates: Book) -> pl.DataFrame:
    """Services through each partnership; a few partners are hardly ever seen."""
    started = partnerships["started_on"].to_numpy()
    days = np.minimum(partnerships["ended_on"].to_numpy(), HORIZON) - started
    a_day = rates.number("partnership_services_a_month") / 30.4 * rng.gamma(3.0, 1 / 3.0, len(partnerships))
    count = np.where(flags(rng, 0.93, len(partnerships)), 1 + rng.poisson(a_day * days), 0)
    row = np.repeat(np.arange(len(partnerships)), count)
    first = np.concatenate([[True], row[1:] != row[:-1]])[: len(row)]
    offset = np.where(first, whole(rng, 0, 20, len(row)), (rng.random(len(row)) * days[row]).astype(np.int64))
    day = started[row] + np.minimum(offset, np.maximum(days[row] - 1, 0))
    return table(
        {
            "person": partnerships["person"].to_numpy()[row],
            "provider": partnerships["provider"].to_numpy()[row],
            "day": day,
        }
    )


def _elsewhere(rng: np.random.Generator, people: People, needs: Needs, rates: Book) -> pl.DataFrame:
    """Services to clients outside a partnership, each at one clinic."""
    who = np.flatnonzero(needs.mental & ~needs.partner)
    clinic = rng.choice(len(provider_weights()), len(who))
    row = np.repeat(
        np.arange(len(who)), 1 + rng.poisson(rates.number("outpatient_mental_health_services") - 1, len(who))
    )
    first = np.maximum(HISTORY_START, people.birth_day[who] + 3 * 365)
    day = first[row] + (rng.random(len(row)) * np.maximum(HORIZON - first[row], 1)).astype(np.int64)
    return table({"person": who[row], "provider": clinic[row], "day": np.minimum(day, NEVER)})
