"""A first look at a pair: the most that its weight can come to, reckoned without comparing a single spelling.

Of the pairs that a blocking rule meets, nine in ten are nowhere near the loose weight, and comparing spellings is what
scoring costs. So each level's condition is *relaxed* into one that is cheap and holds whenever the level's own does:

    equality                       equality of 32-bit hashes
    Jaro-Winkler similarity ≥ s    as many letters in common as a similarity of s needs
    Levenshtein distance ≤ k       as few figures put in place of others
    list_has_any                   a bit in common, of the 31 that entries are spread over
    negation, anything else        may hold

A ladder is worth at most the best level whose relaxed condition holds, and the weight at most the prior and the sum
over the ladders. A pair whose bound is below the loose weight would not have been kept: to leave it out changes no
link.

Belongs here: the reckoning, on arrays. Who is looked at, and where the arrays come from, stands in `pipelines/link`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import sqlglot
from sqlglot import expressions as exp

from linkage_rules.settings import Settings

SLACK = 0.01
"""Bits by which a bound may be too low, for it is added up in single precision."""

WORTH_PARTING = 0.7
"""Share of pairs below which it is quicker to go on with them alone."""

Level = Mapping[str, Any]
Array = npt.NDArray[Any]
Flags = npt.NDArray[np.bool_]
Weights = npt.NDArray[np.float32]

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
FIGURES = "0123456789"
FIGURES_KEPT = 15
"""Figures of a number that are looked at: its last, four bits each."""


@dataclass(frozen=True, order=True)
class Trait:
    """Something of one identity's column that fits into a small number; 0 where the column is null."""

    column: str
    kind: str

    @property
    def name(self) -> str:
        """The column it is kept in."""
        return f"{self.column}__{self.kind}"

    @property
    def expression(self) -> str:
        """SQL over standard.identities, and over `tf_<column>` for a rarity."""
        column = self.column
        written = {
            "same": f"1 + hash({column}) % 4294967295",
            "number": f"{column} + 1",
            "length": f"length({column})",
            "first": f"ascii({column})",
            "start": f"1 + hash(left({column}, 2)) % 65535",
            "letters": " | ".join(f"(contains({column}, '{c}')::int << {place})" for place, c in enumerate(LETTERS)),
            "kinds": " | ".join(f"(contains({column}, '{c}')::int << {place})" for place, c in enumerate(FIGURES)),
            "figures": f"cast('0x0' || right({column}, {FIGURES_KEPT}) as ubigint)",
            "entries": f"list_bit_or(list_transform({column}, lambda one: 1::bigint << (hash(one) % 31)::int))",
            "frequency": f"tf_{column}",
        }[self.kind]
        return f"(case when {column} is not null then coalesce({written}, 0) else 0 end)::{_TYPES[self.kind]}"


_TYPES = {
    "same": "uinteger",
    "number": "smallint",
    "length": "float",
    "first": "utinyint",
    "start": "usmallint",
    "letters": "uinteger",
    "kinds": "usmallint",
    "figures": "ubigint",
    "entries": "uinteger",
    "frequency": "double",
}

NUMBERS = frozenset({"birth_year", "birth_month", "birth_day"})
"""Columns that hold numbers; all others are compared by hash."""


class View:
    """Traits of the two sides of some pairs; what was once gathered or reckoned is kept."""

    def __init__(self, traits: Mapping[str, Array], left: Array, right: Array) -> None:
        self._traits = traits
        self._places = {"l": left, "r": right}
        self._known: dict[str, Array] = {}

    def of(self, trait: Trait, side: str) -> Array:
        """A trait of one side."""
        return self.once(f"{trait.name}_{side}", lambda: self._traits[trait.name][self._places[side]])

    def once(self, name: str, reckon: Callable[[], Array]) -> Array:
        """What is known by this name, reckoned when it is first asked for."""
        if name not in self._known:
            self._known[name] = reckon()
        return self._known[name]


@dataclass(frozen=True)
class Condition:
    """A relaxed condition; `holds` is None where it may always hold."""

    holds: Callable[[View], Flags] | None
    traits: frozenset[Trait] = frozenset()


ANYTHING = Condition(None)


def relaxed(condition: str) -> Condition:
    """A cheap condition that holds whenever a level's own condition holds."""
    return ANYTHING if condition == "ELSE" else _relaxed(sqlglot.parse_one(condition, read="duckdb"))


def _relaxed(node: exp.Expr) -> Condition:
    if isinstance(node, exp.Paren):
        return _relaxed(node.this)
    if isinstance(node, exp.And | exp.Or):
        return _joined(node)
    if isinstance(node, exp.Is) and isinstance(node.expression, exp.Null):
        return _unknown(node.this)
    if isinstance(node, exp.EQ):
        return _equal(node.this, node.expression)
    if isinstance(node, exp.GTE):
        return _similar(node)
    if isinstance(node, exp.LTE) and isinstance(node.this, exp.Levenshtein):
        return _few_edits(node)
    if isinstance(node, exp.ArrayOverlaps):
        return _entry_in_common(node)
    return ANYTHING


def _joined(node: exp.And | exp.Or) -> Condition:
    one, other = _relaxed(node.left), _relaxed(node.right)
    traits = one.traits | other.traits
    name = node.sql()
    if one.holds is None or other.holds is None:
        known = [side for side in (one, other) if side.holds is not None]
        return known[0] if known and isinstance(node, exp.And) else ANYTHING
    first, second = one.holds, other.holds
    if isinstance(node, exp.And):
        return Condition(lambda view: view.once(name, lambda: first(view) & second(view)), traits)
    return Condition(lambda view: view.once(name, lambda: first(view) | second(view)), traits)


def _unknown(node: exp.Expr) -> Condition:
    side = _side(node)
    if side is None:
        return ANYTHING
    column, letter = side
    trait = _same(column)
    name = f"{column}_{letter} is null"
    return Condition(lambda view: view.once(name, lambda: view.of(trait, letter) == 0), frozenset({trait}))


def _equal(one: exp.Expr, other: exp.Expr) -> Condition:
    left, right = _trait(one), _trait(other)
    if left is not None and isinstance(other, exp.Literal) and not other.is_string:
        return _equal_to(left, int(other.this))
    if left is None or right is None or left[0].kind != right[0].kind:
        return ANYTHING
    (a, side), (b, other_side) = left, right

    def reckon(view: View) -> Flags:
        value = view.of(a, side)
        return np.asarray((value == view.of(b, other_side)) & (value != 0), dtype=bool)

    name = f"{a.name}_{side} = {b.name}_{other_side}"
    return Condition(lambda view: view.once(name, lambda: reckon(view)), frozenset({a, b}))


def _equal_to(left: tuple[Trait, str], value: int) -> Condition:
    trait, side = left
    shown = value + 1 if trait.kind == "number" else value
    name = f"{trait.name}_{side} = {value}"
    return Condition(lambda view: view.once(name, lambda: view.of(trait, side) == shown), frozenset({trait}))


def _trait(node: exp.Expr) -> tuple[Trait, str] | None:
    """The trait that an expression of one side is compared by, and the side."""
    if isinstance(node, exp.Length | exp.Left):
        side = _side(node.this)
        if side is None or (isinstance(node, exp.Left) and node.expression.sql() != "1"):
            return None
        return Trait(side[0], "length" if isinstance(node, exp.Length) else "first"), side[1]
    side = _side(node)
    return None if side is None else (_same(side[0]), side[1])


def _side(node: exp.Expr) -> tuple[str, str] | None:
    if isinstance(node, exp.Column) and node.name[-2:] in ("_l", "_r"):
        return node.name[:-2], node.name[-1]
    return None


def _same(column: str) -> Trait:
    return Trait(column, "number" if column in NUMBERS else "same")


def _similar(node: exp.GTE) -> Condition:
    """Letters enough in common: Jaro is at most (m/a + m/b + 1)/3 for m letters in common of a and b.

    Winkler adds at most 0.4 of the rest where the beginnings agree, 0.1 where only the first letters do.
    """
    if not isinstance(node.this, exp.JarowinklerSimilarity) or not isinstance(node.expression, exp.Literal):
        return ANYTHING
    one, other = _side(node.this.this), _side(node.this.expression)
    if one is None or other is None or one[1] == other[1]:
        return ANYTHING
    similarity = float(node.expression.this)
    shares = np.array([_share(similarity, lift) for lift in (0.0, 0.1, 0.4)], dtype=np.float32)

    def reckon(view: View) -> Flags:
        first = view.once(f"first of {one}, {other}", lambda: _alike(view, "first", one, other))
        start = view.once(f"start of {one}, {other}", lambda: _alike(view, "start", one, other))
        shared = view.once(f"letters of {one}, {other}", lambda: _shared_letters(view, one, other))
        return np.asarray(shared >= shares[first + (start & first)], dtype=bool)

    traits = (Trait(column, kind) for column, _ in (one, other) for kind in ("length", "letters", "first", "start"))
    return Condition(
        lambda view: view.once(f"{one}, {other} nearly {similarity}", lambda: reckon(view)), frozenset(traits)
    )


def _column_of_both(one: exp.Expr, other: exp.Expr) -> str | None:
    left, right = _side(one), _side(other)
    return left[0] if left and right and left[0] == right[0] and left[1] != right[1] else None


def _alike(view: View, kind: str, one: tuple[str, str], other: tuple[str, str]) -> npt.NDArray[np.int8]:
    """1 where a trait of both is the same, else 0."""
    return np.asarray(view.of(Trait(one[0], kind), one[1]) == view.of(Trait(other[0], kind), other[1])).view(np.int8)


def _shared_letters(view: View, one: tuple[str, str], other: tuple[str, str]) -> Array:
    """m/a + m/b for the most letters m that two texts can have in common; −1 where one is unknown."""
    (a, of_a), (b, of_b) = (
        (view.of(Trait(column, "length"), side), view.of(Trait(column, "letters"), side))
        for column, side in (one, other)
    )
    common = np.minimum(a - np.bitwise_count(of_a & ~of_b), b - np.bitwise_count(of_b & ~of_a))
    product = a * b
    return np.where(product > 0, common * (a + b) / np.maximum(product, 1), np.float32(-1))


def _share(similarity: float, lift: float) -> float:
    """What m/a + m/b must come to, for the similarity to be reached with this much lift from the beginning."""
    return 3 * (similarity - lift) / (1 - lift) - 1 - 1e-4


def _few_edits(node: exp.LTE) -> Condition:
    """Figures put in place of others, or, with two edits, one that moved: then hardly any kind of figure is gone."""
    column = _column_of_both(node.this.this, node.this.expression)
    if column is None:
        return ANYTHING
    edits = int(node.expression.this)
    kinds = {kind: Trait(column, kind) for kind in ("length", "figures", "kinds")}

    def reckon(view: View) -> Flags:
        a, b = view.of(kinds["length"], "l"), view.of(kinds["length"], "r")
        few = (a != b) | (view.once(f"{column}: differing", lambda: _differing(view, kinds["figures"])) <= edits)
        if edits > 1:
            few = few | (view.once(f"{column}: gone", lambda: _gone(view, kinds["kinds"])) < edits)
        return np.asarray(few & (a > 0) & (b > 0), dtype=bool)

    name = f"{column} within {edits}"
    return Condition(lambda view: view.once(name, lambda: reckon(view)), frozenset(kinds.values()))


def _differing(view: View, figures: Trait) -> Array:
    """How many figures differ, place by place."""
    bits: Array = view.of(figures, "l") ^ view.of(figures, "r")
    bits = bits | (bits >> np.uint64(1))
    bits = (bits | (bits >> np.uint64(2))) & np.uint64(0x1111111111111111)
    return np.asarray(np.bitwise_count(bits))


def _gone(view: View, kinds: Trait) -> Array:
    """How many kinds of figures one of both lacks, at most."""
    a, b = view.of(kinds, "l"), view.of(kinds, "r")
    return np.asarray(np.maximum(np.bitwise_count(a & ~b), np.bitwise_count(b & ~a)))


def _entry_in_common(node: exp.ArrayOverlaps) -> Condition:
    column = _column_of_both(node.this, node.expression)
    if column is None:
        return ANYTHING
    trait = Trait(column, "entries")
    name = f"{column}: entry in common"
    return Condition(
        lambda view: view.once(name, lambda: (view.of(trait, "l") & view.of(trait, "r")) != 0), frozenset({trait})
    )


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
