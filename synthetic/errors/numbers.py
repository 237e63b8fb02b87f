"""What happens to birth dates, social security numbers and sex codes."""

from __future__ import annotations

import numpy as np

from synthetic.chance import choose, flags, whole
from synthetic.errors.seen import MISSING, Clerk, Registration, Seen
from synthetic.tables import present, without
from synthetic.times import Bools, Ints, Texts, day_number

NOT_NUMBERS = np.array(["999999999", "000000000", "111111111", "123456789", "777777777"], dtype=object)
"""What is typed where a system insists on nine digits. Jails in Florida use sevens for unknown."""

YEAR_1900 = day_number(1900, 1, 1)


def write_births(rng: np.random.Generator, seen: Seen, rows: Registration, clerk: Clerk) -> None:
    """Put a clerk's errors into birth dates, in place."""
    true = seen.birth_day
    for error, wrong in (
        ("birth_swap", _day_for_month(true)),
        ("birth_digit", _digit_off(rng, true)),
        ("birth_year_off", _year_off(rng, true)),
    ):
        hit = clerk.hits(rng, error, rows) & (wrong != true) & (wrong <= rows.day)
        seen.birth_day = np.where(hit, wrong, seen.birth_day)
        seen.mark(error, hit)
    _defaults(rng, seen, rows, clerk)


def _defaults(rng: np.random.Generator, seen: Seen, rows: Registration, clerk: Clerk) -> None:
    """Birth dates that stand for not knowing: 1 January, 1900, the day of registration; none for the anonymous."""
    shares = clerk.table("birth_default")
    year, _, _ = calendar_parts(seen.birth_day)
    january = flags(rng, shares["first_of_january"], rows.size)
    old = flags(rng, shares["year_1900"], rows.size) | seen.marked("doe")
    today = flags(rng, clerk.rate("birth_registration_day"), rows.size)
    first = from_calendar(year, np.ones_like(year), np.ones_like(year))
    seen.birth_day = np.select([january, old, today], [first, np.full_like(first, YEAR_1900), rows.day], seen.birth_day)
    seen.birth_day = np.where(seen.marked("anonymous"), MISSING, seen.birth_day)
    seen.mark("placeholder_birth_date", january | old | today)


def calendar_parts(days: Ints) -> tuple[Ints, Ints, Ints]:
    """Year, month and day of the month."""
    dates = days.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    in_month = (dates - months.astype("datetime64[D]")).astype(np.int64) + 1
    counted = months.astype(np.int64)
    return counted // 12 + 1970, counted % 12 + 1, in_month


def from_calendar(year: Ints, month: Ints, day: Ints) -> Ints:
    """The day so numbered; days past the month's end run on into the next."""
    months = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    return months.astype("datetime64[D]").astype(np.int64) + day - 1


def _day_for_month(days: Ints) -> Ints:
    year, month, day = calendar_parts(days)
    return np.where(day <= 12, from_calendar(year, np.minimum(day, 12), month), days)


def _digit_off(rng: np.random.Generator, days: Ints) -> Ints:
    year, month, day = calendar_parts(days)
    step = np.where(flags(rng, 0.5, len(days)), 1, -1) * whole(rng, 1, 3, len(days))
    part = whole(rng, 0, 2, len(days))
    year = year + np.where(part == 0, step, 0)
    month = np.clip(month + np.where(part == 1, step, 0), 1, 12)
    return from_calendar(year, month, np.clip(day + np.where(part == 2, step, 0), 1, 28))


def _year_off(rng: np.random.Generator, days: Ints) -> Ints:
    year, month, day = calendar_parts(days)
    step = rng.choice(np.array([10, -10, 10, -10, -100], dtype=np.int64), len(days))
    return from_calendar(np.maximum(year + step, 1901), month, np.minimum(day, 28))


def write_ssns(rng: np.random.Generator, seen: Seen, rows: Registration, clerk: Clerk, styles: Texts) -> None:
    """Put a clerk's errors into social security numbers; `styles` says per row full, partial or none."""
    seen.ssn = seen.ssn.copy()
    _borrowed(rng, seen, rows, clerk)
    lacks = ~present(seen.ssn)
    itin = lacks & (styles == "full") & flags(rng, clerk.rate("taxpayer_number"), rows.size)
    numbers = whole(rng, 900_500_000, 999_899_999, rows.size)
    seen.ssn[itin] = [str(number) for number in numbers[itin].tolist()]
    seen.mark("taxpayer_number", itin)
    _wrong_digits(rng, seen, rows, clerk, (styles == "full") & ~lacks)
    nobody = seen.marked("doe") | seen.marked("anonymous") | seen.marked("baby_name")
    none = (styles == "none") | nobody | (lacks & ~itin)
    partial = (styles == "partial") & ~none
    seen.ssn[partial] = [f"XXXXX{number[5:]}" for number in seen.ssn[partial]]
    placeholder = none & flags(rng, clerk.rate("placeholder_ssn"), rows.size)
    seen.ssn = np.where(placeholder, rng.choice(NOT_NUMBERS, rows.size), without(none, seen.ssn))
    seen.mark("placeholder_ssn", placeholder)


def ssn_styles(rng: np.random.Generator, clerk: Clerk, size: int) -> Texts:
    """Full, partial or none for each row, by the agency's shares."""
    return choose(rng, clerk.table("ssn"), size)


def _borrowed(rng: np.random.Generator, seen: Seen, rows: Registration, clerk: Clerk) -> None:
    """The number of the head of the household (a spouse, a parent), or of somebody else."""
    own = clerk.people.ssn[rows.person]
    lender = clerk.people.members.head[rows.person]
    stranger = whole(rng, 0, clerk.people.count - 1, rows.size)
    lender = np.where(lender == rows.person, stranger, lender)
    ratio = np.where(~present(own), 10.0, 1.0)
    hit = rng.random(rows.size) < clerk.rate("borrowed_ssn") * ratio
    borrowed = clerk.people.ssn[lender]
    hit &= present(borrowed)
    seen.ssn = np.where(hit, borrowed, seen.ssn)
    seen.mark("borrowed_ssn", hit)


def _wrong_digits(rng: np.random.Generator, seen: Seen, rows: Registration, clerk: Clerk, full: Bools) -> None:
    for error, change in (("ssn_digit", _other_digit), ("ssn_transposed", _transposed)):
        hit = full & flags(rng, clerk.rate(error), rows.size)
        for row in np.flatnonzero(hit).tolist():
            seen.ssn[row] = change(rng, seen.ssn[row])
        seen.mark(error, hit)


def _other_digit(rng: np.random.Generator, number: str) -> str:
    at = int(rng.integers(1, 9))
    digit = (int(number[at]) + int(rng.integers(1, 10))) % 10
    return f"{number[:at]}{digit}{number[at + 1 :]}"


def _transposed(rng: np.random.Generator, number: str) -> str:
    at = int(rng.integers(1, 8))
    return number[:at] + number[at + 1] + number[at] + number[at + 2 :]


def write_sexes(rng: np.random.Generator, seen: Seen, rows: Registration, clerk: Clerk) -> None:
    """Put a clerk's errors into sex codes: U for missing, the other for wrong."""
    shares = clerk.table("sex")
    wrong, missing = flags(rng, shares["wrong"], rows.size), flags(rng, shares["missing"], rows.size)
    missing |= seen.marked("anonymous")
    seen.sex = np.where(wrong, np.where(seen.sex == "M", "F", "M"), seen.sex)
    seen.sex = np.where(missing, "U", seen.sex)
    seen.mark("sex_missing", missing)
    seen.mark("sex_wrong", wrong & ~missing)
