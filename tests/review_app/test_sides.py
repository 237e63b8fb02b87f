"""Two clients field by field: what is marked, and as what."""

from __future__ import annotations

import pytest

from pipelines.review_app.sides import fields_of, mark_of, missing_of

ONE = {"first_name": "ANNIE", "last_name": "QUISTGAARD", "birth_code": "19801205", "shared_ids": ["cin:1"]}


def marks(one: dict[str, object], other: dict[str, object]) -> dict[str, str]:
    return {field.label: field.mark for field in fields_of([one], [other])}


def test_each_field_that_either_side_knows_is_told_with_a_mark_in_words() -> None:
    other = {"first_name": "ANNIE", "last_name": "QUISTGARD", "birth_code": "19751231", "phone": "5551234"}
    assert marks(ONE, other) == {
        "First name": "agrees",
        "Last name": "close",
        "Born on": "differs",
        "Phone": "one side only",
        "Other ids": "one side only",
    }
    assert "SSN" in missing_of([ONE], [other])


def test_what_differs_within_a_close_value_is_marked_and_nothing_else() -> None:
    (field,) = fields_of([{"last_name": "QUISTGAARD"}], [{"last_name": "QUISTGARD"}])
    (value,) = field.sides[0]
    assert value.text == "QUISTGAARD"
    assert [piece.text for piece in value.pieces if piece.is_unlike] == ["A"]


def test_the_most_alike_of_several_values_speak() -> None:
    assert (
        mark_of("last_name", [{"last_name": "SMITH"}, {"last_name": "OKONKWO"}], [{"last_name": "OKONKWO"}]) == "agrees"
    )


def test_exchanged_names_are_said_to_stand_in_another_field() -> None:
    told = marks({"first_name": "OKONKWO", "last_name": "LOUIE"}, {"first_name": "LOUIS", "last_name": "OKONKWO"})
    assert set(told.values()) == {"in another field"}


def test_one_of_two_surnames_is_close() -> None:
    assert mark_of("last_name", [{"last_name": "CAZARES"}], [{"last_name": "CAZARESFLORES"}]) == "close"


@pytest.mark.parametrize(("other", "mark"), [("cin:2", "differs"), ("sid:2", "other kinds"), ("cin:1", "agrees")])
def test_ids_of_different_kinds_say_nothing_of_each_other(other: str, mark: str) -> None:
    assert mark_of("shared_ids", [ONE], [{"shared_ids": [other]}]) == mark


def test_ids_are_told_in_words_and_other_kinds_are_not_shown_as_unlike() -> None:
    (field,) = fields_of([{"shared_ids": ["hmis_personal_id:7"]}], [{"shared_ids": ["sid:2"]}])
    assert [side[0].text for side in field.sides] == ["HMIS client no. 7", "state fingerprint no. (SID) 2"]
    assert not any(piece.is_unlike for side in field.sides for value in side for piece in value.pieces)


@pytest.mark.parametrize(("one", "other", "mark"), [("J", "JESUS", "close"), ("J", "MARIA", "differs")])
def test_an_initial_is_close_to_the_name_that_it_begins(one: str, other: str, mark: str) -> None:
    (field,) = fields_of([{"middle_name": one}], [{"middle_name": other}])
    assert field.mark == mark
    unlike = [piece.text for piece in field.sides[1][0].pieces if piece.is_unlike]
    assert unlike == (["ESUS"] if mark == "close" else ["MARIA"])


def test_the_repr_of_a_field_tells_no_value() -> None:
    assert "ANNIE" not in repr(fields_of([ONE], [ONE]))
