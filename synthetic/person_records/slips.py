"""Single values gone wrong: what fingers, eyes and ears do to a text."""

from __future__ import annotations

import random
from collections.abc import Callable

from synthetic.errors.spelling import KEYS, SOUNDS

ROWS = (*KEYS, "1234567890")
LOOKS_LIKE = (("rn", "m"), ("cl", "d"), ("vv", "w"), ("li", "h"))
"""What a reader of handwriting or a scan takes for one another, in both directions."""

LOOKS_LIKE_ONE = {
    "0": "oO", "1": "|lI", "2": "zZ", "4": "A9", "5": "sS", "6": "bG", "7": "T1", "8": "B3", "9": "gq",
    "a": "o4", "b": "6h", "c": "e", "e": "c", "f": "t", "g": "q9", "h": "b", "i": "l'", "j": "i", "l": "1|", "n": "u",
    "o": "0", "q": "g", "s": "5", "t": "f", "u": "v", "v": "u", "y": "v", "z": "2",
}  # fmt: skip
SOUNDS_LIKE_ONE = {
    "a": "eo", "b": "pf", "c": "ks", "d": "t", "e": "ia", "f": "v", "g": "kj", "h": "", "i": "ey", "j": "g", "k": "c",
    "m": "n", "n": "m", "o": "ua", "p": "b", "q": "k", "s": "z", "t": "d", "u": "o", "v": "fb", "w": "v", "x": "ks",
    "y": "ij", "z": "s",
}  # fmt: skip


def _neighbours() -> dict[str, str]:
    return {key: row[max(at - 1, 0) : at] + row[at + 1 : at + 2] for row in ROWS for at, key in enumerate(row)}


BESIDE = _neighbours()


def mistyped(rng: random.Random, text: str, share: float) -> str:
    """Each letter with a chance of a neighbouring key instead, of being struck twice, or not at all."""
    return _each(rng, text, share, _typed)


def misread(rng: random.Random, text: str, share: float) -> str:
    """Each letter with a chance of being taken for one that looks like it."""
    for one, other in LOOKS_LIKE:
        if one in text and rng.random() < share * 2:
            text = text.replace(one, other, 1)
        elif other in text[1:] and rng.random() < share:
            text = text[0] + text[1:].replace(other, one, 1)
    return _each(rng, text, share, lambda rng, letter: _one_of(rng, LOOKS_LIKE_ONE, letter))


def misheard(rng: random.Random, text: str, share: float) -> str:
    """Each letter with a chance of being written as it sounds."""
    for one, other in SOUNDS:
        if one in text[1:] and rng.random() < share * 2:
            text = text[0] + text[1:].replace(one, other, 1)
    return _each(rng, text, share, lambda rng, letter: _one_of(rng, SOUNDS_LIKE_ONE, letter))


def wrong_digits(rng: random.Random, text: str, share: float) -> str:
    """Each digit with a chance of being another."""
    return _each(rng, text, share, lambda rng, letter: rng.choice("0123456789") if letter.isdigit() else letter)


def day_and_month_swapped(text: str) -> str:
    """`MM/DD/YYYY` with day and month in each other's place."""
    return f"{text[3:5]}/{text[:2]}{text[5:]}" if len(text) == 10 else text


def _each(rng: random.Random, text: str, share: float, slip: Callable[[random.Random, str], str]) -> str:
    return "".join(slip(rng, letter) if rng.random() < share else letter for letter in text)


def _typed(rng: random.Random, letter: str) -> str:
    kind = rng.random()
    if kind < 0.12:
        return ""
    if kind < 0.24:
        return letter + letter
    return _one_of(rng, BESIDE, letter)


def _one_of(rng: random.Random, others: dict[str, str], letter: str) -> str:
    known = others.get(letter.lower())
    if not known:
        return letter
    new = rng.choice(known)
    return new.upper() if letter.isupper() else new
