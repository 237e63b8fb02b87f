"""How far one run's linkage may lie from the last; the limits and their reasons are in `drift.yaml`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from pipelines.errors import ModelError
from pipelines.places import rules_file

KINDS = ("psi", "share", "ratio")

SMOOTHING = 0.5
"""Counted for every part on both sides, so that a part that is empty on one of them has a logarithm."""

Parts = Mapping[str, tuple[int, int | None]]
"""Part → (value, what it is a share of)."""


@dataclass(frozen=True)
class Limit:
    """What may change of one figure, and why not more."""

    figure: str
    kind: str
    warn: float
    error: float
    reason: str
    least_whole: int = 0
    """Shares of fewer than this are not compared: chance alone would move them."""


@dataclass(frozen=True)
class Drift:
    """How far a figure moved; `part` is the part that moved most, or empty where the whole distribution is meant."""

    limit: Limit
    value: float
    part: str

    @property
    def verdict(self) -> str:
        """`steady`, `warn` or `error`."""
        if self.value >= self.limit.error:
            return "error"
        return "warn" if self.value >= self.limit.warn else "steady"


def limits() -> tuple[Limit, ...]:
    """The limits shipped with the rules."""
    stated = yaml.safe_load(rules_file("drift.yaml").read_text(encoding="utf-8"))
    return tuple(limit_of(figure, rule) for figure, rule in stated.items())


def limit_of(figure: str, rule: Mapping[str, Any]) -> Limit:
    """One limit from plain values; refused without a reason, a known kind, or in the wrong order."""
    missing = [name for name in ("kind", "warn", "error", "reason") if not rule.get(name)]
    if missing or rule["kind"] not in KINDS or not 0 < rule["warn"] < rule["error"]:
        raise ModelError(
            f"drift.yaml: {figure} needs a kind ({', '.join(KINDS)}), a warn below its error, and a reason"
        )
    return Limit(figure=figure, **rule)


def drift(limit: Limit, now: Parts, before: Parts) -> Drift:
    """How far a figure moved between two runs."""
    if limit.kind == "psi":
        return Drift(limit, stability_index(now, before), "")
    moved = _share_changes(limit, now, before) if limit.kind == "share" else _ratios(now, before)
    part = max(moved, key=lambda name: (moved[name], name), default="")
    return Drift(limit, moved.get(part, 0.0), part)


def stability_index(now: Parts, before: Parts) -> float:
    """The population stability index of two histograms: Σ (p − q) · ln(p / q), 0 where they are alike."""
    parts = sorted({*now, *before})
    p, q = _shares(now, parts), _shares(before, parts)
    return math.fsum((a - b) * math.log(a / b) for a, b in zip(p, q, strict=True))


def _shares(figure: Parts, parts: list[str]) -> list[float]:
    counts = [figure.get(part, (0, None))[0] + SMOOTHING for part in parts]
    return [count / sum(counts) for count in counts]


def _share_changes(limit: Limit, now: Parts, before: Parts) -> dict[str, float]:
    """How many points each share moved; a part that is on one side only had a share of nothing on the other."""
    moved = {}
    for part in {*now, *before}:
        (value, whole), (other, other_whole) = now.get(part, (0, None)), before.get(part, (0, None))
        if min(whole or other_whole or 0, other_whole or whole or 0) >= max(limit.least_whole, 1):
            moved[part] = abs(value / (whole or other_whole or 1) - other / (other_whole or whole or 1))
    return moved


def _ratios(now: Parts, before: Parts) -> dict[str, float]:
    return {part: now[part][0] / before[part][0] for part in now if part in before and before[part][0]}
