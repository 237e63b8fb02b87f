"""What reviewers say is kept for good, and the last word on a pair holds."""

from __future__ import annotations

import json
import multiprocessing
import stat
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from pipelines.errors import LakeError
from pipelines.lake import Lake
from pipelines.link.decision_store import Decision, decision, in_force, record, recorded, store_folder

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
S1, H1, M1 = ("sheriff", "1"), ("health", "1"), ("hmis", "1")


def said(code: str = "same", *, by: str = "ada", at: datetime = NOON, one=S1, other=H1) -> Decision:
    return decision(one, other, code, by, at, "seen on paper")


def test_a_decision_is_read_as_it_was_said(tmp_path) -> None:
    one = decision(S1, H1, "same", "ada", NOON, "seen on paper", {"match_weight": 3.25, "guard": None})
    assert record(Lake(tmp_path), [one]) == 1
    (read,) = recorded(Lake(tmp_path))
    assert read.clients == (H1, S1)
    assert (read.decision_code, read.decided_by, read.decided_at, read.reason) == ("same", "ada", NOON, "seen on paper")
    assert read.evidence == {"match_weight": 3.25, "guard": None}


def test_the_last_word_on_a_pair_holds_whoever_says_it(tmp_path) -> None:
    lake = Lake(tmp_path)
    record(lake, [said("same", by="ada")])
    record(lake, [said("different", by="ben", at=NOON + timedelta(hours=1), one=H1, other=S1)])
    (standing,) = in_force(recorded(lake))
    assert (standing.decision_code, standing.decided_by) == ("different", "ben")


def test_what_was_said_earlier_does_not_win_by_being_recorded_later(tmp_path) -> None:
    lake = Lake(tmp_path)
    record(lake, [said("same")])
    record(lake, [said("different", at=NOON - timedelta(days=3))])
    assert [one.decision_code for one in in_force(recorded(lake))] == ["same"]


def test_of_two_said_in_one_moment_the_one_recorded_last_holds(tmp_path) -> None:
    lake = Lake(tmp_path)
    record(lake, [said("same"), said("different")])
    assert [one.decision_code for one in in_force(recorded(lake))] == ["different"]


def test_nothing_recorded_is_ever_written_again(tmp_path) -> None:
    lake = Lake(tmp_path)
    record(lake, [said("same")])
    before = {path.name: path.read_bytes() for path in store_folder(lake).iterdir()}
    record(lake, [said("unsure")])
    after = {path.name: path.read_bytes() for path in store_folder(lake).iterdir()}
    assert set(after) == {"00000001.json", "00000002.json"}
    assert before.items() <= after.items()


def test_decisions_are_their_owners_alone(tmp_path) -> None:
    lake = Lake(tmp_path)
    record(lake, [said()])
    assert stat.S_IMODE(store_folder(lake).stat().st_mode) == 0o700
    assert stat.S_IMODE((store_folder(lake) / "00000001.json").stat().st_mode) == 0o600


def _record_many(root: Path, by: str) -> None:
    for _ in range(20):
        record(Lake(root), [said(by=by)])


def test_two_who_record_at_once_lose_nothing(tmp_path) -> None:
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_record_many, args=(tmp_path, by)) for by in ("ada", "ben")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0]
    read = recorded(Lake(tmp_path))
    assert [one.number for one in read] == list(range(1, 41))
    assert sorted(one.decided_by for one in read) == ["ada"] * 20 + ["ben"] * 20
    assert not list(store_folder(Lake(tmp_path)).glob(".*"))


def test_a_lost_batch_stops_everything_that_rests_on_decisions(tmp_path) -> None:
    lake = Lake(tmp_path)
    for _ in range(3):
        record(lake, [said()])
    (store_folder(lake) / "00000002.json").unlink()
    with pytest.raises(LakeError, match=r"00000002\.json is gone"):
        recorded(lake)
    with pytest.raises(LakeError, match=r"00000002\.json is gone"):
        record(lake, [said()])


@pytest.mark.parametrize("text", ["", "{", "[]", json.dumps({"format": "another", "decisions": []})])
def test_a_damaged_batch_is_named(tmp_path, text: str) -> None:
    record(Lake(tmp_path), [said()])
    (store_folder(Lake(tmp_path)) / "00000001.json").write_text(text)
    with pytest.raises(LakeError, match=r"00000001\.json cannot be read"):
        recorded(Lake(tmp_path))


def test_what_a_killed_writer_left_is_no_decision(tmp_path) -> None:
    lake = Lake(tmp_path)
    record(lake, [said()])
    (store_folder(lake) / ".0123456789abcdef.staged").write_text("{")
    assert len(recorded(lake)) == 1


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"other": S1}, "same client was named twice"),
        ({"code": "maybe"}, "same, different, unsure"),
        ({"by": " "}, "who said it and why"),
        ({"reason": ""}, "who said it and why"),
        ({"at": datetime(2026, 11, 21, 12)}, "in UTC"),
        ({"at": datetime(2026, 11, 21, 12, tzinfo=timezone(timedelta(hours=-8)))}, "in UTC"),
    ],
)
def test_a_decision_that_is_not_well_formed_is_refused(change, complaint: str) -> None:
    whole = {"one": S1, "other": M1, "code": "same", "by": "ada", "at": NOON, "reason": "seen"}
    with pytest.raises(LakeError, match=complaint):
        decision(**{**whole, **change})


def test_an_empty_batch_is_refused(tmp_path) -> None:
    with pytest.raises(LakeError, match="no decision"):
        record(Lake(tmp_path), [])
    assert not store_folder(Lake(tmp_path)).exists()
