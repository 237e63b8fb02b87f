"""One request on its way to a page: whose it is, whether the form is really theirs, whether they may.

Every page is a plain function of a `Call`; it runs in a thread, for it reads the lake. What stands between a request
and a page, in this order: the trusted address, the form's size, the session, the user's account, the form's token and
origin, the rate, the role.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from pipelines.audit import record_act
from pipelines.errors import CountylinkError
from pipelines.review_app.services import Services
from pipelines.review_app.sessions import Session
from pipelines.review_app.users import User, read_users

MINUTE, HOUR = 60.0, 3600.0

Form = Mapping[str, Sequence[str]]

CHANGE_PAGE = "/password"
"""The one page, besides signing out, for whoever came in by a password that somebody else made."""


@dataclass
class Call:
    """A request with everything that a page wants to know of it."""

    services: Services
    request: Request
    session: Session
    user: User | None
    form: Form
    now: datetime

    @property
    def signed_in(self) -> User:
        """The user; pages that ask for it are never called without one."""
        if self.user is None:
            raise PermissionError
        return self.user

    @property
    def address(self) -> str:
        """Who is at the other end of the connection; no header can say otherwise."""
        return self.request.client.host if self.request.client else ""

    def field(self, name: str) -> str:
        """The first value of a form's field, trimmed; empty if there is none."""
        return next(iter(self.form.get(name, ())), "").strip()

    def page(self, template: str, status: int = 200, **shown: object) -> Response:
        """A page of a template."""
        return self.services.pages.answer(template, status, user=self.user, session=self.session, **shown)


Page = Callable[[Call], Response]

Endpoint = Callable[[Request], Awaitable[Response]]


class NotAllowedError(Exception):
    """A request that is refused: the status and what the page says. Nothing of the request is in it."""

    def __init__(self, status: int, told: str) -> None:
        super().__init__(told)
        self.status, self.told = status, told


def not_there(_: Call) -> Response:
    """What an address says that no page has: as a page, so that there is a way back."""
    raise NotAllowedError(404, "There is no page at this address.")


def endpoint(services: Services, page: Page, roles: Sequence[str] | None) -> Endpoint:
    """What the server calls; `roles` may see the page, None lets everybody in."""

    async def answer(request: Request) -> Response:
        body = await _body(request, services.terms.form_most_bytes)
        return await run_in_threadpool(_answer, services, page, roles, request, body)

    return answer


def _answer(
    services: Services, page: Page, roles: Sequence[str] | None, request: Request, body: bytes | None
) -> Response:
    call = Call(services, request, Session("", None, ""), None, {}, datetime.now(UTC))
    try:
        if services.proxy is not None and call.address != services.proxy.address:
            raise NotAllowedError(403, "This server is reached through the county's sign-in alone.")
        if body is None:
            raise NotAllowedError(413, "The form is too long.")
        call.session = _session(call)
        call.user = _user(call)
        call.form = _form(call, body)
        _keep_the_pace(call)
        if roles is not None and call.user is None:
            return _with_cookie(call, RedirectResponse("/sign-in", status_code=303))
        if roles is not None and call.signed_in.role not in roles:
            raise NotAllowedError(403, "Your role does not see this page.")
        if roles is not None and call.signed_in.must_change and request.url.path != CHANGE_PAGE:
            return _with_cookie(call, RedirectResponse(CHANGE_PAGE, status_code=303))
        return _with_cookie(call, page(call))
    except NotAllowedError as refused:
        # Without a cookie: what a browser asked for before a sign-in, an icon say, may be answered after it.
        return call.page("refused.html", refused.status, told=refused.told)
    except CountylinkError as error:
        return _with_cookie(call, call.page("refused.html", 409, told=str(error)))


def _session(call: Call) -> Session:
    found = call.services.sessions.find(call.request.cookies.get(call.services.cookie, ""), call.now)
    proxy = call.services.proxy
    if proxy is None:
        return found or call.services.sessions.begin(None, call.now)
    name = call.request.headers.get(proxy.header, "")
    if found is not None and found.user_name == name:
        return found
    user = read_users(call.services.lake).get(name)
    if user is None or user.is_disabled:
        record_act(call.services.lake, act="reviewer_refused", detail={"address": call.address})
        raise NotAllowedError(403, "You have no account here; ask whoever runs the review.")
    record_act(call.services.lake, act="reviewer_signed_in", by=name, detail={"address": call.address})
    return call.services.sessions.begin(name, call.now, replacing=found)


def _user(call: Call) -> User | None:
    """The account as it is now: one that was disabled is out with the next request."""
    user = read_users(call.services.lake).get(call.session.user_name or "")
    if user is not None and user.is_disabled:
        call.services.sessions.end_all_of(user.name)
        call.services.desk.leases.give_back(user.name)
        call.session = call.services.sessions.begin(None, call.now)
        return None
    return user


async def _body(request: Request, most: int) -> bytes | None:
    """The body of a request; None if it is longer than a form may be."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > most:
            return None
    return body


def _form(call: Call, body: bytes) -> Form:
    if call.request.method in ("GET", "HEAD"):
        return {}
    try:
        form = parse_qs(body.decode("utf-8"), keep_blank_values=True, max_num_fields=100)
    except ValueError:
        raise NotAllowedError(400, "The form cannot be read.") from None
    origin = call.request.headers.get("origin")
    if origin is not None and origin not in call.services.origins:
        raise NotAllowedError(403, "The form was sent from another site.")
    if not hmac.compare_digest(next(iter(form.get("csrf", ())), "").encode(), call.session.csrf.encode()):
        raise NotAllowedError(
            403, "The form is older than your session. Go back, load the page again, and send it again."
        )
    return form


def _keep_the_pace(call: Call) -> None:
    name = call.user.name if call.user else f"address {call.address}"
    if not call.services.limits.allows(name, call.services.terms.requests_a_minute, MINUTE, time.monotonic()):
        raise NotAllowedError(429, "That was too fast. Wait a minute, then go on.")


def _with_cookie(call: Call, answer: Response) -> Response:
    services = call.services
    if call.session.token and call.request.cookies.get(services.cookie) != call.session.token:
        answer.set_cookie(
            services.cookie, call.session.token, httponly=True, samesite="strict", secure=services.is_secure, path="/"
        )
    return answer
