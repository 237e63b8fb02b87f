"""What counts as no value, and which words mean the same: read from the YAML and CSV beside this file.

Belongs here: placeholders, titles, street words, facilities, nicknames. Does not belong here: how a
value is rewritten (`pipelines/standardise/macros.sql`).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml
from nicknames import name_triplets

from pipelines.places import rules_file


@dataclass(frozen=True)
class Pattern:
    """A placeholder: a whole normalised value that matches `pattern` (RE2) is none; `kind` says why."""

    kind: str
    pattern: str


@dataclass(frozen=True)
class Placeholders:
    """All placeholders, by the field that they stand in."""

    first_names: tuple[Pattern, ...]
    last_names: tuple[Pattern, ...]
    whole_names: tuple[Pattern, ...]
    birth_dates: tuple[Pattern, ...]
    addresses: tuple[Pattern, ...]
    crowded_surnames: int
    """With this many surnames an address is no household's."""
    lent_to: int
    """Under this many surnames or years of birth a number is no one person's."""


@cache
def placeholders() -> Placeholders:
    """The placeholders of `placeholders.yaml`."""
    rules = _yaml("placeholders.yaml")
    described = rules["descriptions"]
    both = tuple(_patterns(rules["name_patterns"]))
    given = [*described["never_a_name"], *described["never_a_given_name"]]
    return Placeholders(
        first_names=(_description(described, given), *both),
        last_names=(
            _description(described, [*described["never_a_name"], *described["never_a_surname"]]),
            *both,
            *_patterns(rules["surname_patterns"]),
        ),
        whole_names=_patterns(rules["whole_name_patterns"]),
        birth_dates=_patterns(rules["birth_dates"]),
        addresses=_patterns(rules["addresses"]),
        crowded_surnames=int(rules["crowded_address"]["surnames"]),
        lent_to=int(rules["lent_number"]["bearers"]),
    )


@dataclass(frozen=True)
class Titles:
    """Words that are no part of a name, by where they stand."""

    before: tuple[str, ...]
    after: tuple[str, ...]
    ranks: tuple[str, ...]
    """Never a name, wherever they stand at the end."""
    ordinal_ranks: tuple[str, ...]
    """Ranks only behind an ordinal."""


@cache
def titles() -> Titles:
    """The titles of `titles.yaml`."""
    rules = _yaml("titles.yaml")
    return Titles(
        before=tuple(rules["before"]["words"]),
        after=tuple(rules["after"]["words"]),
        ranks=tuple(rules["ranks"]["never_a_name"]),
        ordinal_ranks=tuple(rules["ranks"]["behind_an_ordinal"]),
    )


@cache
def street_words() -> tuple[tuple[str, str], ...]:
    """(word, the postal service's way of writing it)."""
    return tuple((row["word"], row["usps"]) for row in _csv("street_words.csv"))


@cache
def facility_addresses() -> tuple[tuple[str, str], ...]:
    """(address line, kind of facility): places where many unrelated people are said to live."""
    return tuple((row["address_line"], row["kind"]) for row in _csv("facility_addresses.csv"))


@cache
def nickname_roots() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """(name, the full names it can stand for, itself among them), upper case, by name."""
    roots: dict[str, set[str]] = {}
    for full, nickname in _nicknames():
        roots.setdefault(nickname, {nickname}).add(full)
        roots.setdefault(full, {full})
    return tuple((name, tuple(sorted(full_names))) for name, full_names in sorted(roots.items()))


def _nicknames() -> Iterator[tuple[str, str]]:
    for triplet in name_triplets():
        if triplet.relationship == "has_nickname":
            yield triplet.name1.upper(), triplet.name2.upper()
    for row in _csv("nicknames.csv"):
        yield row["name"], row["nickname"]


def _description(rules: Mapping[str, Any], alone: list[str]) -> Pattern:
    """Words that stand alone, or any of the lists' words together, a single letter among them (CHILD F)."""
    lists = ("never_a_name", "never_a_given_name", "never_a_surname", "only_beside_others")
    every = "|".join(word for words in lists for word in rules[words])
    return Pattern(rules["kind"], f"({'|'.join(alone)})|({every})( ({every}|[A-Z]))+")


def _patterns(rules: list[Mapping[str, str]]) -> tuple[Pattern, ...]:
    return tuple(Pattern(rule["kind"], rule["pattern"]) for rule in rules)


def _yaml(name: str) -> Any:
    return yaml.safe_load(_text(name))


def _csv(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(_text(name).splitlines()))


def _text(name: str) -> str:
    return rules_file(name).read_text(encoding="utf-8")
