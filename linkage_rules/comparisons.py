"""How two identities are compared: for each field a ladder of levels, from full agreement down to conflict.

Belongs here: the ladders, in symmetric SQL without Damerau (it costs more than all else together) and without any
column that says what group a person belongs to. Does not belong here: weights; those are trained.

A ladder takes part only if the table it is used on has its columns (`needs`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Level:
    """One rung: `sql` says when a pair stands on it. Null is not a conflict."""

    label: str
    sql: str
    is_null: bool = False
    term_frequency_of: str | None = None
    """Agreement on a rare value of this column counts for more."""
    fixed_u: float | None = None
    """Chance that two different persons stand here, stated where a sample is too small to count it."""
    thins_out: bool = False
    """Among twice as many people, two different persons stand here half as often (a home, not a name)."""


@dataclass(frozen=True)
class Ladder:
    """The comparison of one field, or of fields that must be judged together."""

    name: str
    levels: tuple[Level, ...]
    needs: tuple[str, ...]


RAREST = {"first_name": 5e-4, "middle_name": 5e-4}
"""The rarest a value may count as. Given names come in fashions: two children of one year and one rare name are met far
more often than the name's share of all ages says, and rare first names go with rare middle names."""

RAREST_OTHERWISE = 2e-5
"""One person in fifty thousand; beyond it lie misspellings."""


def either_null(column: str) -> str:
    """Neither side can be compared."""
    return f"{column}_l is null or {column}_r is null"


def same(column: str) -> str:
    """Both sides hold the same value."""
    return f"{column}_l = {column}_r"


def close(column: str, similarity: float) -> str:
    """Spelt nearly alike, the beginning counting most."""
    return f"jaro_winkler_similarity({column}_l, {column}_r) >= {similarity}"


# Of more than two parts the first and the last are compared; lists would double the cost of every pair.
SURNAME_PART = (
    "(surname_first_l = surname_first_r or surname_last_l = surname_last_r "
    "or surname_first_l = surname_last_r or surname_last_l = surname_first_r)"
)
SURNAME_CLOSE = f"({close('last_name', 0.92)} or {SURNAME_PART})"
ADDRESS_NULL = f"({either_null('address')})"
SAME_HOUSE_NUMBER = "(house_number_l = house_number_r or (house_number_l is null and house_number_r is null))"
SAME_HOME = f"(address_l = address_r or ({SAME_HOUSE_NUMBER} and {close('address', 0.88)}))"

NAMES_EXCHANGED = (
    "(first_name_l <> first_name_r and left(first_name_l, 1) = left(last_name_r, 1) "
    "and left(first_name_r, 1) = left(last_name_l, 1) "
    "and (first_name_l = surname_first_r or jaro_winkler_similarity(first_name_l, last_name_r) >= 0.88) "
    "and (first_name_r = surname_first_l or jaro_winkler_similarity(first_name_r, last_name_l) >= 0.88))"
)

# A name that stands alone was put where the given name belongs, and is the surname as often as not.
LONE_SURNAME = (
    "((last_name_l is null and first_name_l = last_name_r) or (last_name_r is null and first_name_r = last_name_l))"
)
LONE_SURNAME_CLOSE = (
    "((last_name_l is null and jaro_winkler_similarity(first_name_l, last_name_r) >= 0.92) "
    "or (last_name_r is null and jaro_winkler_similarity(first_name_r, last_name_l) >= 0.92))"
)

# Of three names the last was left out, or the middle one is a surname too.
MIDDLE_AS_SURNAME = "(last_name_l = middle_name_r or last_name_r = middle_name_l)"

SURNAME_AND_HOME = Ladder(
    "surname_and_home",
    (
        Level(
            "neither can be compared",
            f"({either_null('last_name')}) and {ADDRESS_NULL} and not coalesce({LONE_SURNAME_CLOSE}, false)",
            is_null=True,
        ),
        Level("same surname, same home", f"{same('last_name')} and {SAME_HOME}", thins_out=True),
        Level("close surname, same home", f"{SURNAME_CLOSE} and {SAME_HOME}", thins_out=True),
        Level("surname unknown, same home", f"({either_null('last_name')}) and {SAME_HOME}", thins_out=True),
        Level("other surname, same home", SAME_HOME, thins_out=True),
        Level("same surname, home unknown", f"{same('last_name')} and {ADDRESS_NULL}", term_frequency_of="last_name"),
        Level("same surname, other home", same("last_name"), term_frequency_of="last_name"),
        Level("names exchanged", NAMES_EXCHANGED),
        Level("surname alone, in place of the given name", LONE_SURNAME, term_frequency_of="last_name"),
        Level("surname alone, spelt nearly alike", LONE_SURNAME_CLOSE),
        Level("one part of a double surname", SURNAME_PART),
        Level("middle name as surname", MIDDLE_AS_SURNAME),
        Level("surname spelt nearly alike", close("last_name", 0.92)),
        Level("surname spelt somewhat alike", close("last_name", 0.82)),
        Level("other surname, home unknown", ADDRESS_NULL),
        Level("surname unknown, other home", either_null("last_name")),
        Level("other surname, other home", "ELSE"),
    ),
    needs=("last_name",),
)

FIRST_NAME = Ladder(
    "first_name",
    (
        # Names that changed places are weighed once, with the surname.
        Level(
            "unknown, or judged with the surname",
            f"({either_null('first_name')}) or {NAMES_EXCHANGED} or {LONE_SURNAME_CLOSE}",
            is_null=True,
        ),
        Level("same", same("first_name"), term_frequency_of="first_name"),
        # Roots are those of the first of several given names, so MARIA ELENA stands here with MARIA too.
        Level("nickname of the other", "list_has_any(first_roots_l, first_roots_r)"),
        Level(
            "initial of the other",
            "(length(first_name_l) = 1 or length(first_name_r) = 1) and left(first_name_l, 1) = left(first_name_r, 1)",
        ),
        # Where a name is required and not known, any letter is typed.
        Level("a letter that does not fit", "length(first_name_l) = 1 or length(first_name_r) = 1"),
        Level("spelt nearly alike", close("first_name", 0.92)),
        Level(
            "goes by the middle name",
            "(length(middle_name_l) > 2 and middle_name_l = first_name_r) "
            "or (length(middle_name_r) > 2 and middle_name_r = first_name_l)",
        ),
        Level("spelt somewhat alike", close("first_name", 0.82)),
        Level("another name", "ELSE"),
    ),
    needs=("first_name",),
)

MIDDLE_NAME = Ladder(
    "middle_name",
    (
        Level("unknown", either_null("middle_name"), is_null=True),
        Level(
            "same initial",
            "(length(middle_name_l) = 1 or length(middle_name_r) = 1) "
            "and left(middle_name_l, 1) = left(middle_name_r, 1)",
        ),
        Level("same name", same("middle_name"), term_frequency_of="middle_name"),
        Level("spelt nearly alike", close("middle_name", 0.88)),
        Level("another name", "ELSE"),
    ),
    needs=("middle_name",),
)

SAME_YEAR = same("birth_year")
SAME_MONTH = same("birth_month")
SAME_DAY = same("birth_day")

# A clerk who knows only the year writes the first of January.
ONE_IS_NEW_YEAR = "((birth_month_l = 1 and birth_day_l = 1) or (birth_month_r = 1 and birth_day_r = 1))"

BOTH_NEW_YEAR = "birth_month_l = 1 and birth_day_l = 1 and birth_month_r = 1 and birth_day_r = 1"

ONE_DIGIT = "levenshtein(birth_code_l, birth_code_r) <= 1"

BIRTH_DATE = Ladder(
    "birth_date",
    (
        Level("unknown", either_null("birth_code"), is_null=True),
        Level("same, but the first of January", f"{same('birth_code')} and birth_month_l = 1 and birth_day_l = 1"),
        Level("same", same("birth_code")),
        Level(
            "day and month exchanged", f"{SAME_YEAR} and birth_month_l = birth_day_r and birth_day_l = birth_month_r"
        ),
        # Month and day that a default brought together are no agreement.
        Level("both the first of January, one digit differs", f"{BOTH_NEW_YEAR} and {ONE_DIGIT}"),
        Level("both the first of January", BOTH_NEW_YEAR),
        Level("one digit differs", ONE_DIGIT),
        Level(
            "two parts agree",
            f"({SAME_MONTH} and {SAME_DAY}) or ({SAME_YEAR} and ({SAME_MONTH} or {SAME_DAY}))",
        ),
        Level("same year, one the first of January", f"{SAME_YEAR} and {ONE_IS_NEW_YEAR}"),
        Level("two digits differ", "levenshtein(birth_code_l, birth_code_r) <= 2"),
        Level("same year", SAME_YEAR),
        Level("another date", "ELSE"),
    ),
    needs=("birth_code",),
)

SSN = Ladder(
    "ssn",
    (
        Level(
            "unknown",
            f"({either_null('ssn')}) and ({either_null('itin')}) and ({either_null('ssn_last4')})",
            is_null=True,
        ),
        Level("same number", f"{same('ssn')} or {same('itin')}", fixed_u=1e-7),
        Level("one digit differs", "levenshtein(ssn_l, ssn_r) <= 1", fixed_u=5e-7),
        Level("same last four, rest not given", f"({either_null('ssn')}) and {same('ssn_last4')}", fixed_u=1.05e-4),
        Level("two digits differ", "levenshtein(ssn_l, ssn_r) <= 2"),
        Level("another number", "ELSE"),
    ),
    needs=("ssn", "ssn_last4", "itin"),
)

SEX = Ladder(
    "sex",
    (
        Level("unknown", either_null("sex_code"), is_null=True),
        Level("same", same("sex_code")),
        Level("another", "ELSE"),
    ),
    needs=("sex_code",),
)

GENERATION = Ladder(
    "generation",
    (
        Level("not said of both", either_null("generation"), is_null=True),
        Level("same", same("generation")),
        Level("another", "ELSE"),
    ),
    needs=("generation",),
)

PHONE = Ladder(
    "phone",
    (
        # A household has one telephone as it has one door: who shares the home is not weighed again for the number.
        Level("unknown, or judged by the home", f"({either_null('phone')}) or {SAME_HOME}", is_null=True),
        Level("same", same("phone"), fixed_u=2e-6, thins_out=True),
        Level("another", "ELSE"),
    ),
    needs=("phone",),
)

# The first three digits are a sorting centre, elsewhere a post town or a part of one.
ZIP_NEARBY = "left(zip5_l, 3) = left(zip5_r, 3)"

PLACE = Ladder(
    "place",
    (
        # A home that agrees has been counted already; its ZIP code adds nothing.
        Level(
            "unknown, or judged by the home",
            f"(({either_null('zip5')}) and ({either_null('city')})) or {SAME_HOME}",
            is_null=True,
        ),
        # Rarity is not weighed: to a model of one county every place of another would be rare.
        Level("same ZIP code", same("zip5")),
        Level("same city, ZIP code nearby", f"{same('city')} and {ZIP_NEARBY}"),
        Level("same city", same("city")),
        Level("ZIP code nearby", ZIP_NEARBY),
        Level("another place", "ELSE"),
    ),
    needs=("zip5", "city"),
)

SHARED_IDS = Ladder(
    "shared_ids",
    (
        Level(
            "none of one kind",
            "not (list_has_any(shared_id_kinds_l, shared_id_kinds_r) or list_has_any(shared_ids_l, shared_ids_r))",
            is_null=True,
        ),
        Level("same id", "list_has_any(shared_ids_l, shared_ids_r)", fixed_u=1e-7),
        Level("another id of one kind", "ELSE"),
    ),
    needs=("shared_ids",),
)

LADDERS: Sequence[Ladder] = (
    SURNAME_AND_HOME,
    FIRST_NAME,
    MIDDLE_NAME,
    BIRTH_DATE,
    SSN,
    SEX,
    GENERATION,
    PHONE,
    PLACE,
    SHARED_IDS,
)
