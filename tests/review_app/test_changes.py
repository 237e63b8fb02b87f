"""What decisions came to: told by counts, after the night that kept to them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from pipelines.lake import Lake
from pipelines.publish.difference import Difference
from pipelines.review_app.changes import Change, Released, index_changes, pair_changes, released_changes
from pipelines.review_app.desk import Desk
from pipelines.review_app.services import Pages
from pipelines.review_app.sessions import Session
from pipelines.review_app.state import State
from pipelines.review_app.users import User
from tests.review_app.places import TERMS, night

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
ADA = User("ada", "reviewer")


def test_a_pair_waits_for_the_next_run_and_is_parted_by_it(lake: Lake) -> None:
    desk = Desk(lake, TERMS, State(lake))
    together = next(one for one in desk.offers(ADA) if one.queued.is_together)
    desk.leases.take_first("ada", [together.pair_id], NOON)
    desk.judge(ADA, together.pair_id, "different", ["other_number"], "", NOON)
    assert pair_changes(lake) == [Change(1, "different", "waits for the next run")]
    assert index_changes(lake) == []
    night(lake, 2)
    assert pair_changes(lake) == [Change(1, "different", "parted")]
    (version,) = index_changes(lake)
    assert (version["split"], version["merged"], version["clients_moved"]) == (1, 0, 1)


def test_an_answer_that_says_what_the_linkage_says_changes_nothing_and_one_taken_back_is_not_told(lake: Lake) -> None:
    desk = Desk(lake, TERMS, State(lake))
    first, second = [one for one in desk.offers(ADA) if one.queued.is_together][:2]
    for place, one in enumerate((first, second)):
        now = NOON + timedelta(minutes=place)
        desk.leases.take_first("ada", [one.pair_id], now)
        desk.judge(ADA, one.pair_id, "same", ["rare_name_agrees"], "", now)
    desk.take_back(ADA, 2, NOON + timedelta(minutes=5))
    night(lake, 2)
    assert pair_changes(lake) == [Change(1, "same", "as it was")]


@pytest.mark.parametrize("others", [(), ("accepted deliveries changed: 1 came, 0 went",)])
def test_the_page_lays_what_moved_to_decisions_only_where_nothing_else_changed(others: tuple[str, ...]) -> None:
    payment = {"contract_id": "jir", "clause_id": "housed_6_months", "period": None,
               "amount_usd_before": Decimal("9500.00"), "amount_usd_after": None}  # fmt: skip
    measure = {"measure_id": "jail_return", "title": "Return to jail", "cut_value": "JIR", "period": "2025Q1",
               "kind": "proportion", "unit": "share of persons", "suppressed_before": False, "suppressed_after": True,
               "estimate_before": 0.25, "estimate_after": None}  # fmt: skip
    days = measure | {"title": "Days in jail", "kind": "rate", "unit": "days per person-year", "estimate_before": None,
                      "estimate_after": 12.34, "suppressed_after": False}  # fmt: skip
    told = Difference("2026-11-01-a", "2026-11-02-b", (), (), (), (measure, days), (payment,))
    answer = Pages().answer(
        "changes.html", user=User("sue", "supervisor"), session=Session("", "sue", ""), counts={}, changes=[],
        versions=[], released=Released(told, not others, others),
    )  # fmt: skip
    text = bytes(answer.body).decode()
    assert ("what moved, moved because of them" in text) == (not others)
    assert all(other in text for other in others)
    cells = ["housed 6 months", "whole term", "$9,500.00"]
    cells += ["Return to jail", "JIR, 2025Q1", "share of persons", "25.0 %", "withheld"]
    cells += ["Days in jail", "days per person-year", "–", "12.3"]
    assert [cell for cell in cells if f">{cell}</td>" not in text] == []


def test_a_lake_without_releases_tells_of_none(lake: Lake) -> None:
    assert released_changes(lake) is None
