"""Which cells of a chunk of records go wrong, and how."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from synthetic.errors.spelling import nicknames
from synthetic.person_records import slips
from synthetic.settings import Book
from synthetic.times import Bools, Floats, Ints, Texts

STATES = (
    "AL", "AK", "AZ", "AR", "CO", "CT", "DE", "DC", "FL", "GA", "HI", "ID", "IL",
    "IN", "IA", "KS", "KY", "LA", "ME", "MD", "MA", "MI", "MN", "MS", "MO", "MT",
    "NE", "NV", "NH", "NJ", "NM", "NY", "NC", "ND", "OH", "OK", "OR", "PA", "RI",
    "SC", "SD", "TN", "TX", "UT", "VT", "VA", "WA", "WV", "WI", "WY",
)  # fmt: skip
RACES = ("White", "Latino", "Black", "Asian", "Multiracial or Other", "AIAN", "NHOPI")
SEXES = ("Male", "Female")
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

Slip = Callable[[int, str], str | None]
"""From the row and what stands there to what is written instead."""


@dataclass(frozen=True)
class Housemates:
    """The birth date and SSN of someone who lives with the person of each record; None where nobody does."""

    dob: Texts
    ssn: Texts


class Noise:
    """Spoils a chunk of records in place; `times` = how much more than level 1 the source of each record errs."""

    def __init__(self, rng: np.random.Generator, times: Floats, rates: Book) -> None:
        self._rng, self._times, self._rates = rng, times, rates
        self._dice = random.Random(int(rng.integers(2**63)))
        self._letter_share, self._digit_share = rates.number("letter_share"), rates.number("digit_share")

    def spoil(self, columns: dict[str, Texts], housemates: Housemates) -> None:
        """Every kind of error in every field, in the order of the book."""
        self._swap_names(columns)
        for field in self._rates.at("noise"):
            for kind, share in self._rates.table(f"noise.{field}").items():
                self._each(columns[field], share, self._slip(field, kind, housemates))

    def _swap_names(self, columns: dict[str, Texts]) -> None:
        rows = self._rows(self._rates.number("first_last_swapped"))
        first, last = columns["first_name"], columns["last_name"]
        first[rows], last[rows] = last[rows], first[rows]

    def _rows(self, share: float) -> Ints:
        chosen: Bools = self._rng.random(len(self._times)) < share * self._times
        return np.flatnonzero(chosen)

    def _each(self, values: Texts, share: float, slip: Slip) -> None:
        for row in self._rows(share).tolist():
            if values[row] is not None:
                values[row] = slip(row, values[row]) or None

    def _slip(self, field: str, kind: str, housemates: Housemates) -> Slip:
        dice, letters, digits = self._dice, self._letter_share, self._digit_share
        ways: dict[str, Slip] = {
            "blank": lambda _, __: None,
            "mistyped": lambda _, text: slips.mistyped(dice, text, letters),
            "misread": lambda _, text: slips.misread(dice, text, letters),
            "misheard": lambda _, text: slips.misheard(dice, text, letters),
            "wrong_digits": lambda _, text: slips.wrong_digits(dice, text, digits),
            "day_month_swapped": lambda _, text: slips.day_and_month_swapped(text),
            "of_housemate": lambda row, text: getattr(housemates, field)[row] or text,
            "other_kind_of_name": lambda _, __: self._kind_of_name(field),
            "nickname": lambda _, text: dice.choice(nicknames().get(text) or [text]),
            "wrong": lambda _, text: self._other(field, text),
            "no_number": lambda _, text: text.partition(" ")[2],
            "no_street": lambda _, text: text.partition(" ")[0],
        }
        return ways[kind]

    def _kind_of_name(self, field: str) -> str:
        if self._dice.random() < self._rates.number("kinds_of_name.letter_instead"):
            return self._dice.choice(LETTERS)
        part = "last_name" if field == "last_name" else "first_name"
        return str(self._dice.choice(self._rates.at(f"kinds_of_name.{part}")))

    def _other(self, field: str, text: str) -> str:
        known = {"sex": SEXES, "race": RACES, "state": STATES}[field]
        return self._dice.choice([value for value in known if value != text])


def noise_times(sources: Ints, names: tuple[str, ...], rates: Book, level: str) -> Floats:
    """How much each record errs, by its source (an index into `names`) and the level of noise."""
    levels = rates.table(f"noise_of_level.{level}")
    return np.array([levels[name] for name in names])[sources]
