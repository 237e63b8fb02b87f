"""The records of a chunk of people as four sources wrote them down."""

from __future__ import annotations

import numpy as np
import polars as pl

from synthetic.chance import Numbers, flags
from synthetic.person_records.noise import Housemates, Noise, noise_times
from synthetic.person_records.sightings import SOURCES, Sightings
from synthetic.places import STATE, Addresses
from synthetic.population import People
from synthetic.settings import Book
from synthetic.tables import table, without
from synthetic.times import Ints, Texts, date_text, day_number

PREFIXES = {"sheriff": "SH", "health": "HE", "hmis": "HM", "mental_health": "ME"}
COLUMNS = (
    "source",
    "source_record_id",
    "first_name",
    "middle_name",
    "last_name",
    "dob",
    "ssn",
    "sex",
    "race",
    "address",
    "city",
    "state",
    "zip",
    "phone",
    "event_year",
)
"""The columns of records.parquet, in order; all text but the last."""


def write_records(
    rng: np.random.Generator,
    people: People,
    seen: Sightings,
    address: Addresses,
    numbers: Numbers,
    rates: Book,
    level: str,
    ssn_kept: float,
) -> pl.DataFrame:
    """Records in COLUMNS, with the true `person_id` after them."""
    columns = _truly(people, seen, address)
    race_unknown = flags(rng, rates.number("race_unknown"), people.count)
    columns["race"] = without(race_unknown[seen.person], columns["race"])
    _withhold(rng, columns, seen.source, rates)
    noise = Noise(rng, noise_times(seen.source, SOURCES, rates, level), rates)
    noise.spoil(columns, _housemates(rng, people, seen))
    _shorten(rng, columns, seen.source, rates)
    columns["ssn"] = without(~flags(rng, ssn_kept, len(seen.person)), columns["ssn"])
    columns["phone"] = np.full(len(seen.person), None, dtype=object)
    ids = {
        "source": np.array(SOURCES, dtype=object)[seen.source],
        "source_record_id": _record_ids(numbers, seen.source),
    }
    frame = table({**ids, **columns, "event_year": seen.year, "person": people.number[seen.person]})
    person_id = pl.format("P{}", pl.col("person").cast(pl.String).str.zfill(8)).alias("person_id")
    return frame.select(*COLUMNS, person_id)


def _truly(people: People, seen: Sightings, address: Addresses) -> dict[str, Texts]:
    person, members = seen.person, people.members
    days = np.array([day_number(int(year), 7, 1) for year in range(2000, 2100)])[seen.year - 2000]
    return {
        "first_name": people.first[person],
        "middle_name": people.middle[person],
        "last_name": _surnames(people, person, days),
        "dob": _dobs(people.birth_day)[person],
        "ssn": _dashed(people.ssn)[person],
        "sex": np.where(members.sex[person] == "M", "Male", "Female").astype(object),
        "race": members.ethnicity[person],
        "address": address.line.copy(),
        "city": address.city.copy(),
        "state": np.full(len(person), STATE, dtype=object),
        "zip": address.zip_code.copy(),
    }


def _surnames(people: People, person: Ints, days: Ints) -> Texts:
    """The family name of the day, with the mother's after it for those who bear both."""
    last, maternal = people.last_at(person, days), people.maternal[person]
    both = np.array([name is not None for name in maternal], dtype=bool)
    last[both] = [f"{one} {other}" for one, other in zip(last[both], maternal[both], strict=True)]
    return last


def _dobs(birth_day: Ints) -> Texts:
    days = pl.DataFrame({"day": birth_day}).select(date_text("day").alias("iso"))["iso"]
    return np.array([f"{iso[5:7]}/{iso[8:]}/{iso[:4]}" for iso in days.to_list()], dtype=object)


def _dashed(ssn: Texts) -> Texts:
    return np.array([one and f"{one[:3]}-{one[3:5]}-{one[5:]}" for one in ssn], dtype=object)


def _housemates(rng: np.random.Generator, people: People, seen: Sightings) -> Housemates:
    """Someone of the same household; people stand household by household, so a neighbouring row will do."""
    step = np.where(rng.random(len(seen.person)) < 0.5, 1, -1)
    household = people.members.household
    tries = [np.clip(seen.person + turn * step, 0, people.count - 1) for turn in (1, -1)]
    own = household[seen.person]
    other = np.where((household[tries[0]] == own) & (tries[0] != seen.person), tries[0], tries[1])
    alone = (household[other] != own) | (other == seen.person)
    return Housemates(
        dob=without(alone, _dobs(people.birth_day)[other]),
        ssn=without(alone, _dashed(people.ssn)[other]),
    )


def _withhold(rng: np.random.Generator, columns: dict[str, Texts], source: Ints, rates: Book) -> None:
    """What a source does not ask: no address is no city, state and ZIP code either."""
    for field in rates.at("withheld"):
        shares = rates.table(f"withheld.{field}")
        rows = rng.random(len(source)) < np.array([shares[name] for name in SOURCES])[source]
        for name in ("address", "city", "state", "zip") if field == "address" else (field,):
            columns[name] = without(rows, columns[name])


def _shorten(rng: np.random.Generator, columns: dict[str, Texts], source: Ints, rates: Book) -> None:
    """Middle names to initials, SSNs to their last four, where a source keeps no more."""
    initials = np.isin(source, [SOURCES.index(name) for name in rates.at("middle_initial")])
    middle, ssn = columns["middle_name"], columns["ssn"]
    middle[initials] = [name and name[0] for name in middle[initials]]
    shares = rates.table("last_four")
    last_four = rng.random(len(source)) < np.array([shares[name] for name in SOURCES])[source]
    ssn[last_four] = [number and f"XXX-XX-{number[-4:]}" for number in ssn[last_four]]


def _record_ids(numbers: Numbers, source: Ints) -> Texts:
    ids = np.empty(len(source), dtype=object)
    for at, name in enumerate(SOURCES):
        rows = np.flatnonzero(source == at)
        ids[rows] = numbers.texts(name, len(rows), 8, PREFIXES[name])
    return ids
