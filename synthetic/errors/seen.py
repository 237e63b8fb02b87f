"""An identity as an agency wrote it down, and what went wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from synthetic.population import People
from synthetic.settings import Book
from synthetic.times import Bools, Floats, Ints, Texts

MISSING = np.iinfo(np.int32).min
"""A birth day that was not written down."""


@dataclass(frozen=True)
class Registration:
    """Rows to write down: whom (row of the chunk), on which day, and whether they were homeless then."""

    person: Ints
    day: Ints
    homeless: Bools

    @property
    def size(self) -> int:
        """How many rows."""
        return len(self.person)


@dataclass
class Seen:
    """Identities as written: parallel columns, None where empty. `marks` says which rows bear which error."""

    whose: Ints
    first: Texts
    middle: Texts
    last: Texts
    suffix: Texts
    birth_day: Ints
    ssn: Texts
    sex: Texts
    marks: dict[str, Bools] = field(default_factory=dict)

    def mark(self, error: str, rows: Bools) -> None:
        """Remember that rows bear an error."""
        self.marks[error] = self.marks.get(error, np.zeros(len(rows), dtype=bool)) | rows

    def marked(self, error: str) -> Bools:
        """Rows that bear an error."""
        return self.marks.get(error, np.zeros(len(self.first), dtype=bool))


def true_identity(people: People, rows: Registration, whose: Ints) -> Seen:
    """The identities of `whose` on the day of registration, free of error."""
    return Seen(
        whose=whose,
        first=people.first[whose],
        middle=people.middle[whose],
        last=people.last_at(whose, rows.day),
        suffix=people.suffix[whose],
        birth_day=people.birth_day[whose].copy(),
        ssn=people.ssn[whose].copy(),
        sex=people.members.sex[whose].copy(),
    )


@dataclass(frozen=True)
class Clerk:
    """How one agency errs: its own rates before the common ones, and the ratios between groups."""

    people: People
    errors: Book
    agency: str

    def table(self, name: str) -> dict[str, float]:
        """A table of the agency, or else the common one."""
        return self.errors.table(f"{self._place(name)}.{name}")

    def rate(self, name: str) -> float:
        """A rate of the agency, or else the common one."""
        return self.errors.number(f"{self._place(name)}.{name}")

    def rates(self, name: str, rows: Registration) -> Floats:
        """A rate per row: by the person's group, and higher for people who were homeless."""
        ratios = self.errors.entries["ethnicity_ratio"].get(name, {"default": 1.0})
        groups = self.people.members.ethnicity[rows.person]
        of_group = np.array([float(ratios.get(group, ratios["default"])) for group in groups])
        street = np.where(rows.homeless, self.errors.number("homeless_ratio"), 1.0)
        result: Floats = self.rate(name) * of_group * street
        return result

    def hits(self, rng: np.random.Generator, name: str, rows: Registration) -> Bools:
        """Which rows an error befalls."""
        result: Bools = rng.random(rows.size) < self.rates(name, rows)
        return result

    def _place(self, name: str) -> str:
        own = self.errors.entries[self.agency]
        return self.agency if name.split(".")[0] in own else "common"
