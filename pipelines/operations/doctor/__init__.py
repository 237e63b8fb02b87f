"""Is this machine, and is this lake, as they must be? Every check says ok, warn or fail, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pipelines.lake import Lake
from pipelines.operations.doctor import machine, services, the_lake
from pipelines.operations.finding import Check, Finding, looked_at

__all__ = ["examine"]


def examine(lake: Lake | None, dagster_home: Path | None, backups: Path | None) -> Iterator[Finding]:
    """Look at the machine, its services, and a lake if there is one; each check on its own."""
    checks: dict[str, Check] = {**machine.CHECKS, **services.checks(dagster_home)}
    if lake is not None:
        checks |= the_lake.checks(lake)
    if backups is not None:
        checks |= services.backup_checks(backups)
    for name, check in checks.items():
        yield from looked_at(name, check, "see docs/runbook.md")
