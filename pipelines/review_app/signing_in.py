"""Signing in and out, and whether single keys act."""

from __future__ import annotations

import time

from starlette.responses import RedirectResponse, Response

from pipelines.audit import record_act
from pipelines.review_app.calls import MINUTE, Call, NotAllowedError
from pipelines.review_app.passwords import is_password, spend_as_much
from pipelines.review_app.users import User, read_users

WRONG = "The name or the password is not right, or there were too many tries: then wait {minutes} minutes."
"""One sentence for every cause: it tells a guesser nothing."""


def sign_in_page(call: Call) -> Response:
    """The form; whoever is signed in already goes on."""
    return _home() if call.user else call.page("sign_in.html", told="", name="")


def sign_in(call: Call) -> Response:
    """Check name and password; the session begins under a new name."""
    if call.services.proxy is not None:
        raise NotAllowedError(404, "People sign in elsewhere.")
    if not call.services.limits.allows("sign-in", call.services.terms.sign_ins_a_minute, MINUTE, time.monotonic()):
        raise NotAllowedError(429, "Too many people are signing in. Wait a minute.")
    name = call.field("name")
    known = read_users(call.services.lake).get(name)
    if call.services.lock_outs.is_out(name, call.address, call.now):
        return _refused(call, name, known, locked=False)  # it does not last longer for being tried again
    if not _is_right(call, known):
        locked = call.services.lock_outs.failed(name, call.address, call.now)
        return _refused(call, name, known, locked=locked)
    call.services.lock_outs.succeeded(name)
    record_act(call.services.lake, act="reviewer_signed_in", by=name, detail={"address": call.address})
    call.session = call.services.sessions.begin(name, call.now, replacing=call.session)
    return _home()


def sign_out(call: Call) -> Response:
    """End the session, and give back what was on the table."""
    if call.user:
        call.services.desk.leases.give_back(call.user.name)
    call.services.sessions.end(call.session)
    call.session = call.services.sessions.begin(None, call.now)
    return RedirectResponse("/sign-in", status_code=303)


def turn_keys(call: Call) -> Response:
    """Let single keys act, or not."""
    call.services.sessions.turn_keys(call.session, on=call.field("keys") == "on")
    return _home()


def _is_right(call: Call, known: User | None) -> bool:
    password = next(iter(call.form.get("password", ())), "")
    if known is None or known.is_disabled or not known.password:
        spend_as_much(password)
        return False
    return is_password(password, known.password)


def _refused(call: Call, name: str, known: User | None, *, locked: bool) -> Response:
    """What was typed into the name may be a password, so only names of users are recorded."""
    act = "reviewer_locked_out" if locked else "reviewer_refused"
    subject = f"user {known.name}" if known else "no user"
    record_act(call.services.lake, act=act, subject=subject, detail={"address": call.address})
    told = WRONG.format(minutes=call.services.terms.lock_out_minutes)
    return call.page("sign_in.html", 403, told=told, name=name)


def _home() -> Response:
    return RedirectResponse("/", status_code=303)
