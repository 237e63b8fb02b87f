"""How like two texts can be at most, by what their letters and figures say: bounds for a first look.

Belongs here: arithmetic on traits. From which conditions it is asked for stands in `relaxing.py`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from linkage_rules.traits import Array, Condition, Flags, Trait, View

Sided = tuple[str, str]
"""A column, and the side that it is of: `l` or `r`."""


def nearly(one: Sided, other: Sided, similarity: float) -> Condition:
    """Letters enough in common: Jaro is at most (m/a + m/b + 1)/3 for m letters in common of a and b.

    Winkler adds at most 0.4 of the rest where the beginnings agree, 0.1 where only the first letters do.
    """
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


def _share(similarity: float, lift: float) -> float:
    """What m/a + m/b must come to, for the similarity to be reached with this much lift from the beginning."""
    return 3 * (similarity - lift) / (1 - lift) - 1 - 1e-4


def _alike(view: View, kind: str, one: Sided, other: Sided) -> npt.NDArray[np.int8]:
    """1 where a trait of both is the same, else 0."""
    return np.asarray(view.of(Trait(one[0], kind), one[1]) == view.of(Trait(other[0], kind), other[1])).view(np.int8)


def _shared_letters(view: View, one: Sided, other: Sided) -> Array:
    """m/a + m/b for the most letters m that two texts can have in common; −1 where one is unknown."""
    (a, of_a), (b, of_b) = (
        (view.of(Trait(column, "length"), side), view.of(Trait(column, "letters"), side))
        for column, side in (one, other)
    )
    common = np.minimum(a - np.bitwise_count(of_a & ~of_b), b - np.bitwise_count(of_b & ~of_a))
    product = a * b
    return np.where(product > 0, common * (a + b) / np.maximum(product, 1), np.float32(-1))


def within(column: str, edits: int) -> Condition:
    """Figures put in place of others, or, with two edits, one that moved: then hardly any kind of figure is gone."""
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


def entry_in_common(column: str) -> Condition:
    """An entry of both lists, as far as the bits tell that entries are spread over."""
    trait = Trait(column, "entries")
    name = f"{column}: entry in common"
    return Condition(
        lambda view: view.once(name, lambda: (view.of(trait, "l") & view.of(trait, "r")) != 0), frozenset({trait})
    )
