"""What the app must remember over a restart and nobody else needs: sessions, leases, failed sign-ins.

`<lake>/review/app/state.sqlite`, in an identified folder, readable by its owner alone. It names users and opaque pair
ids, no client. Losing it signs everybody out and gives every leased pair back; no judgement is in it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from pipelines.lake import Lake

BUSY_SECONDS = 10
"""How long a thread waits for another's write, each of which takes milliseconds."""

TABLES = """
create table if not exists sessions (
    token_sha256 text primary key, user_name text, csrf text not null, keys_on integer not null default 1,
    made_at real not null, seen_at real not null
);
create table if not exists leases (
    pair_id text primary key, user_name text not null unique, looks text not null default '', until real not null
);
create table if not exists failures (subject text not null, at real not null);
create table if not exists lock_outs (subject text primary key, until real not null);
"""


def app_folder(lake: Lake) -> Path:
    """Where the app keeps what is its own."""
    return lake.root / "review" / "app"


class State:
    """The database; every call opens it anew, so that any thread may ask."""

    def __init__(self, lake: Lake) -> None:
        folder = app_folder(lake)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.path = folder / "state.sqlite"
        with self.writing() as database:
            database.executescript(TABLES)
        self.path.chmod(0o600)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that no other overlaps; what it did is undone if the block raises."""
        database = sqlite3.connect(self.path, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            database.row_factory = sqlite3.Row
            database.execute("begin immediate")
            yield database
            if database.in_transaction:
                database.execute("commit")
        finally:
            database.close()


def now_seconds(now: datetime) -> float:
    """A moment as the database keeps it."""
    return now.astimezone(UTC).timestamp()
