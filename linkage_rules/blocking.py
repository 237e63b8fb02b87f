"""Which pairs are looked at: rules named by what they say, each with its reason.

A pair is a candidate if any rule gives both identities the same key. A rule's key is made of SQL expressions over the
columns of standard/identities; if one of them is null the rule does not speak. Blocks larger than `max_block` are not
dropped: their key is refined by the rule's further expressions, one after the other, until they are small enough or
no expression is left. So rules can be wide in a small county and stay bounded in a large one.

Never block on an address alone: jails, shelters and care homes would become the whole cost.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

MAX_BLOCK = 100
"""Identities a block may hold in a small county before its key is refined: a pair costs microseconds there, and a rare
surname alone meets pairs that nothing else meets (connected true pairs .9815 → .9924 on the most damaged set)."""

SMALL_COUNTY = 65_536
"""Identities up to which blocks may be as large as that; beyond, the limit falls as the county grows."""

LAST_BLOCK_FACTOR = 4
"""A block still this many times over the limit after every refinement says nothing about anybody, and is left out."""

FALL = 0.25
"""By which power of the county's growth a block's limit falls: 50 identities at a million, 35 at five million. On a
million synthetic records a limit of 12, 25, 50 and 100 met .957, .987, .990 and .993 of the true pairs."""

FALL_OF_THE_WEAK = 1.0
"""A weak rule is met by others in nearly all that it meets rightly, so a large county can do without it: its blocks
hold as few identities as keep its pairs in proportion, 6 at a million and none at five."""


def max_block(identities: int, *, is_weak: bool = False) -> int:
    """Identities a block may hold before it is refined; by whole doublings, so that it does not move every night."""
    doublings = max(0, round(math.log2(max(identities, 1) / SMALL_COUNTY)))
    return round(MAX_BLOCK * math.pow(2.0, -doublings * (FALL_OF_THE_WEAK if is_weak else FALL)))


@dataclass(frozen=True)
class BlockingRule:
    """One way for a pair to be met."""

    name: str
    key: tuple[str, ...]
    refine: tuple[str, ...]
    reason: str
    is_weak: bool = False
    """What it meets rightly is nearly all met by other rules too, while the county is large enough to refine."""

    @property
    def column(self) -> str:
        """The column that holds this rule's key in the table that Splink blocks on."""
        return f"key_{self.name}"


SORTED_NAMES = ("least(first_name, last_name)", "greatest(first_name, last_name)")
ANY_SURNAME = "coalesce(last_name, first_name)"
"""A name that stands alone is often a surname in the wrong field."""

SORTED_BIRTH = ("birth_year", "least(birth_month, birth_day)", "greatest(birth_month, birth_day)")

RULES = (
    BlockingRule(
        "same_ssn",
        ("coalesce(ssn, itin)",),
        ("first_name",),
        "A full number decides most pairs; refined only where one number was lent to many.",
    ),
    BlockingRule(
        "same_last_four_and_birth_year",
        ("ssn_last4", "birth_year"),
        ("least(birth_month, birth_day)", "left(first_name, 1)"),
        "Last-four systems; survives damage to any name.",
    ),
    BlockingRule(
        "same_last_four_and_surname",
        ("ssn_last4", "left(last_name, 4)"),
        ("left(first_name, 1)",),
        "Last-four systems; survives a wrong or missing birth date.",
    ),
    BlockingRule(
        "same_last_four_and_first_name",
        ("ssn_last4", "first_token"),
        ("sex_code",),
        "Last-four systems; survives a change of surname.",
    ),
    BlockingRule(
        "same_birth_date",
        SORTED_BIRTH,
        ("left(first_name, 1)", "left(last_name, 1)", "left(last_name, 3)"),
        "Survives any damage to the names, and day and month exchanged.",
    ),
    BlockingRule(
        "same_birth_date_and_surname_start",
        (*SORTED_BIRTH, "left(last_name, 2)"),
        ("left(last_name, 4)", "left(first_name, 1)"),
        "Meets, in a large county, the pairs whose first name is damaged and whose birth date block was refined.",
    ),
    BlockingRule(
        "same_names_either_way_round",
        SORTED_NAMES,
        ("birth_year // 10", "birth_year", "birth_month"),
        "Survives any damage to the birth date, and first and last name exchanged.",
    ),
    BlockingRule(
        "same_first_name_and_birth_year",
        ("first_name", "birth_year"),
        ("birth_month", "birth_day"),
        "Survives a change of surname with a typist's slip in day or month.",
    ),
    BlockingRule(
        "same_surname_and_birth_year",
        ("last_name", "birth_year"),
        ("left(first_name, 1)", "birth_month"),
        "Survives nicknames and first names that were not understood.",
    ),
    BlockingRule(
        "same_surname_part_and_birth_month",
        ("surname_first", "birth_year", "birth_month"),
        ("left(first_name, 1)",),
        "Double surnames of which one part is used.",
        is_weak=True,
    ),
    BlockingRule(
        "same_last_surname_part_and_birth_month",
        ("surname_last", "birth_year", "birth_month"),
        ("left(first_name, 1)",),
        "Double surnames of which the other part is used.",
        is_weak=True,
    ),
    BlockingRule(
        "same_surname_and_birthday",
        ("left(last_name, 5)", "birth_month", "birth_day"),
        ("left(first_name, 1)", "left(first_name, 3)", "birth_year // 10"),
        "Survives a wrong birth year.",
    ),
    BlockingRule(
        "same_first_name_and_birthday",
        ("first_name", "birth_month", "birth_day"),
        ("left(last_name, 1)", "left(last_name, 3)", "birth_year // 10"),
        "Survives a wrong birth year with a changed surname.",
    ),
    BlockingRule(
        "same_name_starts_and_birth_year",
        ("left(first_name, 3)", "left(last_name, 3)", "birth_year"),
        ("birth_month",),
        "Survives slips late in both names with a slip in day or month.",
        is_weak=True,
    ),
    BlockingRule(
        "same_address_and_first_name",
        ("address", "left(first_name, 3)"),
        ("zip5", "first_name", "birth_year"),
        "Survives a damaged surname and birth date together.",
    ),
    BlockingRule(
        "same_address_and_birth_year",
        ("address", "birth_year"),
        ("sex_code", "birth_month"),
        "Survives damage to both names.",
    ),
    BlockingRule(
        "same_surname_and_postcode",
        (ANY_SURNAME, "zip5"),
        ("left(first_name, 1)", "first_name", "birth_year // 10", "birth_month"),
        "Records without a birth date.",
    ),
    BlockingRule(
        "same_first_name_and_postcode",
        ("first_token", "zip5"),
        ("left(last_name, 1)", "left(last_name, 2)", "birth_year // 10", "birth_month"),
        "Records without a birth date, surname misspelt.",
        is_weak=True,
    ),
    BlockingRule(
        "same_surname_and_city",
        ("last_name", "city"),
        ("left(first_name, 1)", "first_name", "birth_year // 10", "birth_month"),
        "Records without a birth date, of one who moved within the city.",
        is_weak=True,
    ),
    BlockingRule(
        "same_first_name_and_city",
        ("first_name", "city"),
        ("left(last_name, 1)", "left(last_name, 3)", "birth_year // 10", "birth_month"),
        "Records without a birth date, surname misspelt, of one who moved within the city.",
        is_weak=True,
    ),
    BlockingRule(
        "same_postcode_and_birth_year",
        ("zip5", "birth_year"),
        ("left(first_name, 1)", "birth_month", "sex_code"),
        "Survives damage to both names with a slip in day or month.",
        is_weak=True,
    ),
    BlockingRule(
        "same_city_and_birth_year",
        ("city", "birth_year"),
        ("left(first_name, 1)", "birth_month", "sex_code"),
        "Survives damage to both names with a slip in day or month, and a move.",
        is_weak=True,
    ),
    BlockingRule(
        "same_surname",
        (ANY_SURNAME,),
        ("left(first_name, 1)", "left(middle_name, 1)", "birth_year // 10", "birth_month"),
        "A rare surname is enough to be looked at, whatever else is damaged.",
    ),
    BlockingRule(
        "same_first_name",
        ("first_name",),
        ("left(last_name, 1)", "left(last_name, 3)", "left(middle_name, 1)", "birth_month"),
        "A rare given name is enough to be looked at, whatever else is damaged.",
    ),
    BlockingRule(
        "same_surname_and_address",
        ("last_name", "address"),
        ("sex_code", "birth_year // 10"),
        "A household: survives a damaged given name and birth date together.",
    ),
    BlockingRule(
        "same_house_number_and_first_initial",
        ("house_number", "zip5", "left(first_name, 1)"),
        ("sex_code", "left(first_name, 3)"),
        "Survives a misspelt street with a damaged surname and birth date.",
    ),
    BlockingRule(
        "same_house_number_and_surname_initial",
        ("house_number", "zip5", "left(last_name, 1)"),
        ("sex_code", "left(last_name, 3)"),
        "Survives a misspelt street with a damaged given name and birth date.",
    ),
    BlockingRule(
        "same_initials_and_birthday",
        ("left(first_name, 1)", "left(last_name, 1)", "birth_month", "birth_day"),
        ("left(middle_name, 1)", "birth_year // 10", "sex_code"),
        "Survives slips in both names with a wrong birth year.",
        is_weak=True,
    ),
    BlockingRule(
        "same_ssn_end_and_postcode",
        ("coalesce(ssn_last4, right(ssn, 4))", "zip5"),
        ("sex_code",),
        "Survives a slip early in the number with damage to name and birth date.",
    ),
    BlockingRule(
        "same_ssn_start_and_postcode",
        ("left(ssn, 4)", "zip5"),
        ("sex_code", "left(ssn, 5)"),
        "Survives a slip late in the number with damage to name and birth date.",
    ),
    BlockingRule(
        "same_phone",
        ("phone",),
        ("left(first_name, 1)", "first_name"),
        "A mobile number is nearly personal; a shelter's desk is refined away.",
    ),
)
