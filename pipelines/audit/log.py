"""The log: `<lake>/audit/acts.jsonl`, a line an act, and `head.json`, what the last one is.

A line is appended under an exclusive lock on the file and is durable when `record_act` returns. A writer that is killed
in between leaves a torn last line of which nobody was told; the next writer takes it off and says so in an act.
`head.json` is replaced after the line: if it is one act behind, a writer was killed there; if it is ahead, acts are
gone.
"""

from __future__ import annotations

import fcntl
import json
import os
import pwd
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from pipelines.audit.act import BEGINNING, Act, Head, chained, is_intact, parsed
from pipelines.audit.vocabulary import refuse_unknown
from pipelines.errors import LakeError
from pipelines.lake import Lake, file_sha256, fsync, replacing

FOLDER, LOG, HEAD = "audit", "acts.jsonl", "head.json"

LONGEST_LINE = 64 * 1024
"""Bytes. So the last line is found in the last 64 KiB, however long the log is; details are counts and ids."""


def record_act(
    lake: Lake,
    *,
    act: str,
    by: str = "",
    subject: str = "",
    reason: str = "",
    detail: Mapping[str, Any] | None = None,
    at: datetime | None = None,
) -> Act:
    """Append an act, durably; returns it as it stands in the log.

    Args:
        act: a code of `acts.yaml`.
        by: who did it; without a name it is the account of the machine.
        subject: what it was done to, by its ids.
        reason: why, in the words of who did it.
        detail: counts, codes, ids; `files` seals files (`sealed_file`), so that `verify-audit` holds them to it.
        at: when, in UTC; default: now.

    Raises:
        LakeError: the kind of act is unknown, the act is too long, or the log is damaged; nothing is appended.
    """
    refuse_unknown(act)
    account = _account()
    facts = {
        "at": at or datetime.now(UTC),
        "act": act,
        "by": by.strip() or account,
        "account": account,
        "subject": subject,
        "reason": reason.strip(),
        "detail": dict(detail or {}),
    }
    with _opened(lake) as log:
        after = _whole(log, account)
        return _append(lake, log, chained(facts, after))


def acts(lake: Lake) -> Iterator[Act]:
    """Every act, oldest first; as the lines say, unverified.

    Raises:
        LakeError: a line cannot be read.
    """
    if not log_path(lake).exists():
        return
    with log_path(lake).open("rb") as log:
        for number, line in enumerate(log, start=1):
            try:
                yield parsed(line)
            except (ValueError, KeyError, TypeError):
                raise _damaged(number) from None


def head(lake: Lake) -> Head:
    """The head of the log as its last line says."""
    if not log_path(lake).exists():
        return BEGINNING
    with log_path(lake).open("rb") as log:
        return _last(log)


def sealed_file(lake: Lake, path: Path) -> dict[str, str | None]:
    """An entry of `detail["files"]`: a file's path below the lake and the SHA-256 of its bytes, None if it is gone."""
    return {path.relative_to(lake.root).as_posix(): file_sha256(path) if path.exists() else None}


def log_path(lake: Lake) -> Path:
    """Where the acts stand."""
    return lake.root / FOLDER / LOG


def head_path(lake: Lake) -> Path:
    """Where the head is noted beside them."""
    return lake.root / FOLDER / HEAD


@contextmanager
def unchanging(lake: Lake) -> Iterator[None]:
    """Keep every writer out of the log for a while: to copy it with its head as one."""
    if not log_path(lake).exists():
        yield
        return
    with log_path(lake).open("rb") as log:
        fcntl.flock(log, fcntl.LOCK_SH)
        yield


def _account() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"


@contextmanager
def _opened(lake: Lake) -> Iterator[BinaryIO]:
    """The log, open to append and locked: a second writer waits."""
    path = log_path(lake)
    is_new = not path.exists()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "rb+", buffering=0) as log:
        fcntl.flock(log, fcntl.LOCK_EX)
        if is_new:
            fsync(path.parent)
        yield log


def _whole(log: BinaryIO, account: str) -> Head:
    """The head that the next act follows, after an unfinished last line was taken off."""
    torn = _torn_bytes(log)
    if not torn:
        return _last(log)
    log.truncate(log.seek(0, os.SEEK_END) - torn)
    note = {"at": datetime.now(UTC), "act": "torn_line_removed", "by": account, "account": account, "subject": "",
            "reason": "", "detail": {"bytes": torn}}  # fmt: skip
    act = chained(note, _last(log))
    log.write(act.line())
    return Head(act.number, act.sha256)


def _append(lake: Lake, log: BinaryIO, act: Act) -> Act:
    line = act.line()
    if len(line) > LONGEST_LINE:
        raise LakeError(f"an act of the audit log takes at most {LONGEST_LINE} bytes; say counts instead of lists")
    log.write(line)
    os.fsync(log.fileno())
    with replacing(head_path(lake)) as staged:
        staged.write_text(json.dumps({"acts": act.number, "sha256": act.sha256}) + "\n", encoding="utf-8")
    return act


def _tail(log: BinaryIO) -> bytes:
    size = log.seek(0, os.SEEK_END)
    log.seek(max(0, size - 2 * LONGEST_LINE))
    return log.read()


def _torn_bytes(log: BinaryIO) -> int:
    tail = _tail(log)
    return len(tail) - (tail.rfind(b"\n") + 1)


def _last(log: BinaryIO) -> Head:
    lines = _tail(log).splitlines(keepends=True)
    if not lines:
        return BEGINNING
    try:
        act = parsed(lines[-1])
    except (ValueError, KeyError, TypeError):
        raise _damaged(None) from None
    if not is_intact(act):
        raise _damaged(act.number)
    return Head(act.number, act.sha256)


def _damaged(number: int | None) -> LakeError:
    place = f"line {number}" if number else "the last line"
    return LakeError(
        f"{FOLDER}/{LOG}: {place} is not as it was written; see `countylink verify-audit`, and restore the file from "
        "the backup: until then nothing that must be recorded can be done"
    )
