"""Addresses and telephone numbers as they are given at a counter on a day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthetic.chance import choose, flags, whole
from synthetic.errors.seen import Clerk, Registration
from synthetic.places import STATE, Addresses, hospitals, shelters
from synthetic.tables import without
from synthetic.times import Texts


@dataclass(frozen=True)
class Whereabouts:
    """Parallel columns; None where empty. `style` says home, shelter, transient, hospital or missing."""

    address_line: Texts
    city: Texts
    state_code: Texts
    zip_code: Texts
    phone: Texts
    style: Texts


def write_whereabouts(rng: np.random.Generator, clerk: Clerk, rows: Registration) -> Whereabouts:
    """Where people say that they live: homeless people give a shelter, nothing, TRANSIENT, or a home they once had."""
    people, size = clerk.people, rows.size
    home = people.homes.at(people.members.household[rows.person], rows.day)
    style = np.where(rows.homeless, choose(rng, clerk.table("homeless_address"), size), "home")
    style = np.where(flags(rng, clerk.rate("address_missing"), size), "missing", style)
    line, city, zip_code = home.line, home.city, home.zip_code
    for name, known in (("shelter", shelters()), ("hospital", hospitals())):
        there = _any_of(rng, known, size)
        line = np.where(style == name, there.line, line)
        city = np.where(style == name, there.city, city)
        zip_code = np.where(style == name, there.zip_code, zip_code)
    nowhere = np.isin(style, ["transient", "missing"])
    line = np.where(style == "transient", "TRANSIENT", without(style == "missing", line))
    city, zip_code = without(nowhere, city), without(nowhere, zip_code)
    state = without(nowhere, np.full(size, STATE, dtype=object))
    return Whereabouts(line, city, state, zip_code, _phones(rng, clerk, rows), style.astype(object))


def _any_of(rng: np.random.Generator, known: Addresses, size: int) -> Addresses:
    """Facilities differ in size: low rows of the list are far more common."""
    place = np.minimum(rng.geometric(0.12, size) - 1, len(known.line) - 1)
    return known.rows(place.astype(np.int64))


def _phones(rng: np.random.Generator, clerk: Clerk, rows: Registration) -> Texts:
    phone = clerk.people.phone_at(rows.person, rows.day).copy()
    for row in np.flatnonzero(flags(rng, clerk.rate("phone_typo"), rows.size)).tolist():
        at = int(whole(rng, 3, 9, 1)[0])
        phone[row] = f"{phone[row][:at]}{(int(phone[row][at]) + 3) % 10}{phone[row][at + 1 :]}"
    missing = rng.random(rows.size) < clerk.rate("phone_missing") * np.where(rows.homeless, 1.6, 1.0)
    return without(missing, phone)
