"""A clock that jumps takes no reader back: releases are ordered by their day and by the acts of the audit log."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.audit import acts, verify_audit
from pipelines.lake import Lake
from pipelines.operations.doctor.the_lake import clock
from pipelines.operations.finding import OK, WARN
from pipelines.publish.catalogue import entries, noted_heads
from pipelines.publish.latest import latest_release
from tests.pipeline.counties import CHECKOUT

JUMPS = ("-400d", "2028-02-29 23:59:58", "2026-12-31 23:59:59")
"""Back by more than a year; over the end of a leap day; over the end of a year."""


def publish_at(moment: str, lake: Path, bundle: str) -> list[str]:
    """Publish in a process for which it is another time; what it says."""
    words = [sys.executable, "-m", "tests.faults.publish_once", str(lake), bundle]
    at = ["faketime", "-f", moment if moment.startswith("-") else f"@{moment}"]
    done = subprocess.run([*at, *words], cwd=CHECKOUT, capture_output=True, text=True, timeout=500)
    assert done.returncode == 0, done.stderr[-1500:]
    return done.stdout.split()


@pytest.mark.timeout(1200)
def test_whatever_the_clock_says_the_newest_release_is_the_latest(tmp_path: Path) -> None:
    if shutil.which("faketime") is None:
        pytest.skip("faketime is not installed")
    lake = Lake(tmp_path / "lake")
    made = [publish_at(moment, lake.root, f"b{number}") for number, moment in enumerate(("-0d", *JUMPS))]
    assert [is_latest for _, is_latest in made] == ["True"] * 4
    latest = latest_release(lake)
    assert latest is not None
    assert latest.name == made[-1][0]
    moments = [act.at for act in acts(lake)]
    assert moments != sorted(moments), "the clock must have jumped, or nothing is proven"
    assert len(entries(lake)) == 4
    assert verify_audit(lake, noted_heads(lake)).is_whole
    (told,) = clock(lake)
    assert told.level == WARN
    assert "docs/runbook.md#the-clock-was-wrong" in told.mend


def test_a_clock_that_is_right_is_well(tmp_path: Path) -> None:
    assert [one.level for one in clock(Lake(tmp_path))] == [OK]
