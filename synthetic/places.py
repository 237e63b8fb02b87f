"""Where the county's people live: streets, cities and ZIP codes of a county that is on no map."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl

from synthetic.chance import choose, flags, weighted_rows, whole
from synthetic.names import read_data
from synthetic.settings import Book
from synthetic.times import HISTORY_START, HORIZON, Ints, Texts

STATE = "CA"


@dataclass(frozen=True)
class Addresses:
    """Parallel columns: address line, city, ZIP code; None where nothing was written."""

    line: Texts
    city: Texts
    zip_code: Texts

    def rows(self, rows: Ints) -> Addresses:
        """Chosen rows."""
        return Addresses(self.line[rows], self.city[rows], self.zip_code[rows])


@dataclass(frozen=True)
class Homes:
    """The homes of each household over the years: `ADDRESSES` per household, and the days it moved between them."""

    addresses: Addresses
    moved_on: Ints

    def at(self, household: Ints, day: Ints) -> Addresses:
        """Where a household lives on a day."""
        moves = (self.moved_on[household] <= day[:, None]).sum(axis=1)
        return self.addresses.rows(household * ADDRESSES + moves)


ADDRESSES = 3
"""Homes per household over the history: one more than the moves that we draw."""


def draw_homes(rng: np.random.Generator, households: int, rates: Book) -> Homes:
    """Homes for every household; moves are spread evenly, and most households do not make all of them."""
    span = (HORIZON - HISTORY_START) / (rates.number("moves_a_year") * (HORIZON - HISTORY_START) / 365.25)
    gaps = rng.exponential(span, (households, ADDRESSES - 1)).astype(np.int64)
    return Homes(draw_addresses(rng, households * ADDRESSES, rates), HISTORY_START + np.cumsum(gaps, axis=1))


def draw_addresses(rng: np.random.Generator, size: int, rates: Book) -> Addresses:
    """Addresses in the county, some with a unit."""
    streets = rng.choice(_streets(), size)
    numbers = whole(rng, 100, 19_999, size)
    units = np.where(flags(rng, rates.number("unit_share"), size), whole(rng, 1, 420, size), 0)
    style = choose(rng, {" Apt ": 0.6, " #": 0.3, " Unit ": 0.1}, size)
    lines = [
        f"{number} {street}{how}{unit}" if unit else f"{number} {street}"
        for number, street, how, unit in zip(numbers.tolist(), streets, style, units.tolist(), strict=True)
    ]
    cities = _cities()
    rows = weighted_rows(rng, cities["weight"].cast(pl.Float64).to_list(), size)
    city, zip_code = (cities[column].to_numpy().astype(object)[rows] for column in ("city", "zip_code"))
    return Addresses(np.array(lines, dtype=object), city, zip_code)


@cache
def facilities(agency: str, *kinds: str) -> pl.DataFrame:
    """Facilities of an agency of some kinds: facility_id, kind, facility_name, address_line, city, zip_code."""
    return read_data("facilities").filter(pl.col("agency") == agency, pl.col("kind").is_in(kinds))


def facility_ids(agency: str, *kinds: str) -> Texts:
    """Their ids."""
    return facilities(agency, *kinds)["facility_id"].to_numpy().astype(object)


@cache
def shelters() -> Addresses:
    """Addresses of emergency shelters and transitional housing, which thousands of clients give as their own."""
    return _addresses(read_data("hmis_projects").filter(pl.col("project_type").is_in(["0", "1", "2", "8"])))


@cache
def hospitals() -> Addresses:
    """Addresses of hospitals, which registration clerks write for patients who give none."""
    return _addresses(facilities("health", "hospital_pes", "hospital"))


def _addresses(frame: pl.DataFrame) -> Addresses:
    line, city, zip_code = (frame[name].to_numpy().astype(object) for name in ("address_line", "city", "zip_code"))
    return Addresses(line, city, zip_code)


@cache
def _streets() -> Texts:
    return read_data("streets")["street"].to_numpy().astype(object)


@cache
def _cities() -> pl.DataFrame:
    return read_data("cities")
