"""How an agency comes to know people: contacts make client records, now and then a second one of the same person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from synthetic.chance import flags
from synthetic.errors.seen import Registration
from synthetic.spans import Spans
from synthetic.times import SECONDS_A_DAY, Bools, Ints, Texts, night_of


@dataclass(frozen=True)
class Registry:
    """Client records of an agency: whose, since when (seconds), of which other record a duplicate (row, or -1)."""

    person: Ints
    first_at: Ints
    original: Ints
    ids: Texts

    @property
    def size(self) -> int:
        """How many client records."""
        return len(self.person)

    @property
    def first_night(self) -> Ints:
        """The first night whose extract knows the client."""
        return night_of(self.first_at)

    @property
    def second(self) -> Bools:
        """Which records are duplicates."""
        result: Bools = self.original >= 0
        return result


def register(
    rng: np.random.Generator, person: Ints, at: Ints, duplicates: float, ids: Callable[[int], Texts]
) -> tuple[Registry, Ints]:
    """Client records for contacts, and the record of each contact.

    `duplicates` is the share of records that are somebody's second; only people with two contacts can have one.
    """
    second = _at_a_second_record(rng, person, at, duplicates)
    key, client = np.unique(person * 2 + second, return_inverse=True)
    first_at = np.full(len(key), np.iinfo(np.int64).max)
    np.minimum.at(first_at, client, at)
    owner, is_second = key // 2, key % 2 == 1
    original = np.full(len(key), -1, dtype=np.int64)
    original[is_second] = np.flatnonzero(is_second) - 1
    return Registry(owner, first_at, original, ids(len(key))), client.astype(np.int64)


def _at_a_second_record(rng: np.random.Generator, person: Ints, at: Ints, duplicates: float) -> Ints:
    """1 for contacts that are written to a second record of the person, never the first contact."""
    owner, index, count = np.unique(person, return_inverse=True, return_counts=True)
    eligible = count >= 2
    share = duplicates / (1 - duplicates) * len(owner) / max(int(eligible.sum()), 1)
    has_second = eligible & flags(rng, share, len(owner))
    order = np.lexsort((np.arange(len(at)), at, person))
    starts = np.concatenate([[True], person[order][1:] != person[order][:-1]])[: len(person)]
    first = np.zeros(len(person), dtype=bool)
    first[order[starts]] = True
    last = np.zeros(len(person), dtype=bool)
    last[order[np.roll(starts, -1)]] = True
    moved = last | (~first & flags(rng, 0.4, len(person)))
    return (has_second[index] & moved & ~first).astype(np.int64)


@dataclass(frozen=True)
class Versions:
    """States of client records: row = one version of one client, in order of entry."""

    client: Ints
    at: Ints

    def registration(self, registry: Registry, homeless: Spans) -> Registration:
        """Whom each version is about, and how they lived when it was entered."""
        person, day = registry.person[self.client], self.at // SECONDS_A_DAY
        return Registration(person, day, homeless.hold(person, day))


def versions(client: Ints, at: Ints) -> Versions:
    """The versions that some night can show: of all changes of a client before one cut, the last."""
    order = np.lexsort((at, client))
    client, at = client[order], at[order]
    night = night_of(at)
    last = np.ones(len(client), dtype=bool)
    last[:-1] = (client[1:] != client[:-1]) | (night[1:] != night[:-1])
    return Versions(client[last], at[last])


def registrations(registry: Registry, homeless: Spans) -> Registration:
    """Every client record as it was opened."""
    day = registry.first_at // SECONDS_A_DAY
    return Registration(registry.person, day, homeless.hold(registry.person, day))
