"""Which kinds of act there are: `acts.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

from pipelines.errors import LakeError

ACTS = Path(__file__).with_name("acts.yaml")


@cache
def kinds() -> Mapping[str, str]:
    """Code → what it says."""
    stated: dict[str, str] = yaml.safe_load(ACTS.read_text(encoding="utf-8"))
    return stated


def refuse_unknown(code: str) -> None:
    """LakeError for a kind of act that nobody could look up."""
    if code not in kinds():
        raise LakeError(f"{code} is no kind of act; add it to pipelines/audit/{ACTS.name} with what it says")
