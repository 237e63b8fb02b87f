"""Where the people of a chunk were living: with their household, later perhaps with another, some in group quarters."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from synthetic.chance import flags, stream, whole
from synthetic.places import Addresses, draw_addresses
from synthetic.population import People
from synthetic.settings import Book
from synthetic.times import Ints, day_number


def draw_facilities(seed: int, records: int, rates: Book) -> Addresses:
    """Addresses of the group quarters of a table of so many records."""
    known = rates.part("facilities")
    growth = math.sqrt(records / known.number("at_records"))
    count = max(int(known.number("count")), round(known.number("count") * growth))
    return draw_addresses(stream(seed, 0, "facilities"), count, rates.part("people"))


@dataclass(frozen=True)
class Whereabouts:
    """Per person: the household moved to and the year of it; the facility and its first and last year."""

    other_household: Ints
    left_in: Ints
    facility: Ints
    facility_from: Ints
    facility_to: Ints

    def household_in(self, people: People, person: Ints, year: Ints) -> Ints:
        """The household that each person lives in, in a year."""
        own = people.members.household[person]
        return np.where(year >= self.left_in[person], self.other_household[person], own)

    def address_in(self, people: People, facilities: Addresses, person: Ints, year: Ints) -> Addresses:
        """The address of each person in a year."""
        days = np.array([day_number(int(one), 7, 1) for one in range(year.min(), year.max() + 1)])[year - year.min()]
        home = people.homes.at(self.household_in(people, person, year), days)
        inside = (year >= self.facility_from[person]) & (year <= self.facility_to[person])
        away = facilities.rows(self.facility[person])
        parts = ((getattr(away, name), getattr(home, name)) for name in ("line", "city", "zip_code"))
        return Addresses(*(np.where(inside, one, other) for one, other in parts))


def draw_whereabouts(rng: np.random.Generator, people: People, facilities: int, rates: Book) -> Whereabouts:
    """Who leaves their household, and who lives in group quarters."""
    first, years = int(rates.number("first_year")), int(rates.number("years"))
    leaves = flags(rng, rates.number("leaves_household") * years, people.count)
    inside = flags(rng, rates.number("facility_share"), people.count)
    start = whole(rng, first - years, first + years - 1, people.count)
    return Whereabouts(
        other_household=rng.integers(0, people.members.households, people.count),
        left_in=np.where(leaves, whole(rng, first, first + years - 1, people.count), 9999),
        facility=rng.integers(0, facilities, people.count),
        facility_from=np.where(inside, start, 9999),
        facility_to=start + whole(rng, 1, 2 * years, people.count),
    )
