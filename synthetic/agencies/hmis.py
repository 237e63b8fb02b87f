"""HMIS clients, as HUD's FY2026 CSV has them; what is recorded of their enrolments stands in enrolments.py."""

from __future__ import annotations

import numpy as np
import polars as pl

from synthetic.agencies.enrolments import enrolment_tables
from synthetic.agencies.extract import Desk, Extract, Table, dates
from synthetic.agencies.hmis_rows import hud_frame
from synthetic.agencies.identities import Roll, hard_cases, roll_versions, write_roll
from synthetic.agencies.registry import Registry, Versions, register
from synthetic.agencies.stays import draw_enrolments
from synthetic.chance import choose, flags
from synthetic.errors.seen import MISSING
from synthetic.tables import only, text, texts
from synthetic.times import HORIZON, SECONDS_A_DAY, Bools, Ints, Texts, years_at

RACE_FLAGS = {
    "american_indian": "AmIndAKNative",
    "asian": "Asian",
    "black": "BlackAfAmerican",
    "hispanic": "HispanicLatinao",
    "middle_eastern": "MidEastNAfrican",
    "pacific_islander": "NativeHIPacific",
    "white": "White",
}


def hmis(desk: Desk) -> tuple[Extract, dict[int, tuple[str, int]]]:
    """The HMIS extract of a chunk, and each person's first PersonalID with the second since when it is known."""
    rows = draw_enrolments(desk)
    created = desk.entered("enrolments", rows["entry"].to_numpy() * SECONDS_A_DAY + 36_000)
    registry, client = register(
        desk.luck("registry"),
        rows["person"].to_numpy(),
        created,
        desk.clerk.rate("duplicates"),
        lambda count: desk.numbers.texts("PersonalID", count, 8),
    )
    roll = write_roll(desk, registry, _ssn_styles(desk, registry, rows, client, created))
    clients = _clients(desk, roll, roll_versions(roll, client, created))
    tables = (
        Table("Client", clients, ("PersonalID",), full=True),
        *enrolment_tables(desk, rows, registry.ids[client], created),
    )
    extract = Extract("hmis", registry, tables, hard_cases(desk, roll))
    firsts = np.flatnonzero(~registry.second)
    known = {
        int(registry.person[row]): (str(registry.ids[row]), int(registry.first_at[row])) for row in firsts.tolist()
    }
    return extract, known


def _ssn_styles(desk: Desk, registry: Registry, rows: pl.DataFrame, client: Ints, created: Ints) -> Texts:
    """Outreach workers hardly ever get a number; supportive housing nearly always does."""
    rng = desk.luck("ssn styles")
    order = np.lexsort((created, client))
    first = order[np.concatenate([[True], client[order][1:] != client[order][:-1]])[: len(order)]]
    kind = texts(rows["project_type"])[first]
    style = choose(rng, desk.clerk.table("ssn"), registry.size)
    for project_type, name in (("4", "ssn_street_outreach"), ("3", "ssn_supportive_housing")):
        style = np.where(kind == project_type, choose(rng, desk.clerk.table(name), registry.size), style)
    return style.astype(object)


def _clients(desk: Desk, roll: Roll, rows: Versions) -> pl.DataFrame:
    registry, rng = roll.registry, desk.luck("client columns")
    birth, ssn = roll.column(rows, "birth_day").astype(np.int64), roll.column(rows, "ssn")
    vague = roll.seen.marked("anonymous") | (roll.seen.marked("nickname") & flags(rng, 0.3, registry.size))
    approximate = roll.seen.marked("placeholder_birth_date") & flags(rng, 0.6, registry.size)
    right = rows.at >= roll.right_at[rows.client]
    age = years_at(np.where(birth == MISSING, 0, birth), HORIZON)
    veteran = np.where(flags(rng, 0.07, registry.size), "1", "0")[rows.client]
    columns = [
        text("PersonalID", registry.ids[rows.client]),
        text("FirstName", roll.column(rows, "first")),
        text("MiddleName", roll.column(rows, "middle")),
        text("LastName", roll.column(rows, "last")),
        text("NameSuffix", roll.column(rows, "suffix")),
        text("NameDataQuality", np.where(vague[rows.client] & ~right, "2", "1").astype(object)),
        text("SSN", _lower(ssn)),
        text("SSNDataQuality", _ssn_quality(ssn)),
        dates("DOB", np.where(birth == MISSING, 0, birth), birth != MISSING),
        text("DOBDataQuality", _birth_quality(birth, approximate[rows.client] & ~right)),
        text("Sex", _sexes(roll.column(rows, "sex"))),
        *_races(desk, registry, rows),
        text("VeteranStatus", np.where(age < 19, "0", veteran).astype(object)),
    ]
    return hud_frame("Client", columns, registry.first_at[rows.client], rows.at)


def _lower(ssn: Texts) -> Texts:
    return np.array([number.lower() if number else None for number in ssn], dtype=object)


def _ssn_quality(ssn: Texts) -> Texts:
    quality = ["99" if not number else "2" if number.startswith("X") else "1" for number in ssn]
    return np.array(quality, dtype=object)


def _birth_quality(birth: Ints, approximate: Bools) -> Texts:
    return np.where(birth == MISSING, "99", np.where(approximate, "2", "1")).astype(object)


def _sexes(sex: Texts) -> Texts:
    return np.where(sex == "F", "0", np.where(sex == "M", "1", "99")).astype(object)


def _races(desk: Desk, registry: Registry, rows: Versions) -> list[pl.Series]:
    """One flag per race; Hispanic clients also have White now and then; some have none at all."""
    rng = desk.luck("races")
    ethnicity = desk.lives.people.members.ethnicity[registry.person]
    none = flags(rng, desk.clerk.rate("race_wrong"), registry.size) | (ethnicity == "other")
    also_white = (ethnicity == "hispanic") & flags(rng, 0.3, registry.size)
    flagged = {
        column: ((ethnicity == name) | ((name == "white") & also_white)) & ~none for name, column in RACE_FLAGS.items()
    }
    series = [text(column, np.where(hit, "1", "0").astype(object)[rows.client]) for column, hit in flagged.items()]
    return [*series, text("RaceNone", only(none, "99")[rows.client])]
