"""Who was seen by which source, how often, and in which years."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthetic.chance import choose, flags
from synthetic.settings import Book
from synthetic.times import EPOCH, Bools, Ints

SOURCES = ("sheriff", "health", "hmis", "mental_health")


@dataclass(frozen=True)
class Sightings:
    """A row per record: the person (row of the chunk), the source (index into SOURCES), the year."""

    person: Ints
    source: Ints
    year: Ints

    def first(self, count: int) -> Sightings:
        """The first so many."""
        return Sightings(self.person[:count], self.source[:count], self.year[:count])


def draw_sightings(rng: np.random.Generator, birth_day: Ints, rates: Book) -> Sightings:
    """The records of a chunk of people, person after person."""
    seen = np.flatnonzero(flags(rng, rates.number("seen_share"), len(birth_day)))
    patterns = choose(rng, rates.table("seen_by"), len(seen))
    seen_by = np.array([[name in pattern.split("+") for name in SOURCES] for pattern in patterns], dtype=bool)
    times = np.where(seen_by, _times(rng, seen_by, rates), 0)
    person = np.repeat(seen, times.sum(axis=1))
    source = np.repeat(np.tile(np.arange(len(SOURCES)), len(seen)), times.ravel())
    return Sightings(person, source, _years(rng, birth_day[person], rates))


def _times(rng: np.random.Generator, seen_by: Bools, rates: Book) -> Ints:
    """How often each source saw each person, once at least."""
    means = np.array([rates.at(f"times_seen.{name}") for name in SOURCES]).T
    beyond_first = means[seen_by.sum(axis=1) - 1] - 1
    shape = rates.number("spread_of_times")
    spread = rng.gamma(shape, 1 / shape, seen_by.shape)
    spread[:, SOURCES.index("health")] = 1.0
    times: Ints = 1 + rng.poisson(beyond_first * spread).astype(np.int64)
    return times


def _years(rng: np.random.Generator, birth_day: Ints, rates: Book) -> Ints:
    """A year of the period, not before birth."""
    first, years = int(rates.number("first_year")), int(rates.number("years"))
    born = EPOCH.year + birth_day / 365.25
    low = np.clip(np.ceil(born), first, first + years - 1)
    drawn: Ints = (low + rng.random(len(birth_day)) * (first + years - low)).astype(np.int64)
    return drawn
