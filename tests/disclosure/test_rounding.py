"""Rounding: another way than withholding, for products that want every row."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.errors import ContractError
from pipelines.publish.disclosure.model import DISCLOSURE, load_model
from tests.disclosure.rows import column, controlled, result, seal, with_method

BASE_5 = with_method("measure_results", "round", base=5)


def test_every_count_is_rounded_to_a_neighbouring_multiple() -> None:
    rows = [result(n=n, numerator=float(n // 2)) for n in range(60)]
    shown = controlled({"measure_results": rows}, model=BASE_5).tables["measure_results"]
    assert all(row["n"] % 5 == 0 and abs(row["n"] - true["n"]) < 5 for row, true in zip(shown, rows, strict=True))
    assert all(isinstance(row["n"], int) for row in shown)


def test_what_would_tell_the_exact_count_is_null() -> None:
    (row,) = controlled({"measure_results": [result(n=43)]}, model=BASE_5).tables["measure_results"]
    assert (row["estimate"], row["lower"], row["upper"], row["person_time"]) == (None, None, None, None)


def test_rounding_leans_to_neither_side() -> None:
    rows = [result(cut_value=str(at), n=13) for at in range(2000)]
    shown = controlled({"measure_results": rows}, model=BASE_5).tables["measure_results"]
    assert set(column(shown, "n")) == {10, 15}
    assert abs(sum(column(shown, "n")) / len(rows) - 13) < 0.2


def test_the_same_count_is_rounded_the_same_way_in_every_release() -> None:
    rows = [result(cut_value=str(at), n=13) for at in range(20)]
    first, second = (controlled({"measure_results": rows}, model=BASE_5).tables for _ in range(2))
    assert first == second
    assert seal("a") != seal("b")


def test_a_table_that_is_rounded_says_to_what(tmp_path: Path) -> None:
    path = tmp_path / "disclosure_rules.yaml"
    path.write_text(DISCLOSURE.read_text().replace("method: withhold", "method: round", 1))
    with pytest.raises(ContractError, match="say what counts are rounded to"):
        load_model(path)


def test_a_relation_without_a_reason_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "disclosure_rules.yaml"
    text = DISCLOSURE.read_text().replace("reason: Periods add up to the whole time.", "reason: ''", 1)
    path.write_text(text)
    with pytest.raises(ContractError, match="each needs a reason"):
        load_model(path)


def delivered(rows_in: int, accepted: int, quarantined: int) -> dict[str, object]:
    row = {"delivery_id": f"sheriff_{rows_in}", "table_name": "person", "superseded": 0, "rows_held": 0}
    return row | {"rows_in": rows_in, "accepted": accepted, "quarantined": quarantined}


def test_rows_of_deliveries_are_told_in_tens_and_accepted_ones_are_never_more_than_came() -> None:
    rows = [delivered(n, n - n % 4, n % 4) for n in range(5000, 5040)]
    shown = controlled({"deliveries": rows}).tables["deliveries"]
    counts = ("rows_in", "accepted", "quarantined", "superseded", "rows_held")
    assert {row[count] % 10 for row in shown for count in counts} == {0}
    assert all(row["accepted"] <= row["rows_in"] for row in shown)
    assert all(abs(row["rows_in"] - row["accepted"] - row["quarantined"]) < 50 for row in shown)
    assert {row["superseded"] for row in shown} == {0}
    assert len({row["rows_in"] - true["rows_in"] for row, true in zip(shown, rows, strict=True)}) > 5
