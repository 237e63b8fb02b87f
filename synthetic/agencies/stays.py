"""Enrolments in HMIS projects: what the homeless services system makes of spells of homelessness and of tenancies."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from synthetic.agencies.extract import Desk
from synthetic.chance import choose, flags, lognormal_days, weighted_rows, whole
from synthetic.names import read_data
from synthetic.needs import Needs
from synthetic.settings import Book
from synthetic.tables import only, present, table, text, texts
from synthetic.times import HISTORY_START, HORIZON, NEVER, SECONDS_A_DAY, Ints, Texts

TENANCY_DESTINATIONS = {
    "PERMANENT_HOUSING": "410",
    "FAMILY_PERMANENT": "422",
    "EVICTION": "116",
    "ABANDONED": "30",
    "JAIL": "207",
    "PRISON": "207",
    "HOSPITAL_LONG_TERM": "206",
    "TREATMENT_LONG_TERM": "205",
    "HIGHER_CARE": "225",
    "DECEASED": "24",
    "HOMELESS": "101",
    "UNKNOWN": "99",
}
"""HMIS destination of each reason for moving out of a supported tenancy."""

JUST_IN_REACH_FUNDER = "35"
PERMANENT_HOMES = ("3", "9", "10")
"""Project types in which people hold a home that lasts; rapid rehousing is meant to end."""

COLUMNS = ("person", "head", "project_type", "entry", "exit", "move_in", "destination", "subsidy", "prior", "programme")


@cache
def projects() -> pl.DataFrame:
    """HMIS projects: ids, names, types, funders, sizes, addresses."""
    return read_data("hmis_projects")


def draw_enrolments(desk: Desk) -> pl.DataFrame:
    """Enrolments: person, head of household (person), project (row of `projects`), days, destination, relationship."""
    rates = desk.settings.lives.part("hmis")
    spells = desk.lives.homelessness.filter((pl.col("person") == pl.col("head")) & (pl.col("end") > HISTORY_START + 30))
    parts = [_in_spells(desk, spells, rates), _coordinated_entry(desk, spells, rates)]
    parts += [_rehoused(desk, spells, rates), _tenancies(desk, rates)]
    heads = pl.concat(parts).sort("person", "entry", "project_type").with_row_index("household")
    heads = _placed(desk, heads)
    return _families(heads, desk.lives.needs, desk).sort("person", "entry", "household")


def supportive_homes(desk: Desk) -> pl.DataFrame:
    """Permanent homes that no tenancy of the subsidy pool tells of: person, and the days of moving in and out."""
    enrolments = draw_enrolments(desk)
    homes = enrolments.filter(
        pl.col("project_type").is_in(PERMANENT_HOMES) & pl.col("programme").is_null() & (pl.col("move_in") < NEVER)
    )
    return homes.select("person", pl.col("move_in").alias("moved_in_on"), pl.col("exit").alias("moved_out_on"))


def _frame(columns: dict[str, np.ndarray]) -> pl.DataFrame:
    return table({name: columns[name] for name in COLUMNS})


def _constant(value: str | None, size: int) -> Texts:
    return np.full(size, value, dtype=object)


def _in_spells(desk: Desk, spells: pl.DataFrame, rates: Book) -> pl.DataFrame:
    """Shelters, transitional housing, outreach, safe haven: one or more within each spell."""
    rng = desk.luck("enrolments")
    count = 1 + rng.poisson(rates.number("enrolments_a_spell"), len(spells))
    row = np.repeat(np.arange(len(spells)), count)
    start = np.maximum(spells["start"].to_numpy(), HISTORY_START)[row]
    end, size = np.minimum(spells["end"].to_numpy(), HORIZON)[row], len(row)
    first = np.concatenate([[True], row[1:] != row[:-1]])[:size]
    offset = np.where(first, 0.15, 1.0) * rng.random(size) * np.maximum(end - start - 1, 0)
    entry = start + offset.astype(np.int64)
    left = entry + lognormal_days(rng, 70, 1.0, 700, size)
    to_the_end = left >= end
    lasting = spells["end"].to_numpy()[row] >= HORIZON
    exit_on = np.where(to_the_end, np.where(lasting, NEVER, end), left)
    person = spells["person"].to_numpy()[row]
    final = choose(rng, rates.table("destinations"), size)
    died = desk.lives.needs.death_day[person] <= exit_on
    destination = np.where(
        died, "24", np.where(to_the_end, final, choose(rng, rates.table("destinations_within"), size))
    )
    housed = _housed_at_end(desk, spells)[row] & to_the_end & ~died
    return _frame(
        {
            "person": person,
            "head": person,
            "project_type": choose(rng, rates.table("project_types"), size),
            "entry": entry,
            "exit": exit_on,
            "move_in": np.full(size, NEVER, dtype=np.int64),
            "destination": np.where(housed, "435", destination).astype(object),
            "subsidy": only(housed, "439"),
            "prior": choose(rng, PRIOR, size),
            "programme": _constant(None, size),
        }
    )


PRIOR = {
    "116": 0.5,
    "101": 0.2,
    "207": 0.05,
    "204": 0.02,
    "206": 0.03,
    "302": 0.03,
    "314": 0.05,
    "335": 0.06,
    "336": 0.06,
}
"""Where people were the night before they came to a homeless project."""


def _housed_at_end(desk: Desk, spells: pl.DataFrame) -> np.ndarray:
    """Whether a spell ends with the move into a supported tenancy."""
    key = spells.select("person", pl.col("end").alias("moved_in_on"), pl.lit(1).alias("spell"))
    moved = desk.lives.tenancies.select("person", "moved_in_on").with_columns(pl.lit(1).alias("moved"))
    joined = key.join(moved, on=["person", "moved_in_on"], how="left", maintain_order="left")
    return joined["moved"].is_not_null().to_numpy()


def _coordinated_entry(desk: Desk, spells: pl.DataFrame, rates: Book) -> pl.DataFrame:
    rng = desk.luck("coordinated entry")
    spells = spells.filter(pl.Series(flags(rng, rates.number("coordinated_entry_share"), len(spells))))
    size, person = len(spells), spells["person"].to_numpy()
    entry = np.maximum(spells["start"].to_numpy(), HISTORY_START) + whole(rng, 0, 20, size)
    ended = np.minimum(entry + whole(rng, 60, 365, size), spells["end"].to_numpy())
    kept = (entry < spells["end"].to_numpy()) & (entry < HORIZON)
    died = desk.lives.needs.death_day[person] <= ended
    return _frame(
        {
            "person": person,
            "head": person,
            "project_type": _constant("14", size),
            "entry": entry,
            "exit": np.where(ended > HORIZON, NEVER, np.maximum(ended, entry)),
            "move_in": np.full(size, NEVER, dtype=np.int64),
            "destination": np.where(died, "24", "30").astype(object),
            "subsidy": _constant(None, size),
            "prior": _constant("116", size),
            "programme": _constant(None, size),
        }
    ).filter(pl.Series(kept))


def _rehoused(desk: Desk, spells: pl.DataFrame, rates: Book) -> pl.DataFrame:
    """Rapid rehousing and supportive housing outside the subsidy pool, at the end of some spells."""
    rng = desk.luck("rehoused")
    quick, lasting = rates.number("rapid_rehousing_share"), rates.number("supportive_housing_share")
    draw = rng.random(len(spells))
    alive = desk.lives.needs.death_day[spells["person"].to_numpy()] > spells["end"].to_numpy() + 30
    chosen = (draw < quick + lasting) & alive & ~_housed_at_end(desk, spells)
    chosen &= (spells["end"].to_numpy() < HORIZON) & (spells["end"].to_numpy() > HISTORY_START + 60)
    spells, is_quick = spells.filter(pl.Series(chosen)), draw[chosen] < quick
    size, person, housed = len(spells), spells["person"].to_numpy(), spells["end"].to_numpy()
    length = np.where(is_quick, lognormal_days(rng, 240, 0.5, 700, size), lognormal_days(rng, 1095, 0.8, 3000, size))
    ended = np.minimum(housed + length, desk.lives.needs.death_day[person])
    died = ended == desk.lives.needs.death_day[person]
    destination = choose(rng, {"410": 0.5, "435": 0.2, "422": 0.1, "116": 0.08, "312": 0.05, "30": 0.07}, size)
    return _frame(
        {
            "person": person,
            "head": person,
            "project_type": np.where(is_quick, "13", "3").astype(object),
            "entry": housed - whole(rng, 4, 40, size),
            "exit": np.where(ended > HORIZON, NEVER, ended),
            "move_in": housed,
            "destination": np.where(died, "24", destination).astype(object),
            "subsidy": only(destination == "435", "433"),
            "prior": _constant("101", size),
            "programme": _constant(None, size),
        }
    )


def _tenancies(desk: Desk, rates: Book) -> pl.DataFrame:
    """Supported tenancies that HMIS knows too: supportive housing, Just-in-Reach in projects of its own."""
    rng, rows = desk.luck("tenancies"), desk.lives.tenancies
    rows = rows.filter(pl.Series(flags(rng, desk.settings.lives.number("tenancy.in_hmis_share"), len(rows))))
    size, person = len(rows), rows["person"].to_numpy()
    moved_in, reason = rows["moved_in_on"].to_numpy(), texts(rows["reason"])
    destination = np.array([TENANCY_DESTINATIONS.get(name) if name else None for name in reason], dtype=object)
    return _frame(
        {
            "person": person,
            "head": person,
            "project_type": _constant("3", size),
            "entry": np.maximum(rows["enrolled_on"].to_numpy(), HISTORY_START),
            "exit": rows["moved_out_on"].to_numpy(),
            "move_in": moved_in,
            "destination": destination,
            "subsidy": _constant(None, size),
            "prior": np.where(texts(rows["program_code"]) == "JIR", "207", "101").astype(object),
            "programme": texts(rows["program_code"]),
        }
    )


def _placed(desk: Desk, heads: pl.DataFrame) -> pl.DataFrame:
    """Enrolments with the project they are in; nobody is enrolled while in jail or after death."""
    rng, listed = desk.luck("projects"), projects()
    kinds, programme = texts(heads["project_type"]), texts(heads["programme"])
    key = np.where(programme == "JIR", "JIR", kinds)
    of_type = np.where(texts(listed["funder"]) == JUST_IN_REACH_FUNDER, "JIR", texts(listed["project_type"]))
    weight = listed["size_weight"].cast(pl.Float64).to_numpy()
    project = np.zeros(len(heads), dtype=np.int64)
    for name in sorted(set(key)):
        rows, options = np.flatnonzero(key == name), np.flatnonzero(of_type == name)
        project[rows] = options[weighted_rows(rng, weight[options].tolist(), len(rows))]
    person, entry = heads["person"].to_numpy(), heads["entry"].to_numpy()
    supported = present(programme)
    free = supported | ~desk.lives.away.hold(person, entry * SECONDS_A_DAY + 43_200)
    kept = free & desk.lives.needs.alive_at(person, entry) & (entry < HORIZON) & (entry >= HISTORY_START)
    return heads.with_columns(pl.Series("project", project)).filter(pl.Series(kept))


def _families(heads: pl.DataFrame, needs: Needs, desk: Desk) -> pl.DataFrame:
    """Enrolments of heads and of the family members who share them (not in supported tenancies of one person)."""
    rows = np.flatnonzero(needs.follows >= 0)
    role = desk.lives.people.members.role[rows]
    relationship = np.where(role == "spouse", "3", "2").astype(object)
    followers = table({"head": needs.follows[rows], "follower": rows, "relationship": relationship})
    shared = heads.filter(pl.col("programme").is_null()).join(followers, on="head", how="inner", maintain_order="left")
    shared = shared.with_columns(pl.col("follower").alias("person")).drop("follower")
    everyone = pl.concat([heads.with_columns(pl.lit("1").alias("relationship")), shared])
    person, entry = everyone["person"].to_numpy(), everyone["entry"].to_numpy()
    there = (desk.lives.people.birth_day[person] <= entry) & needs.alive_at(person, entry)
    died = needs.death_day[person] < everyone["exit"].to_numpy()
    exit_on: Ints = np.minimum(everyone["exit"].to_numpy(), needs.death_day[person])
    destination = np.where(died, "24", texts(everyone["destination"])).astype(object)
    result = everyone.with_columns(pl.Series("exit", exit_on), text("destination", destination))
    return result.filter(pl.Series(there))
