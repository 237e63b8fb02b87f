"""Draft → provider review → final: step by step, recorded, and what is final is kept as it was signed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.made_release import make_release
from pipelines import numbered_files
from pipelines.audit import acts, verify_audit
from pipelines.errors import LakeError
from pipelines.lake import Lake
from pipelines.reports.scorecards.cards import Card, Scorecards
from pipelines.reports.scorecards.sign_off import FINAL, FOLDER, NEW, states, take
from pipelines.reports.site.providers import is_restatable
from pipelines.reports.tables import ReleaseTables


@pytest.fixture(scope="module")
def card(tmp_path_factory: pytest.TempPathFactory) -> Card:
    release = make_release(tmp_path_factory.mktemp("signed") / "release", 3, 2)
    return Scorecards(ReleaseTables(release)).card("7001", "2026Q3")


def test_a_scorecard_goes_from_draft_over_review_to_final_and_every_step_is_an_act(tmp_path: Path, card: Card) -> None:
    lake = Lake(tmp_path)
    assert states(lake) == {}
    take(lake, "review", [card], by="R. Lee")
    (done,) = take(lake, "final", [card], by="M. Ortiz")
    assert (done.state, done.by, done.title) == (FINAL, "M. Ortiz", "Final")
    assert states(lake)["7001", "2026Q3"].card == card
    assert [one.act for one in acts(lake)] == ["scorecard_sent_to_review", "scorecard_made_final"]
    assert {one.subject for one in acts(lake)} == {"7001 2026Q3"}


@pytest.mark.parametrize("step", ["final", "return", "restate"])
def test_a_draft_can_only_be_handed_over(tmp_path: Path, card: Card, step: str) -> None:
    with pytest.raises(LakeError, match="is draft, and"):
        take(Lake(tmp_path), step, [card], by="R. Lee", reason="the provider asked")
    assert states(Lake(tmp_path)) == {}


def test_a_final_scorecard_is_only_restated_with_a_reason(tmp_path: Path, card: Card) -> None:
    lake = Lake(tmp_path)
    take(lake, "review", [card], by="R. Lee")
    take(lake, "final", [card], by="R. Lee")
    with pytest.raises(LakeError, match="a final scorecard is only restated"):
        take(lake, "review", [card], by="R. Lee")
    with pytest.raises(LakeError, match="say the reason"):
        take(lake, "restate", [card], by="R. Lee")
    (done,) = take(lake, "restate", [card], by="R. Lee", reason="late releases of the jail")
    assert (done.title, done.card) == ("Draft, restatement 1", None)
    assert "late releases of the jail" in done.text


def test_a_reason_that_looks_personal_is_refused_before_anything_is_kept(tmp_path: Path, card: Card) -> None:
    lake = Lake(tmp_path)
    take(lake, "review", [card], by="R. Lee")
    with pytest.raises(LakeError, match="social security"):
        take(lake, "return", [card], by="R. Lee", reason="ask about 548-09-7731")
    assert len(numbered_files.files(lake.root / FOLDER)) == 1


def test_steps_are_taken_for_all_or_none(tmp_path: Path, card: Card) -> None:
    lake = Lake(tmp_path)
    take(lake, "review", [card], by="R. Lee")
    other = Card(**{**card.__dict__, "provider_id": "7002"})
    with pytest.raises(LakeError, match="7002 2026Q3 is draft"):
        take(lake, "final", [card, other], by="R. Lee")
    assert states(lake)["7001", "2026Q3"].state != FINAL


def test_a_final_card_that_somebody_edits_is_found(tmp_path: Path, card: Card) -> None:
    lake = Lake(tmp_path)
    take(lake, "review", [card], by="R. Lee")
    take(lake, "final", [card], by="R. Lee")
    path = lake.root / FOLDER / numbered_files.name_of(2)
    facts = json.loads(path.read_text())
    facts["card"]["figures"][0]["own"]["estimate"] = 999.0
    path.write_text(json.dumps(facts))
    assert not verify_audit(lake).is_whole
    assert is_restatable(states(lake)["7001", "2026Q3"], card), "and a site says that the release tells otherwise"


def test_a_lost_sign_off_is_missed(tmp_path: Path, card: Card) -> None:
    lake = Lake(tmp_path)
    take(lake, "review", [card], by="R. Lee")
    take(lake, "final", [card], by="R. Lee")
    (lake.root / FOLDER / numbered_files.name_of(1)).unlink()
    with pytest.raises(LakeError, match="is gone"):
        states(lake)


def test_who_nobody_signed_is_a_draft() -> None:
    assert (NEW.title, NEW.card) == ("Draft", None)
    assert NEW.text == "Nobody has looked at it yet; its figures may change."
