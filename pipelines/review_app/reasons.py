"""The reasons that reviewers choose from: `reasons.yaml`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import yaml

from pipelines.errors import LakeError

SHIPPED = Path(__file__).with_name("reasons.yaml")


@cache
def reasons() -> Mapping[str, Mapping[str, str]]:
    """Decision code → reason code → its words."""
    stated: dict[str, dict[str, str]] = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    return stated


def refuse_unfit(code: str, chosen: Sequence[str]) -> None:
    """LakeError unless a decision has a reason, and each reason is one of its own kind."""
    if code not in reasons():
        raise LakeError("choose same, different or unsure")
    if not chosen:
        raise LakeError("choose at least one reason for it")
    if strays := [one for one in chosen if one not in reasons()[code]]:
        raise LakeError(f"{len(strays)} of the reasons belong to another answer; choose reasons below your own")


def in_words(code: str, chosen: Sequence[str], note: str) -> str:
    """The reason that stands with a decision: the words of the codes, then the reviewer's own."""
    return "; ".join([*(reasons()[code][one] for one in chosen), *([note] if note else [])])
