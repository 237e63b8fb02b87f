"""The pages of accounts: an administrator keeps them, and everybody changes their own password.

A password that the app makes is shown once, on the page that answers, and only serves to choose another.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from starlette.responses import RedirectResponse, Response

from pipelines.audit import record_act
from pipelines.errors import LakeError
from pipelines.review_app.calls import Call, NotAllowedError
from pipelines.review_app.passwords import is_password
from pipelines.review_app.users import ROLES, add_user, made_password, read_users, set_disabled, set_password

WRONG = "The password that you have now is not right."
UNLIKE = "The new password was typed in two ways."
SAME = "The new password is the one that you have now."
NOT_YOURS = "Your own account is kept by another administrator, so that nobody locks everybody out."


def accounts(call: Call) -> Response:
    """Every account, and the form for a new one."""
    return _page(call)


def add(call: Call) -> Response:
    """A new account; its password, if it has one, is told on the page that answers."""
    password = made_password() if call.services.proxy is None else None
    name = call.field("name")
    try:
        add_user(
            call.services.lake, name, call.field("role"), password, call.services.terms, call.services.cost,
            by=call.signed_in.name, must_change=password is not None,
        )  # fmt: skip
    except LakeError as error:
        return _page(call, 409, told=str(error))
    return _page(call, name=name, password=password)


def change(call: Call) -> Response:
    """Disable, enable, or give a new password."""
    name, act = call.field("name"), ACTS.get(call.field("act"))
    if act is None or name not in read_users(call.services.lake):
        raise NotAllowedError(400, "There is no such account, or nothing such to be done to it.")
    if name == call.signed_in.name:
        raise NotAllowedError(403, NOT_YOURS)
    return act(call, name)


def own_password(call: Call) -> Response:
    """The form for one's own password."""
    return call.page("password.html", told="")


def change_own_password(call: Call) -> Response:
    """Another password for whoever is signed in, who knows the one there is; they sign in anew."""
    services, user = call.services, call.signed_in
    old, new, again = (next(iter(call.form.get(name, ())), "") for name in ("old", "new", "again"))
    if services.lock_outs.is_out(user.name, call.address, call.now) or not is_password(old, user.password):
        locked = services.lock_outs.failed(user.name, call.address, call.now)
        act, where = "reviewer_locked_out" if locked else "reviewer_refused", {"address": call.address}
        record_act(services.lake, act=act, subject=f"user {user.name}", detail=where)
        return call.page("password.html", 403, told=WRONG)
    if new != again or new == old:
        return call.page("password.html", 409, told=UNLIKE if new != again else SAME)
    try:
        set_password(services.lake, user.name, new, services.terms, services.cost, by=user.name)
    except LakeError as error:
        return call.page("password.html", 409, told=str(error))
    call.session = services.sessions.begin(None, call.now)
    return RedirectResponse("/sign-in", status_code=303)


def _disable(call: Call, name: str) -> Response:
    set_disabled(call.services.lake, name, is_disabled=True, by=call.signed_in.name)
    return RedirectResponse("/accounts", status_code=303)


def _enable(call: Call, name: str) -> Response:
    set_disabled(call.services.lake, name, is_disabled=False, by=call.signed_in.name)
    return RedirectResponse("/accounts", status_code=303)


def _reset(call: Call, name: str) -> Response:
    if call.services.proxy is not None:
        raise NotAllowedError(404, "People sign in elsewhere; their passwords are not ours.")
    password = made_password()
    set_password(
        call.services.lake,
        name,
        password,
        call.services.terms,
        call.services.cost,
        by=call.signed_in.name,
        must_change=True,
    )
    call.services.lock_outs.forgive(name)
    return _page(call, name=name, password=password)


ACTS: Mapping[str, Callable[[Call, str], Response]] = {"disable": _disable, "enable": _enable, "reset": _reset}
"""What a button of the list says."""


def _page(call: Call, status: int = 200, *, told: str = "", name: str = "", password: str | None = None) -> Response:
    return call.page(
        "accounts.html", status, users=list(read_users(call.services.lake).values()), roles=ROLES, told=told,
        made=name, password=password, has_passwords=call.services.proxy is None,
    )  # fmt: skip
