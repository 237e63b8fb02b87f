"""Columns of a client row: identity as first written or as put right, address and telephone as last heard."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from synthetic.agencies.extract import Desk, corrections, dates, never_entered
from synthetic.agencies.registry import Registry, Versions, registrations, versions
from synthetic.chance import scramble
from synthetic.errors.seen import MISSING, Seen
from synthetic.errors.whereabouts import write_whereabouts
from synthetic.errors.writing import put_right, write_down
from synthetic.places import facilities
from synthetic.tables import only, text
from synthetic.times import SECONDS_A_DAY, Bools, Ints, Texts

RACES = {
    "sheriff": {
        "white": "W",
        "black": "B",
        "hispanic": "H",
        "asian": "A",
        "american_indian": "I",
        "pacific_islander": "P",
        "other": "O",
    },
    "health": {
        "white": "5",
        "black": "3",
        "hispanic": "6",
        "asian": "2",
        "american_indian": "1",
        "pacific_islander": "4",
        "other": "6",
    },
    "mental_health": {
        "white": "W",
        "black": "B",
        "hispanic": "H",
        "asian": "A",
        "american_indian": "I",
        "pacific_islander": "P",
        "other": "O",
    },
}
"""Race codes of agencies that write one code per person."""

CIN_LETTERS = "ACDEFGHJ"
CIN_SPACE = len(CIN_LETTERS) * 10_000_000
"""Client index numbers: 9, seven digits, a letter."""

UNKNOWN_RACE = {"sheriff": "U", "health": "9", "mental_health": "U"}


@dataclass(frozen=True)
class Roll:
    """Client records of an agency with the identities written down, and when they were put right."""

    registry: Registry
    seen: Seen
    right: Seen
    right_at: Ints

    def column(self, rows: Versions, part: str) -> Texts:
        """A part of the identity in each version: as first written, or as put right since."""
        first, later = getattr(self.seen, part), getattr(self.right, part)
        result: Texts = np.where(rows.at >= self.right_at[rows.client], later[rows.client], first[rows.client])
        return result


def write_roll(desk: Desk, registry: Registry, styles: Texts | None = None) -> Roll:
    """Write every client down once; babies get their names within two months, others a correction now and then."""
    rows = registrations(registry, desk.lives.homeless)
    seen = write_down(desk.luck("identities"), desk.clerk, rows, desk.lives.needs.death_day, styles)
    right_at = corrections(desk, registry)
    rng = desk.luck("baby names")
    named = registry.first_at + rng.integers(3 * SECONDS_A_DAY, 60 * SECONDS_A_DAY, registry.size)
    baby = seen.marked("baby_name") & (rng.random(registry.size) < 0.8)
    return Roll(registry, seen, put_right(desk.clerk, rows, seen), np.where(baby, named, right_at))


def roll_versions(roll: Roll, client: Ints, at: Ints, *more: tuple[Ints, Ints]) -> Versions:
    """Versions of client rows: at every contact, at every correction, and at other changes given as (client, at)."""
    corrected = np.flatnonzero(roll.right_at < never_entered())
    clients = [client, corrected, *(rows for rows, _ in more)]
    moments = [at, roll.right_at[corrected], *(seconds for _, seconds in more)]
    return versions(np.concatenate(clients), np.concatenate(moments))


def identity_columns(roll: Roll, rows: Versions) -> list[pl.Series]:
    """last_name … ssn of each version."""
    birth = roll.column(rows, "birth_day").astype(np.int64)
    return [
        text("last_name", roll.column(rows, "last")),
        text("first_name", roll.column(rows, "first")),
        text("middle_name", roll.column(rows, "middle")),
        text("name_suffix", roll.column(rows, "suffix")),
        dates("birth_date", np.where(birth == MISSING, 0, birth), birth != MISSING),
        text("ssn", roll.column(rows, "ssn")),
    ]


def race_column(desk: Desk, registry: Registry, rows: Versions) -> pl.Series:
    """The race that the agency noted for the client: its code, a wrong one, or unknown."""
    rng, codes = desk.luck("race"), RACES[desk.agency]
    ethnicity = desk.lives.people.members.ethnicity[registry.person]
    code = np.array([codes[name] for name in ethnicity], dtype=object)
    wrong = rng.random(registry.size) < desk.clerk.rate("race_wrong")
    other = rng.choice(
        np.array([codes["other"], codes["white"], UNKNOWN_RACE[desk.agency]], dtype=object), registry.size
    )
    return text("race_code", np.where(wrong, other, code)[rows.client])


def ethnicity_column(desk: Desk, registry: Registry, rows: Versions, codes: tuple[str, str, str]) -> pl.Series:
    """Hispanic, not Hispanic or unknown, in the agency's codes."""
    rng = desk.luck("ethnicity")
    hispanic = desk.lives.people.members.ethnicity[registry.person] == "hispanic"
    unknown = rng.random(registry.size) < desk.clerk.rate("race_wrong")
    code = np.where(unknown, codes[2], np.where(hispanic, codes[0], codes[1])).astype(object)
    return text("ethnicity_code", code[rows.client])


def sex_column(roll: Roll, rows: Versions) -> pl.Series:
    """M, F or U."""
    return text("sex_code", roll.column(rows, "sex"))


def address_columns(desk: Desk, registry: Registry, rows: Versions) -> tuple[list[pl.Series], Texts]:
    """Address and telephone of each version, and how homeless people's addresses were written."""
    written = write_whereabouts(desk.luck("whereabouts"), desk.clerk, rows.registration(registry, desk.lives.homeless))
    names = ("address_line", "city", "state_code", "zip_code", "phone")
    return [text(name, getattr(written, name)) for name in names], written.style


def medicaid_numbers(desk: Desk, person: Ints, share: float) -> Texts:
    """Client index numbers: the same wherever a person shows the card, which a share of client records do."""
    people = desk.lives.people
    numbers = scramble(people.number[person], CIN_SPACE, "cin")
    own = [f"9{number % 10_000_000:07d}{CIN_LETTERS[number // 10_000_000]}" for number in numbers.tolist()]
    shown = desk.luck("medicaid").random(len(person)) < share
    return only(shown, np.array(own, dtype=object))


def hard_cases(desk: Desk, roll: Roll) -> dict[str, Bools]:
    """Every error of the client records, and the likenesses of their people."""
    likenesses, person = desk.lives.people.likenesses, roll.registry.person
    cases = dict(roll.seen.marks)
    for case, pair in (
        ("identical_twin", likenesses.twins),
        ("father_and_son", likenesses.fathers_and_sons),
        ("namesake", likenesses.namesakes),
    ):
        cases[case] = np.isin(person, np.concatenate(pair))
    cases["duplicate_client"] = roll.registry.second
    return cases


def facility_choice(agency: str, *kinds: str) -> Texts:
    """Facility ids of some kinds."""
    return facilities(agency, *kinds)["facility_id"].to_numpy().astype(object)
