"""A lake that cannot be written to, or is another user's, is refused before any work is done."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.defs.locking import sole_writer
from tests.pipeline.counties import CHECKOUT

READ_ONLY = "mount --bind {lake} {lake} && mount -o remount,bind,ro {lake} && exec {command}"


def test_a_lake_on_a_disk_that_is_read_only_fails_before_work(tmp_path: Path) -> None:
    if shutil.which("unshare") is None:
        pytest.skip("unshare is not installed")
    lake, landing = tmp_path / "lake", tmp_path / "landing"
    landing.mkdir()
    with sole_writer(lake):
        pass
    before = sorted(path.name for path in lake.rglob("*"))
    command = f"{sys.executable} -m pipelines.cli run --landing {landing} --lake {lake}"
    words = ["unshare", "--mount", "--map-root-user", "sh", "-c", READ_ONLY.format(lake=lake, command=command)]
    done = subprocess.run(words, cwd=CHECKOUT, capture_output=True, text=True, timeout=300)
    if "Operation not permitted" in done.stderr or "permission denied" in done.stderr:
        pytest.skip("this machine does not let a process mount a file system of its own")
    assert done.returncode == 1
    assert "cannot be written to" in done.stderr
    assert "nothing was changed" in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(path.name for path in lake.rglob("*")) == before
