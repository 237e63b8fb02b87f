"""What reviewers said, and what agencies merged, as must-links and cannot-links between clients.

Reviewers come before agencies, and contradiction is reported, never guessed at: a "same" that would tie together two
clients who were said to be different is set aside with all its chain, and so is a pair said to be both.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

Pair = tuple[int, int]


@dataclass(frozen=True)
class Ties:
    """Pairs of client keys, smaller first."""

    must: frozenset[Pair]
    cannot: frozenset[Pair]
    set_aside: int
    """Decisions that contradict others and were not applied."""
    dormant: int = 0
    """Decisions about clients that no agency knows any longer."""


def reconcile(same: Iterable[Pair], different: Iterable[Pair], merged: Iterable[Pair]) -> Ties:
    """Ties that do not contradict each other, from decisions (`same`, `different`) and agencies' merges."""
    said_same, said_different = _ordered(same), _ordered(different)
    both = said_same & said_different
    cannot = said_different - both
    must = _outside_broken_chains(said_same - both, said_same - both, cannot)
    by_agencies = _ordered(merged) - cannot - both
    must |= _outside_broken_chains(by_agencies, must | by_agencies, cannot)
    set_aside = 2 * len(both) + len(said_same - both - must)
    return Ties(frozenset(must), frozenset(cannot), set_aside)


@dataclass(frozen=True)
class Conflict:
    """Two clients said to be different, and the shortest chain of `same` that ties them together."""

    different: Pair
    same: tuple[Pair, ...]
    set_aside: tuple[Pair, ...]
    """Every `same` that hangs together with the chain; none of them is applied."""


def conflicts(same: Iterable[Pair], different: Iterable[Pair]) -> list[Conflict]:
    """Every contradiction among decisions: pairs said to be both first, then by the pair said to be different."""
    both = _ordered(same) & _ordered(different)
    tied = sorted(_ordered(same) - both)
    near: dict[int, list[int]] = {}
    for left, right in tied:
        near.setdefault(left, []).append(right)
        near.setdefault(right, []).append(left)
    root = roots(tied)
    chained = [
        Conflict(pair, chain, tuple(one for one in tied if root[one[0]] == root[pair[0]]))
        for pair in sorted(_ordered(different) - both)
        if (chain := _chain(near, *pair))
    ]
    return [*(Conflict(pair, (pair,), (pair,)) for pair in sorted(both)), *chained]


def _chain(near: Mapping[int, list[int]], start: int, end: int) -> tuple[Pair, ...]:
    """The pairs of a shortest way from one client to another; empty where there is none."""
    came_from = {start: start}
    waiting = deque([start])
    while waiting and end not in came_from:
        here = waiting.popleft()
        for there in near.get(here, []):
            if there not in came_from:
                came_from[there] = here
                waiting.append(there)
    if end not in came_from:
        return ()
    way = [end]
    while way[-1] != start:
        way.append(came_from[way[-1]])
    return tuple((min(pair), max(pair)) for pair in zip(way[:0:-1], way[-2::-1], strict=True))


def _outside_broken_chains(pairs: set[Pair], chains: set[Pair], cannot: set[Pair]) -> set[Pair]:
    """Those of `pairs` that are in no chain that ties together a forbidden pair."""
    root = roots(chains)
    broken = {root[left] for left, right in cannot if left in root and root[left] == root.get(right)}
    return {pair for pair in pairs if root[pair[0]] not in broken}


def roots(pairs: Iterable[Pair]) -> dict[int, int]:
    """For each client of any pair, the smallest client that chains of pairs tie it to."""
    root: dict[int, int] = {}

    def find(key: int) -> int:
        root.setdefault(key, key)
        while root[key] != key:
            root[key] = root[root[key]]
            key = root[key]
        return key

    for left, right in sorted(pairs):
        one, other = find(left), find(right)
        root[max(one, other)] = min(one, other)
    return {key: find(key) for key in sorted(root)}


def _ordered(pairs: Iterable[Pair]) -> set[Pair]:
    return {(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]}
