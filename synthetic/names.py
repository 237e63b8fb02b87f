"""Names with the frequencies of each community, and a tail put together from parts so that names are not too few."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl

from synthetic.chance import flags, pick
from synthetic.settings import HERE, Book
from synthetic.times import Floats, Texts

DATA = HERE / "data"
NAME_GROUPS = (
    "hispanic",
    "white",
    "black",
    "chinese",
    "korean",
    "vietnamese",
    "filipino",
    "armenian",
    "other_asian",
)
"""Communities with name lists of their own."""


def read_data(name: str) -> pl.DataFrame:
    """A data file of the synthetic county, every column as text."""
    return pl.read_csv(DATA / f"{name}.csv", infer_schema=False)


@dataclass(frozen=True)
class Weighted:
    """Values with running weights."""

    values: Texts
    running: Floats

    def draw(self, rng: np.random.Generator, size: int) -> Texts:
        """So many values by weight."""
        return pick(rng, self.values, self.running, size)


def weighted(frame: pl.DataFrame, column: str) -> Weighted:
    """The values of a column by the `weight` beside them."""
    return Weighted(frame[column].to_numpy().astype(object), np.cumsum(frame["weight"].cast(pl.Float64).to_numpy()))


class NameBook:
    """Draws names for persons of a community."""

    def __init__(self, rates: Book) -> None:
        self._surname_tail = rates.table("surname_tail_share")
        self._first_tail = rates.table("first_name_tail_share")
        surnames, first_names = read_data("surnames"), read_data("first_names")
        self._surnames = {key[0]: weighted(part, "surname") for key, part in surnames.group_by("name_group")}
        grouped = first_names.group_by("name_group", "sex_code")
        self._first_names = {(key[0], key[1]): weighted(part, "first_name") for key, part in grouped}

    def surnames(self, rng: np.random.Generator, groups: Texts) -> Texts:
        """One surname per community named."""
        return self._by(groups, lambda group, size: self._surname(rng, group, size))

    def first_names(self, rng: np.random.Generator, groups: Texts, sexes: Texts) -> Texts:
        """One first name per community and sex."""
        keys = np.array([f"{group}|{sex}" for group, sex in zip(groups, sexes, strict=True)], dtype=object)
        return self._by(keys, lambda key, size: self._first(rng, key, size))

    @staticmethod
    def _by(keys: Texts, draw: Callable[[str, int], Texts]) -> Texts:
        result = np.empty(len(keys), dtype=object)
        for key in sorted(set(keys)):
            rows = np.flatnonzero(keys == key)
            result[rows] = draw(key, len(rows))
        return result

    def _surname(self, rng: np.random.Generator, group: str, size: int) -> Texts:
        listed = self._surnames[group].draw(rng, size)
        tail = flags(rng, self._surname_tail.get(group, 0.0), size)
        return np.where(tail, _tail_surnames(rng, group, size), listed)

    def _first(self, rng: np.random.Generator, group_and_sex: str, size: int) -> Texts:
        group, sex = group_and_sex.split("|")
        listed = self._first_names[group, sex].draw(rng, size)
        tail = flags(rng, self._first_tail.get(group, 0.0), size)
        return np.where(tail, _tail_first_names(rng, group, sex, size), listed)


@cache
def _parts(group: str, kind: str) -> Texts:
    parts = read_data("name_parts").filter(pl.col("name_group") == group, pl.col("kind") == kind)
    return parts["part"].to_numpy().astype(object)


def _joined(rng: np.random.Generator, starts: Texts, ends: Texts, size: int, between: str = "") -> Texts:
    pairs = zip(rng.choice(starts, size), rng.choice(ends, size), strict=True)
    return np.array([f"{start}{between}{end}" for start, end in pairs], dtype=object)


def _tail_surnames(rng: np.random.Generator, group: str, size: int) -> Texts:
    if group == "armenian":
        return _joined(rng, _parts("armenian", "stem"), np.array(["yan", "ian"], dtype=object), size)
    base = group if group in ("hispanic", "filipino", "other_asian") else "white"
    return _joined(rng, _parts(base, "start"), _parts(base, "end"), size)


def _tail_first_names(rng: np.random.Generator, group: str, sex: str, size: int) -> Texts:
    if group == "black":
        return _joined(rng, _parts("black", "first_start"), _parts("black", f"first_end_{sex}"), size)
    if group in ("chinese", "korean"):
        return _joined(rng, _parts(group, "given"), _parts(group, "given"), size, " ")
    starts = np.array(
        ["An", "Ka", "Ju", "Be", "Lu", "Ro", "Da", "Ma", "Le", "Ni", "Ol", "Ev", "Jo", "Sa"], dtype=object
    )
    ends = ["nelle", "lina", "mira", "rissa", "thea"] if sex == "F" else ["van", "ric", "mond", "len", "dell"]
    return _joined(rng, starts, np.array(ends, dtype=object), size)
