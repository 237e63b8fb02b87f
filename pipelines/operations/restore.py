"""A lake out of a backup: checked before a file is copied, whole or absent, and told in its audit log."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from pipelines.audit import record_act, shareable, verify_audit
from pipelines.errors import LakeError
from pipelines.lake import Lake, new_folder
from pipelines.operations.backup import FILES, Backup, read_backup, refuse_damaged
from pipelines.operations.state import STATE_VERSION, program_version
from pipelines.publish.catalogue import noted_heads
from pipelines.publish.latest import latest_release
from pipelines.publish.verify import verify_release


@dataclass(frozen=True)
class Restored:
    """What was restored, and what was wrong with it when it was backed up already."""

    backup: Backup
    latest_release: str
    faults: tuple[str, ...]


def restore(folder: Path, root: Path, by: str, reason: str) -> Restored:
    """Make a lake anew out of a backup.

    Args:
        folder: the backup, `<folder of backups>/<number>_<time>`.
        root: where the lake shall be; nothing, or an empty folder.

    Raises:
        LakeError: the backup is damaged or of a newer program, something is at `root`, or who or why is missing;
            nothing was written.
    """
    by, reason = shareable(by, "name"), shareable(reason)
    told = read_backup(folder)
    _refuse_newer(told)
    _refuse_taken(root)
    refuse_damaged(folder)
    with new_folder(root) as staged:
        _fill(staged, folder, told)
    lake = Lake(root)
    faults = tuple(_faults(lake))
    detail = {"number": told.number, "audit": told.audit.acts, "copied": len(told.files)}
    record_act(lake, act="lake_restored", by=by, subject=folder.name, reason=reason, detail=detail)
    latest = latest_release(lake)
    return Restored(told, latest.name if latest else "", faults)


def _refuse_newer(told: Backup) -> None:
    if told.state_version > STATE_VERSION:
        raise LakeError(
            f"the backup is of a lake in form {told.state_version}, made by Countylink {told.program}; this is "
            f"{program_version()}, which knows forms up to {STATE_VERSION}: restore it with that program"
        )


def _refuse_taken(root: Path) -> None:
    if root.is_dir() and not any(root.iterdir()):
        root.rmdir()
    if root.exists():
        raise LakeError(
            f"{root.name} is there already, and a restore never writes over a lake: move it away (keep it as "
            "evidence), then restore again"
        )


def _fill(staged: Path, folder: Path, told: Backup) -> None:
    for name in told.files:
        target = staged / name
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.copyfile(folder / FILES / name, target)
    for name, points_at in told.links.items():
        target = staged / name
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        target.symlink_to(points_at)


def _faults(lake: Lake) -> list[str]:
    """What `verify-audit` and `verify` find: the backup is what it was, so the lake was so before."""
    found = list(verify_audit(lake, noted_heads(lake)).faults)
    latest = latest_release(lake)
    return [*found, *(verify_release(latest).faults if latest else ())]
