"""A lake that others can look into is refused, with how to close it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipelines.cli import main
from pipelines.defs.locking import sole_writer
from pipelines.errors import LakeError
from pipelines.lake import refuse_open_folders


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    root = tmp_path / "lake"
    (root / "raw").mkdir(parents=True)
    return root


def test_a_closed_lake_passes(lake: Path) -> None:
    refuse_open_folders(lake)
    refuse_open_folders(lake / "not_there")
    with sole_writer(lake):
        assert (lake / ".lock").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(("folder", "mode"), [(".", 0o755), (".", 0o701), ("raw", 0o750), ("raw", 0o770)])
def test_an_open_folder_is_refused_by_writers_and_commands(lake: Path, folder: str, mode: int) -> None:
    (lake / folder).chmod(mode)
    with pytest.raises(LakeError, match="chmod -R go= lake"), sole_writer(lake):
        pytest.fail("a lake that others can look into was written to")
    said = CliRunner().invoke(main, ["consent", "list", "--lake", str(lake)])
    assert said.exit_code == 1
    assert "others than their owner can look into lake" in said.output


def test_every_command_makes_files_for_its_owner_alone(lake: Path) -> None:
    before = os.umask(0o022)
    try:
        CliRunner().invoke(main, ["consent", "list", "--lake", str(lake)])
        assert os.umask(0o077) == 0o077
    finally:
        os.umask(before)
