"""The truth, beside the extracts and never among them: who is who, what was planted, what truly came about."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

import numpy as np
import polars as pl
import pyarrow.parquet as pq
import yaml

from synthetic.agencies.extract import Extract
from synthetic.lives.whole import Lives
from synthetic.population import People
from synthetic.settings import Settings
from synthetic.tables import table, text
from synthetic.times import FIRST_AS_OF, Ints, Texts
from synthetic.true_outcomes import true_outcomes

RECENT_DAYS = 730


class Truth:
    """Writes the truth tables, chunk by chunk: clients, persons, hard_cases, outcomes; and effects.yaml."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writers: dict[str, pq.ParquetWriter] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> Truth:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for writer in self._writers.values():
            writer.close()

    def add_people(self, lives: Lives, homes: pl.DataFrame) -> None:
        """The people of a chunk and what truly came about for them; `homes`: those outside the subsidy pool."""
        self._write("persons", persons(lives))
        self._write("outcomes", with_person_ids(true_outcomes(lives, homes), lives.people))

    def add_clients(self, people: People, extract: Extract, last_night: int) -> int:
        """The client records that the deliveries show until the last night; returns how many."""
        shown = extract.registry.first_night <= last_night
        owner = person_ids(people, extract.registry.person)
        agency = np.full(extract.registry.size, extract.agency, dtype=object)
        clients = table({"agency": agency, "client_id": extract.registry.ids, "person_id": owner})
        self._write("clients", clients.filter(pl.Series(shown)))
        cases = [
            clients.filter(pl.Series(hit & shown)).with_columns(pl.lit(case).alias("case_code"))
            for case, hit in extract.hard.items()
        ]
        self._write("hard_cases", pl.concat(cases))
        return int(shown.sum())

    def write_effects(self, settings: Settings, provider_ratios: Mapping[str, float]) -> None:
        """The effects that were set, and how each clinic's differ."""
        effects = {**settings.effects.entries, "provider_factors": dict(provider_ratios)}
        (self._folder / "effects.yaml").write_text(yaml.safe_dump(effects, sort_keys=True), encoding="utf-8")

    def _write(self, name: str, frame: pl.DataFrame) -> None:
        arrow = frame.to_arrow()
        if name not in self._writers:
            self._writers[name] = pq.ParquetWriter(self._folder / f"{name}.parquet", arrow.schema, compression="zstd")
        self._writers[name].write_table(arrow.cast(self._writers[name].schema))


def person_ids(people: People, rows: Ints) -> Texts:
    """Names of true persons; no extract holds one."""
    return np.array([f"person-{number:08d}" for number in people.number[rows].tolist()], dtype=object)


def with_person_ids(frame: pl.DataFrame, people: People) -> pl.DataFrame:
    """Rows about people of a chunk, with their names in the truth instead of their places in the chunk."""
    return frame.with_columns(text("person_id", person_ids(people, frame["person"].to_numpy()))).select(
        "person_id", pl.exclude("person", "person_id")
    )


def persons(lives: Lives) -> pl.DataFrame:
    """One row per person: facts, housing status at the first as-of day, and whom they are easily taken for."""
    people, rows = lives.people, np.arange(lives.people.count)
    likenesses = people.likenesses
    like = np.full(people.count, None, dtype=object)
    kind = np.full(people.count, None, dtype=object)
    for name, pair in (
        ("identical_twin", likenesses.twins),
        ("father_and_son", likenesses.fathers_and_sons),
        ("namesake", likenesses.namesakes),
    ):
        for one, other in (pair, pair[::-1]):
            like[one], kind[one] = person_ids(people, other), name
    year = people.birth_day.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    died = lives.needs.death_day
    return table(
        {
            "person_id": person_ids(people, rows),
            "sex": people.members.sex,
            "ethnicity": people.members.ethnicity,
            "name_group": people.members.name_group,
            "birth_year": year,
            "housing_status": _housing(lives),
            "like_kind": kind,
            "like_person_id": like,
            "died_on": np.where(died < FIRST_AS_OF, died, -1),
        }
    ).with_columns(
        pl.when(pl.col("died_on") >= 0).then(pl.col("died_on")).cast(pl.Int32).cast(pl.Date).alias("died_on")
    )


def _housing(lives: Lives) -> Texts:
    """homeless: in a spell at the first as-of day, or six months of the last two years; unstable: ever; else housed."""
    spells = lives.homeless
    recent = np.minimum(spells.end, FIRST_AS_OF) - np.maximum(spells.start, FIRST_AS_OF - RECENT_DAYS)
    days = np.bincount(spells.person, weights=np.maximum(recent, 0), minlength=lives.people.count)
    now = spells.hold(np.arange(lives.people.count), np.full(lives.people.count, FIRST_AS_OF))
    begun = spells.start < FIRST_AS_OF
    ever = np.bincount(spells.person[begun], minlength=lives.people.count) > 0
    return np.select([now | (days >= 180), ever], ["homeless", "unstable"], "housed").astype(object)
