"""What became of each release: a file a release, `catalogue/<release_id>.json`, beside the releases.

A release never changes; that it was held, approved, published or withdrawn is told here, with when, by whom and why,
and outlives its folder: the entry of a withdrawn release is its tombstone. Entries are replaced whole. They leave with
`published/`, so reasons pass `pipelines.audit.shareable`, and the head of the audit log that they note bounds what can
be hidden in that log (`noted_heads`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from pipelines.audit import Head, head
from pipelines.errors import ReleaseError
from pipelines.lake import Lake, replacing
from pipelines.publish.folders import product_folder

FORMAT = "countylink-catalogue-1"

PUBLISHED, HELD, DROPPED, SUPERSEDED, WITHDRAWN, REMOVED = (
    "published", "held", "dropped", "superseded", "withdrawn", "removed",
)  # fmt: skip
"""What a release can be: readable; waiting for somebody; refused by somebody; waiting no longer, since a better one
came; taken back; removed under a rule of retention."""

FINAL = (DROPPED, WITHDRAWN)
"""What people said no to stays so: the same inputs are not published again."""


@dataclass(frozen=True)
class Step:
    """One thing that became of a release."""

    status: str
    at: datetime
    by: str
    reason: str


@dataclass(frozen=True)
class Entry:
    """A release in the catalogue."""

    release_id: str
    as_of: date
    manifest_sha256: str
    audit: Head
    """The head of the audit log when the entry was last written."""
    history: tuple[Step, ...]
    findings: tuple[Mapping[str, Any], ...] = ()
    """Why the audit gate held it, if it did: published figures only."""

    @property
    def status(self) -> str:
        """What it is now."""
        return self.history[-1].status

    def was_published_at(self, moment: datetime) -> bool:
        """Whether readers could read it then."""
        before = [step for step in self.history if step.at <= moment]
        return bool(before) and before[-1].status == PUBLISHED

    @property
    def published_at(self) -> datetime | None:
        """When it was last made readable."""
        return next((step.at for step in reversed(self.history) if step.status == PUBLISHED), None)

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "format": FORMAT,
            "release_id": self.release_id,
            "as_of": self.as_of.isoformat(),
            "status": self.status,
            "manifest_sha256": self.manifest_sha256,
            "audit": asdict(self.audit),
            "history": [asdict(step) | {"at": step.at.isoformat()} for step in self.history],
            "findings": [dict(one) for one in self.findings],
        }


def entries(lake: Lake) -> list[Entry]:
    """Every release that there ever was, by as-of date, then by when it was first written.

    Raises:
        ReleaseError: an entry cannot be read.
    """
    found = [_read(path) for path in _folder(lake).glob("[!.]*.json")]
    return sorted(found, key=lambda entry: (entry.as_of, entry.history[0].at, entry.release_id))


def entry_of(lake: Lake, release_id: str) -> Entry | None:
    """The entry of a release, or None where there never was one."""
    path = _path(lake, release_id)
    return _read(path) if path.exists() else None


def known_entry(lake: Lake, release_id: str) -> Entry:
    """The entry of a release; ReleaseError where there never was one."""
    entry = entry_of(lake, release_id)
    if entry is None:
        raise ReleaseError(f"there is no release {release_id}; `countylink releases` names them")
    return entry


def write_step(
    lake: Lake, release_id: str, status: str, by: str, reason: str, *, facts: Mapping[str, Any], at: datetime | None
) -> Entry:
    """Note what became of a release, durably.

    Args:
        facts: as_of, manifest_sha256 and findings, where they are new or have changed.
        at: when; default: now.
    """
    step = Step(status, at or datetime.now(UTC), by, reason)
    before = entry_of(lake, release_id)
    entry = (
        replace(before, **facts, audit=head(lake), history=(*before.history, step))
        if before
        else Entry(release_id=release_id, audit=head(lake), history=(step,), **facts)
    )
    with replacing(_path(lake, release_id)) as staged:
        text = json.dumps(entry.as_json(), indent=2, sort_keys=True, ensure_ascii=False, default=str)
        staged.write_text(text + "\n", encoding="utf-8")
    return entry


def as_known_on(found: Sequence[Entry], moment: datetime) -> Entry | None:
    """The release that was the latest at a moment: of those readable then, the newest by as-of date, then by when it
    was published."""
    readable = [one for one in found if one.was_published_at(moment)]
    return max(readable, key=lambda one: (one.as_of, _published_before(one, moment)), default=None)


def noted_heads(lake: Lake) -> dict[str, Head]:
    """The heads of the audit log that the entries note, by where they stand."""
    return {f"{_folder(lake).name}/{one.release_id}.json": one.audit for one in entries(lake)}


def _published_before(entry: Entry, moment: datetime) -> datetime:
    return max(step.at for step in entry.history if step.status == PUBLISHED and step.at <= moment)


def _folder(lake: Lake) -> Path:
    return product_folder(lake) / "catalogue"


def _path(lake: Lake, release_id: str) -> Path:
    if "/" in release_id or release_id.startswith("."):
        raise ReleaseError("a release is named by its id, such as 2026-11-01-0123456789ab")
    return _folder(lake) / f"{release_id}.json"


def _read(path: Path) -> Entry:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        steps = (Step(**step | {"at": datetime.fromisoformat(step["at"])}) for step in told["history"])
        return Entry(
            release_id=told["release_id"],
            as_of=date.fromisoformat(told["as_of"]),
            manifest_sha256=told["manifest_sha256"],
            audit=Head(**told["audit"]),
            history=tuple(steps),
            findings=tuple(told["findings"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        raise ReleaseError(f"catalogue/{path.name} cannot be read; restore it from the backup") from None
