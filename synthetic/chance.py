"""Seeded chance, and numbers that say nothing of whom they number."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence

import numpy as np

from synthetic.times import Bools, Floats, Ints, Texts

ROUNDS = 4
CAPACITY = 100_000_000
"""More rows of one kind than any county that we draw has."""


def stream(seed: int, chunk: int, subject: str) -> np.random.Generator:
    """The chance of one subject in one chunk: a change to one subject leaves every other as it was."""
    return np.random.default_rng([seed, chunk, zlib.crc32(subject.encode())])


def flags(rng: np.random.Generator, share: float | Floats, size: int) -> Bools:
    """True for about `share` of `size`."""
    result: Bools = rng.random(size) < share
    return result


def pick(rng: np.random.Generator, values: Texts, running: Floats, size: int) -> Texts:
    """Values drawn by their running weights (the last of which is the sum)."""
    result: Texts = values[np.searchsorted(running, rng.random(size) * running[-1], side="right")]
    return result


def choose(rng: np.random.Generator, weights: Mapping[str, float], size: int) -> Texts:
    """Keys of a small table drawn by their weights."""
    values = np.array(list(weights), dtype=object)
    return pick(rng, values, np.cumsum(np.array(list(weights.values()), dtype=np.float64)), size)


def whole(rng: np.random.Generator, low: int, high: int, size: int) -> Ints:
    """Whole numbers from `low` to `high`, both included."""
    return rng.integers(low, high + 1, size=size, dtype=np.int64)


def lognormal_days(rng: np.random.Generator, median: float, spread: float, most: int, size: int) -> Ints:
    """Lengths in days, at least one, with a long tail."""
    drawn = np.exp(rng.normal(np.log(median), spread, size))
    return np.clip(drawn, 1, most).astype(np.int64)


def top(score: Floats, eligible: Bools, count: int) -> Bools:
    """True for the `count` eligible with the highest score."""
    order = np.argsort(np.where(eligible, -score, np.inf), kind="stable")
    chosen = np.zeros(len(score), dtype=bool)
    chosen[order[: min(count, int(eligible.sum()))]] = True
    return chosen


def weighted_rows(rng: np.random.Generator, weights: Sequence[float], size: int) -> Ints:
    """Row numbers drawn by weight."""
    running = np.cumsum(np.asarray(weights, dtype=np.float64))
    rows: Ints = np.searchsorted(running, rng.random(size) * running[-1], side="right").astype(np.int64)
    return rows


def scramble(values: Ints, size: int, key: str) -> Ints:
    """A fixed one-to-one map of 0…size-1 onto itself (a small Feistel network, walked until it lands inside).

    Records of one person must not carry neighbouring numbers: a linker could then cheat.
    """
    half = max(1, (max(size - 1, 1).bit_length() + 1) // 2)
    mixed = _feistel(values, half, key)
    outside = mixed >= size
    while outside.any():
        mixed[outside] = _feistel(mixed[outside], half, key)
        outside = mixed >= size
    return mixed


def _feistel(values: Ints, half: int, key: str) -> Ints:
    mask, wide = np.uint64((1 << half) - 1), values.astype(np.uint64)
    left, right = wide >> np.uint64(half), wide & mask
    for turn in range(ROUNDS):
        salt = np.uint64(zlib.crc32(f"{key}{turn}".encode()))
        mixed = (right + salt) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
        left, right = right, left ^ (mixed * np.uint64(0xBF58476D1CE4E5B9) >> np.uint64(31) & mask)
    return (left << np.uint64(half) | right).astype(np.int64)


class Numbers:
    """Hands out numbers that are unique over the county and in no order; one counter per kind, carried over chunks."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._used: dict[str, int] = {}

    def take(self, kind: str, count: int, capacity: int = CAPACITY) -> Ints:
        """The next `count` numbers of a kind, each below `capacity`."""
        start = self._used.get(kind, 0)
        if start + count > capacity:
            raise ValueError(f"a county this large has more than {capacity} {kind}s; its numbers have too few digits")
        self._used[kind] = start + count
        return scramble(np.arange(start, start + count, dtype=np.int64), capacity, f"{self._seed}{kind}")

    def texts(self, kind: str, count: int, digits: int, prefix: str = "") -> Texts:
        """The next numbers of a kind as texts of so many digits behind a prefix."""
        numbers = self.take(kind, count, 10**digits)
        return np.array([f"{prefix}{number:0{digits}d}" for number in numbers.tolist()], dtype=object)
