"""What a night of a few people costs: everything in it is paid by every night, whatever its size, and by every test.

Processor seconds, not seconds by the clock: a machine that does something else besides tells the same. Nights are
processes that were forked from one that has imported everything, so that imports are told apart.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.watching import STEP
from pipelines.commands.nightly import RunSettings, run_nightly
from pipelines.lake import guard_privacy
from pipelines.places import SHIPPED
from synthetic.county import generate

SEED = 11
NIGHTS = 2
IMPORTS = "import pipelines.cli, pipelines.commands.nightly, pipelines.definitions"
AFTER = "after the last step"


def measure(people: int) -> None:
    """Make a county of some people, run its first two nights, and print what each step cost."""
    guard_privacy()
    with tempfile.TemporaryDirectory(prefix="countylink-small-") as name:
        folder = Path(name)
        _forked(lambda: generate(folder / "county", people=people, seed=SEED, days=NIGHTS))
        nights = [_night(folder, number) for number in range(NIGHTS)]
    print(f"── {people} people, processor seconds; the first step has in it what comes before it ──")
    print(f"{'step':<28}{'first':>8}{'second':>8}")
    for step in dict.fromkeys(step for night in nights for step in night):
        print(f"{step:<28}" + "".join(f"{night.get(step, 0.0):>8.2f}" for night in nights))
    print(f"{'the night':<28}" + "".join(f"{sum(night.values()):>8.2f}" for night in nights))
    print(f"{'imports, once a process':<28}{_imports():>8.2f}")


def _night(folder: Path, number: int) -> dict[str, float]:
    """Deliver a night and run it; processor seconds by step."""
    for agency in sorted((folder / "county" / "landing").iterdir()):
        sent = sorted(agency.iterdir())[number]
        shutil.copytree(sent, folder / "landing" / agency.name / sent.name)
    return dict(_forked(lambda: _run(folder)))


def _run(folder: Path) -> dict[str, float]:
    """Run the night of a folder; processor seconds from the end of one step to that of the next."""
    laps: dict[str, float] = {}
    since = time.process_time()

    def lap(line: str) -> None:
        nonlocal since
        step, now = STEP.match(line), time.process_time()
        if step is not None:
            laps[step["step"]], since = now - since, now

    contracts, outcome_contracts = SHIPPED / "data_contracts", str(SHIPPED / "outcome_contracts")
    summary = run_nightly(RunSettings(folder / "lake", folder / "landing", contracts, outcome_contracts), lap)
    if summary.failures:  # so few people may well hold a release; that is as much work
        raise SystemExit(f"the night failed: {summary.failures}")
    return laps | {AFTER: time.process_time() - since}


def _forked(work: Callable[[], Any]) -> Any:
    """Do some work in a process of its own; what it returns, as JSON carries it."""
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(reading)
        code = 1
        try:
            told = work()
            with os.fdopen(writing, "w") as pipe:
                json.dump(told if isinstance(told, dict) else None, pipe)
            code = 0
        except BaseException:
            traceback.print_exc()  # of a synthetic county: nobody's name
        finally:
            os._exit(code)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        told = pipe.read()
    _, status = os.waitpid(process, 0)
    if os.waitstatus_to_exitcode(status):
        raise SystemExit("what was measured failed; its words stand above")
    return json.loads(told)


def _imports() -> float:
    """Processor seconds of a process that imports what a night needs."""
    before = os.times()
    subprocess.run([sys.executable, "-c", IMPORTS], check=True, cwd=SHIPPED)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system
