"""Where scores become decisions; the values and their reasons are in `thresholds.yaml`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import yaml

from pipelines.errors import ModelError
from pipelines.places import rules_file

SMALL_TABLE = 32_768
"""Identities up to which the loose weight is as stated; the sets on which it was found hold 5,000 to 50,000."""

FALL_OF_THE_LOOSE_WEIGHT = 0.5
"""Bits by which the loose weight falls with each doubling beyond. Below it lie two kinds of false pairs: relatives and
housemates, of whom a person has no more in a large county, and namesakes, whom the prior already pays for. True pairs
sink by a bit a doubling, so a margin against the first kind would cost ever more of them. Of a million records, 1 % of
the true pairs were lost with clients whose best pair weighed between 0 and 3; of pairs between 0 and 2, among 110,000
records, two in three were true. At a million 3 → 0 brought F1 from .9842 to .9865; on tables of 22,000 it gained up to
.0015 or lost up to .0026, according to the table."""

EVEN_CHANCE = 0.0
"""The loose weight falls no further: below it a pair is more often false than true."""


@dataclass(frozen=True)
class Thresholds:
    """Weights in bits (log2 odds), sizes in clients."""

    loose_weight: float
    cut_weight: float
    weight_clip: float
    weight_floor: float
    doubtful_weight: float
    max_component: int
    component_step: float
    max_cluster: int


def thresholds() -> Thresholds:
    """The thresholds shipped with the rules; a bundle pins a copy of its own."""
    stated = yaml.safe_load(rules_file("thresholds.yaml").read_text(encoding="utf-8"))
    return from_mapping({name: rule["value"] for name, rule in stated.items()})


def from_mapping(values: Mapping[str, Any]) -> Thresholds:
    """Thresholds from plain values; refused unless all are there."""
    missing = sorted({field.name for field in fields(Thresholds)} - set(values))
    if missing:
        raise ModelError(f"thresholds are not stated: {', '.join(missing)}; give each a value and a reason")
    return Thresholds(**{field.name: _number(field.type, values[field.name]) for field in fields(Thresholds)})


def _number(kind: object, value: Any) -> Any:
    """A weight is a float also where YAML says 20: arithmetic in whole bits would cut off what scores say."""
    return float(value) if kind == "float" else int(value)


def fitted_to_population(stated: Thresholds, identities: int) -> Thresholds:
    """The thresholds for a table of so many identities; by whole doublings, so that they do not move every night."""
    doublings = max(0, round(math.log2(max(identities, 1) / SMALL_TABLE)))
    fallen = stated.loose_weight - FALL_OF_THE_LOOSE_WEIGHT * doublings
    return replace(stated, loose_weight=min(stated.loose_weight, max(EVEN_CHANCE, fallen)))
