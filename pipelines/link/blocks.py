"""Who meets whom: pairs of identities that hold the same key of a rule, each pair once.

Belongs here: enumerating pairs from keys. Identities are places, pairs are packed into one number (left, right, rule),
so that sorting brings together the rules that meet a pair, the first of them in front.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from pipelines.link.keys import RuleKeys, holding, runs
from pipelines.link.parts import SILENT
from pipelines.link.places import Places

Rows = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]

PLACE_BITS = 28
RULE_BITS = 6
"""A packed pair holds two places below 2^28 and a rule below 2^6: 62 bits."""

PAIRS_AT_A_TIME = 8_000_000
"""About so many pairs are enumerated together: 64 MB packed, and some times as much on the way there."""


@dataclass(frozen=True)
class Blocks:
    """One rule's blocks of two and more: places in the order of their key, and where each one's block begins, ends."""

    places: Rows
    starts: Rows
    ends: Rows


@dataclass(frozen=True)
class MetPairs:
    """Pairs of places, left below right, each once, with the number of the first rule that met it."""

    left: Places
    right: Places
    rule: Places

    def __len__(self) -> int:
        return len(self.left)

    @property
    def sides(self) -> tuple[Places, Places]:
        """Both places of every pair."""
        return self.left, self.right

    @staticmethod
    def all(portions: Iterable[MetPairs]) -> MetPairs:
        """All portions in one."""
        none = MetPairs(*(np.zeros(0, dtype=np.int64) for _ in range(3)))
        columns = zip(*((one.left, one.right, one.rule) for one in (none, *portions)), strict=True)
        return MetPairs(*(np.concatenate(column) for column in columns))

    def where(self, chosen: Flags) -> MetPairs:
        """Some of the pairs."""
        return MetPairs(self.left[chosen], self.right[chosen], self.rule[chosen])


def blocks_of(rule: RuleKeys, moved: Flags | None = None) -> Blocks:
    """The rule's blocks; if places are flagged as moved, only blocks that hold one of them."""
    asked = rule.keys if moved is None else rule.keys[moved[rule.places]]
    spoken = np.flatnonzero(rule.keys != SILENT) if moved is None else holding(rule.keys, asked)
    order = np.argsort(rule.keys[spoken], kind="stable")
    places = rule.places[spoken[order]].astype(np.int32)
    _, sizes = runs(rule.keys[spoken][order])
    shared = np.repeat(sizes > 1, sizes)
    sizes = sizes[sizes > 1]
    ends = np.cumsum(sizes)
    return Blocks(
        places[shared], np.repeat(ends - sizes, sizes).astype(np.int32), np.repeat(ends, sizes).astype(np.int32)
    )


def met_pairs(blocks: Sequence[Blocks], population: int, moved: Sequence[Flags] | None = None) -> Iterator[MetPairs]:
    """Every pair that some rule meets, in portions by the left place; with `moved`, only pairs that one of them is in.

    `moved` holds, for each rule, a flag per place.
    """
    seekers = [_seekers(block, None if moved is None else moved[number]) for number, block in enumerate(blocks)]
    for low, high in _portions(sum(seeker.pairs for seeker in seekers), population):
        packed = [seeker.packed(number, low, high) for number, seeker in enumerate(seekers)]
        yield _distinct(np.concatenate([np.zeros(0, dtype=np.int64), *packed]))


def _portions(pairs: int, population: int) -> list[tuple[int, int]]:
    """Ranges of places that are left in about equally many pairs."""
    portions = max(1, round(pairs / PAIRS_AT_A_TIME))
    bounds = [round(population * portion / portions) for portion in range(portions + 1)]
    return list(pairwise(bounds))


@dataclass(frozen=True)
class _Seekers:
    """Positions in a rule's blocks, and the positions each is paired with: from `starts` up to `ends`."""

    places: Rows
    positions: Places
    starts: Rows
    ends: Rows
    is_left: bool
    """Whether a seeker is the left one of all its pairs."""

    @property
    def pairs(self) -> int:
        """How many pairs they make."""
        return int(np.sum(self.ends - self.starts, dtype=np.int64))

    def packed(self, number: int, low: int, high: int) -> Places:
        """Pairs whose left place is in [low, high), packed."""
        first = self.places[self.positions]
        chosen = slice(None) if not self.is_left else (first >= low) & (first < high)
        position, starts, ends = self.positions[chosen], self.starts[chosen], self.ends[chosen]
        sizes = (ends - starts).astype(np.int64)
        one = self.places[np.repeat(position, sizes)].astype(np.int64)
        other = self.places[np.arange(len(one)) + np.repeat(starts - (np.cumsum(sizes) - sizes), sizes)].astype(
            np.int64
        )
        if not self.is_left:
            one, other = np.minimum(one, other), np.maximum(one, other)
            inside = (one >= low) & (one < high) & (one != other)
            one, other = one[inside], other[inside]
        return np.asarray((one << (PLACE_BITS + RULE_BITS)) | (other << RULE_BITS) | number, dtype=np.int64)


def _seekers(block: Blocks, moved: Flags | None) -> _Seekers:
    """Everyone with those after them; or those who moved with all of their block."""
    if moved is None:
        everyone = np.arange(len(block.places))
        return _Seekers(block.places, everyone, (everyone + 1).astype(np.int32), block.ends, is_left=True)
    movers = np.flatnonzero(moved[block.places])
    return _Seekers(block.places, movers, block.starts[movers], block.ends[movers], is_left=False)


def _distinct(packed: Places) -> MetPairs:
    packed.sort()
    pair = packed >> RULE_BITS
    first = np.ones(len(packed), dtype=bool)
    first[1:] = pair[1:] != pair[:-1]
    pair, rule = pair[first], packed[first] & ((1 << RULE_BITS) - 1)
    return MetPairs(pair >> PLACE_BITS, pair & ((1 << PLACE_BITS) - 1), rule)
