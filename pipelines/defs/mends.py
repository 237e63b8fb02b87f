"""What to do when a check fails, said with the failure: in its result, and by the alert that tells of it."""

from functools import cache
from pathlib import Path

import dagster as dg

from schemas.yaml_documents import read_yaml

MENDS = Path(__file__).with_name("mends.yaml")

STEADY = "_is_steady"
"""The ending of the checks of drift, one a figure: all are mended in the same way."""

TO_DO = "to_do"
"""Metadata of a failed check: what to do."""


@cache
def _stated() -> dict[str, str]:
    stated: dict[str, str] = read_yaml(MENDS.read_text(encoding="utf-8"))
    return stated


def mend_of(check: str) -> str:
    """What to do when a check of this name fails; a KeyError if nobody wrote it down."""
    return _stated()["*" + STEADY if check.endswith(STEADY) else check]


def with_mend(result: dg.AssetCheckResult) -> dg.AssetCheckResult:
    """A result that says what to do if it failed, unless it says so already."""
    if result.passed or result.check_name is None:
        return result
    told = result.metadata.get(TO_DO)
    to_do = str(told.value) if told is not None else mend_of(result.check_name)
    return dg.AssetCheckResult(
        passed=False,
        asset_key=result.asset_key,
        check_name=result.check_name,
        severity=result.severity,
        metadata={**result.metadata, TO_DO: to_do},
        description=f"To do: {to_do}",
    )
