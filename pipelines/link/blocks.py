"""Who meets whom: pairs of identities that hold the same key of a rule, each pair once.

Belongs here: enumerating pairs from keys. Identities are places, pairs are packed into one number (left, right, rule),
so that sorting brings together the rules that meet a pair, the first of them in front.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from pipelines.link.keys import SILENT, Places, RuleKeys, runs

Rows = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]

PLACE_BITS = 28
RULE_BITS = 6
"""A packed pair holds two places below 2^28 and a rule below 2^6: 62 bits."""

PAIRS_AT_A_TIME = 8_000_000
"""About so many pairs are enumerated together: 64 MB packed, and some times as much on the way there."""


@dataclass(frozen=True)
class Blocks:
    """One rule's blocks of two and more: places in the order of their key, and where each one's block ends."""

    places: Rows
    ends: Rows

    @property
    def pairs(self) -> int:
        """Pairs within the blocks."""
        return int(np.sum(self.ends - np.arange(1, len(self.places) + 1), dtype=np.int64))


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

    def where(self, chosen: Flags) -> MetPairs:
        """Some of the pairs."""
        return MetPairs(self.left[chosen], self.right[chosen], self.rule[chosen])


def blocks_of(rule: RuleKeys, moved: Flags | None = None) -> Blocks:
    """The rule's blocks; if places are flagged as moved, only blocks that hold one of them."""
    spoken = np.flatnonzero(rule.keys != SILENT)
    if moved is not None:
        spoken = spoken[np.isin(rule.keys[spoken], np.unique(rule.keys[spoken][moved[spoken]]))]
    order = np.argsort(rule.keys[spoken], kind="stable")
    places = spoken[order].astype(np.int32)
    starts, sizes = runs(rule.keys[spoken][order])
    ends = np.repeat(starts + sizes, sizes)
    shared = np.repeat(sizes > 1, sizes)
    shift = np.cumsum(~shared)
    return Blocks(places[shared], (ends - shift)[shared].astype(np.int32))


def met_pairs(blocks: Sequence[Blocks], population: int, moved: Sequence[Flags] | None = None) -> Iterator[MetPairs]:
    """Every pair that some rule meets, in portions by the left place; with `moved`, only pairs that one of them is in.

    `moved` holds, for each rule, a flag per place.
    """
    for low, high in _portions(blocks, population):
        packed = [
            _packed(number, block, low, high, None if moved is None else moved[number])
            for number, block in enumerate(blocks)
        ]
        yield _distinct(np.concatenate([np.zeros(0, dtype=np.int64), *packed]))


def _portions(blocks: Sequence[Blocks], population: int) -> list[tuple[int, int]]:
    """Ranges of places that are left in about equally many pairs."""
    portions = max(1, round(sum(block.pairs for block in blocks) / PAIRS_AT_A_TIME))
    bounds = [round(population * portion / portions) for portion in range(portions + 1)]
    return list(pairwise(bounds))


def _packed(number: int, block: Blocks, low: int, high: int, moved: Flags | None) -> Places:
    """Pairs of a block whose left place is in [low, high)."""
    first = np.flatnonzero((block.places >= low) & (block.places < high))
    partners = block.ends[first] - first - 1
    one = np.repeat(first, partners)
    other = one + 1 + np.arange(len(one)) - np.repeat(np.cumsum(partners) - partners, partners)
    left, right = block.places[one].astype(np.int64), block.places[other].astype(np.int64)
    if moved is not None:
        chosen = moved[left] | moved[right]
        left, right = left[chosen], right[chosen]
    return np.asarray((left << (PLACE_BITS + RULE_BITS)) | (right << RULE_BITS) | number, dtype=np.int64)


def _distinct(packed: Places) -> MetPairs:
    packed.sort()
    pair = packed >> RULE_BITS
    first = np.ones(len(packed), dtype=bool)
    first[1:] = pair[1:] != pair[:-1]
    pair, rule = pair[first], packed[first] & ((1 << RULE_BITS) - 1)
    return MetPairs(pair >> PLACE_BITS, pair & ((1 << PLACE_BITS) - 1), rule)
