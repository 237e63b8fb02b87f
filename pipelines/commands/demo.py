"""The demo: a synthetic county, its nights, a release, its accuracy against the truth, and the first figures."""

import shutil
import time
from collections.abc import Sequence
from pathlib import Path

from pipelines.commands.accuracy import accuracy_lines
from pipelines.commands.headlines import headline_lines, query_lines
from pipelines.commands.nightly import RunSettings, run_nightly
from pipelines.commands.progress import Say
from pipelines.commands.summary import RunSummary
from pipelines.errors import LakeError
from pipelines.lake import Lake
from pipelines.link import evaluate
from synthetic.county import generate

MARK = "demo.txt"
"""Stands in a folder that a demo made: only such a folder is removed to make the next."""


def run_demo(
    folder: Path, contracts: Path, outcome_contracts: Path, people: int, seed: int, nights: int, say: Say
) -> int:
    """Make the county anew under `folder`, run its nights, and say what came of it; returns the exit code."""
    began = time.monotonic()
    _clear(folder)
    say(f"a synthetic county of {people:,} people, {nights} nights, seed {seed}")
    county = generate(folder, people=people, seed=seed, days=nights)
    say(f"  {'written':<26}{time.monotonic() - began:7.1f} s{sum(county.rows.values()):>12,} rows")
    settings = RunSettings(
        lake=folder / "lake",
        landing=county.landing,
        contracts=contracts,
        outcome_contracts=str(outcome_contracts.resolve()),
        home=folder / "dagster",
    )
    summary = _nights(settings, county.as_of_dates, say)
    for line in ("", *summary.lines()):
        say(line)
    if summary.release and Path(summary.release).exists():
        _say_results(folder, county.truth, Path(summary.release), say)
    say(f"\n{time.monotonic() - began:.0f} s in all. Look at the runs with: make dev")
    return summary.exit_code


def _clear(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).exists():
        raise LakeError(f"{folder} was not made by a demo, so the demo does not remove it; name another with --out")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    (folder / MARK).write_text("Made by `countylink demo`, which removes this folder before it makes it anew.\n")


def _nights(settings: RunSettings, as_of_dates: Sequence[str], say: Say) -> RunSummary:
    """Run every night in turn, each as it was when only its deliveries and those before had come."""
    later = [(path, settings.landing.parent / "not_yet" / path.parent.name / path.name)
             for path in settings.landing.glob("*/*") if path.name > as_of_dates[0]]  # fmt: skip
    for here, there in later:
        there.parent.mkdir(parents=True, exist_ok=True)
        here.rename(there)
    for as_of in as_of_dates:
        for here, there in later:
            if here.name == as_of:
                there.rename(here)
        say(f"\nthe night of {as_of}")
        summary = run_nightly(settings, say)
    return summary


def _say_results(folder: Path, truth: Path, release: Path, say: Say) -> None:
    say("\nlinkage against the known truth")
    persons = Lake(folder / "lake").path("person_index", "person_of_client")
    head, overall, *_ = accuracy_lines(evaluate(persons, truth / "clients.parquet"))
    for line in (head, overall, "", "headline outcomes", *headline_lines(release)):
        say(line)
    latest = folder / "lake" / "published" / "outcomes" / "latest"
    say(f"\nreport: {latest / 'report.html'}\na query to try next, in duckdb:\n")
    for line in query_lines(latest):
        say(line)
