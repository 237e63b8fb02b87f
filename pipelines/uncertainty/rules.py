"""How far the linkage is moved, and how often it is drawn anew; values and reasons are in `uncertainty.yaml`."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

from pipelines.errors import ContractError
from pipelines.places import rules_file
from schemas.yaml_documents import read_yaml


@dataclass(frozen=True)
class Rules:
    """Bits are of match weight (log2 odds)."""

    strict_bits: float
    loose_bits: float
    draws: int
    seed: int
    settled_weight: float


def load_rules(path: Path | None = None) -> Rules:
    """The shipped rules, or those of a file; ContractError unless each has a value and a reason."""
    file = path or rules_file("uncertainty.yaml")
    stated = read_yaml(file.read_text(encoding="utf-8")) or {}
    for field in fields(Rules):
        entry = stated.get(field.name)
        if not isinstance(entry, dict) or "value" not in entry or not entry.get("reason"):
            raise ContractError(f"{file.name}: {field.name} needs a value and a reason")
    return Rules(**{field.name: stated[field.name]["value"] for field in fields(Rules)})
