"""Where scores become decisions; the values and their reasons are in `thresholds.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from importlib import resources
from typing import Any

import yaml

from pipelines.errors import ModelError


@dataclass(frozen=True)
class Thresholds:
    """Weights in bits (log2 odds), sizes in clients."""

    loose_weight: float
    cut_weight: float
    weight_clip: float
    doubtful_weight: float
    max_component: int
    component_step: float
    max_cluster: int


def thresholds() -> Thresholds:
    """The thresholds shipped with the rules; a bundle pins a copy of its own."""
    stated = yaml.safe_load(resources.files("linkage_rules").joinpath("thresholds.yaml").read_text(encoding="utf-8"))
    return from_mapping({name: rule["value"] for name, rule in stated.items()})


def from_mapping(values: Mapping[str, Any]) -> Thresholds:
    """Thresholds from plain values; refused unless all are there."""
    missing = sorted({field.name for field in fields(Thresholds)} - set(values))
    if missing:
        raise ModelError(f"thresholds are not stated: {', '.join(missing)}; give each a value and a reason")
    return Thresholds(**{field.name: values[field.name] for field in fields(Thresholds)})
