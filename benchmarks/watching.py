"""Run a command, and see how long each of its steps took and how much memory it held meanwhile."""

from __future__ import annotations

import os
import re
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

STEP = re.compile(r"^  (?P<step>\S[a-z0-9 _]*?)\s+(?P<seconds>[\d.]+) s(?:\s+(?P<rows>[\d,]+) rows)?")
"""A progress line of `countylink run`, and of what else wants to be watched."""

POLL_SECONDS = 0.1


@dataclass(frozen=True)
class Step:
    """One step of a watched command."""

    name: str
    seconds: float
    rows: int
    peak_gib: float
    processor_seconds: float = 0.0
    """Of the whole process since the step before ended: what a machine that does something else besides tells too."""


@dataclass
class Watched:
    """What a watched command came to."""

    steps: list[Step] = field(default_factory=list)
    seconds: float = 0.0
    peak_gib: float = 0.0
    exit_code: int = 0
    other_lines: list[str] = field(default_factory=list)
    processor_seconds: float = 0.0

    def seconds_of(self, prefix: str) -> float:
        """Seconds of all steps whose name begins so."""
        return sum(step.seconds for step in self.steps if step.name.startswith(prefix))


def watch(command: Sequence[str]) -> Watched:
    """Run a command to its end; its progress lines become steps, with the peak of its memory during each."""
    found = Watched()
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    peaks, worked = _Peaks(process.pid), _Worked(process.pid)
    assert process.stdout is not None
    for line in process.stdout:
        told = STEP.match(line)
        if told is None:
            found.other_lines.append(line.rstrip())
            continue
        rows = int((told["rows"] or "0").replace(",", ""))
        found.steps.append(Step(told["step"], float(told["seconds"]), rows, peaks.take(), worked.take()))
    _, status, used = os.wait4(process.pid, 0)
    found.exit_code = process.returncode = os.waitstatus_to_exitcode(status)
    found.processor_seconds = used.ru_utime + used.ru_stime
    found.seconds = time.monotonic() - began
    found.peak_gib = peaks.highest
    return found


class _Worked:
    """The processor seconds of a living process, all its threads together."""

    def __init__(self, pid: int) -> None:
        self._stat = Path(f"/proc/{pid}/stat")
        self._before = 0.0

    def take(self) -> float:
        """The seconds since the last take; 0 where the process has ended."""
        try:
            fields = self._stat.read_text(encoding="ascii").rpartition(")")[2].split()
        except OSError:
            return 0.0
        now = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        since, self._before = now - self._before, now
        return since


class _Peaks:
    """The resident memory of a process, looked at ten times a second until it ends."""

    def __init__(self, pid: int) -> None:
        self._status = Path(f"/proc/{pid}/status")
        self._since = 0.0
        self.highest = 0.0
        threading.Thread(target=self._look, daemon=True).start()

    def take(self) -> float:
        """The peak in GiB since the last take."""
        peak, self._since = self._since, 0.0
        return peak

    def _look(self) -> None:
        while (resident := self._resident_gib()) is not None:
            self._since = max(self._since, resident)
            self.highest = max(self.highest, resident)
            time.sleep(POLL_SECONDS)

    def _resident_gib(self) -> float | None:
        try:
            lines = self._status.read_text().splitlines()
        except OSError:
            return None
        found = next((line for line in lines if line.startswith("VmRSS:")), None)
        return int(found.split()[1]) / 2**20 if found else None
