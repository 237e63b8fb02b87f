"""People whom a linker will take for one another: twins, fathers and sons of one name, namesakes of one year."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthetic.chance import flags, whole
from synthetic.households import Members, pair_up
from synthetic.settings import Book
from synthetic.times import Ints, Texts

NAMESAKES = (
    ("hispanic", "F", "Maria", "Garcia"),
    ("hispanic", "M", "Jose", "Hernandez"),
    ("vietnamese", "M", "Minh", "Nguyen"),
    ("vietnamese", "F", "Lan", "Nguyen"),
    ("korean", "M", "Sung", "Kim"),
    ("chinese", "F", "Mei", "Chen"),
    ("black", "M", "James", "Williams"),
    ("white", "M", "John", "Smith"),
    ("armenian", "F", "Ani", "Petrosyan"),
)
"""Names so common in their community that two people of one year bear them: community, sex, first, last."""

OTHER_VOWEL = str.maketrans("aeiouy", "eaoiae")
"""Turns the last vowel of a name into another: twins' names that differ in one letter."""


@dataclass(frozen=True)
class Likenesses:
    """Pairs of rows that are alike but not the same."""

    twins: tuple[Ints, Ints]
    fathers_and_sons: tuple[Ints, Ints]
    namesakes: tuple[Ints, Ints]
    namesake_names: Ints
    namesake_births: tuple[Ints, Ints]

    @staticmethod
    def none(_count: int) -> Likenesses:
        """Nobody like anybody."""
        no = np.zeros(0, dtype=np.int64)
        return Likenesses((no, no), (no, no), (no, no), no, (no, no))

    @property
    def everyone(self) -> Ints:
        """All rows of all pairs."""
        return np.concatenate([*self.twins, *self.fathers_and_sons, *self.namesakes])

    def birth_day(self, birth_day: Ints) -> Ints:
        """Days of birth once twins share one and namesakes share a year."""
        result = birth_day.copy()
        result[self.twins[1]] = result[self.twins[0]]
        for rows, days in zip(self.namesakes, self.namesake_births, strict=True):
            result[rows] = days
        return result

    def rename(self, first: Texts, middle: Texts, last: Texts) -> None:
        """Give the alike their names, in place."""
        one, other = self.twins
        first[other] = [one_letter_apart(name) for name in first[one]]
        last[other] = last[one]
        father, son = self.fathers_and_sons
        first[son], middle[son], last[son] = first[father], middle[father], last[father]
        for rows in self.namesakes:
            first[rows] = [NAMESAKES[name][2] for name in self.namesake_names]
            last[rows] = [NAMESAKES[name][3] for name in self.namesake_names]

    def add_suffixes(self, suffix: Texts) -> None:
        """Sons are Jr; fathers are Sr."""
        father, son = self.fathers_and_sons
        suffix[father], suffix[son] = "Sr", "Jr"


def draw_likenesses(rng: np.random.Generator, members: Members, first: Texts, rates: Book) -> Likenesses:
    """Choose who is like whom."""
    twins = _twins(rng, members, rates.number("identical_twin_share"))
    sons = _sons(rng, members, rates.number("junior_share"), taken=np.concatenate(twins))
    taken = np.concatenate([*twins, *sons])
    namesakes, names = _namesakes(rng, members, rates.number("namesake_share"), taken)
    return Likenesses(twins, sons, namesakes, names, _births_of_one_year(rng, members.birth_day[namesakes[0]]))


def one_letter_apart(name: str) -> str:
    """The name with its last vowel changed, or a letter added where it has none."""
    for place in range(len(name) - 1, 0, -1):
        other = name[place].translate(OTHER_VOWEL)
        if other != name[place]:
            return name[:place] + other + name[place + 1 :]
    return f"{name}a"


def _twins(rng: np.random.Generator, members: Members, share: float) -> tuple[Ints, Ints]:
    """Neighbouring children of one household, never three."""
    child = members.role == "child"
    alike = child[:-1] & child[1:] & (members.household[:-1] == members.household[1:])
    rows = np.flatnonzero(alike)
    wanted = int(share * len(members.role) / 2 + rng.random())
    chosen = np.sort(rng.permutation(rows)[: 2 * wanted])
    apart = np.diff(members.household[chosen], prepend=-1) > 0
    first = chosen[apart][:wanted]
    return first, first + 1


def _sons(rng: np.random.Generator, members: Members, share: float, taken: Ints) -> tuple[Ints, Ints]:
    """Sons of a household's male head; one son a father, 18 to 35 years apart, not a twin."""
    gap = members.birth_day - members.birth_day[members.head]
    fits = (members.role == "child") & (members.sex == "M") & (members.sex[members.head] == "M")
    fits &= (gap > 18 * 365.25) & (gap < 36 * 365.25) & ~np.isin(np.arange(len(gap)), taken)
    rows = rng.permutation(np.flatnonzero(fits))
    _, first = np.unique(members.household[rows], return_index=True)
    wanted = int(share * len(gap) / 2 + rng.random())
    sons = rows[np.sort(first)][:wanted]
    return members.head[sons], sons


def _namesakes(rng: np.random.Generator, members: Members, share: float, taken: Ints) -> tuple[tuple[Ints, Ints], Ints]:
    """Pairs of one community and sex that get one name; heads only, so that no family is torn apart."""
    free = (members.role == "head") & (members.kind == "single") & ~np.isin(np.arange(len(members.role)), taken)
    ones, others, names = [], [], []
    for place, (group, sex, _, _) in enumerate(NAMESAKES):
        candidates = free & (members.name_group == group) & (members.sex == sex)
        wanted = int(share * len(free) / 2 / len(NAMESAKES) + rng.random())
        one, other = pair_up(rng, candidates, wanted)
        ones.append(one)
        others.append(other)
        names.append(np.full(len(one), place, dtype=np.int64))
    return (np.concatenate(ones), np.concatenate(others)), np.concatenate(names)


def _births_of_one_year(rng: np.random.Generator, birth_day: Ints) -> tuple[Ints, Ints]:
    """Two different days in the year in which the first was born."""
    starts = (birth_day.astype("datetime64[D]").astype("datetime64[Y]")).astype("datetime64[D]").astype(np.int64)
    one, other = whole(rng, 5, 170, len(starts)), whole(rng, 190, 355, len(starts))
    late = flags(rng, 0.5, len(starts))
    return starts + np.where(late, other, one), starts + np.where(late, one, other)
