"""Whether a run's linkage looks like the last one's: one asset check a figure, with counts and shares as metadata."""

from collections.abc import Iterator, Mapping

import dagster as dg

from linkage_rules.drift import Drift, Limit, drift, limits
from pipelines.lake import Lake
from pipelines.person_index.history import run_and_baseline, run_key

ASSET = ["person_index", "linkage_runs"]


def specs() -> list[dg.AssetCheckSpec]:
    """A check for each figure that has a limit."""
    return [
        dg.AssetCheckSpec(_name(limit), asset=ASSET, description=f"{limit.reason} Limits: linkage_rules/drift.yaml.")
        for limit in limits()
    ]


def checks(lake: Lake, inputs: Mapping[str, str]) -> Iterator[dg.AssetCheckResult]:
    """The verdict on each figure of the run made from these inputs; the first run has nothing to be held against."""
    now, before = run_and_baseline(lake, run_key(inputs))
    for limit in limits():
        if before is None:
            yield _first(limit)
        else:
            yield _judged(drift(limit, now.get(limit.figure, {}), before.get(limit.figure, {})))


def _name(limit: Limit) -> str:
    return f"{limit.figure}_is_steady"


def _first(limit: Limit) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        check_name=_name(limit),
        asset_key=ASSET,
        passed=True,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"baseline": "none yet: this is the first run"},
    )


def _judged(found: Drift) -> dg.AssetCheckResult:
    is_error = found.verdict == "error"
    return dg.AssetCheckResult(
        check_name=_name(found.limit),
        asset_key=ASSET,
        passed=found.verdict == "steady",
        severity=dg.AssetCheckSeverity.ERROR if is_error else dg.AssetCheckSeverity.WARN,
        metadata={
            "drift": round(found.value, 4),
            "kind": found.limit.kind,
            "moved_most": found.part or "the distribution",
            "warn_from": found.limit.warn,
            "error_from": found.limit.error,
        },
    )
