"""Who lives with whom: households of a few kinds, with roles, ages and communities that fit together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthetic.chance import choose, flags
from synthetic.settings import Book
from synthetic.times import DAYS_A_YEAR, FIRST_AS_OF, Bools, Floats, Ints, Texts

SIZES = {
    "single": (1, 1),
    "couple": (2, 2),
    "family": (3, 5),
    "single_parent": (2, 4),
    "adult_child": (2, 3),
    "extended": (4, 6),
}
"""Fewest and most persons of each kind of household."""

HEAD_AGES = {
    "single": (18, 86),
    "couple": (21, 84),
    "family": (22, 54),
    "single_parent": (19, 52),
    "adult_child": (44, 84),
    "extended": (30, 56),
}
"""Youngest and oldest head of each kind."""

WITH_SPOUSE = ("couple", "family", "extended")


@dataclass(frozen=True)
class Members:
    """Every person's place in a household: row = person; `head` and `spouse` are rows of the same arrays."""

    household: Ints
    role: Texts
    kind: Texts
    head: Ints
    spouse: Ints
    birth_day: Ints
    sex: Texts
    ethnicity: Texts
    name_group: Texts

    @property
    def households(self) -> int:
        """How many households there are."""
        return int(self.household[-1]) + 1


def draw_members(rng: np.random.Generator, people: int, rates: Book) -> Members:
    """So many people in households."""
    kinds, household, position, size = _slots(rng, people, rates)
    kind = kinds[household]
    role = _roles(kind, position, size)
    head = np.flatnonzero(position == 0)[household]
    has_spouse = np.isin(kind, WITH_SPOUSE) & (head + 1 < people)
    spouse = np.where(has_spouse, np.minimum(head + 1, people - 1), -1)
    sex = _sexes(rng, role, head, people)
    ethnicity, name_group = _communities(rng, household, int(household[-1]) + 1, rates)
    return Members(household, role, kind, head, spouse, _births(rng, kind, role, head), sex, ethnicity, name_group)


def _slots(rng: np.random.Generator, people: int, rates: Book) -> tuple[Texts, Ints, Ints, Ints]:
    kinds = choose(rng, rates.table("household_kinds"), people)
    low = np.array([SIZES[kind][0] for kind in kinds])
    high = np.array([SIZES[kind][1] for kind in kinds])
    sizes = rng.integers(low, high + 1)
    household = np.repeat(np.arange(people), sizes)[:people]
    starts = np.concatenate(([0], np.cumsum(sizes)[:-1]))
    return kinds, household, np.arange(people) - starts[household], sizes[household]


def _roles(kind: Texts, position: Ints, size: Ints) -> Texts:
    role = np.full(len(kind), "child", dtype=object)
    role[position == 0] = "head"
    role[(position == 1) & np.isin(kind, WITH_SPOUSE)] = "spouse"
    role[(kind == "extended") & (position == size - 1) & (position > 1)] = "parent"
    return role


def _sexes(rng: np.random.Generator, role: Texts, head: Ints, people: int) -> Texts:
    sex = np.where(flags(rng, 0.52, people), "M", "F").astype(object)
    opposite = np.where(sex[head] == "M", "F", "M")
    sex[:] = np.where((role == "spouse") & flags(rng, 0.96, people), opposite, sex)
    return sex


def _births(rng: np.random.Generator, kind: Texts, role: Texts, head: Ints) -> Ints:
    people = len(kind)
    low = np.array([HEAD_AGES[name][0] for name in kind], dtype=np.float64)
    high = np.array([HEAD_AGES[name][1] for name in kind], dtype=np.float64)
    own = low + (high - low) * rng.beta(1.3, 1.7, people)
    of_head = own[head]
    age = np.select(
        [role == "spouse", role == "parent", role == "child"],
        [of_head + rng.normal(0, 4, people), of_head + rng.uniform(20, 34, people), _child_ages(rng, of_head)],
        own,
    )
    age = np.where(role == "spouse", np.maximum(age, 18.5), age)
    return (FIRST_AS_OF - np.minimum(age, 99) * DAYS_A_YEAR).astype(np.int64)


def _child_ages(rng: np.random.Generator, of_head: Floats) -> Floats:
    age = of_head - rng.uniform(18, 38, len(of_head))
    return np.where(age < 0.1, rng.uniform(0.1, 5.2, len(of_head)), age)


def _communities(rng: np.random.Generator, household: Ints, households: int, rates: Book) -> tuple[Texts, Texts]:
    """Households are of one community but for a few members."""
    of_household = choose(rng, rates.table("communities"), households)[household]
    own = choose(rng, rates.table("communities"), len(household))
    community = np.where(flags(rng, rates.number("mixed_household_share"), len(household)), own, of_household)
    ethnicity, name_group = np.full(len(own), "", dtype=object), np.full(len(own), "", dtype=object)
    for name in sorted(set(community)):
        rows = np.flatnonzero(community == name)
        entry = rates.part(f"community.{name}")
        ethnicity[rows] = entry.at("ethnicity")
        name_group[rows] = choose(rng, entry.table("names"), len(rows))
    return ethnicity, name_group


def pair_up(rng: np.random.Generator, candidates: Bools, count: int) -> tuple[Ints, Ints]:
    """Up to `count` disjoint pairs of candidates."""
    rows = rng.permutation(np.flatnonzero(candidates))
    pairs = min(count, len(rows) // 2)
    return rows[:pairs], rows[pairs : 2 * pairs]
