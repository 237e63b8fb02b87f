"""A county's first night, which does everything, and its second, which brings what changed; by stage, beside the bare
engines on the same bytes, in one run.

The first night takes every agency's whole extract. The second takes what agencies send then: changes since the night
before from those whose contracts say so, whole extracts from the others.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.watching import Watched, watch

CLIENTS_PER_PERSON = 1.35
"""Clients that one person of the synthetic county is; only aims at a size, the run prints the true one."""

SEED = 7
COUNTYLINK = [sys.executable, "-m", "pipelines.cli"]

AIM_MINUTES, AIM_SHARE, AIM_GIB = 15, 0.10, 12
"""What five million clients may take on two cores: a full night, a night of changes beside it, and memory."""


@dataclass(frozen=True)
class Nights:
    """What was run: the making of the county, both nights, and the bare engines after them."""

    county: Watched
    full: Watched
    changes: Watched
    splink: Watched
    duckdb: Watched


def measure(clients: int, out: Path) -> None:
    """Make a county of about so many clients, run its first two nights, and print what each stage cost."""
    place = out / f"{clients}"
    shutil.rmtree(place, ignore_errors=True)
    people = round(clients / CLIENTS_PER_PERSON)
    county = _must(
        [*COUNTYLINK, "synth", "--people", f"{people}", "--seed", f"{SEED}", "--days", "2", "--out", f"{place}"]
    )
    landing, lake = place / "landing", place / "lake"
    later = _hold_back(landing)
    night = [*COUNTYLINK, "run", "--landing", f"{landing}", "--lake", f"{lake}"]
    full = _must(night)
    splink = _must([sys.executable, "-m", "benchmarks", "bare", f"{lake}"])
    duckdb = _must([sys.executable, "-m", "benchmarks.floor", f"{landing}", f"{lake}"])
    for here, there in later:
        there.rename(here)
    _print(clients, Nights(county, full, _must(night), splink, duckdb))


def _hold_back(landing: Path) -> list[tuple[Path, Path]]:
    """Move the deliveries of the second night out of the way; returns where they belong and where they are."""
    first = min(path.name for path in landing.glob("*/*"))
    later = [(path, landing.parent / "later" / path.parent.name / path.name) for path in landing.glob("*/*")]
    later = [(here, there) for here, there in later if here.name != first]
    for here, there in later:
        there.parent.mkdir(parents=True, exist_ok=True)
        here.rename(there)
    return later


def _must(command: list[str]) -> Watched:
    done = watch(command)
    if done.exit_code:
        raise SystemExit("\n".join([f"{' '.join(command)} failed", *done.other_lines[-20:]]))
    return done


def _print(clients: int, nights: Nights) -> None:
    linked = next((line for line in nights.full.other_lines if line.startswith("linked:")), "linked: ?")
    print(f"\n── about {clients:,} clients ── {linked}")
    print(f"(county made in {nights.county.seconds:.0f} s, {nights.county.peak_gib:.2f} GiB)")
    heads = "".join(f"{night + ' s':>11}{'cpu s':>8}{'rows':>14}{'peak GiB':>10}" for night in ("full", "changes"))
    print(f"{'stage':<26}{heads}")
    for name in _stages(nights.full, nights.changes):
        print(f"{name:<26}" + _of_stage(nights.full, name) + _of_stage(nights.changes, name))
    print(f"{'the night':<26}" + _whole(nights.full) + _whole(nights.changes))
    for step in nights.splink.steps:
        print(f"{'bare Splink: ' + step.name:<28}{step.seconds:>9.1f}{'':>14}{step.peak_gib:>10.2f}")
    for step in nights.duckdb.steps:
        print(f"{'bare DuckDB: ' + step.name:<28}{step.seconds:>9.1f}{'':>14}{step.peak_gib:>10.2f}")
    for line in comparisons(nights):
        print(line)


def comparisons(nights: Nights) -> list[str]:
    """Every ratio with both its sides, and the aims for five million clients beside what was found."""
    bare_link = sum(nights.splink.seconds_of(step) for step in ("block", "score", "cluster"))
    bare_rest = sum(step.seconds for step in nights.duckdb.steps)
    full, changes = nights.full.seconds, nights.changes.seconds
    peak = max(nights.full.peak_gib, nights.changes.peak_gib)
    return [
        _ratio("night / bare Splink + bare DuckDB", full, bare_link + bare_rest),
        _ratio("link stage / bare Splink", _seconds(nights.full, "link"), bare_link),
        _ratio("night of changes / full night", changes, full) + f" (aim: {AIM_SHARE})",
        _ratio("… in processor seconds", nights.changes.processor_seconds, nights.full.processor_seconds),
        f"full night {full / 60:.1f} min (aim at 5,000,000 clients: {AIM_MINUTES}); {peak:.1f} GiB (aim: {AIM_GIB})",
    ]


def _seconds(night: Watched, stage: str) -> float:
    """Of one stage by its whole name: others may begin like it."""
    return sum(step.seconds for step in night.steps if step.name == stage)


def _stages(*nights: Watched) -> list[str]:
    """Every step's name once, as they came."""
    return list(dict.fromkeys(step.name for night in nights for step in night.steps))


def _of_stage(night: Watched, name: str) -> str:
    steps = [step for step in night.steps if step.name == name]
    if not steps:
        return f"{'–':>11}{'':>8}{'':>14}{'':>10}"
    seconds, rows = sum(step.seconds for step in steps), sum(step.rows for step in steps)
    worked = sum(step.processor_seconds for step in steps)
    return f"{seconds:>11.1f}{worked:>8.1f}{rows:>14,}{max(step.peak_gib for step in steps):>10.2f}"


def _whole(night: Watched) -> str:
    return f"{night.seconds:>11.1f}{night.processor_seconds:>8.1f}{'':>14}{night.peak_gib:>10.2f}"


def _ratio(name: str, seconds: float, bare_seconds: float) -> str:
    share = f"{seconds / bare_seconds:.2f}" if bare_seconds else "–"
    return f"{name}: {seconds:.1f} / {bare_seconds:.1f} = {share}"


def measure_all(sizes: Sequence[int], out: Path) -> None:
    """One size after another, so that the curve can be read off one run."""
    for clients in sizes:
        measure(clients, out)
