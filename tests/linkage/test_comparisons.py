"""On which rung of a ladder a pair stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from linkage_rules import comparisons
from linkage_rules.comparisons import Ladder
from linkage_rules.settings import splink_comparison
from tests.linkage.records import standardised


def rung(tmp_path: Path, ladder: Ladder, left: dict[str, str], right: dict[str, str]) -> str:
    """The label of the level that a pair stands on, whichever side is left."""
    connection = standardised(tmp_path, [left, right])
    columns = [row[0] for row in connection.execute("describe standard.identities").fetchall()]
    sides = ", ".join(f"l.{c} as {c}_l, r.{c} as {c}_r" for c in columns)
    cases = " ".join(f"when {level.sql} then '{level.label}'" for level in ladder.levels if level.sql != "ELSE")
    found = connection.execute(
        f"select case {cases} else '{ladder.levels[-1].label}' end from (select {sides} "
        "from standard.identities as l inner join standard.identities as r on l.client_key <> r.client_key)"
    ).fetchall()
    connection.close()
    assert len(found) == 2, "both records must be linkable for a test of a ladder"
    assert found[0] == found[1], "a ladder must not depend on which side is left"
    return str(found[0][0])


BORN = {"dob": "1980-12-05"}
OAK = {"address": "1 Oak St"}
TRANSIENT = {"address": "TRANSIENT"}


def _named(first: str, last: str) -> dict[str, str]:
    return {"first_name": first, "last_name": last}


@pytest.mark.parametrize(
    ("left", "right", "label"),
    [
        ({"last_name": "Lee"} | OAK, {"last_name": "Lee", "address": "1 Oak Street"}, "same surname, same home"),
        ({"last_name": "Garcia Lopez"} | OAK, {"last_name": "Lopez"} | OAK, "close surname, same home"),
        ({"last_name": "Lee"} | OAK, {"last_name": "Kim"} | OAK, "other surname, same home"),
        ({"last_name": "Lee"} | OAK, {"last_name": "Lee"}, "same surname, home unknown"),
        ({"last_name": "Lee"} | OAK, {"last_name": "Lee", "address": "99 Elm Ave"}, "same surname, other home"),
        ({"last_name": "Lee"} | TRANSIENT, {"last_name": "Lee"} | TRANSIENT, "same surname, home unknown"),
        ({"last_name": "Garcia Lopez"}, {"last_name": "Lopez"}, "one part of a double surname"),
        ({"last_name": "De La Cruz"}, {"last_name": "Delacruz"}, "same surname, home unknown"),
        ({"last_name": "Ramirez"}, {"last_name": "Ramires"}, "surname spelt nearly alike"),
        (_named("Minh", "Nguyen"), _named("Nguyen", "Minh"), "names exchanged"),
        (_named("Gaytan", "Aurelio"), _named("Aurelio", "Gaytan Alvarez"), "names exchanged"),
        (_named("Gabrielle", "Langer"), _named("Laznger", "Gabriele"), "names exchanged"),
        (_named("Gabrielle", "Langer"), _named("Lola", "Gomez"), "other surname, home unknown"),
        ({"last_name": "Lee"}, {"last_name": "Ortiz"}, "other surname, home unknown"),
        ({"first_name": "Cheape"}, _named("Toni", "Cheape"), "surname alone, in place of the given name"),
        ({"first_name": "Cheap"}, _named("Toni", "Cheape"), "surname alone, spelt nearly alike"),
        ({"first_name": "Toni"}, _named("Toni", "Cheape"), "neither can be compared"),
        (_named("Walter", "John"), _named("Walter", "Bryant") | {"middle_name": "John"}, "middle name as surname"),
        (
            {"last_name": "Lee", "address": "Oak Steet"},
            {"last_name": "Lee", "address": "Oak St"},
            "same surname, same home",
        ),
    ],
)
def test_surname_and_home_are_judged_together(tmp_path, left, right, label) -> None:
    assert rung(tmp_path, comparisons.SURNAME_AND_HOME, BORN | left, BORN | right) == label


@pytest.mark.parametrize(
    ("left", "right", "label"),
    [
        ("Maria", "MARÍA", "same"),
        ("Bob", "Robert", "nickname of the other"),
        ("J", "Juan", "initial of the other"),
        ("E", "Juan", "a letter that does not fit"),
        ("Katherine", "Katharine", "spelt nearly alike"),
        ("Juan Carlos", "Juan Pablo Alejandro", "nickname of the other"),
        ("Juan", "Bridget", "another name"),
    ],
)
def test_first_names(tmp_path, left, right, label) -> None:
    both = {**BORN, "last_name": "Lee"}
    assert rung(tmp_path, comparisons.FIRST_NAME, both | {"first_name": left}, both | {"first_name": right}) == label


def test_a_surname_in_the_given_names_place_is_no_other_given_name(tmp_path) -> None:
    alone, whole = {**BORN, "first_name": "Cheape"}, {**BORN, **_named("Toni", "Cheape")}
    assert rung(tmp_path, comparisons.FIRST_NAME, alone, whole) == "unknown, or judged with the surname"


def test_a_person_may_go_by_the_middle_name(tmp_path) -> None:
    left = {**BORN, "first_name": "Robert", "middle_name": "Ulysses"}
    right = {**BORN, "first_name": "Ulysses", "middle_name": "R"}
    assert rung(tmp_path, comparisons.FIRST_NAME, left, right) == "goes by the middle name"


@pytest.mark.parametrize(
    ("left", "right", "label"),
    [
        ("1980-12-05", "1980-12-05", "same"),
        ("1980-01-01", "1980-01-01", "same, but the first of January"),
        ("1980-12-05", "1980-05-12", "day and month exchanged"),
        ("12/25/1980", "25/12/1980", "day and month exchanged"),
        ("1980-01-01", "1981-01-01", "both the first of January, one digit differs"),
        ("1980-01-01", "1955-01-01", "both the first of January"),
        ("1980-01-01", "1980-01-05", "one digit differs"),
        ("1980-12-05", "1980-12-06", "one digit differs"),
        ("1980-12-05", "1970-12-05", "one digit differs"),
        ("1980-12-05", "1980-12-31", "two parts agree"),
        ("1980-12-05", "1980-01-01", "same year, one the first of January"),
        ("1980-12-05", "1980-03-22", "same year"),
        ("1980-12-05", "1955-03-22", "another date"),
    ],
)
def test_birth_dates(tmp_path, left, right, label) -> None:
    name = {"first_name": "Ann", "last_name": "Lee", "zip": "90001"}
    assert rung(tmp_path, comparisons.BIRTH_DATE, name | {"dob": left}, name | {"dob": right}) == label


@pytest.mark.parametrize(
    ("left", "right", "label"),
    [
        ("139-47-6997", "139476997", "same number"),
        ("139-47-6997", "139-47-6987", "one digit differs"),
        ("139-47-6997", "139-47-9697", "two digits differ"),
        ("139-47-6997", "XXX-XX-6997", "same last four, rest not given"),
        ("139-47-6997", "XXX-XX-1234", "another number"),
        ("139-47-6997", "528-91-1234", "another number"),
        ("912-70-1234", "912-70-1234", "same number"),
        ("912-70-1234", "139-47-6997", "unknown"),
        ("139-47-6997", "999-99-9999", "unknown"),
    ],
)
def test_social_security_numbers(tmp_path, left, right, label) -> None:
    both = {**BORN, "last_name": "Lee"}
    assert rung(tmp_path, comparisons.SSN, both | {"ssn": left}, both | {"ssn": right}) == label


def test_a_telephone_says_nothing_more_where_the_home_is_one(tmp_path) -> None:
    left = {**BORN, "last_name": "Lee", "phone": "213-555-1212", "address": "1 Oak St"}
    assert rung(tmp_path, comparisons.PHONE, left, left) == "unknown, or judged by the home"
    assert rung(tmp_path, comparisons.PHONE, left, left | {"address": "99 Elm Ave"}) == "same"


@pytest.mark.parametrize(
    ("left", "right", "label"),
    [
        ({"zip": "90001", "city": "Bell"}, {"zip": "90001", "city": "Azusa"}, "same ZIP code"),
        ({"zip": "90001", "city": "Bell"}, {"zip": "90012", "city": "Bell"}, "same city, ZIP code nearby"),
        ({"zip": "90001", "city": "Bell"}, {"zip": "91702", "city": "Bell"}, "same city"),
        ({"zip": "90001", "city": "Bell"}, {"zip": "90012", "city": "Azusa"}, "ZIP code nearby"),
        ({"zip": "TS19 0SH"}, {"zip": "BS1 7HB"}, "another place"),
        ({"zip": "90001", "city": "Bell"}, {"zip": "91702", "city": "Azusa"}, "another place"),
    ],
)
def test_places(tmp_path, left, right, label) -> None:
    name = {**BORN, "first_name": "Ann", "last_name": "Lee"}
    assert rung(tmp_path, comparisons.PLACE, name | left, name | right) == label


def test_a_given_name_never_counts_as_rarer_than_fashions_allow() -> None:
    levels = splink_comparison(comparisons.FIRST_NAME)["comparison_levels"]
    floors = {level["tf_minimum_u_value"] for level in levels if "tf_adjustment_column" in level}
    assert floors == {comparisons.RAREST["first_name"]}


def test_no_ladder_looks_at_the_group_a_person_belongs_to() -> None:
    text = " ".join(level.sql for ladder in comparisons.LADDERS for level in ladder.levels)
    assert not any(word in text for word in ("race", "ethnicity", "language", "country"))


def test_every_ladder_ends_with_everything_else_and_begins_with_the_unknown() -> None:
    for ladder in comparisons.LADDERS:
        assert ladder.levels[0].is_null
        assert ladder.levels[-1].sql == "ELSE"
        assert "damerau" not in " ".join(level.sql for level in ladder.levels)
