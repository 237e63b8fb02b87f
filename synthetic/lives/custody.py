"""Arrests and custody: one row per stay in jail, from the street to the street (or to prison, hospital, death)."""

from __future__ import annotations

import numpy as np
import polars as pl

from synthetic.chance import choose, flags, whole
from synthetic.lives.programmes import Programmes
from synthetic.needs import Needs
from synthetic.population import People
from synthetic.settings import Book
from synthetic.spans import Spans, clear_of_earlier, merged
from synthetic.tables import table, text
from synthetic.times import FIRST_AS_OF, HISTORY_START, HORIZON, NEVER, SECONDS_A_DAY, Bools, Ints, Texts, day_number

SPRING_FORWARD = tuple(
    day_number(*date) for date in ((2022, 3, 13), (2023, 3, 12), (2024, 3, 10), (2025, 3, 9), (2026, 3, 8))
)
"""Days without a half past two in the morning; clerks' clocks show it all the same."""

COLUMNS = ("person", "start", "end", "kind", "forced")


def draw_custody(
    rng: np.random.Generator,
    people: People,
    needs: Needs,
    tenancies: pl.DataFrame,
    at_work: Programmes,
    rates: Book,
    newcomers: tuple[Ints, Ints],
) -> pl.DataFrame:
    """Stays: person, start and end (seconds), kind, booking type, reason of release, day of return from prison."""
    stays = pl.concat(
        [
            _forced(rng, tenancies),
            _newcomers(rng, newcomers),
            _by_chance(rng, people, needs, at_work, rates),
        ]
    ).sort("person", "start")
    person, start, end = (stays[name].to_numpy() for name in COLUMNS[:3])
    stays = stays.filter(pl.Series(_clear(person, start, end, stays["forced"].to_numpy())))
    return _described(rng, stays, needs, rates)


def away(stays: pl.DataFrame) -> Spans:
    """When people are in jail or prison, in seconds."""
    back = np.maximum(stays["end"].to_numpy(), stays["prison_until"].to_numpy() * SECONDS_A_DAY)
    return merged(stays["person"].to_numpy(), stays["start"].to_numpy(), back)


def _clear(person: Ints, start: Ints, end: Ints, forced: Bools) -> Bools:
    """Nobody is booked while in jail; the stays that programmes begin with win over those drawn by chance."""
    anchor = merged(person[forced], start[forced] - SECONDS_A_DAY, end[forced] + SECONDS_A_DAY)
    hits = anchor.hold(person, start) | anchor.hold(person, end)
    free = forced | ~hits
    keep = np.zeros(len(person), dtype=bool)
    rows = np.flatnonzero(free)
    keep[rows[clear_of_earlier(person[rows], start[rows], end[rows], SECONDS_A_DAY)]] = True
    return keep | forced


def _frame(person: Ints, start: Ints, end: Ints, kind: Texts, forced: bool) -> pl.DataFrame:
    columns = {"person": person, "start": start, "end": end, "kind": kind, "forced": np.full(len(person), forced)}
    return table(columns)


def _forced(rng: np.random.Generator, tenancies: pl.DataFrame) -> pl.DataFrame:
    """The stay from which Just-in-Reach and diversion clients were taken into the programme."""
    rows = tenancies.filter(pl.col("program_code").is_in(["JIR", "ODR"]))
    end = rows["moved_in_on"].to_numpy() - whole(rng, 12, 95, len(rows))
    start = end - whole(rng, 20, 110, len(rows))
    code = rows["program_code"].to_numpy()
    kind = np.where(code == "ODR", "diverted", "taken_in").astype(object)
    seconds = whole(rng, 6 * 3600, 20 * 3600, len(rows))
    return _frame(rows["person"].to_numpy(), start * SECONDS_A_DAY + seconds, end * SECONDS_A_DAY + 50_000, kind, True)


def _newcomers(rng: np.random.Generator, newcomers: tuple[Ints, Ints]) -> pl.DataFrame:
    """People who see the jail for the first time in one of the nights to come."""
    person, day = newcomers
    start = day * SECONDS_A_DAY + whole(rng, 0, 70_000, len(person))
    kind = np.full(len(person), "short", dtype=object)
    return _frame(person, start, start + whole(rng, 20_000, 500_000, len(person)), kind, False)


def _by_chance(
    rng: np.random.Generator, people: People, needs: Needs, at_work: Programmes, rates: Book
) -> pl.DataFrame:
    who = np.flatnonzero(needs.justice)
    intense = (needs.just_in_reach | needs.diverted)[who]
    more = np.where(intense, rates.number("further_bookings_intense"), rates.number("further_bookings"))
    person = np.repeat(who, 1 + rng.poisson(rng.gamma(0.8, more / 0.8)))
    day = _days_alive(rng, people, needs, person)
    happens = at_work.spare(rng, person, day, "jail_booking") & _off_peak(rng, person, day, needs, at_work)
    person, day = person[happens & (day >= 0)], day[happens & (day >= 0)]
    kind, seconds = _lengths(rng, len(person), rates)
    start = day * SECONDS_A_DAY + _times_of_day(rng, day, rates)
    end = np.minimum(start + seconds, needs.death_day[person] * SECONDS_A_DAY + 3600)
    return _frame(person, start, end, kind, False)


def _days_alive(rng: np.random.Generator, people: People, needs: Needs, person: Ints) -> Ints:
    """A day of age and alive for each row; -1 where there is none."""
    first = np.maximum(HISTORY_START, people.grown_up_on(18)[person])
    last = np.minimum(HORIZON, needs.death_day[person]) - 1
    day = first + (rng.random(len(person)) * np.maximum(last - first, 1)).astype(np.int64)
    return np.where(last > first, day, -1)


def _off_peak(rng: np.random.Generator, person: Ints, day: Ints, needs: Needs, at_work: Programmes) -> Bools:
    """Partners are taken in at their worst: away from the year before, a third of their bookings do not happen."""
    calm = needs.partner[person] & ~at_work.before_partnership.hold(person, day)
    return ~calm | flags(rng, 0.68, len(person))


def _lengths(rng: np.random.Generator, size: int, rates: Book) -> tuple[Texts, Ints]:
    stays = dict(rates.at("stays"))
    kind = choose(rng, {name: float(stay["share"]) for name, stay in stays.items()}, size)
    days = np.zeros(size)
    for name, stay in stays.items():
        rows = np.flatnonzero(kind == name)
        drawn = np.exp(rng.normal(np.log(stay["median"]), stay["spread"], len(rows)))
        days[rows] = np.clip(drawn, 0.08, stay["most"])
    return kind, (days * SECONDS_A_DAY).astype(np.int64)


def _times_of_day(rng: np.random.Generator, day: Ints, rates: Book) -> Ints:
    """Any minute; some at the stroke of midnight, and half past two on days that have none."""
    seconds = whole(rng, 0, 24 * 60 - 1, len(day)) * 60 + whole(rng, 0, 59, len(day))
    seconds = np.where(flags(rng, rates.number("midnight_booking_share"), len(day)), 0, seconds)
    return np.where(np.isin(day, SPRING_FORWARD), 2 * 3600 + 1800, seconds)


def _described(rng: np.random.Generator, stays: pl.DataFrame, needs: Needs, rates: Book) -> pl.DataFrame:
    person, start, end, kind = (stays[name].to_numpy() for name in COLUMNS[:4])
    booked = start // SECONDS_A_DAY
    booking_type = _booking_types(rng, stays, rates)
    flash = booking_type == "FLASH_INCARCERATION"
    low, high = (int(bound) for bound in rates.at("flash_days"))
    end = np.where(flash, start + whole(rng, low, high, len(end)) * SECONDS_A_DAY, end)
    kind = np.where(flash, "flash", kind)
    died = needs.death_day[person] * SECONDS_A_DAY <= end
    prison = np.where((kind == "prison") & ~died, end // SECONDS_A_DAY + _prison_days(rng, len(end), rates), 0)
    ill = (kind == "months") & needs.mental[person] & flags(rng, rates.number("incompetent_felony_share") * 4, len(end))
    reason = np.where(died, "DEATH", np.where(ill, "TO_TREATMENT", _reasons(rng, kind, rates)))
    return stays.with_columns(
        pl.Series("end", end),
        text("kind", kind),
        text("booking_type_code", booking_type),
        text("reason", reason),
        pl.Series("prison_until", prison),
        pl.Series("incompetent", ill & ~died),
        pl.Series("felony", _felonies(rng, kind, booking_type, rates)),
        pl.Series("transferred", (kind != "cite") & flags(rng, rates.number("transfer_share"), len(end))),
        pl.Series("offense_on", booked - _offense_lags(rng, booking_type)),
    ).filter(pl.Series(booked < FIRST_AS_OF + 200))


def _booking_types(rng: np.random.Generator, stays: pl.DataFrame, rates: Book) -> Texts:
    """Violations and returns need an earlier stay; programmes' first stays are new arrests."""
    person, size = stays["person"].to_numpy(), len(stays)
    earlier = np.zeros(size, dtype=bool)
    earlier[1:] = person[1:] == person[:-1]
    technical, warrant = rates.number("technical_share"), rates.number("warrant_share")
    back, hold = rates.number("court_return_share"), rates.number("other_agency_hold_share")
    violations = {"FLASH_INCARCERATION": 0.4, "PROBATION_VIOLATION": 0.4, "PAROLE_VIOLATION": 0.2}
    draw = rng.random(size)
    code = np.select(
        [stays["forced"].to_numpy(), earlier & (draw < technical), draw < technical + warrant],
        ["NEW_ARREST", choose(rng, violations, size).astype(str), "WARRANT"],
        np.where(
            draw > 1 - hold,
            "OTHER_AGENCY_HOLD",
            np.where(earlier & (draw > 1 - hold - back), "COURT_RETURN", "NEW_ARREST"),
        ),
    )
    return code.astype(object)


def _prison_days(rng: np.random.Generator, size: int, rates: Book) -> Ints:
    return np.clip(rng.exponential(rates.number("prison_median_days"), size), 120, NEVER // 40).astype(np.int64)


def _reasons(rng: np.random.Generator, kind: Texts, rates: Book) -> Texts:
    reason = np.full(len(kind), "PROBATION", dtype=object)
    for name in dict(rates.at("release_reasons")):
        rows = np.flatnonzero(kind == name)
        reason[rows] = choose(rng, rates.table(f"release_reasons.{name}"), len(rows))
    reason[kind == "diverted"] = "DIVERSION_ODR"
    reason[kind == "taken_in"] = "OWN_RECOGNIZANCE"
    reason[kind == "flash"] = "TIME_SERVED"
    return reason


def _felonies(rng: np.random.Generator, kind: Texts, booking_type: Texts, rates: Book) -> Bools:
    serious = np.isin(kind, ["months", "prison", "taken_in", "diverted"])
    drawn = flags(rng, rates.number("felony_share"), len(kind)) | serious
    felony: Bools = drawn & (kind != "cite") & ~np.isin(booking_type, ["FLASH_INCARCERATION"])
    return felony


def _offense_lags(rng: np.random.Generator, booking_type: Texts) -> Ints:
    """Days from the offence to the booking: none to three, but long ago for warrants and returns to court."""
    size = len(booking_type)
    old = np.isin(booking_type, ["WARRANT", "COURT_RETURN"])
    return np.where(old, whole(rng, 30, 500, size), np.where(flags(rng, 0.85, size), 0, whole(rng, 1, 3, size)))
