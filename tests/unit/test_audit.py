"""Who looked and who changed is kept for good, and a log that was touched says so."""

from __future__ import annotations

import json
import multiprocessing
import random
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipelines.audit import BEGINNING, Head, acts, head, record_act, sealed_file, shareable, verify_audit
from pipelines.audit.log import head_path, log_path
from pipelines.audit.vocabulary import kinds
from pipelines.cli import main
from pipelines.contracts import freezing
from pipelines.errors import LakeError
from pipelines.lake import Lake
from pipelines.link.decision_store import decision, record, store_folder

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def looked(lake: Lake, person: int = 11, **more: object) -> None:
    record_act(lake, act="person_explained", by="ada", subject=f"person {person}", at=NOON, **more)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """A lake in which somebody looked at three persons."""
    for person in (11, 12, 13):
        looked(Lake(tmp_path), person)
    return Lake(tmp_path)


def lines(lake: Lake) -> list[bytes]:
    return log_path(lake).read_bytes().splitlines(keepends=True)


def rewrite(lake: Lake, kept: list[bytes]) -> None:
    log_path(lake).write_bytes(b"".join(kept))


def test_an_act_is_read_as_it_was_done(tmp_path) -> None:
    lake = Lake(tmp_path)
    record_act(
        lake, act="hold_released", by=" ada ", subject="d1", reason=" right — I called ", detail={"n": 2}, at=NOON
    )
    (act,) = acts(lake)
    assert (act.number, act.at, act.act, act.by, act.subject) == (1, NOON, "hold_released", "ada", "d1")
    assert (act.reason, act.detail) == ("right — I called", {"n": 2})
    assert act.account
    assert act.previous_sha256 == BEGINNING.sha256


def test_whoever_gives_no_name_acts_under_their_account(tmp_path) -> None:
    act = record_act(Lake(tmp_path), act="person_explained", subject="person 11")
    assert act.by == act.account


def test_a_log_as_written_is_whole(lake) -> None:
    found = verify_audit(lake)
    assert (found.is_whole, found.head.acts) == (True, 3)
    assert found.head == head(lake)


def test_a_lake_without_acts_is_whole(tmp_path) -> None:
    assert verify_audit(Lake(tmp_path)).is_whole
    assert list(acts(Lake(tmp_path))) == []
    assert head(Lake(tmp_path)) == BEGINNING


def test_an_edited_act_is_found(lake) -> None:
    rewrite(lake, [one.replace(b"person 12", b"person 99") for one in lines(lake)])
    assert "act 2 was changed after it was written" in verify_audit(lake).faults


def test_a_removed_act_is_found(lake) -> None:
    rewrite(lake, [lines(lake)[0], lines(lake)[2]])
    assert any("act 2 does not follow" in fault for fault in verify_audit(lake).faults)


def test_acts_in_another_order_are_found(lake) -> None:
    first, second, third = lines(lake)
    rewrite(lake, [first, third, second])
    assert any("act 2 does not follow" in fault for fault in verify_audit(lake).faults)


def test_acts_cut_off_the_end_are_found(lake) -> None:
    rewrite(lake, lines(lake)[:2])
    assert any("the newest were cut off" in fault for fault in verify_audit(lake).faults)


def test_a_log_that_is_gone_is_found(lake) -> None:
    log_path(lake).unlink()
    assert any("the newest were cut off" in fault for fault in verify_audit(lake).faults)


def test_a_head_that_is_gone_is_found(lake) -> None:
    head_path(lake).unlink()
    assert any("head.json is missing" in fault for fault in verify_audit(lake).faults)


def test_a_chain_written_anew_is_found_by_a_head_noted_elsewhere(lake) -> None:
    noted = {"a release": head(lake)}
    log_path(lake).unlink()
    head_path(lake).unlink()
    for person in (11, 99, 13, 14):
        looked(lake, person)
    assert verify_audit(lake).is_whole
    assert any("the log was written anew" in fault for fault in verify_audit(lake, noted).faults)


def test_any_flipped_bit_of_the_log_is_found(lake) -> None:
    whole = log_path(lake).read_bytes()
    chance = random.Random(20261122)
    for place in range(0, len(whole), 7):
        data = bytearray(whole)
        data[place] ^= 1 << chance.randrange(8)
        log_path(lake).write_bytes(data)
        assert not verify_audit(lake).is_whole, place


def test_a_file_that_an_act_sealed_may_not_change(tmp_path) -> None:
    lake = Lake(tmp_path)
    record(lake, [decision(("sheriff", "1"), ("health", "1"), "same", "ada", NOON, "seen on paper")])
    assert verify_audit(lake).sealed_files == 1
    batch = store_folder(lake) / "00000001.json"
    batch.write_text(batch.read_text().replace('"same"', '"different"'))
    assert verify_audit(lake).faults == ("decisions/00000001.json is not as the log sealed it",)
    batch.unlink()
    assert verify_audit(lake).faults == ("decisions/00000001.json is gone, and no act says so",)


def test_a_sealed_file_that_an_act_removed_is_no_fault_until_it_is_back(tmp_path) -> None:
    lake = Lake(tmp_path)
    paper = tmp_path / "paper.txt"
    paper.write_text("one")
    looked(lake, detail={"files": sealed_file(lake, paper)})
    paper.unlink()
    looked(lake, detail={"files": sealed_file(lake, paper)})
    assert verify_audit(lake).is_whole
    paper.write_text("one")
    assert verify_audit(lake).faults == ("paper.txt was removed, and is there again",)


def test_a_decision_is_in_the_log_without_its_reason_or_clients(tmp_path) -> None:
    lake = Lake(tmp_path)
    record(lake, [decision(("sheriff", "S777"), ("health", "1"), "same", "ada", NOON, "seen on paper")])
    (act,) = acts(lake)
    assert (act.act, act.by, act.subject, act.detail["same"]) == ("decisions_recorded", "ada", "decision batch 1", 1)
    assert b"S777" not in act.line() and b"paper" not in act.line()


def record_many(root: Path, who: str) -> None:
    for number in range(10):
        record_act(Lake(root), act="person_explained", by=who, subject=f"person {number}")


def test_writers_at_once_make_one_chain(tmp_path) -> None:
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=record_many, args=(tmp_path, f"w{one}")) for one in range(4)]
    for one in writers:
        one.start()
    for one in writers:
        one.join(60)
    found = verify_audit(Lake(tmp_path))
    assert (found.is_whole, found.head.acts) == (True, 40)
    assert {act.by for act in acts(Lake(tmp_path))} == {"w0", "w1", "w2", "w3"}


def test_a_line_that_a_killed_writer_tore_is_taken_off_and_told(lake) -> None:
    with log_path(lake).open("ab") as log:
        log.write(b'{"act":"person_ex')
    assert not verify_audit(lake).is_whole
    looked(lake, 14)
    assert [act.act for act in acts(lake)][3:] == ["torn_line_removed", "person_explained"]
    assert verify_audit(lake).is_whole


def test_nothing_is_appended_to_a_damaged_log(lake) -> None:
    rewrite(lake, [one.replace(b"person 13", b"person 99") for one in lines(lake)])
    with pytest.raises(LakeError, match="restore the file"):
        looked(lake, 14)
    assert len(lines(lake)) == 3


def test_a_kind_of_act_that_nobody_described_is_refused(tmp_path) -> None:
    with pytest.raises(LakeError, match=r"acts\.yaml"):
        record_act(Lake(tmp_path), act="glanced", by="ada")
    assert all(len(text) > 10 for text in kinds().values())


def test_an_act_is_not_a_place_for_lists(tmp_path) -> None:
    with pytest.raises(LakeError, match="say counts instead of lists"):
        looked(Lake(tmp_path), detail={"clients": ["x" * 100] * 1000})
    assert list(acts(Lake(tmp_path))) == []


def test_the_log_is_readable_by_its_owner_alone(lake) -> None:
    modes = {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in (log_path(lake), log_path(lake).parent)}
    assert modes == {0}


@pytest.mark.parametrize(
    "reason",
    ["as 548-09-7731 says", "born 1931-03-29", "born 3/29/1931", "id 548097731", "ask ada@example.org", "", " "],
)
def test_a_reason_that_leaves_holds_nothing_shaped_like_a_persons_own(reason: str) -> None:
    with pytest.raises(LakeError) as refused:
        shareable(reason)
    assert not any(word in str(refused.value) for word in ("548", "1931", "example"))


@pytest.mark.parametrize("reason", ["the fall of jail returns is that of 2026Q1", "12,345 rows of FHSP were late"])
def test_a_plain_reason_may_leave(reason: str) -> None:
    assert shareable(f" {reason} ") == reason


def test_the_command_ends_with_one_if_the_log_was_touched(lake) -> None:
    words = ["verify-audit", "--lake", str(lake.root)]
    whole = CliRunner().invoke(main, [*words, "--json"])
    assert whole.exit_code == 0
    noted = json.loads(whole.output)["head"]
    rewrite(lake, lines(lake)[:2])
    head_path(lake).write_text(json.dumps({"acts": 2, "sha256": head(lake).sha256}))
    assert CliRunner().invoke(main, words).exit_code == 0
    touched = CliRunner().invoke(main, [*words, "--head", noted])
    assert touched.exit_code == 1
    assert "the newest were cut off" in touched.output


def test_a_frozen_statement_is_sealed(tmp_path) -> None:
    lake = Lake(tmp_path)
    folder = tmp_path / "statements" / "jir" / "0001"
    folder.mkdir(parents=True)
    (folder / "statement.json").write_text("{}")
    facts = {"contract_id": "jir", "period": "2026Q1", "number": 1, "frozen_by": "ada", "lines": 2, "restatements": 0}
    freezing._record_act(lake, folder, facts)
    (folder / "statement.json").write_text("{ }")
    assert verify_audit(lake).faults == ("statements/jir/0001/statement.json is not as the log sealed it",)


def test_a_noted_head_is_a_number_and_a_hash(lake) -> None:
    assert Head(0, BEGINNING.sha256) == BEGINNING
    refused = CliRunner().invoke(main, ["verify-audit", "--lake", str(lake.root), "--head", "three"])
    assert refused.exit_code == 2


def test_an_act_that_tells_a_number_of_files_seals_none(lake: Lake) -> None:
    looked(lake, 14, detail={"files": 3})
    assert verify_audit(lake).is_whole
