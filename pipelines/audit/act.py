"""One act of the audit log, and how it is chained to the one before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

FORMAT = "countylink-audit-1"
"""Part of what the first act is chained to, so that a log of another format never continues this one."""


@dataclass(frozen=True)
class Head:
    """How many acts there are, and the hash of the last: whoever notes it can tell later whether any went missing."""

    acts: int
    sha256: str


BEGINNING = Head(0, hashlib.sha256(FORMAT.encode()).hexdigest())
"""The head of a log without acts."""


@dataclass(frozen=True)
class Act:
    """That somebody did something. One line of the log."""

    number: int
    """From 1, without a gap."""
    at: datetime
    """UTC."""
    act: str
    """A code of `acts.yaml`."""
    by: str
    """Who did it, as they said themselves."""
    account: str
    """The account of the machine it was done under."""
    subject: str
    """What it was done to: ids only."""
    reason: str
    detail: Mapping[str, Any]
    """Counts, codes and ids. `files`: path below the lake → SHA-256 of a file as this act left it, None if removed."""
    previous_sha256: str
    """The hash of the act before it."""
    sha256: str
    """Over all of the above."""

    @property
    def files(self) -> Mapping[str, str | None]:
        """The files whose content this act seals."""
        files = self.detail.get("files", {})
        return dict(files) if isinstance(files, Mapping) else {}  # older acts told a number of files by that name

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self) | {"at": self.at.isoformat()}

    def line(self) -> bytes:
        """The act as it stands in the log."""
        return canonical(self.as_json()) + b"\n"


FIELDS = tuple(field.name for field in fields(Act))


def chained(facts: Mapping[str, Any], after: Head) -> Act:
    """An act with its number and hashes, following a head; `facts` are its other fields."""
    told = {**facts, "number": after.acts + 1, "previous_sha256": after.sha256}
    return Act(**told, sha256=_sha256(told))


def parsed(line: bytes) -> Act:
    """The act of a line, whatever it says.

    Raises:
        ValueError: the line is not an act, or not written as this module writes it.
    """
    document = json.loads(line)
    if not isinstance(document, dict) or sorted(document) != sorted(FIELDS):
        raise ValueError("not an act")
    act = Act(**document | {"at": datetime.fromisoformat(document["at"])})
    if act.line() != line:
        raise ValueError("not written by this log")
    return act


def is_intact(act: Act) -> bool:
    """Whether an act's hash is that of its other fields."""
    told = {name: getattr(act, name) for name in FIELDS if name != "sha256"}
    return _sha256(told) == act.sha256


def canonical(document: Mapping[str, Any]) -> bytes:
    """JSON of one form: the same content gives the same bytes."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode()


def _sha256(told: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical({**told, "at": told["at"].isoformat()})).hexdigest()
