"""Rules asked all at once, and pandera's answer to each: they are the same."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.errors import CountylinkError
from schemas import from_contract
from schemas.from_contract import TableRules, failures

RULES = TableRules(
    {"sex": pl.String(), "age": pl.Int64(), "note": pl.String()},
    {
        "sex": [
            ("sex.missing", lambda one: one.is_not_null()),
            ("sex.unknown_code", lambda one: one.is_in(["F", "M"])),
        ],
        "age": [
            ("age.below_minimum", lambda one: one >= 0),
            ("age.of_a_man", lambda _: (pl.col("sex") != "M") | (pl.col("age") < 100)),
        ],
        "note": [],
    },
)

ROW = st.tuples(st.sampled_from(["F", "M", "X", None]), st.sampled_from([-1, 5, 120, None]), st.just("n"))


def frame(rows: list[tuple[str | None, int | None, str]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=RULES.types, orient="row")


@settings(deadline=None, max_examples=20)
@given(rows=st.lists(ROW, max_size=6))
def test_what_is_broken_is_what_pandera_finds_asking_every_rule(rows: list[tuple[str | None, int | None, str]]) -> None:
    found = RULES.broken(frame(rows))
    assert found.rows() == failures(RULES.as_pandera(), frame(rows)).rows()


def test_a_frame_that_keeps_every_rule_is_not_shown_to_pandera(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TableRules, "as_pandera", lambda *_: pytest.fail("pandera was asked"))
    assert RULES.broken(frame([("F", 5, "n"), ("M", None, "n")])).is_empty()


def test_pandera_is_asked_about_the_breaking_columns_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []
    own = from_contract.failures
    monkeypatch.setattr(from_contract, "failures", lambda s, f: (asked.append(list(s.columns)), own(s, f))[1])
    found = RULES.broken(frame([("X", 5, "n"), ("F", 7, "n")]))
    assert found.rows() == [(0, "sex", "sex.unknown_code")]
    assert asked == [["sex"]]


@pytest.mark.parametrize("other", [pl.DataFrame({"sex": ["F"]}), pl.DataFrame({"sex": [1], "age": [1], "note": ["n"]})])
def test_a_frame_of_other_columns_or_types_is_refused(other: pl.DataFrame) -> None:
    with pytest.raises(CountylinkError, match="a fault of ours"):
        RULES.broken(other)


def test_a_pandera_that_finds_nothing_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(from_contract, "failures", lambda *_: from_contract._NOTHING_BROKEN)
    with pytest.raises(CountylinkError, match="unset its PANDERA_ variables"):
        RULES.broken(frame([("X", 5, "n")]))
