"""What happens to names: styles of double surnames, nicknames, slips, swaps, old names, names that are none."""

from __future__ import annotations

import numpy as np

from synthetic.chance import choose, flags, whole
from synthetic.errors.seen import Clerk, Registration, Seen
from synthetic.errors.spelling import misspelt, nicknames, respelt, rewrite
from synthetic.tables import only, present, without
from synthetic.times import Bools, Texts

NEWBORN_DAYS = 20


def write_names(rng: np.random.Generator, seen: Seen, rows: Registration, clerk: Clerk) -> None:
    """Put a clerk's errors into names, in place."""
    _old_names(rng, seen, rows, clerk)
    _middle_names(rng, seen, clerk)
    _double_surnames(rng, seen, clerk)
    _given_names(rng, seen, clerk)
    _suffixes(rng, seen, clerk)
    _called(rng, seen, rows, clerk)
    _romanised(rng, seen, rows, clerk)
    _slips(rng, seen, rows, clerk)
    _swaps(rng, seen, rows, clerk)
    _nobody(rng, seen, rows, clerk)


def letters(names: Texts, style: str) -> Texts:
    """Names in an agency's letters: `upper`, or as they are."""
    if style == "upper":
        return np.array([name.upper() if name else None for name in names], dtype=object)
    return names


def _old_names(rng: np.random.Generator, seen: Seen, rows: Registration, clerk: Clerk) -> None:
    people, whose = clerk.people, seen.whose
    changed = (people.renamed_on[whose] <= rows.day) & (people.later_last[whose] != people.last[whose])
    kept = changed & flags(rng, clerk.rate("old_name_kept"), rows.size)
    seen.last = np.where(kept, people.last[whose], seen.last)
    seen.mark("name_change_unknown", kept)


def _middle_names(rng: np.random.Generator, seen: Seen, clerk: Clerk) -> None:
    style = choose(rng, clerk.table("middle"), len(seen.first))
    initial = np.array([name[0] if name else None for name in seen.middle], dtype=object)
    seen.middle = np.where(style == "full", seen.middle, only(style == "initial", initial))


def _double_surnames(rng: np.random.Generator, seen: Seen, clerk: Clerk) -> None:
    people = clerk.people
    maternal = people.maternal[seen.whose]
    rows = np.flatnonzero(present(maternal) & (seen.last == people.last[seen.whose]))
    hispanic = people.members.ethnicity[seen.whose[rows]] == "hispanic"
    drawn = {
        name: choose(rng, clerk.errors.table(f"surname_styles.{name}"), len(rows)) for name in ("hispanic", "default")
    }
    style = np.where(hispanic, drawn["hispanic"], drawn["default"])
    seen.last, seen.middle = seen.last.copy(), seen.middle.copy()
    for row, how in zip(rows.tolist(), style, strict=True):
        seen.last[row], seen.middle[row] = _surname(how, seen.last[row], maternal[row], seen.middle[row])
    marked = np.zeros(len(seen.last), dtype=bool)
    marked[rows[style != "both"]] = True
    seen.mark("double_surname_variant", marked)


def _surname(style: str, paternal: str, maternal: str, middle: str | None) -> tuple[str, str | None]:
    """Last and middle name of a person with two surnames, in one of the styles."""
    if style == "paternal_in_middle":
        return maternal, paternal
    last = {
        "both": f"{paternal} {maternal}",
        "hyphen": f"{paternal}-{maternal}",
        "paternal": paternal,
        "maternal": maternal,
        "swapped": f"{maternal} {paternal}",
        "joined": f"{paternal}{maternal.lower()}",
    }[style]
    return last, middle


def _given_names(rng: np.random.Generator, seen: Seen, clerk: Clerk) -> None:
    """Two-part given names, spaced, joined, hyphenated or torn apart."""
    rows = np.flatnonzero(np.array([name is not None and " " in name for name in seen.first], dtype=bool))
    style = choose(rng, clerk.errors.table("given_name_styles"), len(rows))
    seen.first, seen.middle = seen.first.copy(), seen.middle.copy()
    for row, how in zip(rows.tolist(), style, strict=True):
        one, other = seen.first[row].split(" ", 1)
        whole_name = {"spaced": f"{one} {other}", "joined": f"{one}{other.lower()}", "hyphen": f"{one}-{other}"}
        seen.first[row] = whole_name.get(how, one)
        if how == "second_in_middle":
            seen.middle[row] = other
    marked = np.zeros(len(seen.first), dtype=bool)
    marked[rows[style != "spaced"]] = True
    seen.mark("given_name_variant", marked)


def _suffixes(rng: np.random.Generator, seen: Seen, clerk: Clerk) -> None:
    kept = flags(rng, clerk.rate("suffix_kept"), len(seen.first))
    seen.suffix = only(kept, seen.suffix)


def _called(rng: np.random.Generator, seen: Seen, rows: Registration, clerk: Clerk) -> None:
    known = nicknames()
    eligible = np.array([name in known for name in seen.first], dtype=bool)
    share = max(float(eligible.mean()), 0.05) if rows.size else 1.0
    hit = eligible & (rng.random(rows.size) < clerk.rates("nickname", rows) / share)
    seen.mark("nickname", rewrite(seen.first, hit, lambda name: known[name][int(rng.integers(len(known[name])))]))


def _romanised(rng: np.random.Generator, seen: Seen, rows: Registration, clerk: Clerk) -> None:
    for part, names in (("surname", seen.last), ("first", seen.first)):
        hit = clerk.hits(rng, "transliteration", rows)
        seen.mark("transliteration_variant", rewrite(names, hit, lambda name, part=part: respelt(rng, name, part)))  # type: ignore[misc]


def _slips(rng: np.random.Generator, seen: Seen, rows: Registration, clerk: Clerk) -> None:
    """Half of a clerk's slips fall into the first name, half into the last."""
    hit, in_first = clerk.hits(rng, "typo", rows), flags(rng, 0.55, rows.size)
    for names, where in ((seen.first, in_first), (seen.last, ~in_first)):
        seen.mark("typo", rewrite(names, hit & where, lambda name: misspelt(rng, name)))


def _swaps(rng: np.random.Generator, seen: Seen, rows: Registration, clerk: Clerk) -> None:
    hit = clerk.hits(rng, "first_last_swap", rows)
    seen.first, seen.last = np.where(hit, seen.last, seen.first), np.where(hit, seen.first, seen.last)
    seen.mark("first_last_swapped", hit)


def _nobody(rng: np.random.Generator, seen: Seen, rows: Registration, clerk: Clerk) -> None:
    """People who give no name, or cannot; newborns, who have none yet."""
    age = rows.day - clerk.people.birth_day[rows.person]
    baby = (age >= 0) & (age < NEWBORN_DAYS) & flags(rng, clerk.rate("baby"), rows.size)
    doe = flags(rng, clerk.rate("doe"), rows.size) & ~baby & (age > 14 * 365)
    unknown = flags(rng, clerk.rate("anonymous"), rows.size) & ~baby & ~doe
    number = whole(rng, 1, 40, rows.size)
    boy = seen.sex == "M"
    _name(seen, baby, np.where(boy, "Baby Boy", "Baby Girl"), seen.last)
    doe_last = np.array([f"Doe #{place}" if place < 12 else "Doe" for place in number.tolist()], dtype=object)
    _name(seen, doe, np.where(boy, "John", "Jane"), doe_last)
    client = np.array([f"Client {place}" for place in whole(rng, 1, 999, rows.size).tolist()], dtype=object)
    _name(seen, unknown, np.full(rows.size, "Anonymous", dtype=object), client)
    for error, hit in (("baby_name", baby), ("doe", doe), ("anonymous", unknown)):
        seen.mark(error, hit)


def _name(seen: Seen, hit: Bools, first: Texts, last: Texts) -> None:
    seen.first, seen.last = np.where(hit, first, seen.first), np.where(hit, last, seen.last)
    seen.middle, seen.suffix = without(hit, seen.middle), without(hit, seen.suffix)
