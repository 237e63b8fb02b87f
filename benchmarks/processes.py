"""Run one measured step as a process of its own: how long it took, how much memory it held, what it had to say."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WATCH_SECONDS = 0.02
"""How often memory is looked at; what is read is a high-water mark, so only the last moment can be missed."""


class StepError(RuntimeError):
    """A step did not end well; the message is the end of what it wrote."""


class StepTimeoutError(StepError):
    """A step took longer than it was given."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"stopped after {seconds:.0f} s")
        self.seconds = seconds


@dataclass(frozen=True)
class Step:
    """One step: seconds of the whole process, the peak of its resident memory, and what it told as JSON."""

    seconds: float
    peak_gib: float
    told: Mapping[str, Any]


def run(module: str, *arguments: str, limit_seconds: float | None = None, python: str = sys.executable) -> Step:
    """Run `python -m module` to its end; the last line that it writes is JSON, whatever stands before it.

    Raises:
        StepTimeoutError: it was stopped after `limit_seconds`.
        StepError: it ended with another exit code than 0.
    """
    return run_command([python, "-m", module, *arguments], limit_seconds)


def run_command(command: Sequence[str], limit_seconds: float | None = None) -> Step:
    """Run a command to its end, in a session of its own so that a late one is stopped with its children."""
    with tempfile.TemporaryFile("w+") as output:
        began = time.monotonic()
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, text=True, start_new_session=True)
        late = threading.Event()
        timer = _stop_after(process.pid, limit_seconds, late)
        peak = _wait_and_watch(process)
        timer.cancel()
        seconds = time.monotonic() - began
        output.seek(0)
        lines = output.read().splitlines()
    if late.is_set() and limit_seconds is not None:
        raise StepTimeoutError(limit_seconds)
    if process.returncode:
        raise StepError("\n".join(lines[-15:] or [f"ended with exit code {process.returncode}"]))
    return Step(seconds, peak / 2**20, _told(lines))


def _wait_and_watch(process: subprocess.Popen[str]) -> int:
    """Wait for a process; the highest resident memory (KiB) that it or one that it started came to.

    Not `ru_maxrss`: that begins at what the parent held when it started the process.
    """
    peak = 0
    while True:
        peak = max(peak, *(_high_water(pid) for pid in _with_descendants(process.pid)))
        try:
            process.wait(WATCH_SECONDS)
        except subprocess.TimeoutExpired:
            continue
        return peak


def _high_water(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return 0
    found = re.search(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)
    return int(found[1]) if found else 0


def _with_descendants(pid: int) -> Iterator[int]:
    yield pid
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except (FileNotFoundError, ProcessLookupError):
        return
    for child in children:
        yield from _with_descendants(int(child))


def _stop_after(group: int, seconds: float | None, late: threading.Event) -> threading.Timer:
    def stop() -> None:
        late.set()
        os.killpg(group, signal.SIGKILL)

    timer = threading.Timer(seconds if seconds is not None else threading.TIMEOUT_MAX, stop)
    timer.daemon = True
    if seconds is not None:
        timer.start()
    return timer


def _told(lines: Sequence[str]) -> Mapping[str, Any]:
    if not lines or not lines[-1].startswith("{"):
        return {}
    told: Mapping[str, Any] = json.loads(lines[-1])
    return told


def tell(**values: Any) -> None:
    """What a step says at its end."""
    print(json.dumps(values, default=str), flush=True)
