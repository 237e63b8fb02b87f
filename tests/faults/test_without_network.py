"""The whole product runs where there is no network: county, nights, release, evaluation."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.lake import Lake
from pipelines.publish import latest_release, verify_release
from tests.pipeline.counties import CHECKOUT

UNSHARE = ["unshare", "--net", "--map-root-user"]
PEOPLE = "150"

ALONE = "import socket; assert [name for _, name in socket.if_nameindex()] == ['lo']"


@pytest.fixture(scope="module")
def alone() -> list[str]:
    """Words before a command that take its network away."""
    if shutil.which("unshare") is None:
        pytest.skip("unshare is not installed")
    tried = subprocess.run([*UNSHARE, sys.executable, "-c", ALONE], capture_output=True, text=True)
    if tried.returncode:
        pytest.skip(f"this machine does not let a process leave the network: {tried.stderr.strip()[-200:]}")
    return UNSHARE


@pytest.mark.slow
def test_a_county_is_made_linked_published_and_verified_without_a_network(alone: list[str], tmp_path: Path) -> None:
    words = [sys.executable, "-m", "pipelines.cli", "demo", "--people", PEOPLE, "--days", "1", "--out", str(tmp_path)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DAGSTER")}
    done = subprocess.run([*alone, *words], cwd=CHECKOUT, capture_output=True, text=True, timeout=540, env=environment)
    assert done.returncode == 0, done.stdout[-1000:] + done.stderr[-2000:]
    release = latest_release(Lake(tmp_path / "lake"))
    assert release is not None
    assert verify_release(release).is_whole
