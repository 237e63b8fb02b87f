"""A deletion that is under way: what is to be deleted and proved, until it is; a run that is killed forgets nothing.

`decisions/.deletion.json`, in an identified folder, holds the clients and the values that only they had. It is written
before anything is touched, and removed once nothing else was found to hold them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipelines.deletion.beyond import Beyond
from pipelines.deletion.clients import Client
from pipelines.errors import LakeError
from pipelines.lake import Lake, replacing
from pipelines.link.decision_store import store_folder


@dataclass(frozen=True)
class Pending:
    """What a deletion began with."""

    clients: tuple[Client, ...]
    persons: frozenset[int]
    """Every person that one of the clients ever was part of."""
    values: frozenset[str]
    """Values that only these clients had."""
    beyond: Beyond = field(default_factory=Beyond)
    """Where they were found so far."""
    begun_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    numbers: tuple[int, ...] = ()
    """Under which it was tried; one that was cut off has several."""

    def __repr__(self) -> str:
        return f"Pending({len(self.clients)} clients)"


def pending_path(lake: Lake) -> Path:
    """Where it lies while it is under way."""
    return store_folder(lake) / ".deletion.json"


def write_pending(lake: Lake, pending: Pending) -> None:
    """Keep what a deletion begins with."""
    told: dict[str, Any] = {"clients": pending.clients, "persons": sorted(pending.persons)}
    told |= {"values": sorted(pending.values), "beyond": pending.beyond.as_json()}
    told |= {"begun_at": pending.begun_at.isoformat(), "numbers": pending.numbers}
    with replacing(pending_path(lake)) as staged:
        staged.touch(mode=0o600)
        staged.write_text(json.dumps(told), encoding="utf-8")


def read_pending(lake: Lake) -> Pending | None:
    """The deletion that was begun and not ended, if there is one.

    Raises:
        LakeError: it cannot be read.
    """
    path = pending_path(lake)
    if not path.exists():
        return None
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        clients = tuple((str(agency), str(client_id)) for agency, client_id in told["clients"])
        persons, values = frozenset(map(int, told["persons"])), frozenset(map(str, told["values"]))
        begun_at = datetime.fromisoformat(told["begun_at"])
        numbers = tuple(map(int, told.get("numbers", ())))  # not there if it was begun by an earlier program
        return Pending(clients, persons, values, Beyond.from_json(told["beyond"]), begun_at, numbers)
    except (OSError, ValueError, KeyError, TypeError):
        raise LakeError(f"decisions/{path.name} cannot be read; restore it from the backup") from None
