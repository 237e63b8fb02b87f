"""Who may use the app, as what: `<lake>/review/app/users.json`, written by `countylink review user` and by the app.

Roles: a `reviewer` looks at pairs and judges them; an `adjudicator` also decides where two reviewers differ; a
`supervisor` sees how the work goes and no client; an `administrator` keeps the accounts and sees neither, so that
nobody who judges can make a second reviewer of themselves. A user without a password can come in through a trusted
proxy only.
"""

from __future__ import annotations

import fcntl
import json
import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from pipelines.audit import record_act
from pipelines.errors import LakeError
from pipelines.lake import Lake, replacing
from pipelines.review_app.passwords import USUAL, Cost, hashed
from pipelines.review_app.sessions import Sessions
from pipelines.review_app.state import State, app_folder
from pipelines.review_app.terms import Terms

REVIEWER, ADJUDICATOR, SUPERVISOR, ADMINISTRATOR = ROLES = ("reviewer", "adjudicator", "supervisor", "administrator")

JUDGES = (REVIEWER, ADJUDICATOR)
"""Who sees clients."""

SEES_WORK = (*JUDGES, SUPERVISOR)
"""Who sees how the work goes."""

FIRST_PASSWORD_BYTES = 12
"""Of a password that the app makes: 16 letters, which nobody guesses before its user has changed it."""

NAME = re.compile(r"[a-z][a-z0-9._@-]{1,63}")


@dataclass(frozen=True)
class User:
    """One account."""

    name: str
    role: str
    is_disabled: bool = False
    password: str = ""
    """A hash; empty without a password."""
    must_change: bool = False
    """Whether the password was made by somebody else, and only serves to choose another."""

    def __repr__(self) -> str:
        return f"User({self.name}, {self.role})"


def users_file(lake: Lake) -> Path:
    """Where they stand."""
    return app_folder(lake) / "users.json"


def read_users(lake: Lake) -> Mapping[str, User]:
    """Every account by name, disabled ones too; LakeError if the file cannot be read."""
    path = users_file(lake)
    if not path.exists():
        return {}
    try:
        return {row["name"]: User(**row) for row in json.loads(path.read_text(encoding="utf-8"))}
    except (ValueError, KeyError, TypeError):
        raise LakeError("review/app/users.json cannot be read; restore it from the backup") from None


def add_user(
    lake: Lake,
    name: str,
    role: str,
    password: str | None,
    terms: Terms,
    cost: Cost = USUAL,
    *,
    by: str = "",
    must_change: bool = False,
) -> None:
    """A new account; LakeError if the name is taken or not well formed, or the password too short.

    `by`: who gives it; the account of the machine without a name.
    """
    if not NAME.fullmatch(name):
        raise LakeError("a user name is 2 to 64 of a-z, 0-9, dot, dash, underscore and @, and begins with a letter")
    if role not in ROLES:
        raise LakeError(f"a role is one of {', '.join(ROLES)}")
    made = User(name, role, password=_hash(password, terms, cost), must_change=must_change)
    with _changing(lake) as known:
        if name in known:
            raise LakeError(f"{name} is there already; change the password, or enable it again")
        known[name] = made
    record_act(lake, act="reviewer_added", by=by, subject=f"user {name}", detail={"role": role})


def set_password(
    lake: Lake,
    name: str,
    password: str,
    terms: Terms,
    cost: Cost = USUAL,
    *,
    by: str = "",
    must_change: bool = False,
) -> None:
    """Give a user another password; whoever is signed in by the old one is signed out."""
    fresh = _hash(password, terms, cost)
    _change(lake, name, lambda user: replace(user, password=fresh, must_change=must_change), "password", by)
    Sessions(State(lake), terms).end_all_of(name)


def set_disabled(lake: Lake, name: str, *, is_disabled: bool, by: str = "") -> None:
    """Keep a user out from the next request on, or let them in again. What they said stays."""
    what = "disabled" if is_disabled else "enabled"
    _change(lake, name, lambda user: replace(user, is_disabled=is_disabled), what, by)


def made_password() -> str:
    """A password to be told once, and changed by its user."""
    return secrets.token_urlsafe(FIRST_PASSWORD_BYTES)


def _change(lake: Lake, name: str, change: Callable[[User], User], what: str, by: str) -> None:
    with _changing(lake) as known:
        if name not in known:
            raise LakeError(f"there is no user {name}; `countylink review user list` names them")
        known[name] = change(known[name])
    record_act(lake, act="reviewer_changed", by=by, subject=f"user {name}", detail={"changed": what})


@contextmanager
def _changing(lake: Lake) -> Iterator[dict[str, User]]:
    """Every account, to be changed by one at a time, the command and the app alike; written if the block ends well."""
    folder = app_folder(lake)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / ".users.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        known = dict(read_users(lake))
        yield known
        _write(lake, known)


def _hash(password: str | None, terms: Terms, cost: Cost) -> str:
    if password is None:
        return ""
    if len(password) < terms.password_least_length:
        raise LakeError(f"a password has at least {terms.password_least_length} characters")
    return hashed(password, cost)


def _write(lake: Lake, known: Mapping[str, User]) -> None:
    rows = [asdict(known[name]) for name in sorted(known)]
    with replacing(users_file(lake)) as staged:
        staged.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
        staged.chmod(0o600)
