"""How amounts are said to readers."""

from __future__ import annotations

from decimal import Decimal

from pipelines.reports import wording


def test_what_is_added_up_is_told_in_whole_dollars() -> None:
    assert [wording.usd(value) for value in (Decimal("36250.00"), 0.4, -1250.5, -0.4)] == [
        "$36,250", "$0", "-$1,250", "$0"]  # fmt: skip
    assert (wording.usd(None, suppressed=True), wording.usd(None)) == ("withheld", "–")


def test_what_a_contract_says_is_told_to_the_cent_where_there_are_cents() -> None:
    assert [wording.dollars(value) for value in (Decimal("9500.00"), Decimal("-12.50"), 28.333, None)] == [
        "$9,500", "-$12.50", "$28.33", "–"]  # fmt: skip
