"""Who has which pair on the table: one pair a user, one user a pair, for as long as `lease_minutes` says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from pipelines.review_app.state import State, now_seconds
from pipelines.review_app.terms import Terms


@dataclass(frozen=True)
class Lease:
    """A pair on somebody's table, and what they opened of it so far: `waterfall`, `persons`."""

    pair_id: str
    user_name: str
    looks: tuple[str, ...]


class Leases:
    """Leases of one app."""

    def __init__(self, state: State, terms: Terms) -> None:
        self.state, self.terms = state, terms

    def held_by(self, user_name: str, now: datetime) -> Lease | None:
        """The pair that a user has; looking at it keeps it."""
        at = now_seconds(now)
        with self.state.writing() as database:
            row = database.execute(
                "update leases set until = ? where user_name = ? and until >= ? returning pair_id, looks",
                (self._until(at), user_name, at),
            ).fetchone()
        return Lease(row["pair_id"], user_name, _looks(row["looks"])) if row else None

    def take_first(self, user_name: str, pair_ids: Iterable[str], now: datetime) -> Lease | None:
        """Lease the first of these that nobody has; what the user had before is given back. One transaction."""
        at = now_seconds(now)
        with self.state.writing() as database:
            database.execute("delete from leases where until < ? or user_name = ?", (at, user_name))
            taken = {row["pair_id"] for row in database.execute("select pair_id from leases")}
            free = next((one for one in pair_ids if one not in taken), None)
            if free is None:
                return None
            database.execute(
                "insert into leases (pair_id, user_name, until) values (?, ?, ?)", (free, user_name, self._until(at))
            )
        return Lease(free, user_name, ())

    def opened(self, lease: Lease, look: str) -> None:
        """Note what a user opened, so that it stands with the judgement."""
        looks = sorted({*lease.looks, look})
        with self.state.writing() as database:
            database.execute(
                "update leases set looks = ? where pair_id = ? and user_name = ?",
                (" ".join(looks), lease.pair_id, lease.user_name),
            )

    def give_back(self, user_name: str) -> None:
        """Let others have what a user had."""
        with self.state.writing() as database:
            database.execute("delete from leases where user_name = ?", (user_name,))

    def taken(self, now: datetime) -> int:
        """How many pairs are on somebody's table."""
        with self.state.writing() as database:
            row = database.execute(
                "select count(*) as pairs from leases where until >= ?", (now_seconds(now),)
            ).fetchone()
        return int(row["pairs"])

    def _until(self, at: float) -> float:
        return at + 60 * self.terms.lease_minutes


def _looks(stored: str) -> tuple[str, ...]:
    return tuple(stored.split())
