"""Who is never one person, whatever the weight says: conditions on a scored pair that forbid it.

A model of independent fields overrates twins, fathers and sons, and housemates, because what they share they share for
a reason. Each guard names such a case. `sql` is symmetric, over the columns of standard/identities with `_l` and `_r`
and over `match_weight`; `$strict` stands for the strict weight.
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


IDS_AGREE = "(coalesce(ssn_l = ssn_r or itin_l = itin_r, false) or coalesce(list_has_any(shared_ids_l, shared_ids_r), false))"

SSNS_CONFLICT = "(ssn_l is not null and ssn_r is not null and levenshtein(ssn_l, ssn_r) > 2)"

FIRST_NAMES_CONFLICT = """(
    length(first_name_l) > 2 and length(first_name_r) > 2
    and jaro_winkler_similarity(first_name_l, first_name_r) < 0.78
    and not list_has_any(first_roots_l, first_roots_r)
    and first_name_l is distinct from middle_name_r and first_name_r is distinct from middle_name_l
    and first_name_l is distinct from last_name_r and first_name_r is distinct from last_name_l
    and first_token_l <> first_token_r
    and not starts_with(first_name_l, first_name_r) and not starts_with(first_name_r, first_name_l)
)"""

GUARDS = (
    Guard(
        "twins_of_different_names",
        f"birth_code_l = birth_code_r and last_name_l = last_name_r and {FIRST_NAMES_CONFLICT} "
        f"and (sex_code_l is distinct from sex_code_r or {SSNS_CONFLICT} or middle_name_l is distinct from middle_name_r) "
        f"and not {IDS_AGREE}",
        "Twins share surname, birth date and home; one name differs, and something beside it.",
    ),
    Guard(
        "another_sex_and_another_first_name",
        f"sex_code_l <> sex_code_r and {FIRST_NAMES_CONFLICT} and not {IDS_AGREE}",
        "Brother and sister, husband and wife, mother and son.",
    ),
    Guard(
        "junior_and_senior",
        "generation_l <> generation_r and not (birth_code_l = birth_code_r)",
        "The suffix is there to say that they are two.",
    ),
    Guard(
        "same_name_a_generation_apart",
        "abs(birth_year_l - birth_year_r) between 15 and 60 and first_name_l = first_name_r and last_name_l = last_name_r "
        f"and not (birth_month_l = birth_month_r and birth_day_l = birth_day_r) and not {IDS_AGREE}",
        "A parent and child of one name whose suffix was dropped; a year mistyped keeps its month and day.",
    ),
    Guard(
        "ssn_conflict_with_weak_rest",
        f"{SSNS_CONFLICT} and match_weight < $strict",
        "Two full numbers that differ in more than a slip, and nothing overwhelming against it.",
    ),
)


def guard_sql(thresholds: Thresholds) -> str:
    """An expression that gives the name of the first guard that forbids a pair, or null."""
    cases = " ".join(f"when {guard.sql} then '{guard.name}'" for guard in GUARDS)
    return f"case {cases} end".replace("$strict", str(float(thresholds.strict_weight)))


def guard_columns() -> tuple[str, ...]:
    """The columns of standard/identities that guards read."""
    return (
        "birth_code", "birth_year", "birth_month", "birth_day", "first_name", "first_token", "first_roots", "middle_name",
        "last_name", "sex_code", "generation", "ssn", "itin", "shared_ids",
    )
