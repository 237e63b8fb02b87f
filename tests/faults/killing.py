"""Kill nightly runs at random points, and hold what is left, and what the next run makes of it, against what was meant.

    python -m tests.faults.killing --kills 200 --seed 20261122      (make faults)

A run is a process of its own that runs the nightly job under Dagster as `countylink run` does. It dies by SIGKILL just
before its n-th change of the file system as Python sees it, or some time after that, inside whatever DuckDB, Arrow or
Dagster are doing then. After each kill `latest` is whole, and a release that was meant. After each chain of kills one
run goes to its end: its release is the one of a run that nobody killed, byte by byte.

Processes are forked from one that has imported everything and started nothing (an engine with threads does not outlive
a fork), so that a kill costs a run and no imports.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click

from pipelines.code_version import code_sha256
from pipelines.commands.dagster_home import UNFINISHED, instance_at
from pipelines.commands.nightly import run_nightly
from pipelines.lake import Lake, file_sha256, guard_privacy
from pipelines.operations.state import write_state
from pipelines.publish import verify_release
from pipelines.publish.latest import latest_release
from synthetic.county import generate
from tests.pipeline.counties import Place, RunSettings

CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate", "os.chmod"}
"""Audit events of Python that change the file system; `open` joins them where it is opened to be written."""

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT

LONGEST_DELAY = 0.5
"""Seconds from such a change to the kill, at most: longer than most steps of a small county take."""

CHAIN = 8
"""Kills one after another, each in the run that takes up what the one before left, until one run goes to its end."""

RUN_SECONDS = 900
"""A run that takes longer hangs."""


@dataclass(frozen=True)
class Blow:
    """Where a run is killed: before its n-th change, or so many seconds after it."""

    change: int
    delay: float


def night(place: Path, blow: Blow | None = None) -> int:
    """Run the night of a place in this process; never returns if it is killed. Returns the changes that it made."""
    changes = 0

    def see(event: str, args: tuple[object, ...]) -> None:
        nonlocal changes
        if event in CHANGES or (event == "open" and isinstance(args[2], int) and args[2] & WRITING):
            changes += 1
            if blow and changes == blow.change:
                strike(blow.delay)

    sys.addaudithook(see)
    settings = RunSettings(lake=place / "lake", landing=place / "landing", contracts=Place(place).contracts)
    summary = run_nightly(settings, lambda _: None)
    if summary.exit_code:
        raise SystemExit(f"the night failed: {summary.status}: {summary.failures}")
    return changes


def strike(delay: float) -> None:
    """SIGKILL to this very process, now or later."""
    if delay == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    timer = threading.Timer(delay, os.kill, (os.getpid(), signal.SIGKILL))
    timer.daemon = True
    timer.start()


def forked(work: Callable[[], object]) -> int:
    """Do some work in a process of its own; returns its exit code, negative if it was killed."""
    process = os.fork()
    if process == 0:
        signal.alarm(RUN_SECONDS)
        code = 1
        try:
            work()
            code = 0
        except BaseException:
            traceback.print_exc()  # of a synthetic county: nobody's name
        finally:
            sys.stdout.flush()
            os._exit(code)
    _, status = os.waitpid(process, 0)
    return os.waitstatus_to_exitcode(status)


def sums(folder: Path) -> dict[str, str]:
    """SHA-256 of every file below a folder."""
    return {str(path.relative_to(folder)): file_sha256(path) for path in sorted(folder.rglob("*")) if path.is_file()}


def check_after_a_kill(place: Path, meant: frozenset[str]) -> None:
    """`latest` is one of the releases that were meant, and whole; or there is none yet."""
    release = latest_release(Lake(place / "lake"))
    if release is not None:
        assert verify_release(release).faults == ()
        assert release.name in meant, f"{release.name} was never meant"


def check_at_the_end(place: Path, wanted: dict[str, str]) -> None:
    """The release is the one that was meant, byte by byte; nothing half-written is left, and no run seems alive."""
    release = latest_release(Lake(place / "lake"))
    assert release is not None
    assert sums(release) == wanted
    assert not list((place / "lake").rglob("*.staged"))
    with instance_at(place / "lake" / "dagster") as instance:
        assert not {run.status for run in instance.get_runs()} & set(UNFINISHED)


def chain(start: Path, place: Path, blows: list[Blow], wanted: dict[str, str], meant: frozenset[str]) -> int:
    """Kill run after run from a start until one ends, or no blow is left; returns how many were killed."""
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(start, place, symlinks=True)
    killed = 0
    for blow in blows:
        code = forked(lambda blow=blow: night(place, blow))  # type: ignore[misc]
        assert code in (0, -signal.SIGKILL), f"a run ended with {code} at {blow}"
        if code == 0:  # it ended before its blow, and is the run that must have converged
            break
        killed += 1
        assert forked(lambda: check_after_a_kill(place, meant)) == 0, f"after {blow}"
    else:
        assert forked(lambda: night(place)) == 0, f"the run after {blows} failed"
    assert forked(lambda: check_at_the_end(place, wanted)) == 0, f"after {blows}"
    return killed


def blows(chance: random.Random, count: int, changes: int) -> list[Blow]:
    """Random points of a night that makes so many changes; half of them exactly before one, half some time after it.

    The first lies anywhere in the night. A run that takes up another's work makes fewer changes, so the later ones lie
    in the first half of as many: else most of those runs would end before they are killed.
    """
    last = [changes, *[max(1, changes // 2)] * (count - 1)]
    return [Blow(chance.randint(1, one), chance.choice((0.0, chance.uniform(0, LONGEST_DELAY)))) for one in last]


def prepared(folder: Path, people: int) -> tuple[Path, Path, int]:
    """A place before its second night, the same after it, and how many changes the second night made."""
    assert forked(lambda: generate(folder / "county", people=people, seed=11, days=2)) == 0
    start, after = folder / "start", folder / "after"
    for agency in sorted((folder / "county/landing").iterdir()):
        first, second = sorted(agency.iterdir())
        shutil.copytree(first, start / "landing" / agency.name / first.name)
        shutil.copytree(second, folder / "second" / agency.name / second.name)
    write_state(Lake(start / "lake"))
    assert forked(lambda: night(start)) == 0
    shutil.copytree(folder / "second", start / "landing", dirs_exist_ok=True)
    shutil.copytree(start, after, symlinks=True)
    counted = folder / "changes"
    assert forked(lambda: counted.write_text(str(night(after)))) == 0
    return start, after, int(counted.read_text())


@click.command()
@click.option("--kills", default=200, show_default=True)
@click.option("--seed", default=20261122, show_default=True, help="The same seed kills at the same points.")
@click.option("--people", default=60, show_default=True, help="People in the county.")
@click.option("--minutes", default=0, show_default=True, help="Begin no further chain after so long; 0: all kills.")
def main(kills: int, seed: int, people: int, minutes: int) -> None:
    """Kill runs, chain after chain; every chain must converge to the byte-identical release."""
    guard_privacy()
    chance, began, killed, chains = random.Random(seed), time.monotonic(), 0, 0
    with tempfile.TemporaryDirectory(prefix="countylink-faults-") as name:
        start, after, changes = prepared(Path(name), people)
        latest = [latest_release(Lake(one / "lake")) for one in (start, after)]
        meant = frozenset(one.name for one in latest if one)
        wanted = sums(latest[1] or after)
        code = code_sha256()
        click.echo(f"a night makes {changes} changes; its release has {len(wanted)} files")
        while killed < kills and not (minutes and time.monotonic() - began > 60 * minutes):
            assert code_sha256() == code, "the code was changed meanwhile, and a release names its code"
            killed += chain(start, Path(name) / "place", blows(chance, CHAIN, changes), wanted, meant)
            chains += 1
            click.echo(f"  {killed} runs killed, {chains} chains converged; {time.monotonic() - began:.0f} s")
    click.echo(f"{killed} kills, {chains} releases after them, each byte-identical (seed {seed})")


if __name__ == "__main__":
    main()
