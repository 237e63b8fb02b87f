"""What becomes of a written release: let out, held, approved, dropped, withdrawn, kept or removed.

Each step is noted in the catalogue and in the audit log, and can be taken up again by the next run wherever it was cut
off: folders are moved first, what was moved is told next, `latest` follows last. When a release is taken back, `latest`
moves first, so that no reader is ever sent to it.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from pipelines.audit import record_act, shareable
from pipelines.errors import ReleaseError
from pipelines.lake import Lake, file_sha256
from pipelines.publish import catalogue, latest
from pipelines.publish.catalogue import Entry, entries, entry_of, known_entry, write_step
from pipelines.publish.folders import candidate_folder, move, product_folder, release_folder, withdrawn_folder
from pipelines.publish.manifest import MANIFEST
from pipelines.publish.verify import read_manifest, verify_release

GATE = "the audit gate"
"""Who lets out what nobody has to look at."""


def let_out(lake: Lake, release_id: str, *, by: str = GATE, reason: str = "every check passed") -> None:
    """Make a candidate readable, and the latest unless a newer one is there; older candidates wait no longer."""
    source, target = candidate_folder(lake, release_id), release_folder(lake, release_id)
    if source.exists():
        move(source, target)
    note_published(lake, release_id, by=by, reason=reason)
    latest.refresh(lake)
    supersede_held(lake, read_manifest(target)["inputs"]["as_of"], release_id)


def note_published(lake: Lake, release_id: str, *, by: str, reason: str, at: datetime | None = None) -> None:
    """Tell catalogue and audit log of a release that lies among the readable ones."""
    facts = _facts(lake, release_id, release_folder)
    sealed = {"manifest_sha256": facts["manifest_sha256"], "key_id": _key_id(lake, release_id)}
    record_act(lake, act="release_published", by=by, subject=release_id, reason=reason, detail=sealed)
    write_step(lake, release_id, catalogue.PUBLISHED, by, reason, facts=facts, at=at)


def adopt(lake: Lake) -> None:
    """Bring catalogue and folders together where a step was cut off.

    A readable release that the catalogue does not tell of was let out by a run that was killed, or is older than the
    catalogue; what the catalogue says is withdrawn or removed is moved away.
    """
    found = (product_folder(lake) / "releases").glob("[!.]*")
    for folder in sorted(found, key=lambda one: (one.stat().st_mtime, one.name)):
        entry = entry_of(lake, folder.name)
        if entry is not None and entry.status == catalogue.WITHDRAWN:
            move(folder, withdrawn_folder(lake, folder.name))
        elif entry is not None and entry.status == catalogue.REMOVED:
            shutil.rmtree(folder)
        elif entry is None or entry.status != catalogue.PUBLISHED:
            at = datetime.fromtimestamp(folder.stat().st_mtime, UTC)
            note_published(lake, folder.name, by=GATE, reason="found whole among the releases", at=at)


def stand_again(lake: Lake, release_id: str) -> None:
    """Make a published release the latest of its day once more: what it was made from is what there is now again.

    So it is when a decision was taken back: the release that was made with it is no longer what the lake says.
    """
    entry = known_entry(lake, release_id)
    newest = latest.newest_release(lake, up_to=entry.as_of)
    if newest is not None and newest.name != release_id:
        note_published(lake, release_id, by=GATE, reason="what it was made from is what there is now again")
    latest.refresh(lake)


def hold(lake: Lake, release_id: str, findings: Sequence[Mapping[str, Any]]) -> Entry:
    """Keep a candidate until somebody has looked at it; told once for the same findings."""
    before = entry_of(lake, release_id)
    if before is not None and before.status == catalogue.HELD and list(before.findings) == list(findings):
        return before
    facts = {**_facts(lake, release_id, candidate_folder), "findings": tuple(findings)}
    detail = {"findings": len(findings), "manifest_sha256": facts["manifest_sha256"]}
    reason = f"{len(findings)} findings"
    record_act(lake, act="release_held", by=GATE, subject=release_id, reason=reason, detail=detail)
    entry = write_step(lake, release_id, catalogue.HELD, GATE, reason, facts=facts, at=None)
    supersede_held(lake, facts["as_of"].isoformat(), release_id)
    return entry


def approve(lake: Lake, release_id: str, by: str, reason: str) -> None:
    """Let out a held release: somebody looked at every finding and says that it is right.

    Raises:
        ReleaseError: there is no such release, it is not held, or it is damaged.
        LakeError: who or why is missing, or cannot be shown.
    """
    _held(lake, release_id)
    found = verify_release(candidate_folder(lake, release_id))
    if not found.is_whole:
        raise ReleaseError(f"{release_id} is damaged ({'; '.join(found.faults[:3])}); drop it and run again")
    by, reason = shareable(by, "name"), shareable(reason)
    record_act(lake, act="release_approved", by=by, subject=release_id, reason=reason)
    let_out(lake, release_id, by=by, reason=reason)


def drop(lake: Lake, release_id: str, by: str, reason: str) -> None:
    """Take away a held release; the same inputs are not published again."""
    _held(lake, release_id)
    _end(lake, release_id, catalogue.DROPPED, "release_dropped", shareable(by, "name"), shareable(reason))
    shutil.rmtree(candidate_folder(lake, release_id), ignore_errors=True)


def withdraw(lake: Lake, release_id: str, by: str, reason: str, *, erase: bool = False) -> str | None:
    """Take back a published release; returns the id that `latest` points at now, None if no release is left.

    Its catalogue entry stays as its tombstone, and its folder in `withdrawn/` as evidence, unless `erase`d (deletion
    of a person, a leak). Called again with `erase`, it erases what was withdrawn before.

    Raises:
        ReleaseError: there is no such release, or it is neither published nor withdrawn.
        LakeError: who or why is missing, or cannot be shown.
    """
    by, reason = shareable(by, "name"), shareable(reason)
    entry = known_entry(lake, release_id)
    if entry.status == catalogue.PUBLISHED:
        _end(lake, release_id, catalogue.WITHDRAWN, "release_withdrawn", by, reason)
    elif not (entry.status == catalogue.WITHDRAWN and erase):
        raise ReleaseError(f"{release_id} is {entry.status}; only a published release can be withdrawn")
    newest = latest.refresh(lake)
    if release_folder(lake, release_id).exists():
        move(release_folder(lake, release_id), withdrawn_folder(lake, release_id))
    if erase:
        shutil.rmtree(withdrawn_folder(lake, release_id), ignore_errors=True)
        record_act(lake, act="release_removed", by=by, subject=release_id, reason=reason)
    return newest


def remove(lake: Lake, release_id: str, rule: str) -> None:
    """Remove a published release under a rule of retention; the latest is never removed."""
    current = latest.latest_release(lake)
    if current is not None and current.name == release_id:
        raise ReleaseError(f"{release_id} is the latest release, and is not removed")
    _end(lake, release_id, catalogue.REMOVED, "release_removed", "retention", rule)
    shutil.rmtree(release_folder(lake, release_id), ignore_errors=True)


def supersede_held(lake: Lake, as_of: str, release_id: str) -> None:
    """Held releases of the same day or earlier wait no longer: a later run's release is there."""
    for entry in entries(lake):
        is_other = entry.release_id != release_id
        if is_other and entry.status == catalogue.HELD and entry.as_of <= date.fromisoformat(as_of):
            why = f"{release_id} was written after it"
            write_step(lake, entry.release_id, catalogue.SUPERSEDED, GATE, why, facts={}, at=None)
            shutil.rmtree(candidate_folder(lake, entry.release_id), ignore_errors=True)


def _end(lake: Lake, release_id: str, status: str, act: str, by: str, reason: str) -> None:
    record_act(lake, act=act, by=by, subject=release_id, reason=reason)
    write_step(lake, release_id, status, by, reason, facts={}, at=None)


def _held(lake: Lake, release_id: str) -> Entry:
    entry = known_entry(lake, release_id)
    if entry.status != catalogue.HELD:
        raise ReleaseError(f"{release_id} is {entry.status}; only a held release can be approved or dropped")
    return entry


def _facts(lake: Lake, release_id: str, folder: Callable[[Lake, str], Path]) -> dict[str, Any]:
    told = folder(lake, release_id) / MANIFEST
    as_of = date.fromisoformat(read_manifest(told.parent)["inputs"]["as_of"])
    return {"as_of": as_of, "manifest_sha256": file_sha256(told)}


def _key_id(lake: Lake, release_id: str) -> str:
    return str(read_manifest(release_folder(lake, release_id))["inputs"]["person_key_id"])
