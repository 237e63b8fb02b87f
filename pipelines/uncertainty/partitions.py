"""Other ways to cut the same scored pairs into persons: stricter, looser, not at all, and as chance would have it.

Arrays in, arrays out; clients are numbered in the order of their keys. Nothing is scored anew: every pair of a
component was scored by the run that made it.

A draw lets each pair be one person with its calibrated probability p = 2^w / (1 + 2^w): its weight is moved by
logistic noise, and what then lies above an even chance is together. Pairs of a larger component stay under average
linkage, so that a draw never has a person whom the linkage could not have made. A pair's noise follows from the seed,
the draw and its two clients, so that what one pair does in a draw is the same whatever other pairs there are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from linkage_rules.thresholds import Thresholds
from pipelines.link import graph
from pipelines.link.graph import Flags, Numbers, Pairs, Weights
from pipelines.uncertainty import batches
from pipelines.uncertainty.rules import Rules

SHIFT_LIMIT = 40.0
"""Bits within which the shift to a known precision is sought."""


@dataclass(frozen=True)
class Linkage:
    """Clients that anything ties to another, and what is known of their pairs."""

    keys: Numbers
    links: Pairs
    """Pairs that a rule met, at or above the loose weight: they hold components together."""
    pairs: Pairs
    """Every scored pair."""
    must: Numbers
    """Pairs of clients that must be together (k × 2)."""
    thresholds: Thresholds

    def components(self) -> Numbers:
        """The component of each client."""
        return graph.components(len(self.keys), self.links, self.must, self.thresholds)

    def widest(self, bits: float) -> Numbers:
        """The loose component of each client at a loose weight moved by some bits: no cut crosses one, taken apart or
        not, at this weight or a higher one.
        """
        stated = self.thresholds
        moved = replace(stated, loose_weight=stated.loose_weight + min(bits, 0.0))
        return graph.loose_components(len(self.keys), self.links, self.must, moved)

    def among(self, chosen: Flags) -> Linkage:
        """Some of the clients; whole components, or pairs are lost."""
        number = np.cumsum(chosen, dtype=np.int64) - 1
        links, pairs = (_renumbered(one, chosen, number) for one in (self.links, self.pairs))
        must = number[self.must[chosen[self.must[:, 0]]]]
        return replace(self, keys=self.keys[chosen], links=links, pairs=pairs, must=must)


def _renumbered(pairs: Pairs, chosen: Flags, number: Numbers) -> Pairs:
    own = pairs.where(np.asarray(chosen[pairs.left] & chosen[pairs.right], dtype=bool))
    return replace(own, left=number[own.left], right=number[own.right])


def moved(linkage: Linkage, bits: float) -> Numbers:
    """The cluster of each client with both weights raised (or lowered) by some bits."""
    stated = linkage.thresholds
    thresholds = replace(stated, loose_weight=stated.loose_weight + bits, cut_weight=stated.cut_weight + bits)
    other = replace(linkage, thresholds=thresholds)
    pairs = linkage.pairs
    found = batches.clusters(
        other.components(), pairs, lambda one: pairs.weight[None, one], 1, linkage.must, thresholds
    )
    return np.asarray(found[0], dtype=np.int64)


def alone(linkage: Linkage) -> Numbers:
    """Every client alone, or with those that it must be with: what would be known without any link of the model."""
    no_links = linkage.links.where(np.zeros(len(linkage.links), dtype=bool))
    found = graph.loose_components(len(linkage.keys), no_links, linkage.must, linkage.thresholds)
    return graph.first_of_each(found)


def drawn(linkage: Linkage, shift: float, rules: Rules) -> Numbers:
    """For each draw the cluster of each client (draws × clients).

    `shift`: bits by which the weights are calibrated.
    """
    labels = linkage.components()
    middle = _clipped(linkage) + shift + _even_chance(linkage, labels)
    pairs = linkage.pairs

    def weights(chosen: Numbers) -> Weights:
        left, right = linkage.keys[pairs.left[chosen]], linkage.keys[pairs.right[chosen]]
        return middle[chosen] + _noise(left, right, rules)

    return batches.clusters(labels, pairs, weights, rules.draws, linkage.must, linkage.thresholds)


def _noise(left: Numbers, right: Numbers, rules: Rules) -> Weights:
    """Logistic noise of pairs of clients by their keys, in bits (draws × pairs)."""
    begin = np.array([((rules.seed << 16) + number) % 2**64 for number in range(rules.draws)], dtype=np.uint64)
    mixed = _mixed(_mixed(_mixed(begin)[:, None] ^ left.view(np.uint64)) ^ right.view(np.uint64))
    # the middle of one of 2^52 steps between 0 and 1: never either of them
    share = ((mixed >> np.uint64(12)).astype(np.float64) + 0.5) / 2.0**52
    return np.asarray(np.log2(share) - np.log2(1 - share), dtype=np.float64)


def _mixed(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Bits that follow from all bits of a value (splitmix64: Steele, Lea and Flood 2014, OOPSLA, figure 15)."""
    mixed = values + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(mixed ^ (mixed >> np.uint64(31)), dtype=np.uint64)


def _even_chance(linkage: Linkage, labels: Numbers) -> Weights:
    """What to add to each weight so that its even chance lies at the cut.

    The cut of a mean over groups was found where joining is as often right as wrong; of two clients alone the weight
    itself says it.
    """
    is_pair = np.bincount(labels, minlength=len(labels))[labels[linkage.pairs.left]] == 2
    return np.where(is_pair, linkage.thresholds.cut_weight, 0.0)


def _clipped(linkage: Linkage) -> Weights:
    return np.clip(linkage.pairs.weight, linkage.thresholds.weight_floor, linkage.thresholds.weight_clip)


def shift_to_precision(linkage: Linkage, clusters: Numbers, precision: float) -> float:
    """Bits to add to every weight so that the pairs put together are expected to be right as often as labels say."""
    together = clusters[linkage.pairs.left] == clusters[linkage.pairs.right]
    weights = _clipped(linkage)[together]
    if not len(weights):
        return 0.0
    low, high = -SHIFT_LIMIT, SHIFT_LIMIT
    for _ in range(60):
        middle = (low + high) / 2
        if float((1 / (1 + np.exp2(-(weights + middle)))).mean()) < precision:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def unsettled(linkage: Linkage, shift: float, settled_weight: float) -> Flags:
    """Clients of components that a draw could change: some pair is forbidden or less than certain."""
    labels = linkage.components()
    inside = linkage.pairs.where(labels[linkage.pairs.left] == labels[linkage.pairs.right])
    is_doubtful = inside.forbidden | (inside.weight + shift < settled_weight)
    doubted = np.zeros(len(labels), dtype=bool)
    doubted[labels[inside.left[is_doubtful]]] = True
    return np.asarray(doubted[labels], dtype=bool)


def changed(before: Numbers, after: Numbers) -> Flags:
    """Clients whose cluster does not hold the same clients after as before; each is numbered by its first client.

    A cluster that stays keeps its number. So it has changed if one of its clients has another number, or if others
    joined it.
    """
    has_left = np.zeros(len(before), dtype=bool)
    has_left[before[before != after]] = True
    size_before, size_after = (np.bincount(one, minlength=len(one)) for one in (before, after))
    return np.asarray((before != after) | has_left[before] | (size_before[before] != size_after[after]), dtype=bool)
