"""What decisions came to: told by counts, after the night that kept to them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pipelines.lake import Lake
from pipelines.review_app.changes import Change, index_changes, pair_changes, released_changes
from pipelines.review_app.desk import Desk
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


def test_a_lake_without_releases_tells_of_none(lake: Lake) -> None:
    assert released_changes(lake) is None
