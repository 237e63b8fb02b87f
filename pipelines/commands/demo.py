"""The demo: a synthetic county, its nights, a release, its accuracy against the truth, and the first figures."""

import shutil
import time
from dataclasses import replace
from pathlib import Path

from synthetic.county import generate

from pipelines.commands.accuracy import accuracy_lines
from pipelines.commands.headlines import headline_lines, query_lines
from pipelines.commands.nightly import RunSettings, run_nightly
from pipelines.commands.progress import Say
from pipelines.lake import Lake
from pipelines.link import evaluate

QUICK_CUTS = 1
"""Lines of the accuracy table that the demo prints before the agency pairs."""


def demo(folder: Path, contracts: Path, outcome_contracts: Path, people: int, seed: int, nights: int, say: Say) -> int:
    """Make the county anew under `folder`, run its nights, and say what came of it; returns the exit code."""
    began = time.monotonic()
    shutil.rmtree(folder, ignore_errors=True)
    say(f"a synthetic county of {people:,} people, {nights} nights, seed {seed}")
    county = generate(people=people, seed=seed, out=folder, days=nights)
    say(f"  written to {folder}{time.monotonic() - began:12.1f} s")
    settings = RunSettings(
        lake=folder / "lake",
        landing=folder / "landing",
        contracts=contracts,
        outcome_contracts=str(outcome_contracts.resolve()),
        home=folder / "dagster",
    )
    for night in county.nights:
        say(f"the night of {night}")
        summary = run_nightly(replace(settings, as_of=night.isoformat()), say)
        if summary.exit_code:
            break
    for line in summary.lines():
        say(line)
    if summary.release is None:
        return summary.exit_code
    _say_results(folder, Path(summary.release), say)
    say(f"\nall of it took {time.monotonic() - began:.0f} s; look at the run with: make dev")
    return summary.exit_code


def _say_results(folder: Path, release: Path, say: Say) -> None:
    say("\nlinkage against the known truth")
    persons = Lake(folder / "lake").path("person_index", "person_of_client")
    for line in list(accuracy_lines(evaluate(persons, folder / "truth" / "clients.parquet")))[: 1 + QUICK_CUTS]:
        say(line)
    say("\nheadline outcomes")
    for line in headline_lines(release):
        say(line)
    say(f"\nreport: {release / 'report.html'}\na query to try next, in duckdb:")
    for line in query_lines(release):
        say(f"  {line}")
