"""Everything that holds a candidate: figures beyond their bands, and a linkage that drifted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from linkage_rules.drift import limits
from pipelines.publish.gate.changes import Finding, changes
from pipelines.publish.linkage_drift import drifts
from pipelines.publish.views import release_rows

LINKAGE = "linkage_drift"


def findings(candidate: Path, before: Path | None) -> list[Finding]:
    """Why a candidate is held, seen from the latest release; nothing is unlike what there never was."""
    return [] if before is None else [*changes(candidate, before), *_drifted(candidate, before)]


def _drifted(candidate: Path, before: Path) -> Iterator[Finding]:
    for found in drifts(release_rows(candidate), release_rows(before), limits()):
        if found.verdict == "error":
            limit = found.limit
            yield Finding(
                band=LINKAGE,
                table="linkage_figures",
                place=f"{limit.figure}{' · ' + found.part if found.part else ''}",
                figure=f"drift ({limit.kind})",
                before=0.0,
                after=round(found.value, 4),
                allowed=f"below {limit.error}",
                reason=limit.reason.strip(),
            )
