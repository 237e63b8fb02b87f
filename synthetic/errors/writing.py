"""The whole of writing a person down."""

from __future__ import annotations

import numpy as np

from synthetic.chance import flags
from synthetic.errors.names import letters, write_names
from synthetic.errors.numbers import ssn_styles, write_births, write_sexes, write_ssns
from synthetic.errors.seen import Clerk, Registration, Seen, true_identity
from synthetic.tables import only, present
from synthetic.times import Ints, Texts


def write_down(
    rng: np.random.Generator, clerk: Clerk, rows: Registration, dead: Ints, styles: Texts | None = None
) -> Seen:
    """Identities as a clerk writes them on registration.

    `dead` holds for each person of the chunk the day of death; a few records are opened in the name of somebody dead.
    """
    whose = _in_whose_name(rng, clerk, rows, dead)
    seen = true_identity(clerk.people, rows, whose)
    write_names(rng, seen, rows, clerk)
    write_births(rng, seen, rows, clerk)
    write_ssns(rng, seen, rows, clerk, ssn_styles(rng, clerk, rows.size) if styles is None else styles)
    write_sexes(rng, seen, rows, clerk)
    seen.mark("deceased_reuse", whose != rows.person)
    return in_letters(seen, clerk)


def put_right(clerk: Clerk, rows: Registration, seen: Seen) -> Seen:
    """Identities after a correction: name, birth date and sex as they are; the SSN in full if there was one at all."""
    right = true_identity(clerk.people, rows, rows.person)
    had = present(seen.ssn)
    right.ssn = only(had, right.ssn)
    return in_letters(right, clerk)


def in_letters(seen: Seen, clerk: Clerk) -> Seen:
    """Names in the agency's letters."""
    style = str(clerk.errors.at(f"{clerk.agency}.letters"))
    seen.first, seen.middle, seen.last = (letters(names, style) for names in (seen.first, seen.middle, seen.last))
    seen.suffix = letters(seen.suffix, style)
    return seen


def _in_whose_name(rng: np.random.Generator, clerk: Clerk, rows: Registration, dead: Ints) -> Ints:
    """The person whose papers are shown: one's own but for a few, who show those of somebody of their sex who died."""
    whose = rows.person.copy()
    gone = np.flatnonzero(dead < dead.max(initial=0)) if len(dead) else rows.person[:0]
    sex = clerk.people.members.sex
    for row in np.flatnonzero(flags(rng, clerk.rate("deceased_reuse"), rows.size)).tolist():
        fits = gone[(sex[gone] == sex[whose[row]]) & (dead[gone] < rows.day[row])]
        if len(fits):
            whose[row] = fits[int(rng.integers(len(fits)))]
    return whose
