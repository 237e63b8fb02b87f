"""Killed anywhere, the last release is whole, and the next run finishes the work to the byte."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import ExitStack, closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipelines.commands.dagster_home import UNFINISHED, instance_at
from pipelines.lake import Lake
from pipelines.operations.doctor.the_lake import is_locked
from pipelines.publish import publish, verify_release
from pipelines.publish.latest import latest_release
from pipelines.reports import draw
from tests.pipeline.counties import CHECKOUT, NIGHTS, Place, contents
from tests.unit.fake_lake import fake_lake, shipped_contracts, write_receipts

KILL_AFTER = {
    "ingest": signal.SIGKILL,
    "standardise": signal.SIGTERM,
    "person index": signal.SIGINT,
    "contracts": signal.SIGKILL,
}
"""Steps after which the process ends, and by what, so that the work is cut in every part of the night: killed, told to
stop by the system, and by Ctrl-C. `make faults` kills at hundreds of random points."""

STARVED_AFTER = "validate"
"""A step after which the process gets no further byte of memory (RLIMIT_AS), and fails by itself."""

LOCKED_AFTER, LOCKED_SECONDS = "standardise", 8
"""A step after which another process locks Dagster's record for so long; Dagster waits for half a minute."""

STOP_SECONDS = 60
"""At most, from a signal to the end of a run: a step may finish its SQL."""

LATEST_DELAY = 1.5
"""Seconds at most from the end of such a step to the kill: somewhere inside the next steps."""

PUBLISH_STOPS = 12
PUBLISH_SECONDS = 300
"""How often publishing is looked at, and how long at most until two of its releases were seen."""


def command(place: Place) -> list[str]:
    folders = ["--landing", str(place.landing), "--lake", str(place.lake.root)]
    return [sys.executable, "-m", "pipelines.cli", "run", *folders, "--json"]


def run_and_kill(place: Place, step: str, delay: float, by: signal.Signals) -> bool:
    """Start a real run, end it by a signal some time after a step; returns whether it ended before its work."""
    process = started(place)
    wait_for(process, step)
    time.sleep(delay)
    process.send_signal(by)
    process.communicate(timeout=STOP_SECONDS)
    ended = process.returncode
    assert not is_locked(place.lake), "whoever ends lets the lake go"
    return ended != 0


def run_and_starve(place: Place, step: str) -> str:
    """Start a real run and take its memory away after a step; returns why it failed, in its own words."""
    process = started(place)
    wait_for(process, step)
    held = int(Path(f"/proc/{process.pid}/statm").read_text().split()[0]) * resource.getpagesize()
    resource.prlimit(process.pid, resource.RLIMIT_AS, (held, held))
    told, said = process.communicate(timeout=STOP_SECONDS)
    assert process.returncode == 1
    assert not is_locked(place.lake), "whoever ends lets the lake go"
    assert "Traceback" not in said
    return " ".join(json.loads(told)["failures"]) if told.strip() else said


def run_beside_a_lock(place: Place, step: str, seconds: float) -> dict[str, Any]:
    """A whole run, during which somebody else locks every record of Dagster for a while; returns its summary."""
    process = started(place)
    wait_for(process, step)
    with ExitStack() as locks:
        for path in sorted((place.lake.root / "dagster").rglob("*.db")):
            connection = locks.enter_context(closing(sqlite3.connect(path, timeout=STOP_SECONDS)))
            connection.execute("begin exclusive")
        time.sleep(seconds)
    told, _ = process.communicate(timeout=300)
    summary: dict[str, Any] = json.loads(told)
    return summary


def started(place: Place) -> subprocess.Popen[str]:
    return subprocess.Popen(command(place), cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def wait_for(process: subprocess.Popen[str], step: str) -> None:
    assert process.stderr
    assert any(line.strip().startswith(step) for line in process.stderr), f"the run ended before {step}"


@pytest.mark.timeout(1200)
def test_a_run_killed_in_any_part_converges_to_the_same_bytes(
    county: Path, nightly: Place, at_once: Place, tmp_path: Path
) -> None:
    """Starved and locked out, too: one after the other on one lake, each taking up what the one before left."""
    place = Place(tmp_path).deliver(county, NIGHTS[:2]).use_key_of(at_once).remember_as(nightly)
    chance = random.Random(20261101)
    killed = [run_and_kill(place, step, chance.uniform(0, LATEST_DELAY), by) for step, by in KILL_AFTER.items()]
    assert killed.count(True) >= len(KILL_AFTER) - 1
    why = run_and_starve(place, STARVED_AFTER)
    # a library that runs out of memory in its own way is told without its text
    assert why.strip().endswith(("the next run takes up the work", "its text is withheld"))
    release = latest_release(place.lake)
    assert release is None or verify_release(release).is_whole
    summary = run_beside_a_lock(place, LOCKED_AFTER, LOCKED_SECONDS)
    assert summary["exit_code"] == 0
    assert contents(place.latest) == contents(at_once.latest)
    assert not list(place.lake.root.rglob("*.staged"))
    assert_no_run_is_left_open(place, runs=len(KILL_AFTER) + 2)


def assert_no_run_is_left_open(place: Place, runs: int) -> None:
    with instance_at(place.lake.root / "dagster") as instance:
        statuses = [run.status for run in instance.get_runs()]
    assert len(statuses) == runs
    assert not set(statuses) & set(UNFINISHED)


def publish_again_and_again(root: Path, started: multiprocessing.synchronize.Event) -> None:
    """Publish one release after another, each from another model, until killed."""
    lake = fake_lake(root)
    write_receipts(lake)
    contracts = shipped_contracts()
    started.set()
    for number in range(10_000):
        publish(
            lake,
            contracts=contracts,
            outcome_contracts=CHECKOUT / "outcome_contracts",
            bundle_version=f"b{number}",
            as_of=date(2026, 11, 1),
            held=(),
            draw=draw,
        )


def test_latest_is_whole_at_every_moment_of_publishing(tmp_path: Path) -> None:
    chance = random.Random(20261102)
    context = multiprocessing.get_context("spawn")
    started = context.Event()
    seen = set()
    process = context.Process(target=publish_again_and_again, args=(tmp_path / "lake", started))
    process.start()
    assert started.wait(120)
    lake = Lake(tmp_path / "lake")
    stops, latest_end = 0, time.monotonic() + PUBLISH_SECONDS
    while time.monotonic() < latest_end and (stops < PUBLISH_STOPS or len(seen) < 2):
        stops += 1
        time.sleep(chance.uniform(0.2, 0.6))
        assert process.pid
        os.kill(process.pid, signal.SIGSTOP)
        release = latest_release(lake)
        if release is not None:
            assert verify_release(release).faults == ()
            seen.add(release.name)
        os.kill(process.pid, signal.SIGCONT)
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    release = latest_release(lake)
    assert release is not None
    assert verify_release(release).is_whole
    assert len(seen) > 1


def test_a_second_run_at_the_same_time_is_refused(nightly: Place, tmp_path: Path) -> None:
    place = nightly.copy(tmp_path / "copy")
    first = subprocess.Popen(command(place), cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert first.stderr
    assert first.stderr.readline()
    second = subprocess.run(command(place), cwd=CHECKOUT, capture_output=True, text=True, timeout=300)
    first.communicate(timeout=300)
    assert first.returncode == 0
    assert second.returncode == 1
    assert "another run is writing to the lake" in second.stderr
