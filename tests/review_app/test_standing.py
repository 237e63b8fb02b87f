"""How a pair stands after everything that was said of it."""

from __future__ import annotations

import pytest

from pipelines.review_app.judgements import ADJUDICATION, TAKEN_BACK, Record
from pipelines.review_app.standing import DISPUTED, OPEN, SETTLED, WAITING, standing
from tests.review_app.records import said


def told(*records: Record) -> tuple[str, str | None]:
    found = standing(records)
    return found.status, found.outcome


@pytest.mark.parametrize("code", ["same", "different"])
def test_one_word_settles_where_little_rests_on_it(code: str) -> None:
    assert told(said(1, "ada", code)) == (SETTLED, code)


def test_where_much_rests_on_it_nothing_is_in_force_until_two_agree() -> None:
    first = said(1, "ada", "same", wants_second=True)
    assert told(first) == (WAITING, None)
    assert told(first, said(2, "ben", "same", wants_second=True)) == (SETTLED, "same")


def test_whoever_is_unsure_gets_a_second_opinion() -> None:
    assert told(said(1, "ada", "unsure")) == (WAITING, None)
    assert told(said(1, "ada", "unsure"), said(2, "ben", "unsure")) == (SETTLED, "unsure")
    assert told(said(1, "ada", "unsure"), said(2, "ben", "same")) == (DISPUTED, None)


def test_a_pair_of_the_audit_is_decided_by_the_first_word_while_it_waits_and_while_it_is_disputed() -> None:
    first = said(1, "ada", "same", is_audit=True)
    assert told(first) == (WAITING, "same")
    assert told(first, said(2, "ben", "different", is_audit=True)) == (DISPUTED, "same")


def test_the_adjudicator_decides() -> None:
    words = (said(1, "ada", "same", wants_second=True), said(2, "ben", "different", wants_second=True))
    assert told(*words) == (DISPUTED, None)
    assert told(*words, said(3, "cyd", "different", stage=ADJUDICATION)) == (SETTLED, "different")


def test_a_word_that_was_taken_back_counts_as_never_said() -> None:
    first, back = said(1, "ada", "same"), said(2, "ada", TAKEN_BACK, takes_back=1)
    assert told(first, back) == (OPEN, None)
    assert told(first, back, said(3, "ada", "different")) == (SETTLED, "different")
    both = (said(1, "ada", "same", wants_second=True), said(2, "ben", "different", wants_second=True))
    assert told(*both, said(3, "ada", TAKEN_BACK, takes_back=1)) == (WAITING, None)
