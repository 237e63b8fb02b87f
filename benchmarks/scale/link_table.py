"""`countylink link-table` with the pinned bundle at several sizes: seconds, memory, and whether accuracy holds."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.processes import Step, run_command
from linkage_rules.bundle import shipped_bundle
from pipelines.link import Quality, evaluate
from synthetic.person_records import generate_records

SMALL = 22_400
"""Records of the size that the others' accuracy is compared to."""

AIMS = {110_000: (15.0, 1.0), 1_000_000: (110.0, 8.0)}
"""Records → at most so many seconds and GiB."""

MOST_F1_LOST = 0.003
SEED, NOISE, SSN_KEPT = 2, "hard", 0.3


def lines(sizes: Sequence[int], out: Path) -> Iterator[str]:
    """A line a size, the small one first."""
    yield f"{'records':>12}{'seconds':>9}{'peak GiB':>10}{'F1':>9}{'prec.':>9}{'recall':>9}{'B3 F1':>9}  aims"
    small, line = _measure(SMALL, out)
    yield line
    for records in sizes:
        quality, line = _measure(records, out)
        lost = (small.f1 or 0.0) - (quality.f1 or 0.0)
        met = "met" if lost <= MOST_F1_LOST else "missed"
        yield f"{line}; F1 lost ≤ {MOST_F1_LOST}: {lost:.4f}, {met}"


def _measure(records: int, out: Path) -> tuple[Quality, str]:
    place = out / f"link-table-{records}"
    shutil.rmtree(place, ignore_errors=True)
    generate_records(place, records=records, seed=SEED, ssn_kept=SSN_KEPT, noise=NOISE)
    persons = place / "persons.parquet"
    command = [sys.executable, "-m", "pipelines.cli", "link-table", "--bundle", str(shipped_bundle().folder)]
    step = run_command([*command, "--records", str(place / "records.parquet"), "--out", str(persons)])
    quality = evaluate(persons, place / "truth.parquet").overall
    rates = (quality.f1, quality.precision, quality.recall, quality.bcubed_f1)
    told = "".join(f"{'–' if rate is None else f'{rate:.4f}':>9}" for rate in rates)
    return quality, f"{records:>12,}{step.seconds:>9.1f}{step.peak_gib:>10.2f}{told}  {_aims(records, step)}"


def _aims(records: int, step: Step) -> str:
    if records not in AIMS:
        return "–"
    seconds, gib = AIMS[records]
    met = step.seconds <= seconds and step.peak_gib <= gib
    return f"≤ {seconds:g} s and {gib:g} GiB: {'met' if met else 'missed'}"
