"""A first look at a pair: the most that its weight can come to, reckoned without comparing a single spelling.

Of the pairs that a blocking rule meets, nine in ten are nowhere near the loose weight, and comparing spellings is what
scoring costs. So each level's condition is *relaxed* (`relaxing.py`) into one that is cheap and holds whenever the
level's own does. A ladder is worth at most the best level whose relaxed condition holds, and the weight at most the
prior and the sum over the ladders. A pair whose bound is below the loose weight would not have been kept: to leave it
out changes no link.

Belongs here: the reckoning, on arrays. Who is looked at, and where the arrays come from, stands in `pipelines/link`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from linkage_rules.relaxing import relaxed
from linkage_rules.settings import Settings
from linkage_rules.traits import Array, Condition, Flags, Trait, View

SLACK = 0.01
"""Bits by which a bound may be too low, for it is added up in single precision."""

WORTH_PARTING = 0.7
"""Share of pairs below which it is quicker to go on with them alone."""

Level = Mapping[str, Any]
Weights = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Rung:
    """A level as a first look sees it."""

    condition: Condition
    weight: np.float32
    frequency: Trait | None
    usual: np.float32
    """The chance of equality that the level's u stands for, in bits, where a rare value counts for more."""
    least_frequency: float


class Bound:
    """The most that pairs can weigh under a model."""

    def __init__(self, settings: Settings) -> None:
        prior = settings["probability_two_random_records_match"]
        self._prior = np.float32(math.log2(prior / (1 - prior)))
        ladders = [_rungs(ladder["comparison_levels"]) for ladder in settings["comparisons"]]
        self._ladders = sorted(ladders, key=_greatest, reverse=True)

    @property
    def traits(self) -> list[Trait]:
        """What must be known of each identity, sorted."""
        rungs = [rung for ladder in self._ladders for rung in ladder]
        read = {trait for rung in rungs for trait in rung.condition.traits}
        return sorted(read | {rung.frequency for rung in rungs if rung.frequency is not None})

    def reaching(self, traits: Mapping[str, Array], left: Array, right: Array, least_weight: float) -> Flags:
        """Which pairs can reach a weight.

        The ladders of most weight come first, and pairs that the rest cannot lift are laid aside on the way.
        """
        in_play = np.arange(len(left))
        total = np.full(len(left), self._prior, dtype=np.float32)
        rest = sum(_greatest(ladder) for ladder in self._ladders)
        view = View(traits, left, right)
        for ladder in self._ladders:
            total += _most(ladder, view, len(total))
            rest -= _greatest(ladder)
            can = total + rest >= least_weight - SLACK
            if np.count_nonzero(can) < WORTH_PARTING * len(can):
                in_play, total = in_play[can], total[can]
                view = View(traits, left[in_play], right[in_play])
        reached = np.zeros(len(left), dtype=bool)
        reached[in_play[total >= least_weight - SLACK]] = True
        return reached


def _rungs(levels: Sequence[Level]) -> list[Rung]:
    """The levels by weight, the least first, without those that something always possible outweighs."""
    rungs = sorted((_rung(level, levels) for level in levels), key=lambda rung: float(rung.weight))
    always = max(float(rung.weight) for rung in rungs if rung.condition.holds is None and not rung.frequency)
    return [
        rung
        for rung in rungs
        if rung.frequency is not None
        or float(rung.weight) > always
        or (float(rung.weight) == always and rung.condition.holds is None)
    ]


def _rung(level: Level, levels: Sequence[Level]) -> Rung:
    column = level.get("tf_adjustment_column")
    return Rung(
        condition=relaxed(level["sql_condition"]),
        weight=np.float32(_weight(level)),
        frequency=Trait(column, "frequency") if column else None,
        usual=np.float32(math.log2(_chance_of_equality(levels, column)) if column else 0.0),
        least_frequency=float(level.get("tf_minimum_u_value") or 1e-12),
    )


def _most(ladder: Sequence[Rung], view: View, pairs: int) -> Weights:
    most = np.full(pairs, -np.inf, dtype=np.float32)
    for rung in ladder:
        worth = rung.weight if rung.frequency is None else rung.weight + _rarity(rung, rung.frequency, view)
        if rung.condition.holds is None:
            np.maximum(most, worth, out=most)
        else:
            np.maximum(most, worth, out=most, where=rung.condition.holds(view))
    return most


def _greatest(ladder: Sequence[Rung]) -> float:
    """The most that a ladder can be worth for any pair."""
    return max(
        float(rung.weight) + (float(rung.usual) - math.log2(rung.least_frequency) if rung.frequency else 0.0)
        for rung in ladder
    )


def _rarity(rung: Rung, frequency: Trait, view: View) -> Weights:
    """By how many bits agreement on the left side's own value exceeds agreement on any value."""
    return np.asarray(
        view.once(
            f"{frequency.name}: rarity",
            lambda: rung.usual - np.log2(np.maximum(view.of(frequency, "l"), rung.least_frequency)).astype(np.float32),
        ),
        dtype=np.float32,
    )


def _chance_of_equality(levels: Sequence[Level], column: str) -> float:
    """The u of the level that says no more than that the column agrees, as Splink takes it for its adjustment."""
    exact = f"{column}_l = {column}_r"
    return float(next(level["u_probability"] for level in levels if level["sql_condition"] == exact))


def _weight(level: Level) -> float:
    if level.get("is_null_level"):
        return 0.0
    return math.log2(level["m_probability"] / level["u_probability"])
