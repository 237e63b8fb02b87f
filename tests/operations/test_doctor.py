"""The doctor says what is wrong and how to mend it; status says what waits; neither names a person."""

from __future__ import annotations

import json
import os
import shutil
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from pipelines.cli import main
from pipelines.defs.locking import sole_writer
from pipelines.lake import Lake
from pipelines.operations import disk
from pipelines.operations.backup import back_up
from pipelines.operations.doctor import machine, services, the_lake
from pipelines.operations.finding import FAIL, OK, WARN, Finding, worst
from pipelines.validate.receipts import receipts, write_receipt
from tests.operations.test_backup import publish_it, saved
from tests.unit.fake_lake import fake_lake, receipt

__all__ = ["saved"]


@pytest.fixture
def lake(saved: tuple[Lake, Path], tmp_path: Path) -> Lake:
    """A lake that is well, to be harmed."""
    shutil.copytree(saved[0].root, tmp_path / "lake", symlinks=True)
    shutil.rmtree(tmp_path / "lake/spill")
    shutil.rmtree(tmp_path / "lake/dagster")
    (tmp_path / "lake/raw/.half.parquet.77.staged").unlink()
    made = Lake(tmp_path / "lake")
    for one in receipts(made):
        for table in one.tables if one.is_accepted else ():
            pq.write_table(pa.table({"a": [1]}), one.folder(made) / f"{table}.parquet")
    return made


def told(lake: Lake, *words: str) -> tuple[int, dict[str, dict[str, str]]]:
    done = CliRunner().invoke(main, ["doctor", "--lake", str(lake.root), "--json", *words])
    return done.exit_code, {one["check"]: one for one in json.loads(done.stdout)}


def test_a_lake_that_is_well_is_told_so_line_by_line(lake: Lake, tmp_path: Path) -> None:
    back_up(lake, tmp_path / "backups")
    code, found = told(lake, "--backups", str(tmp_path / "backups"))
    assert code == 0
    lake_checks = ("permissions", "form", "tables", "keys", "model", "release", "audit log", "clock", "runs", "backups")
    assert {found[name]["level"] for name in lake_checks} == {OK}


@pytest.mark.parametrize(("harm", "check", "level", "mend"), [
    (lambda lake: (lake.root / "keys/person_key.key").unlink(), "keys", FAIL, "restore keys/ from the backup"),
    (lambda lake: (lake.root / "keys/person_key.key").chmod(0o640), "lake: keys", FAIL, "runbook"),
    (lambda lake: (lake.root / "raw").chmod(0o755), "lake: permissions", FAIL, "runbook"),
    (lambda lake: (lake.root / "audit/head.json").unlink(), "audit log", FAIL, "the-audit-log-is-not-whole"),
    (lambda lake: next((lake.root / "published").glob("*/releases/*/README.md")).unlink(), "release", FAIL,
     "a-release-does-not-verify"),
    (lambda lake: (lake.root / "state.json").write_text('{"state_version": 99}'), "lake: form", FAIL, "runbook"),
    (lambda lake: (lake.root / "state.json").unlink(), "form", FAIL, "countylink upgrade"),
    (lambda lake: (lake.root / "raw/.a.staged").touch(), "runs", WARN, "the next one removes them"),
    (lambda lake: disk.note_run(lake, 2**60), "lake: disk", FAIL, "runbook"),
])  # fmt: skip
def test_what_is_wrong_is_named_with_its_mend(lake: Lake, harm, check: str, level: str, mend: str) -> None:
    harm(lake)
    code, found = told(lake)
    assert found[check]["level"] == level
    assert mend in found[check]["mend"]
    assert code == int(level == FAIL)


def test_a_run_that_goes_on_is_seen(lake: Lake) -> None:
    with sole_writer(lake.root):
        assert the_lake.is_locked(lake)
        assert told(lake)[1]["runs"]["says"] == "one is writing to the lake now"
    assert not the_lake.is_locked(lake)


def test_without_a_backup_the_doctor_fails(lake: Lake, tmp_path: Path) -> None:
    assert told(lake, "--backups", str(tmp_path / "none"))[1]["backups"]["level"] == FAIL


def test_a_dagster_home_that_keeps_what_steps_print_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "dagster.yaml").write_text("telemetry: {enabled: true}\n")
    tmp_path.chmod(0o755)
    (found,) = services.home(tmp_path)
    assert found.level == FAIL
    assert found.says.split("; ") == ["telemetry is on", "what steps print is kept", "dead runs are not noticed",
                                      "others can look into it"]  # fmt: skip


def test_a_package_that_is_not_as_locked_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text("duckdb==0.1 \\\n    --hash=sha256:0\nwin==1 ; sys_platform == 'win32' \\\n    --hash=sha256:0\n")
    assert machine.locked_versions(lock) == {"duckdb": "0.1"}
    monkeypatch.setattr(machine, "locked_versions", lambda: {"duckdb": "0.1", "no-such-package": "1"})
    _, packages = machine.program()
    assert packages.level == WARN
    assert "no-such-package missing" in packages.says


def test_the_shipped_lock_is_read() -> None:
    assert machine.locked_versions()["dagster"] == "1.13.27"


def test_the_callers_umask_is_seen() -> None:
    before = os.umask(0o022)
    try:
        assert machine._umask_of(os.getpid()) == 0o022
    finally:
        os.umask(before)
    assert machine._umask_of(0) is None


def test_the_worst_level_counts() -> None:
    assert worst([]) == OK
    assert worst([Finding(OK, "a", ""), Finding(WARN, "b", "")]) == WARN
    assert worst([Finding(FAIL, "a", ""), Finding(WARN, "b", "")]) == FAIL


def status(lake: Lake, *words: str) -> tuple[int, list[dict[str, str]]]:
    done = CliRunner().invoke(main, ["status", "--lake", str(lake.root), "--as-of", "2026-11-02", "--json", *words])
    assert done.exit_code < 3, done.output
    return done.exit_code, json.loads(done.stdout)


def test_status_tells_the_release_and_who_never_sent(lake: Lake) -> None:
    code, found = status(lake)
    assert code == 1
    says = {one["says"] for one in found if one["level"] == WARN}
    assert "hmis: nothing ever came" in says
    assert any(one["check"] == "release" and "1 days behind 2026-11-02" in one["says"] for one in found)


def test_status_tells_what_is_held(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    held = receipt("health", date(2026, 11, 1), status="held", rules=("file.no_header",))
    held.folder(lake).mkdir(parents=True)
    write_receipt(held, held.folder(lake))
    monkeypatch.setattr("pipelines.publish.release.findings", lambda *_: [Moved()])
    publish_it(lake, "b9")
    (lake.root / "products/university").mkdir(parents=True)
    (lake.root / "products/university/held.json").write_text("{}")
    code, found = status(lake)
    assert code == 2
    failed = {one["check"]: one for one in found if one["level"] == FAIL}
    assert set(failed) == {"held release", "held delivery", "held product"}
    assert "file.no_header" in failed["held delivery"]["says"]
    assert "countylink release show" in failed["held release"]["mend"]


class Moved:
    """A figure beyond its band."""

    def as_json(self) -> dict[str, object]:
        return {"band": "measure_shares", "figure": "x"}


def test_an_empty_lake_has_a_status(tmp_path: Path) -> None:
    (tmp_path / "lake").mkdir(mode=0o700)
    code, found = status(Lake(tmp_path / "lake"))
    assert code == 1
    assert found[0]["says"] == "there is none yet"


def test_both_are_told_on_a_screen_of_lines(lake: Lake) -> None:
    fake_lake(lake.root)
    for words in (("doctor",), ("status",)):
        lines = CliRunner().invoke(main, [*words, "--lake", str(lake.root)]).output.splitlines()
        assert 5 < len(lines) < 60
        assert all(line.startswith((OK, WARN, FAIL, " ")) for line in lines)
