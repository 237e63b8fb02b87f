"""A copy of a whole lake that can be proven: `<folder>/<number>_<time>/lake/…`, with the SHA-256 of each file.

Everything that a lake holds is in it but spilled pages, locks and half-written files: deliveries, keys, decisions,
the audit log, releases. So a backup is as confidential as its lake, and belongs on an encrypted disk of its own
(docs/operations.md). A file that did not change since the backup before is one with that backup's (a hard link), so
a night's backup takes the room of the night's files.

    backup.json   format, number, when, program, form of the lake, head of the audit log, latest release, files, links
    SHA256SUMS    for `sha256sum --check`, without any tool of ours
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipelines.audit import Head, head, record_act
from pipelines.audit.log import FOLDER as AUDIT
from pipelines.audit.log import unchanging
from pipelines.errors import LakeError
from pipelines.lake import PRIVATE_FILE_MASK, Lake, file_sha256, new_folder
from pipelines.operations.state import program_version, refuse_newer, state_version
from pipelines.publish.latest import latest_release

FORMAT = "countylink-backup-1"
MANIFEST, SUMS, FILES = "backup.json", "SHA256SUMS", "lake"

LEFT_OUT = ("spill", ".lock")
"""Directly in the lake: what only a running process needs."""

STAGED, DATABASE, JOURNALS = ".staged", ".db", (".db-wal", ".db-shm", ".db-journal")


@dataclass(frozen=True)
class Backup:
    """What a backup holds; grain of `files`: one file of the lake by its path below it → SHA-256."""

    folder: Path
    number: int
    made_at: datetime
    """UTC."""
    program: str
    state_version: int
    audit: Head
    latest_release: str
    files: Mapping[str, str]
    links: Mapping[str, str]
    """Symlinks: path below the lake → what it points at, relative."""

    def as_json(self) -> dict[str, Any]:
        """Plain values, as `backup.json` holds them."""
        told = {name: value for name, value in asdict(self).items() if name != "folder"}
        return {"format": FORMAT, **told, "made_at": self.made_at.isoformat()}


def back_up(lake: Lake, to: Path, by: str = "", keep: int = 0) -> Backup:
    """Copy a lake; returns what was copied. The caller holds the lake's lock.

    Args:
        to: folder of backups, outside the lake, closed to others.
        by: who asks for it; without a name the account of the machine.
        keep: remove the oldest backups beyond so many; 0 keeps all.

    Raises:
        LakeError: the folder lies inside the lake or is open to others, a newer program wrote the lake, or the copy is
            not what was copied; nothing of it remains.
    """
    refuse_newer(lake)
    _refuse_place(lake, to)
    before = newest_backup(to)
    number = before.number + 1 if before else 1
    made_at = datetime.now(UTC).replace(microsecond=0)
    folder = to / f"{number:06d}_{made_at:%Y%m%dT%H%M%SZ}"
    with new_folder(folder) as staged:
        noted, files = _copied(lake, staged / FILES, before)
        latest = latest_release(lake)
        told = Backup(
            folder=folder,
            number=number,
            made_at=made_at,
            program=program_version(),
            state_version=state_version(lake),
            audit=noted,
            latest_release=latest.name if latest else "",
            files=files,
            links=dict(_links(lake)),
        )
        _write(staged, told)
        refuse_damaged(staged)
    detail = {"copied": len(files), "number": number, "removed": _keep(to, keep)}
    record_act(lake, act="lake_backed_up", by=by, subject=folder.name, detail=detail)
    return told


def read_backup(folder: Path) -> Backup:
    """What a backup says that it holds.

    Raises:
        LakeError: it is no backup, or cannot be read.
    """
    try:
        told = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if told.pop("format") != FORMAT:
            raise ValueError
        made_at, audit = datetime.fromisoformat(told["made_at"]), Head(**told["audit"])
        return Backup(folder=folder, **told | {"made_at": made_at, "audit": audit})
    except (OSError, ValueError, KeyError, TypeError):
        raise LakeError(f"{folder.name} has no readable {MANIFEST}: it is not a backup, or is damaged") from None


def backups(to: Path) -> list[Path]:
    """The folders of the backups in a folder, oldest first: by number, whatever the clock said."""
    return sorted(path.parent for path in to.glob(f"[0-9]*_*/{MANIFEST}"))


def newest_backup(to: Path) -> Backup | None:
    """The newest backup in a folder, or None before the first."""
    found = backups(to)
    return read_backup(found[-1]) if found else None


def backup_faults(folder: Path) -> list[str]:
    """Every way in which a backup is not what it says: files missing, changed or too many."""
    told = read_backup(folder)
    there = {path.relative_to(folder / FILES).as_posix() for path in _regular(folder / FILES)}
    faults = [f"{name}: not in {MANIFEST}" for name in sorted(there - set(told.files))]
    for name, sha256 in sorted(told.files.items()):
        if name not in there:
            faults.append(f"{name}: missing")
        elif file_sha256(folder / FILES / name) != sha256:
            faults.append(f"{name}: its bytes are not those that were copied")
    if (folder / SUMS).read_text(encoding="utf-8") != _sums(folder, told):
        faults.append(f"{SUMS} does not agree with {MANIFEST}")
    return faults


def refuse_damaged(folder: Path) -> None:
    """LakeError for a backup with faults."""
    if faults := backup_faults(folder):
        raise LakeError(f"the backup {folder.name} is not whole ({'; '.join(faults[:3])}); take an older one")


def _refuse_place(lake: Lake, to: Path) -> None:
    if lake.root.resolve() in (to.resolve(), *to.resolve().parents):
        raise LakeError("a backup inside its lake is lost with it; name a folder on another disk with --to")
    to.mkdir(parents=True, exist_ok=True, mode=0o700)
    if to.stat().st_mode & PRIVATE_FILE_MASK:
        raise LakeError(f"others can look into {to.name}, and a backup holds all that a lake holds; chmod 700 it first")


def _copied(lake: Lake, target: Path, before: Backup | None) -> tuple[Head, dict[str, str]]:
    """Copy every file; first the log with its head, then what it seals, so that nothing sealed is missed."""

    def copied(*, is_log: bool) -> dict[str, str]:
        names = [path.relative_to(lake.root) for path in _regular(lake.root)]
        wanted = [name for name in names if _belongs(name) and (name.parts[0] == AUDIT) is is_log]
        return {name.as_posix(): _copy(lake, name, target, before) for name in wanted}

    with unchanging(lake):
        noted, log = head(lake), copied(is_log=True)
    return noted, log | copied(is_log=False)


def _copy(lake: Lake, name: Path, target: Path, before: Backup | None) -> str:
    """Copy a file, or link it to the same file of the backup before; returns its SHA-256."""
    source, copy = lake.root / name, target / name
    copy.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if name.suffix == DATABASE:
        _copy_database(source, copy)
        return file_sha256(copy)
    sha256 = file_sha256(source)
    known = before.folder / FILES / name if before and before.files.get(name.as_posix()) == sha256 else None
    if known and known.exists():
        os.link(known, copy)
    else:
        shutil.copyfile(source, copy)
    return sha256


def _copy_database(source: Path, copy: Path) -> None:
    """Copy a SQLite file as it is between two transactions: Dagster's daemon may be writing to it."""
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(copy)) as other:
        one.backup(other)


def _belongs(name: Path) -> bool:
    return (
        name.parts[0] not in LEFT_OUT
        and not any(part.endswith(STAGED) for part in name.parts)
        and not name.name.endswith(JOURNALS)
    )


def _regular(root: Path) -> list[Path]:
    return [path for path in sorted(root.rglob("*")) if path.is_file() and not path.is_symlink()]


def _links(lake: Lake) -> Iterator[tuple[str, str]]:
    for path in sorted(lake.root.rglob("*")):
        if path.is_symlink() and _belongs(path.relative_to(lake.root)):
            yield path.relative_to(lake.root).as_posix(), path.readlink().as_posix()


def _write(staged: Path, told: Backup) -> None:
    text = json.dumps(told.as_json(), indent=1, sort_keys=True) + "\n"
    (staged / MANIFEST).write_text(text, encoding="utf-8")
    (staged / SUMS).write_text(_sums(staged, told), encoding="utf-8")


def _sums(folder: Path, told: Backup) -> str:
    own = f"{file_sha256(folder / MANIFEST)}  {MANIFEST}\n"
    return own + "".join(f"{sha256}  {FILES}/{name}\n" for name, sha256 in sorted(told.files.items()))


def _keep(to: Path, keep: int) -> int:
    """Remove the oldest backups beyond so many; returns how many were removed."""
    due = backups(to)[:-keep] if keep else []
    for folder in due:
        shutil.rmtree(folder)
    return len(due)
