"""The whole nightly run by stage, beside bare Splink predict + cluster on the same identities, in one run."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from benchmarks.watching import Watched, watch

CLIENTS_PER_PERSON = 1.35
"""Clients that one person of the synthetic county is; only aims at a size, the run prints the true one."""

SEED = 7
COUNTYLINK = [sys.executable, "-m", "pipelines.cli"]


def measure(clients: int, out: Path, days: int) -> None:
    """Make a county of about so many clients, run the night on it, and print what each stage cost."""
    place = out / f"{clients}"
    shutil.rmtree(place, ignore_errors=True)
    people = round(clients / CLIENTS_PER_PERSON)
    county = _must(
        [*COUNTYLINK, "synth", "--people", f"{people}", "--seed", f"{SEED}", "--days", f"{days}", "--out", f"{place}"]
    )
    night = _must([*COUNTYLINK, "run", "--landing", f"{place / 'landing'}", "--lake", f"{place / 'lake'}"])
    plain = _must([sys.executable, "-m", "benchmarks", "bare", f"{place / 'lake'}"])
    _print(clients, county, night, plain)


def _must(command: list[str]) -> Watched:
    done = watch(command)
    if done.exit_code:
        raise SystemExit("\n".join([f"{' '.join(command)} failed", *done.other_lines[-20:]]))
    return done


def _print(clients: int, county: Watched, night: Watched, plain: Watched) -> None:
    linked = next((line for line in night.other_lines if line.startswith("linked:")), "linked: ?")
    bare_seconds = sum(plain.seconds_of(step) for step in ("block", "score", "cluster"))
    print(f"\n── about {clients:,} clients ── {linked}")
    print(f"(county made in {county.seconds:.0f} s, {county.peak_gib:.2f} GiB)")
    print(f"{'stage':<28}{'seconds':>9}{'rows':>14}{'peak GiB':>10}")
    for step in night.steps:
        print(f"{step.name:<28}{step.seconds:>9.1f}{step.rows:>14,}{step.peak_gib:>10.2f}")
    print(f"{'the night':<28}{night.seconds:>9.1f}{'':>14}{night.peak_gib:>10.2f}")
    for step in plain.steps:
        print(f"{'bare Splink: ' + step.name:<28}{step.seconds:>9.1f}{'':>14}{step.peak_gib:>10.2f}")
    print(_ratio("night", night.seconds, bare_seconds))
    print(_ratio("link stage", night.seconds_of("link"), bare_seconds))


def _ratio(name: str, seconds: float, bare_seconds: float) -> str:
    ratio = seconds / bare_seconds
    return f"{name} / bare block + score + cluster: {seconds:.1f} / {bare_seconds:.1f} = {ratio:.2f}"
