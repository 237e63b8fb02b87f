"""A run is not started where it may fill the disk."""

from __future__ import annotations

import os
from pathlib import Path

import dagster as dg
import pytest

from pipelines.defs.locking import sole_writer
from pipelines.defs.resources import LakeResource
from pipelines.errors import ContractError, LakeError
from pipelines.lake import Lake
from pipelines.operations import disk
from pipelines.operations.limits import limits

GIB = 2**30


@pytest.mark.parametrize(("runs", "needed"), [([], GIB), ([5], GIB), ([GIB, 2 * GIB, 7], 6 * GIB)])
def test_a_run_needs_three_times_what_the_largest_of_the_last_runs_wrote(
    tmp_path: Path, runs: list[int], needed: int
) -> None:
    lake = Lake(tmp_path)
    for written in runs:
        disk.note_run(lake, written)
    assert disk.needed_bytes(lake) == needed


def test_too_little_room_is_told_before_anything_is_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk.note_run(Lake(tmp_path), GIB)
    monkeypatch.setattr(disk, "free_bytes", lambda _: 3 * GIB - 1)
    told = r"3\.0 GiB are free.*not started below 3\.0 GiB.*Nothing was changed"
    with pytest.raises(LakeError, match=told), disk.room_for_a_run(Lake(tmp_path)):
        pytest.fail("the run was started")
    monkeypatch.setattr(disk, "free_bytes", lambda _: 3 * GIB)
    with disk.room_for_a_run(Lake(tmp_path)):
        pass


def test_what_a_run_wrote_is_noted_when_it_ends_and_not_when_it_breaks(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    (tmp_path / "before").write_bytes(b"x" * 9)
    os.utime(tmp_path / "before", (1, 1))
    with disk.room_for_a_run(lake):
        (tmp_path / "made").write_bytes(b"x" * 1000)
    assert disk.bytes_of_runs(lake) == [1000]
    with pytest.raises(ZeroDivisionError), disk.room_for_a_run(lake):
        raise ZeroDivisionError
    assert disk.bytes_of_runs(lake) == [1000]


def test_only_the_last_runs_are_remembered(tmp_path: Path) -> None:
    for written in range(15):
        disk.note_run(Lake(tmp_path), written)
    assert disk.bytes_of_runs(Lake(tmp_path)) == list(range(15))[-limits()["remembered_runs"] :]


def test_a_note_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / disk.FILE).write_text("[")
    with pytest.raises(LakeError, match="remove it"):
        disk.needed_bytes(Lake(tmp_path))


@pytest.mark.parametrize(("count", "said"), [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (GIB, "1.0 GiB"),
                                             (2**60, "1048576.0 TiB")])  # fmt: skip
def test_bytes_are_told_in_the_unit_that_people_use(count: int, said: str) -> None:
    assert disk.told(count) == said


def test_every_limit_has_a_reason(tmp_path: Path) -> None:
    assert all(limits().values())
    (tmp_path / "limits.yaml").write_text("least_cores: {value: 2}\n")
    with pytest.raises(ContractError, match="least_cores needs a value of at least 1, and a reason"):
        limits(tmp_path / "limits.yaml")


def test_why_a_run_cannot_begin_stands_in_the_log_of_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    @dg.asset
    def anything(lake: LakeResource) -> None:
        pytest.fail("the run began")

    monkeypatch.setattr(disk, "free_bytes", lambda _: GIB - 1)
    with dg.DagsterInstance.ephemeral() as instance:
        resources = {"lake": LakeResource(root=str(tmp_path / "lake"))}
        ended = dg.materialize([anything], resources=resources, instance=instance, raise_on_error=False)
        said = [entry.user_message for entry in instance.all_logs(ended.run_id)]
    assert not ended.success
    assert any("a run is not started below 1.0 GiB" in text for text in said)
    with sole_writer(tmp_path / "lake"):
        pass
