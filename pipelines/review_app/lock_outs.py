"""Guessing passwords is slowed: a name or an address that failed too often is refused for a while, restart or not.

Names are kept as hashes, for what is typed into that field is sometimes a password.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from pipelines.review_app.state import State, now_seconds
from pipelines.review_app.terms import Terms


class LockOuts:
    """Failed sign-ins of one app."""

    def __init__(self, state: State, terms: Terms) -> None:
        self.state, self.terms = state, terms

    def is_out(self, name: str, address: str, now: datetime) -> bool:
        """Whether a name, or an address, is refused now, whatever the password."""
        with self.state.writing() as database:
            row = database.execute(
                "select count(*) as found from lock_outs where subject in (?, ?) and until > ?",
                (_name(name), _address(address), now_seconds(now)),
            ).fetchone()
        return bool(row["found"])

    def failed(self, name: str, address: str, now: datetime) -> bool:
        """Note a failure; returns whether it locked the name or the address out."""
        limits = {
            _name(name): self.terms.failures_to_lock_out,
            _address(address): self.terms.failures_of_an_address,
        }
        at, window = now_seconds(now), 60 * self.terms.lock_out_minutes
        locked = False
        with self.state.writing() as database:
            database.execute("delete from failures where at < ?", (at - window,))
            database.execute("delete from lock_outs where until <= ?", (at,))
            for subject, most in limits.items():
                database.execute("insert into failures values (?, ?)", (subject, at))
                row = database.execute("select count(*) as n from failures where subject = ?", (subject,)).fetchone()
                if row["n"] >= most:
                    database.execute("insert or replace into lock_outs values (?, ?)", (subject, at + window))
                    locked = True
        return locked

    def succeeded(self, name: str) -> None:
        """Forget a name's failures; the address keeps its own, for it may be guessing other names."""
        with self.state.writing() as database:
            database.execute("delete from failures where subject = ?", (_name(name),))

    def forgive(self, name: str) -> None:
        """Let a name be tried again: it was given another password."""
        with self.state.writing() as database:
            database.execute("delete from failures where subject = ?", (_name(name),))
            database.execute("delete from lock_outs where subject = ?", (_name(name),))


def _name(name: str) -> str:
    return "name " + hashlib.sha256(name.encode()).hexdigest()


def _address(address: str) -> str:
    return f"address {address}"
