"""Who is signed in: sessions on the server, known to the browser by a random name alone.

The database holds a hash of the name, so that a stolen copy opens nothing. A session ends when it is idle or old
(`terms.yaml`), at signing out, and when the same browser signs in: the name from before is worthless then.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

from pipelines.review_app.state import State, now_seconds
from pipelines.review_app.terms import Terms

TOKEN_BYTES = 32


@dataclass(frozen=True)
class Session:
    """One browser. `user_name` is None before somebody signed in."""

    token: str
    user_name: str | None
    csrf: str
    keys_on: bool = True
    """Whether single keys act; they can be turned off for those whom they trouble."""

    def __repr__(self) -> str:
        return f"Session({self.user_name})"


class Sessions:
    """Sessions of one app."""

    def __init__(self, state: State, terms: Terms) -> None:
        self.state, self.terms = state, terms

    def begin(self, user_name: str | None, now: datetime, replacing: Session | None = None) -> Session:
        """A new session under a new name; the one that it replaces ends."""
        made = Session(secrets.token_urlsafe(TOKEN_BYTES), user_name, secrets.token_urlsafe(TOKEN_BYTES))
        at = now_seconds(now)
        with self.state.writing() as database:
            if replacing is not None:
                database.execute("delete from sessions where token_sha256 = ?", (_hashed(replacing.token),))
            database.execute("delete from sessions where seen_at < ? or made_at < ?", self._ended_before(at))
            database.execute(
                "insert into sessions (token_sha256, user_name, csrf, made_at, seen_at) values (?, ?, ?, ?, ?)",
                (_hashed(made.token), user_name, made.csrf, at, at),
            )
        return made

    def find(self, token: str, now: datetime) -> Session | None:
        """The session of a name, if it has not ended; being asked for keeps it alive."""
        at = now_seconds(now)
        with self.state.writing() as database:
            row = database.execute(
                "update sessions set seen_at = ? where token_sha256 = ? and seen_at >= ? and made_at >= ? "
                "returning user_name, csrf, keys_on",
                (at, _hashed(token), *self._ended_before(at)),
            ).fetchone()
        return Session(token, row["user_name"], row["csrf"], bool(row["keys_on"])) if row else None

    def end(self, session: Session) -> None:
        """Sign out."""
        with self.state.writing() as database:
            database.execute("delete from sessions where token_sha256 = ?", (_hashed(session.token),))

    def end_all_of(self, user_name: str) -> None:
        """Sign a user out everywhere."""
        with self.state.writing() as database:
            database.execute("delete from sessions where user_name = ?", (user_name,))

    def turn_keys(self, session: Session, *, on: bool) -> None:
        """Let single keys act in this session, or not."""
        with self.state.writing() as database:
            database.execute(
                "update sessions set keys_on = ? where token_sha256 = ?", (int(on), _hashed(session.token))
            )

    def _ended_before(self, at: float) -> tuple[float, float]:
        return at - 60 * self.terms.session_idle_minutes, at - 3600 * self.terms.session_hours


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
