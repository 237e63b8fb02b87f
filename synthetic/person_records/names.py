"""Names whose rare end is as long as a country's: the more people, the more names."""

from __future__ import annotations

import numpy as np

from synthetic.chance import flags, scramble
from synthetic.names import NameBook, Weighted, read_data
from synthetic.settings import Book
from synthetic.times import Ints, Texts


class LongTailedNames(NameBook):
    """The listed names of each community, and rare ones put together from parts by rank."""

    def __init__(self, rates: Book) -> None:
        super().__init__(rates)
        power = rates.number("surname_flattening")
        self._surnames = {group: _flattened(listed, power) for group, listed in self._surnames.items()}
        self._surnames_in_tail = int(rates.number("surnames_in_tail"))
        self._first_names_in_tail = int(rates.number("first_names_in_tail"))
        parts = read_data("name_parts")
        kinds = {kind: sorted(set(rows["part"])) for (kind,), rows in parts.group_by("kind")}
        self._surname_parts = (kinds["start"], _syllables("", kinds["end"]), kinds["end"])
        self._first_parts = {
            sex: (kinds["first_start"], ["", "la", "ri", "sha", "mi", "vo", "ne", "ta"], kinds[f"first_end_{sex}"])
            for sex in ("F", "M")
        }

    def _surname(self, rng: np.random.Generator, group: str, size: int) -> Texts:
        listed = self._surnames[group].draw(rng, size)
        rare = flags(rng, self._surname_tail.get(group, 0.0), size)
        ranks = _ranks(rng, self._surnames_in_tail, int(rare.sum()))
        listed[rare] = _made_of(self._surname_parts, ranks, "surname")
        return listed

    def _first(self, rng: np.random.Generator, group_and_sex: str, size: int) -> Texts:
        group, sex = group_and_sex.split("|")
        listed = self._first_names[group, sex].draw(rng, size)
        rare = flags(rng, self._first_tail.get(group, 0.0), size)
        ranks = _ranks(rng, self._first_names_in_tail, int(rare.sum()))
        listed[rare] = _made_of(self._first_parts[sex], ranks, "first")
        return listed


def _flattened(listed: Weighted, power: float) -> Weighted:
    weights = np.diff(listed.running, prepend=0.0)
    return Weighted(listed.values, np.cumsum(weights**power))


def _ranks(rng: np.random.Generator, names: int, size: int) -> Ints:
    """Ranks from 0, a rank r drawn in proportion to 1/√r."""
    return (names * rng.random(size) ** 2).astype(np.int64)


def _syllables(first: str, ends: list[str]) -> list[str]:
    """A syllable to stand between start and end, or nothing."""
    return [first, *(end for end in ends if len(end) == 2)]


def _made_of(parts: tuple[list[str], list[str], list[str]], ranks: Ints, subject: str) -> Texts:
    """The name of each rank: neighbours in rank share no parts."""
    starts, middles, ends = parts
    places = scramble(ranks, len(starts) * len(middles) * len(ends), subject)
    start, rest = places % len(starts), places // len(starts)
    chosen = zip(start.tolist(), (rest % len(middles)).tolist(), (rest // len(middles)).tolist(), strict=True)
    return np.array([f"{starts[a]}{middles[b]}{ends[c]}".capitalize() for a, b, c in chosen], dtype=object)
