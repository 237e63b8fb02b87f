"""A lake that is lost comes back out of its backup, byte for byte, and so does its next release."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipelines.audit import acts, record_act, verify_audit
from pipelines.cli import main
from pipelines.errors import LakeError
from pipelines.lake import Lake
from pipelines.operations.backup import back_up, backup_faults, backups, read_backup
from pipelines.operations.restore import restore
from pipelines.operations.state import STATE_VERSION
from pipelines.publish import PublishReport, publish, verify_release
from pipelines.publish.catalogue import noted_heads
from pipelines.publish.latest import latest_release
from tests.pipeline.counties import CHECKOUT, contents
from tests.unit.fake_lake import fake_lake, shipped_contracts, write_receipts


def publish_it(lake: Lake, bundle: str) -> PublishReport:
    return publish(
        lake,
        contracts=shipped_contracts(),
        outcome_contracts=CHECKOUT / "outcome_contracts",
        bundle_version=bundle,
        as_of=date(2026, 11, 1),
        held=(),
    )


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> tuple[Lake, Path]:
    """A lake with a release, and the folder of its two backups; nobody changes them."""
    folder = tmp_path_factory.mktemp("saved")
    lake = fake_lake(folder / "lake")
    write_receipts(lake)
    publish_it(lake, "b1")
    (lake.root / "dagster").mkdir()
    with closing(sqlite3.connect(lake.root / "dagster/runs.db")) as runs:
        runs.execute("create table runs (id)")
        runs.commit()
    lake.spill.mkdir(exist_ok=True)
    (lake.spill / "page").write_bytes(b"x")
    (lake.root / "raw").mkdir()
    (lake.root / "raw/.half.parquet.77.staged").write_bytes(b"x")
    for _ in range(2):
        back_up(lake, folder / "backups", "ada")
    return lake, folder / "backups"


def test_a_lost_lake_comes_back_and_publishes_the_same_bytes_next(saved: tuple[Lake, Path], tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    shutil.copytree(saved[0].root, lake.root, symlinks=True)
    made = back_up(lake, tmp_path / "backups")
    meant = contents(publish_it(lake, "b2").release)
    shutil.rmtree(lake.root)
    found = restore(made.folder, lake.root, "ada", "the disk died")
    assert (found.faults, found.latest_release) == ((), made.latest_release)
    assert contents(publish_it(lake, "b2").release) == meant
    assert [act.subject for act in acts(lake) if act.act == "lake_restored"] == [made.folder.name]
    assert verify_audit(lake, noted_heads(lake)).is_whole


def test_a_backup_holds_everything_but_what_only_a_process_needs(saved: tuple[Lake, Path]) -> None:
    lake, folder = saved
    told = read_backup(backups(folder)[-1])
    left_out = {"spill/page", ".lock", "raw/.half.parquet.77.staged"}
    there = {path.relative_to(lake.root).as_posix() for path in lake.root.rglob("*") if path.is_file()}
    through_links = {name for name in there if name.startswith("published/outcomes/latest/")}
    assert set(told.files) == there - left_out - through_links
    assert told.links == {"published/outcomes/latest": f"releases/{told.latest_release}"}
    assert "keys/person_key.key" in told.files


def test_what_did_not_change_takes_no_room_again(saved: tuple[Lake, Path]) -> None:
    first, second = (folder / "lake/keys/person_key.key" for folder in backups(saved[1]))
    assert first.samefile(second)
    before, after = (folder / "lake/audit/acts.jsonl" for folder in backups(saved[1]))
    assert not before.samefile(after)


def test_a_backup_can_be_checked_without_any_tool_of_ours(saved: tuple[Lake, Path]) -> None:
    subprocess.run(["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"], cwd=backups(saved[1])[-1], check=True)


@pytest.mark.parametrize(("harm", "says"), [
    (lambda folder: (folder / "lake/audit/acts.jsonl").write_text("x"), "its bytes are not those that were copied"),
    (lambda folder: (folder / "lake/keys/person_key.key").unlink(), "keys/person_key.key: missing"),
    (lambda folder: (folder / "lake/more").write_text("x"), "more: not in backup.json"),
    (lambda folder: (folder / "SHA256SUMS").write_text(""), "SHA256SUMS does not agree"),
])  # fmt: skip
def test_a_damaged_backup_is_not_restored(saved: tuple[Lake, Path], tmp_path: Path, harm, says: str) -> None:
    folder = tmp_path / backups(saved[1])[0].name
    shutil.copytree(backups(saved[1])[0], folder)
    harm(folder)
    assert any(says in fault for fault in backup_faults(folder))
    with pytest.raises(LakeError, match="is not whole"):
        restore(folder, tmp_path / "lake", "ada", "test")
    assert not (tmp_path / "lake").exists()


def test_a_restore_never_writes_over_a_lake(saved: tuple[Lake, Path], tmp_path: Path) -> None:
    (tmp_path / "lake/raw").mkdir(parents=True)
    with pytest.raises(LakeError, match="is there already"):
        restore(backups(saved[1])[-1], tmp_path / "lake", "ada", "test")
    with pytest.raises(LakeError, match="say the name"):
        restore(backups(saved[1])[-1], tmp_path / "other", "", "test")


def test_a_backup_of_a_newer_program_is_not_restored(saved: tuple[Lake, Path], tmp_path: Path) -> None:
    folder = tmp_path / "000001_x"
    shutil.copytree(backups(saved[1])[0], folder)
    text = (folder / "backup.json").read_text()
    told = text.replace(f'"state_version": {STATE_VERSION}', '"state_version": 99')
    (folder / "backup.json").write_text(told)
    with pytest.raises(LakeError, match="in form 99"):
        restore(folder, tmp_path / "lake", "ada", "test")


@pytest.mark.parametrize("place", ["lake", "lake/backups"])
def test_a_backup_is_not_made_inside_its_lake(tmp_path: Path, place: str) -> None:
    lake = fake_lake(tmp_path / "lake")
    with pytest.raises(LakeError, match="inside its lake"):
        back_up(lake, tmp_path / place)


def test_a_folder_that_others_can_look_into_is_refused(tmp_path: Path) -> None:
    lake = fake_lake(tmp_path / "lake")
    (tmp_path / "open").mkdir(mode=0o755)
    (tmp_path / "open").chmod(0o755)
    with pytest.raises(LakeError, match="others can look into open"):
        back_up(lake, tmp_path / "open")


def test_the_oldest_are_removed_and_numbers_go_on_whatever_the_clock_says(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    record_act(lake, act="key_made", by="ada")
    made = [back_up(lake, tmp_path / "backups", keep=2).number for _ in range(4)]
    assert made == [1, 2, 3, 4]
    assert [read_backup(folder).number for folder in backups(tmp_path / "backups")] == [3, 4]
    assert all(backup_faults(folder) == [] for folder in backups(tmp_path / "backups"))


def test_the_commands_make_check_and_restore_a_backup(saved: tuple[Lake, Path], tmp_path: Path) -> None:
    lake = ("--lake", str(saved[0].root))
    assert CliRunner().invoke(main, ["backup", *lake, "--to", str(tmp_path / "backups")]).exit_code == 0
    (folder,) = backups(tmp_path / "backups")
    checked = CliRunner().invoke(main, ["restore", "--from", str(folder), "--check"])
    assert f"{folder.name} is whole" in checked.output
    words = ["restore", "--from", str(folder), "--lake", str(tmp_path / "new"), "--by", "ada", "--reason", "a drill"]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.output
    latest = latest_release(Lake(tmp_path / "new"))
    assert latest is not None
    assert verify_release(latest).is_whole
    open_to_others = [
        path for path in (tmp_path / "new").rglob("*") if not path.is_symlink() and path.stat().st_mode & 0o077
    ]
    assert open_to_others == []
