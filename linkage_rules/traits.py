"""What a first look knows of an identity: small numbers that stand for its columns.

Belongs here: which numbers, as SQL, and how those of the two sides of many pairs are held beside each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Flags = npt.NDArray[np.bool_]

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
