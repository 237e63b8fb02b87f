"""Flat person records of any number, with their truth: what linkage is measured on beside the synthetic county.

A person is seen by up to four sources, several times each; every sighting is a record of name, birth date, SSN, sex,
race, address and year, with the errors that `person_records.yaml` states. Made chunk by chunk, so that memory does not
grow with the number of records, and sorted at the end, so that their order says nothing of who is who.
"""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import yaml

from synthetic.chance import Numbers, flags, stream
from synthetic.person_records.homes import draw_facilities, draw_whereabouts
from synthetic.person_records.names import LongTailedNames
from synthetic.person_records.sightings import draw_sightings
from synthetic.person_records.writing import write_records
from synthetic.population import People, draw_people
from synthetic.settings import HERE, Book
from synthetic.times import HISTORY_START, NEVER

LEVELS = ("standard", "hard", "brutal")
PEOPLE_A_RECORD, FEWEST_PEOPLE = 0.8, 500
"""Of the last chunk: a few more than its records need."""

MEMORY_LIMIT = "700MB"
"""Of the last step, which sorts; it spills beyond."""


@dataclass(frozen=True)
class RecordsSummary:
    """What was made."""

    records: int
    persons: int
    folder: Path


def generate_records(
    out: Path, *, records: int, seed: int, ssn_kept: float = 1.0, noise: str = "hard"
) -> RecordsSummary:
    """Write `out/records.parquet` (COLUMNS) and `out/truth.parquet` (source, source_record_id, person_id).

    `ssn_kept` is the share of SSNs that stay; `noise` is one of LEVELS. The same arguments give the same bytes.
    Raises ValueError for a noise or number that cannot be, FileExistsError for a folder that holds records already.
    """
    if records < 1 or noise not in LEVELS or not 0 <= ssn_kept <= 1:
        raise ValueError(f"records are at least 1, noise is one of {', '.join(LEVELS)}, a share is from 0 to 1")
    if (out / "records.parquet").exists():
        raise FileExistsError(f"{out} holds records already; name another folder or remove it")
    parts = out / "parts"
    parts.mkdir(parents=True, exist_ok=True)
    persons = 0
    for number, part in enumerate(_parts(records, seed, ssn_kept, noise)):
        part.write_parquet(parts / f"{number:05d}.parquet", compression="lz4")
        persons += part["person_id"].n_unique()
    _sort(parts, out)
    shutil.rmtree(parts)
    return RecordsSummary(records, persons, out)


def _parts(records: int, seed: int, ssn_kept: float, noise: str) -> Iterator[pl.DataFrame]:
    rates = load_rates()
    names, numbers = LongTailedNames(rates.part("names")), Numbers(seed)
    facilities = draw_facilities(seed, records, rates)
    most, start, chunk, missing = int(rates.number("people_a_chunk")), 0, 0, records
    while missing > 0:
        size = min(most, math.ceil(missing * PEOPLE_A_RECORD) + FEWEST_PEOPLE)
        rng = stream(seed, chunk, "person records")
        people = _settled(rng, draw_people(rng, start, size, names, rates.part("people")), rates)
        whereabouts = draw_whereabouts(rng, people, len(facilities.line), rates)
        seen = draw_sightings(rng, people.birth_day, rates).first(missing)
        address = whereabouts.address_in(people, facilities, seen.person, seen.year)
        yield write_records(rng, people, seen, address, numbers, rates, noise, ssn_kept)
        start, chunk, missing = start + size, chunk + 1, missing - len(seen.person)


def _settled(rng: np.random.Generator, people: People, rates: Book) -> People:
    """Most of those who changed their family name had done so before the first year."""
    early = (people.renamed_on < NEVER) & flags(rng, rates.number("renamed_early"), people.count)
    return replace(people, renamed_on=np.where(early, HISTORY_START - 4000, people.renamed_on))


def _sort(parts: Path, out: Path) -> None:
    with duckdb.connect(config={"memory_limit": MEMORY_LIMIT, "temp_directory": str(parts / "spill")}) as connection:
        connection.sql(f"create view parts as select * from read_parquet('{parts}/*.parquet')")
        ordered = "order by source, source_record_id"
        connection.sql(f"copy (select * exclude (person_id) from parts {ordered}) to '{out}/records.parquet'")
        truth = f"select source, source_record_id, person_id from parts {ordered}"
        connection.sql(f"copy ({truth}) to '{out}/truth.parquet'")


def load_rates(path: Path = HERE / "person_records.yaml") -> Book:
    """The book of rates of flat records."""
    return Book("person_records", yaml.safe_load(path.read_text(encoding="utf-8")))
