"""Each level's condition, relaxed into one that is cheap and holds whenever the level's own does.

    equality                       equality of 32-bit hashes
    Jaro-Winkler similarity ≥ s    as many letters in common as a similarity of s needs
    Levenshtein distance ≤ k       as few figures put in place of others
    list_has_any                   a bit in common, of the 31 that entries are spread over
    negation, anything else        may hold

Belongs here: reading a condition, and joining what is understood of it.
"""

from __future__ import annotations

import numpy as np
import sqlglot
from sqlglot import expressions as exp

from linkage_rules.likeness import Sided, entry_in_common, nearly, within
from linkage_rules.traits import ANYTHING, Condition, Flags, Trait, View

NUMBERS = frozenset({"birth_year", "birth_month", "birth_day"})
"""Columns that hold numbers; all others are compared by hash."""


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
        return _overlapping(node)
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


def _side(node: exp.Expr) -> Sided | None:
    if isinstance(node, exp.Column) and node.name[-2:] in ("_l", "_r"):
        return node.name[:-2], node.name[-1]
    return None


def _same(column: str) -> Trait:
    return Trait(column, "number" if column in NUMBERS else "same")


def _similar(node: exp.GTE) -> Condition:
    if not isinstance(node.this, exp.JarowinklerSimilarity) or not isinstance(node.expression, exp.Literal):
        return ANYTHING
    one, other = _side(node.this.this), _side(node.this.expression)
    if one is None or other is None or one[1] == other[1]:
        return ANYTHING
    return nearly(one, other, float(node.expression.this))


def _few_edits(node: exp.LTE) -> Condition:
    column = _column_of_both(node.this.this, node.this.expression)
    return ANYTHING if column is None else within(column, int(node.expression.this))


def _overlapping(node: exp.ArrayOverlaps) -> Condition:
    column = _column_of_both(node.this, node.expression)
    return ANYTHING if column is None else entry_in_common(column)


def _column_of_both(one: exp.Expr, other: exp.Expr) -> str | None:
    left, right = _side(one), _side(other)
    return left[0] if left and right and left[0] == right[0] and left[1] != right[1] else None
