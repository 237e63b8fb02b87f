"""What becomes of a written release: let out, held, approved, dropped, withdrawn; no reader is sent to a bad one."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipelines.audit import acts, verify_audit
from pipelines.cli import main
from pipelines.errors import LakeError, ReleaseError
from pipelines.lake import Lake
from pipelines.publish import PublishReport, latest_release, release, standing
from pipelines.publish.catalogue import as_known_on, entries, entry_of, known_entry, noted_heads
from pipelines.publish.folders import candidate_folder, release_folder, withdrawn_folder
from pipelines.publish.gate import Finding
from pipelines.reports.held_release import draw_held_release
from tests.unit.publishing import AS_OF, Publish

FALL = Finding("measure_shares", "measure_results", "jail_return · all", "estimate", 0.5, 0.3, "points 0.1", "see <b>")


@pytest.fixture
def first(publish_it: Publish) -> PublishReport:
    return publish_it()


@pytest.fixture
def held(first: PublishReport, publish_it: Publish, monkeypatch: pytest.MonkeyPatch) -> PublishReport:
    """A second release, of which a figure fell."""
    monkeypatch.setattr(release, "findings", lambda candidate, before: [FALL] if before else [])
    return publish_it(bundle="b2")


def statuses(lake: Lake) -> dict[str, str]:
    return {one.release_id: one.status for one in entries(lake)}


def test_a_release_that_passes_the_gate_is_told_in_catalogue_and_audit_log(lake: Lake, first: PublishReport) -> None:
    entry = known_entry(lake, first.release_id)
    assert (entry.status, entry.as_of, entry.history[0].by) == ("published", AS_OF, "the audit gate")
    assert [act.act for act in acts(lake)] == ["key_used", "release_published"]
    assert verify_audit(lake, noted_heads(lake)).faults == ()


def test_a_release_with_a_finding_waits_and_the_last_one_stays(lake: Lake, first, held) -> None:
    assert (held.status, held.findings, held.is_latest) == ("held", 1, False)
    assert held.release == candidate_folder(lake, held.release_id)
    assert latest_release(lake) == first.release.resolve()
    assert not release_folder(lake, held.release_id).exists()
    assert known_entry(lake, held.release_id).findings == (FALL.as_json(),)


def test_a_release_is_held_once_however_often_it_is_run(lake: Lake, held, publish_it: Publish) -> None:
    again = publish_it(bundle="b2")
    assert (again.status, again.is_new) == ("held", False)
    assert [act.act for act in acts(lake)].count("release_held") == 1


def test_an_approved_release_is_the_latest_under_the_name_of_who_approved(lake: Lake, held) -> None:
    standing.approve(lake, held.release_id, "ada", "the jail really is emptier since 2026Q3")
    assert latest_release(lake) == release_folder(lake, held.release_id).resolve()
    last = known_entry(lake, held.release_id).history[-1]
    assert (last.status, last.by, last.reason) == ("published", "ada", "the jail really is emptier since 2026Q3")
    assert "release_approved" in [act.act for act in acts(lake)]


def test_an_approved_release_stays_published_when_the_run_comes_again(lake: Lake, held, publish_it: Publish) -> None:
    standing.approve(lake, held.release_id, "ada", "right")
    again = publish_it(bundle="b2")
    assert (again.status, again.is_new, again.is_latest) == ("published", False, True)


def test_a_dropped_release_is_gone_and_its_inputs_are_not_published_again(lake: Lake, held, publish_it) -> None:
    standing.drop(lake, held.release_id, "ada", "half the bookings are missing")
    assert not candidate_folder(lake, held.release_id).exists()
    again = publish_it(bundle="b2")
    assert (again.status, again.is_new) == ("dropped", False)
    assert not candidate_folder(lake, held.release_id).exists()


def test_a_better_run_supersedes_a_held_release(lake: Lake, held, publish_it, monkeypatch) -> None:
    monkeypatch.setattr(release, "findings", lambda candidate, before: [])
    better = publish_it(bundle="b3")
    assert better.is_latest
    assert statuses(lake)[held.release_id] == "superseded"
    assert not candidate_folder(lake, held.release_id).exists()


def test_inputs_that_come_back_after_they_were_superseded_are_published(lake, held, publish_it, monkeypatch) -> None:
    monkeypatch.setattr(release, "findings", lambda candidate, before: [])
    publish_it(bundle="b3")
    assert publish_it(bundle="b2").status == "published"


def test_a_damaged_candidate_is_not_approved(lake: Lake, held) -> None:
    (held.release / "README.md").write_text("other")
    with pytest.raises(ReleaseError, match="is damaged"):
        standing.approve(lake, held.release_id, "ada", "right")


def test_only_a_held_release_is_approved_or_dropped(lake: Lake, first) -> None:
    for answer in (standing.approve, standing.drop):
        with pytest.raises(ReleaseError, match="is published; only a held release"):
            answer(lake, first.release_id, "ada", "right")
    with pytest.raises(ReleaseError, match="there is no release"):
        standing.approve(lake, "2026-01-01-000000000000", "ada", "right")


def test_a_reason_that_would_leave_with_the_catalogue_names_nobody(lake: Lake, held) -> None:
    with pytest.raises(LakeError, match="social security number"):
        standing.approve(lake, held.release_id, "ada", "the one with 548-09-7731 was in jail")
    assert statuses(lake)[held.release_id] == "held"


def test_a_withdrawn_release_is_never_the_latest_and_leaves_a_tombstone(lake: Lake, first, publish_it) -> None:
    second = publish_it(bundle="b2")
    assert standing.withdraw(lake, second.release_id, "ada", "wrong prices") == first.release_id
    assert latest_release(lake) == first.release.resolve()
    assert withdrawn_folder(lake, second.release_id).is_dir()
    assert not second.release.exists()
    last = known_entry(lake, second.release_id).history[-1]
    assert (last.status, last.by, last.reason) == ("withdrawn", "ada", "wrong prices")
    again = publish_it(bundle="b2")
    assert (again.status, again.is_latest) == ("withdrawn", False)


def test_the_only_release_withdrawn_leaves_no_latest(lake: Lake, first) -> None:
    assert standing.withdraw(lake, first.release_id, "ada", "wrong prices") is None
    assert latest_release(lake) is None
    assert not (lake.root / "published/outcomes/latest").is_symlink()


def test_a_withdrawn_release_can_be_erased_at_once_or_later(lake: Lake, first, publish_it) -> None:
    second = publish_it(bundle="b2")
    standing.withdraw(lake, second.release_id, "ada", "a person asked", erase=True)
    standing.withdraw(lake, first.release_id, "ada", "wrong prices")
    standing.withdraw(lake, first.release_id, "ada", "a person asked", erase=True)
    assert not list((lake.root / "published").rglob("*.parquet"))
    assert set(statuses(lake).values()) == {"withdrawn"}
    with pytest.raises(ReleaseError, match="only a published release"):
        standing.withdraw(lake, first.release_id, "ada", "twice")


def test_a_release_let_out_by_a_run_that_was_killed_is_taken_up(lake: Lake, first, publish_it) -> None:
    (lake.root / "published/outcomes/catalogue" / f"{first.release_id}.json").unlink()
    (lake.root / "published/outcomes/latest").unlink()
    again = publish_it()
    assert (again.is_new, again.status, again.is_latest) == (False, "published", True)


def test_a_withdrawal_that_was_cut_off_is_finished_by_the_next_run(lake: Lake, first, publish_it) -> None:
    second = publish_it(bundle="b2")
    standing._end(lake, second.release_id, "withdrawn", "release_withdrawn", "ada", "wrong prices")
    publish_it(bundle="b1")
    assert not second.release.exists()
    assert latest_release(lake) == first.release.resolve()


def test_a_candidate_whose_run_was_killed_before_the_gate_is_let_out_by_the_next(lake: Lake, publish_it) -> None:
    written = publish_it()
    shutil.rmtree(lake.root / "published/outcomes/catalogue")
    (lake.root / "published/outcomes/latest").unlink()
    candidate = candidate_folder(lake, written.release_id)
    candidate.parent.mkdir(exist_ok=True)
    written.release.rename(candidate)
    again = publish_it()
    assert (again.is_new, again.is_latest, candidate.exists()) == (False, True, False)


def test_as_known_on_tells_the_release_that_was_the_latest_then(lake: Lake, first, publish_it) -> None:
    between = datetime.now(UTC)
    second = publish_it(as_of=date(2026, 11, 2))
    after = datetime.now(UTC)
    standing.withdraw(lake, second.release_id, "ada", "wrong prices")
    found = entries(lake)
    known = [as_known_on(found, moment) for moment in (between, after, datetime.now(UTC))]
    assert [one and one.release_id for one in known] == [first.release_id, second.release_id, first.release_id]
    assert as_known_on(found, between - timedelta(days=1)) is None


def test_an_entry_that_cannot_be_read_is_named_and_stops(lake: Lake, first) -> None:
    (lake.root / "published/outcomes/catalogue" / f"{first.release_id}.json").write_text("{}")
    with pytest.raises(ReleaseError, match="restore it from the backup"):
        entries(lake)


def test_a_held_release_is_explained_on_a_page_that_escapes(lake: Lake, held, tmp_path: Path) -> None:
    page = draw_held_release(known_entry(lake, held.release_id), tmp_path / "held.html").read_text()
    assert "jail_return · all" in page
    assert "see &lt;b&gt;" in page
    assert f"countylink release approve {held.release_id}" in page


def run(lake: Lake, *words: str) -> tuple[int, str]:
    ended = CliRunner().invoke(main, [*words, "--lake", str(lake.root)])
    return ended.exit_code, ended.output


def test_the_commands_list_show_approve_and_withdraw(lake: Lake, first, held) -> None:
    code, said = run(lake, "releases")
    assert code == 0
    assert f"{held.release_id} · held · 1 findings" in said
    assert f"{first.release_id} · published · latest" in said
    assert "0.5000 → 0.3000" in run(lake, "release", "show", held.release_id)[1]
    named = ("--by", "ada", "--reason", "right")
    assert run(lake, "release", "approve", held.release_id, *named)[0] == 0
    assert f"the latest release is {first.release_id}" in run(lake, "release", "withdraw", held.release_id, *named)[1]
    told = json.loads(run(lake, "releases", "--json")[1])
    assert {one["release_id"]: one["status"] for one in told}[held.release_id] == "withdrawn"
    assert json.loads(run(lake, "releases", "--as-known-on", "2020-01-01", "--json")[1]) == []
    assert run(lake, "release", "drop", held.release_id, *named)[0] == 1


def test_a_release_without_an_entry_has_none(lake: Lake) -> None:
    assert entry_of(lake, "2026-01-01-000000000000") is None
    with pytest.raises(ReleaseError, match="named by its id"):
        entry_of(lake, "../../etc")
