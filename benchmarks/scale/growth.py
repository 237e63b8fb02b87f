"""One size after the other: the first night, bare Splink, the second night, the limit; then how the cost grew."""

from __future__ import annotations

import math
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.processes import Step, run

STEPS = "benchmarks.scale.steps"
RATIO_TO_BARE, RATIO_OF_DELTA, DELTA_PEAK_GIB, PAIRS_AN_IDENTITY = 1.5, 0.10, 8.0, 50
"""What is aimed at: at most so much."""

OURS, BARE = ("link", "index"), ("block", "score", "cluster")
"""The steps that are held against each other; making candidates is shown, and not counted, on Splink's side."""


@dataclass(frozen=True)
class Size:
    """What one size came to."""

    records: int
    standard: Step
    full: Step
    bare: Step
    delta: Step
    limit: Step
    differing: int | None
    """Clients in another cluster than a full run over the second night puts them; None where that was not asked."""

    @property
    def full_seconds(self) -> float:
        """Predict, cluster, refine and person index."""
        return _sum(self.full.told, OURS)

    @property
    def bare_seconds(self) -> float:
        """Predict and connected components."""
        return _sum(self.bare.told, BARE)

    @property
    def delta_seconds(self) -> float:
        """The second night: link and person index."""
        return _sum(self.delta.told, OURS)


def measure(records: int, out: Path, *, verify: bool) -> Size:
    """Everything at one size; `verify` runs the second night in full as well, and compares."""
    place, lake = out / f"{records}", out / f"{records}/lake"
    run(STEPS, "make_records", str(place), str(records))
    standard = run(STEPS, "standardise", str(place / "tonight.parquet"), str(lake))
    bare = run(STEPS, "splink", str(lake))
    full = run(STEPS, "ours", str(lake), "2026-11-01")
    limit = run(STEPS, "limit", str(lake))
    run(STEPS, "standardise", str(place / "tomorrow.parquet"), str(lake))
    delta = run(STEPS, "ours", str(lake), "2026-11-02")
    return Size(records, standard, full, bare, delta, limit, _differing(place, lake) if verify else None)


def _differing(place: Path, lake: Path) -> int:
    oracle = place / "oracle"
    shutil.copytree(lake / "standard", oracle / "standard")
    run(STEPS, "ours", str(oracle), "2026-11-02")
    return int(run(STEPS, "same", str(lake), str(oracle)).told["differing"])


def lines(size: Size) -> list[str]:
    """What one size came to, in words."""
    ratio, share = size.full_seconds / size.bare_seconds, size.delta_seconds / size.full_seconds
    per_identity = size.limit.told["pairs"] / size.limit.told["identities"]
    told = [
        f"\n── {size.records:,} records, {size.standard.told['identities']:,} identities ──",
        f"(standardise {size.standard.told['standardise']:.1f} s, {size.standard.peak_gib:.2f} GiB)",
        *_costs(size),
        f"ours / bare: {ratio:.2f} {_aim(ratio, RATIO_TO_BARE)}",
        f"delta / full: {share:.3f} {_aim(share, RATIO_OF_DELTA)}; "
        f"peak {size.delta.peak_gib:.2f} GiB {_aim(size.delta.peak_gib, DELTA_PEAK_GIB)}",
        *_in_processor_seconds(size),
        f"candidate pairs: {size.limit.told['pairs']:,}, {per_identity:.1f} an identity "
        f"{_aim(per_identity, PAIRS_AN_IDENTITY)}",
        *_limit(size.limit.told),
    ]
    return told if size.differing is None else [*told, f"delta = full: {size.differing:,} clients differ"]


def _costs(size: Size) -> list[str]:
    steps = (
        ("ours: link + person index", size.full, size.full_seconds, *OURS),
        ("bare Splink", size.bare, size.bare_seconds, "prepare", *BARE),
        ("ours, 1 % changed", size.delta, size.delta_seconds, *OURS),
    )
    return [
        f"{name:<28}{seconds:>9.1f} s{step.peak_gib:>8.2f} GiB   "
        + ", ".join(f"{part} {step.told[part]:.1f}" for part in parts)
        for name, step, seconds, *parts in steps
    ]


def _in_processor_seconds(size: Size) -> list[str]:
    full, bare, delta = (
        _sum(step.told["processor"], parts)
        for step, parts in ((size.full, OURS), (size.bare, BARE), (size.delta, OURS))
    )
    return [
        "… in processor seconds, which others on the machine move less: "
        f"ours / bare {full:.1f} / {bare:.1f} = {full / bare:.2f}, delta / full {delta:.1f} / {full:.1f} = "
        f"{delta / full:.3f}"
    ]


def _limit(told: Mapping[str, Any]) -> list[str]:
    speeds = {name: told["pairs"] / told[name] / 1e6 for name in ("splink", "by_hand")}
    rules = [f"  {name:<44}{count:>14,}" for name, count in told["pairs_by_rule"].items()]
    return [
        f"pairs scored per second: Splink {speeds['splink']:.2f} M, SQL by hand {speeds['by_hand']:.2f} M, "
        f"so {speeds['splink'] / speeds['by_hand']:.0%} of the limit "
        f"(links at or above the loose weight: {told['splink_links']:,} and {told['links']:,})",
        "pairs by the first rule that meets them:",
        *rules,
    ]


def _aim(found: float, most: float) -> str:
    return f"(aim ≤ {most:g}: {'met' if found <= most else 'missed'})"


def growth_lines(sizes: list[Size]) -> list[str]:
    """Seconds over n log2 n of each size: the cost grows no faster than n log n where this does not rise."""
    rates = [size.full_seconds / _n_log_n(size.standard.told["identities"]) for size in sizes]
    rows = [
        f"{size.records:>12,}{size.full_seconds:>9.1f}{size.delta_seconds:>9.1f}{rate:>20.3g}{rate / rates[0]:>17.2f}"
        for size, rate in zip(sizes, rates, strict=True)
    ]
    head = f"{'records':>12}{'full s':>9}{'delta s':>9}{'full s / n log2 n':>20}{'to the smallest':>17}"
    return ["\n── growth ──", head, *rows]


def _n_log_n(identities: int) -> float:
    return identities * math.log2(identities)


def _sum(told: Mapping[str, float], parts: Sequence[str]) -> float:
    return sum(float(told[part]) for part in parts)
