"""The limits of `limits.yaml`, by name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from pipelines.errors import ContractError

LIMITS = Path(__file__).with_name("limits.yaml")


@cache
def limits(path: Path = LIMITS) -> Mapping[str, int]:
    """Limit → value.

    Raises:
        ContractError: a limit has no positive value, or no reason.
    """
    stated: dict[str, dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    for name, told in stated.items():
        if int(told.get("value", 0)) < 1 or not str(told.get("reason", "")).strip():
            raise ContractError(f"{path.name}: {name} needs a value of at least 1, and a reason")
    return {name: int(told["value"]) for name, told in stated.items()}
