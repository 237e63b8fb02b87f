"""Who is not one person, whatever the weight says: conditions on a scored pair that forbid it.

A model of independent fields overrates twins, fathers and sons, and housemates, because what they share they share for
a reason. Each guard names such a case. `sql` is symmetric, over the columns of standard/identities with `_l` and `_r`
and over `match_weight`; `$doubtful` stands for the doubtful weight.

A guard stands unless enough other clients say that both sides are one (`TESTIMONY`, `pipelines/link/testimony.py`); a
final one always stands: an agency's own numbers, suffixes, a generation, and twins whose numbers differ are no slips.
"""

from __future__ import annotations

from dataclasses import dataclass

from linkage_rules.thresholds import Thresholds


@dataclass(frozen=True)
class Guard:
    """One reason why two identities cannot be one person."""

    name: str
    sql: str
    reason: str
    is_final: bool = False
    """Whether other clients cannot overrule it: what it rests on is no slip of one field."""


@dataclass(frozen=True)
class Testimony:
    """When the other clients of a component overrule a guard: those near both sides outnumber those who take sides."""

    near_weight: float
    """Bits from which two clients, whom no guard forbids, hold together by themselves."""
    least_witnesses: int
    """Clients near both sides that it takes."""
    times_as_many: float
    """How often they outnumber those that are near one side and that a guard forbids with the other."""


TESTIMONY = Testimony(near_weight=4.0, least_witnesses=3, times_as_many=2.0)
"""A guard knows two records. One wrong given name or sex among many records is a slip, and forbidding it tears a person
apart; of twins who were seen several times each, the others keep to one of the two. Near is what no reviewer need look
at (the doubtful weight). Three, so that a person of two or three records is judged by the guard alone. Overruling found
49 of the 154 true pairs that a hard set still missed, without a false one, and 2.5 % of all those of a set with ten
damaged records a person; 3 or 8 bits, two or five witnesses, once or twice as many came to the same within .0001 on the
hard set."""

SHARED_IDS_AGREE = "coalesce(list_has_any(shared_ids_l, shared_ids_r), false)"

IDS_AGREE = f"(coalesce(ssn_l = ssn_r or itin_l = itin_r, false) or {SHARED_IDS_AGREE})"

SSNS_CONFLICT = "(length(ssn_l) = 9 and length(ssn_r) = 9 and levenshtein(ssn_l, ssn_r) > 2)"


def _elsewhere(one: str, other: str) -> str:
    """The given name of one side stands in another field of the other side, misspelt or short perhaps."""
    given = f"first_name_{one}"
    return (
        f"coalesce(jaro_winkler_similarity({given}, middle_name_{other}) >= 0.88, false) "
        f"or coalesce(list_contains(first_roots_{one}, middle_name_{other}), false) "
        f"or coalesce(jaro_winkler_similarity({given}, last_name_{other}) >= 0.92, false)"
    )


FIRST_NAMES_CONFLICT = f"""(
    length(first_name_l) > 2 and length(first_name_r) > 2
    and jaro_winkler_similarity(first_name_l, first_name_r) < 0.78
    and not list_has_any(first_roots_l, first_roots_r)
    and first_token_l <> first_token_r
    and not starts_with(first_name_l, first_name_r) and not starts_with(first_name_r, first_name_l)
    and not ({_elsewhere("l", "r")}) and not ({_elsewhere("r", "l")})
)"""

SURNAMES_CONFLICT = """(
    jaro_winkler_similarity(last_name_l, last_name_r) < 0.78
    and surname_first_l <> surname_last_r and surname_last_l <> surname_first_r
    and surname_first_l <> surname_first_r and surname_last_l <> surname_last_r
)"""

BIRTH_DATES_CONFLICT = "(levenshtein(birth_code_l, birth_code_r) > 2 and birth_year_l <> birth_year_r)"

MIDDLE_NAMES_CONFLICT = "(left(middle_name_l, 1) <> left(middle_name_r, 1))"

MIDDLE_NAMES_AGREE = "coalesce(left(middle_name_l, 1) = left(middle_name_r, 1), false)"

# Nine digits are an SSN, and SSNs are lent; a number of another length is some registry's own, if mistyped in a digit.
OTHER_NUMBERS_AGREE = "coalesce(length(ssn_l) <> 9 and length(ssn_r) <> 9 and levenshtein(ssn_l, ssn_r) <= 1, false)"

NUMBERS_CONFLICT = "(length(ssn_l) = length(ssn_r) and levenshtein(ssn_l, ssn_r) > 2)"

FIRST_NAMES_DIFFER = (
    "(length(first_name_l) > 1 and length(first_name_r) > 1 and not list_has_any(first_roots_l, first_roots_r) "
    "and jaro_winkler_similarity(first_name_l, first_name_r) < 0.92)"
)

HOMES_AGREE = "(coalesce(address_l = address_r, false) or coalesce(phone_l = phone_r, false))"

GUARDS = (
    Guard(
        "twins_of_different_names",
        f"birth_code_l = birth_code_r and {FIRST_NAMES_CONFLICT} and not {IDS_AGREE} "
        f"and ({MIDDLE_NAMES_CONFLICT} or (sex_code_l <> sex_code_r and not {MIDDLE_NAMES_AGREE}))",
        "Twins share surname, birth date and home; both given names differ, or one and the sex. One name alone may be "
        "a description or a slip, and its middle initial still agrees.",
    ),
    Guard(
        "another_sex_and_another_first_name",
        f"sex_code_l <> sex_code_r and {FIRST_NAMES_CONFLICT} and not {IDS_AGREE} and not {MIDDLE_NAMES_AGREE}",
        "Brother and sister, husband and wife, mother and son.",
    ),
    Guard(
        "junior_and_senior",
        f"generation_l <> generation_r and not coalesce(birth_code_l = birth_code_r, false) and not {IDS_AGREE}",
        "The suffix is there to say that they are two.",
        is_final=True,
    ),
    Guard(
        "same_name_a_generation_apart",
        "abs(birth_year_l - birth_year_r) between 15 and 60 "
        "and first_name_l = first_name_r and last_name_l = last_name_r "
        "and not (birth_month_l = birth_month_r and birth_day_l = birth_day_r) "
        f"and generation_l is distinct from generation_r and not {IDS_AGREE}",
        "A parent and child of one name, the suffix often on one side only. A year mistyped keeps its month and day, "
        "and a birth date copied from a housemate's row leaves the suffix alone.",
        is_final=True,
    ),
    Guard(
        "two_ids_of_one_kind",
        f"list_has_any(shared_id_kinds_l, shared_id_kinds_r) and not {IDS_AGREE} "
        "and (first_name_l <> first_name_r and not list_has_any(first_roots_l, first_roots_r) "
        "or birth_code_l <> birth_code_r)",
        "The state gives a card or a fingerprint number once; with another given name or birth date too, it is another "
        "person.",
        is_final=True,
    ),
    Guard(
        "twins_of_like_names",
        f"birth_code_l = birth_code_r and {SSNS_CONFLICT} and {HOMES_AGREE} and first_name_l <> first_name_r "
        "and length(first_name_l) > 1 and length(first_name_r) > 1 and not list_has_any(first_roots_l, first_roots_r) "
        f"and not {SHARED_IDS_AGREE} and not {MIDDLE_NAMES_AGREE}",
        "Parents like names that rhyme; each child has a number of its own.",
        is_final=True,
    ),
    Guard(
        "another_first_name_and_another_birth_date",
        f"{FIRST_NAMES_CONFLICT} and {BIRTH_DATES_CONFLICT} and not {MIDDLE_NAMES_AGREE} and not {SHARED_IDS_AGREE} "
        f"and not {OTHER_NUMBERS_AGREE}",
        "Housemates, and those who lend a number: surname, home and even SSN may be one, the given name and the birth "
        "date are not. An id given on a fingerprint or a card stands above it.",
    ),
    Guard(
        "another_surname_and_another_birth_date",
        f"{SURNAMES_CONFLICT} and {BIRTH_DATES_CONFLICT} and (first_name_l is null or first_name_r is null) "
        f"and not {SHARED_IDS_AGREE} and not {OTHER_NUMBERS_AGREE}",
        "A number that is lent, a desk's telephone: without a given name that says so, nobody of another surname and "
        "another birth date is the same person.",
    ),
    Guard(
        "number_birth_date_and_first_name_differ",
        f"{NUMBERS_CONFLICT} and {BIRTH_DATES_CONFLICT} and {FIRST_NAMES_DIFFER} and not {SHARED_IDS_AGREE} "
        f"and not {MIDDLE_NAMES_AGREE}",
        "All three that are a person's own differ, in more than a slip; a surname and a home are a family's.",
    ),
    Guard(
        "ssn_conflict_with_weak_rest",
        f"{SSNS_CONFLICT} and {FIRST_NAMES_CONFLICT} and not {MIDDLE_NAMES_AGREE} and match_weight < $doubtful",
        "Two full numbers that differ in more than a slip, another given name, and little to set against them. Numbers "
        "alone forbid nothing: they are lent, and copied from a housemate's row; forbidding on them cost .005 F1.",
    ),
)


def guard_sql(thresholds: Thresholds) -> str:
    """An expression that gives the name of the first guard that forbids a pair, or null."""
    cases = " ".join(f"when {guard.sql} then '{guard.name}'" for guard in GUARDS)
    return f"case {cases} end".replace("$doubtful", str(float(thresholds.doubtful_weight)))


def final_guards() -> tuple[str, ...]:
    """The names of the guards that other clients cannot overrule."""
    return tuple(guard.name for guard in GUARDS if guard.is_final)


def guard_columns() -> tuple[str, ...]:
    """The columns of standard/identities that guards read."""
    return (
        "birth_code",
        "birth_year",
        "birth_month",
        "birth_day",
        "first_name",
        "first_token",
        "first_roots",
        "middle_name",
        "last_name",
        "surname_first",
        "surname_last",
        "sex_code",
        "generation",
        "ssn",
        "itin",
        "shared_ids",
        "shared_id_kinds",
        "address",
        "phone",
    )
