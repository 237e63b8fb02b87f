"""A lake says its form; an older program refuses a newer lake, and an older lake is upgraded by numbered steps."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipelines.audit import acts, verify_audit
from pipelines.cli import main
from pipelines.defs.locking import sole_writer
from pipelines.errors import LakeError
from pipelines.lake import Lake
from pipelines.operations import state, upgrades
from pipelines.operations.state import FILE, STATE_VERSION, state_version, write_state
from pipelines.publish.catalogue import entries
from tests.unit.fake_lake import fake_lake


def test_a_new_lake_gets_the_current_form_from_its_first_writer(tmp_path: Path) -> None:
    with sole_writer(tmp_path / "lake"):
        pass
    told = json.loads((tmp_path / "lake" / FILE).read_text())
    assert told == {"program": state.program_version(), "state_version": STATE_VERSION}


def test_a_lake_from_before_forms_were_numbered_waits_for_its_upgrade(tmp_path: Path) -> None:
    lake = fake_lake(tmp_path / "lake")
    (lake.root / FILE).unlink()
    assert state_version(lake) == 1
    with pytest.raises(LakeError, match=r"is in form 1.*countylink upgrade"), sole_writer(lake.root):
        pytest.fail("an older lake was written to")


@pytest.mark.parametrize("words", [("decide", "list"), ("releases",), ("verify-audit",), ("status",), ("upgrade",),
                                   ("backup", "--to", "backups")])  # fmt: skip
def test_a_newer_lake_is_refused_with_what_to_do(tmp_path: Path, words: tuple[str, ...]) -> None:
    lake = fake_lake(tmp_path / "lake")
    (lake.root / FILE).write_text(json.dumps({"state_version": 99, "program": "7.0.0"}))
    before = {path: path.read_bytes() for path in lake.root.rglob("*") if path.is_file()}
    said = CliRunner().invoke(main, [words[0], "--lake", str(lake.root), *words[1:]] if len(words) != 2 else
                              [*words, "--lake", str(lake.root)])  # fmt: skip
    assert said.exit_code == 1
    assert "in form 99, written by Countylink 7.0.0" in said.output
    assert "Install the newer program again" in said.output
    assert {path: path.read_bytes() for path in lake.root.rglob("*") if path.is_file()} == before


def test_a_newer_lake_is_not_run_on(tmp_path: Path) -> None:
    write_state(fake_lake(tmp_path / "lake"), STATE_VERSION + 1)
    with pytest.raises(LakeError, match="written by Countylink"), sole_writer(tmp_path / "lake"):
        pytest.fail("a newer lake was written to")


def test_a_form_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("{")
    with pytest.raises(LakeError, match="restore it from the backup"):
        state_version(Lake(tmp_path))


def test_an_upgrade_takes_each_step_once_and_is_told_in_the_audit_log(tmp_path: Path) -> None:
    lake = old_lake(tmp_path)
    lines = CliRunner().invoke(main, ["upgrade", "--lake", str(lake.root), "--by", "ada"])
    assert lines.exit_code == 0, lines.output
    assert lines.output.startswith("form 2: ")
    assert not (lake.zone("linked") / "remembered").exists()
    (act,) = [one for one in acts(lake) if one.act == "lake_upgraded"]
    assert (act.by, act.detail["from"], act.detail["to"]) == ("ada", 1, 2)
    again = CliRunner().invoke(main, ["upgrade", "--lake", str(lake.root), "--by", "ada"])
    assert again.output == f"nothing to do: the lake is in form {STATE_VERSION}\n"
    assert verify_audit(lake).is_whole


def test_a_dry_run_says_what_would_be_done_and_does_nothing(tmp_path: Path) -> None:
    lake = old_lake(tmp_path)
    said = CliRunner().invoke(main, ["upgrade", "--lake", str(lake.root), "--dry-run"])
    assert said.output.startswith("form 2: ")
    assert state_version(lake) == 1
    assert (lake.zone("linked") / "remembered").exists()


def test_an_upgrade_needs_a_name(tmp_path: Path) -> None:
    with pytest.raises(LakeError, match="say who"):
        upgrades.upgrade(old_lake(tmp_path), " ")


def test_an_upgrade_that_was_killed_between_two_steps_goes_on_where_it_was(tmp_path: Path) -> None:
    lake = old_lake(tmp_path)

    def broken(_: Lake) -> None:
        raise LakeError("the disk is full")

    taken: list[int] = []
    steps = {2: upgrades.Step("one", lambda _: taken.append(2)), 3: upgrades.Step("two", broken)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(upgrades, "STATE_VERSION", 3)
        with pytest.raises(LakeError, match="the disk is full"):
            upgrades.upgrade(lake, "ada", steps)
        assert state_version(lake) == 2
        patch.setattr(state, "STATE_VERSION", 3)
        steps[3] = upgrades.Step("two", lambda _: taken.append(3))
        assert upgrades.upgrade(lake, "ada", steps) == ["form 3: two"]
    assert taken == [2, 3]


def test_every_form_up_to_the_current_one_has_its_step() -> None:
    assert sorted(upgrades.STEPS) == list(range(2, STATE_VERSION + 1))


def test_releases_from_before_the_catalogue_enter_it(tmp_path: Path, released: Path) -> None:
    lake = Lake(tmp_path / "lake")
    place = lake.root / "published/outcomes/releases" / released.name
    place.parent.mkdir(parents=True, mode=0o700)
    place.symlink_to(released)
    upgrades.upgrade(lake, "ada")
    assert [one.release_id for one in entries(lake)] == [released.name]


def old_lake(tmp_path: Path) -> Lake:
    lake = fake_lake(tmp_path / "lake")
    (lake.root / FILE).unlink()
    (lake.zone("linked") / "remembered").mkdir(parents=True)
    return lake
