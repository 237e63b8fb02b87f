"""Misspellings, nicknames and other spellings of a name."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np

from synthetic.names import read_data
from synthetic.times import Bools, Texts

KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
SOUNDS = (
    ("ph", "f"),
    ("ck", "k"),
    ("ll", "l"),
    ("ss", "s"),
    ("nn", "n"),
    ("ie", "ei"),
    ("y", "i"),
    ("z", "s"),
    ("v", "b"),
)
"""Spellings that sound alike; clerks write what they hear."""


@cache
def _neighbours() -> dict[str, str]:
    return {key: row[max(at - 1, 0) : at] + row[at + 1 : at + 2] for row in KEYS for at, key in enumerate(row)}


def misspelt(rng: np.random.Generator, name: str) -> str:
    """The name with one slip, hardly ever in its first letter."""
    if len(name) < 3:
        return name + name[-1]
    heard = [(old, new) for old, new in SOUNDS if old in name[1:]]
    if heard and rng.random() < 0.3:
        old, new = heard[int(rng.integers(len(heard)))]
        return name[0] + name[1:].replace(old, new, 1)
    at = int(rng.integers(0 if rng.random() < 0.05 else 1, len(name) - 1))
    return _slip(rng, name, at)


def _slip(rng: np.random.Generator, name: str, at: int) -> str:
    kind = rng.random()
    if kind < 0.25:
        return name[:at] + name[at + 1 :]
    if kind < 0.45:
        return name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    if kind < 0.65:
        return name[:at] + name[at] + name[at:]
    near = _neighbours().get(name[at].lower(), "e")
    letter = near[int(rng.integers(len(near)))]
    return name[:at] + (letter.upper() if name[at].isupper() else letter) + name[at + 1 :]


@cache
def nicknames() -> dict[str, list[str]]:
    """First names and what their bearers are called."""
    return _listed("nicknames", "first_name", "nickname")


@cache
def other_spellings(part: str) -> dict[str, list[str]]:
    """Names (`surname` or `first`) and their spellings in other romanisations."""
    frame = read_data("spelling_variants").filter(name_part=part)
    result: dict[str, list[str]] = {}
    for name, variant in frame.select("name", "variant").iter_rows():
        result.setdefault(name, []).append(variant)
    return result


def _listed(data: str, key: str, value: str) -> dict[str, list[str]]:
    result: dict[str, list[str]] = {}
    for name, other in read_data(data).select(key, value).iter_rows():
        result.setdefault(name, []).append(other)
    return result


def respelt(rng: np.random.Generator, name: str, part: str) -> str:
    """The name in another romanisation; itself where it has none."""
    known = other_spellings(part).get(name)
    if known:
        return known[int(rng.integers(len(known)))]
    for old, new in (("yan", "ian"), ("ian", "yan")):
        if part == "surname" and name.endswith(old) and len(name) > 6:
            return name[: -len(old)] + new
    return name


def rewrite(names: Texts, rows: Bools, how: Callable[[str], str]) -> Bools:
    """Rewrite the chosen names in place; returns which of them really changed."""
    changed = np.zeros(len(names), dtype=bool)
    for row in np.flatnonzero(rows).tolist():
        if names[row]:
            new = how(names[row])
            changed[row] = new != names[row]
            names[row] = new
    return changed
