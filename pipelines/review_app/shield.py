"""The outermost layer: which host is asked for, what every answer tells the browser, what an error tells nobody.

Pure ASGI around the app. An exception that nobody caught becomes a page without a word of it; the log is told its kind
and the place in our code, never its text, which may quote a person.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Collection, Iterator
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOG = logging.getLogger("countylink.review_app")

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # Not `no-referrer`: a browser then sends `Origin: null` with a form, and the check of the origin could not pass.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), clipboard-read=()",
    "cache-control": "no-store",
}
"""With every answer. No page may be kept, framed or sent elsewhere, and no script runs but our one file."""

WENT_WRONG = "Something went wrong. Load the page again; what you recorded before is kept.\n"

SECURE_ONLY = {"strict-transport-security": "max-age=31536000"}
"""Where people reach the app by HTTPS."""


class Shield:
    """Wraps the app."""

    def __init__(self, app: ASGIApp, hosts: Collection[str], *, is_secure: bool) -> None:
        self.app, self.hosts = app, frozenset(hosts)
        self.headers = HEADERS | (SECURE_ONLY if is_secure else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def dressed(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                MutableHeaders(scope=message).update(self.headers)
            await send(message)

        if Headers(scope=scope).get("host", "") not in self.hosts:
            answer = PlainTextResponse("This is not a name of this server.\n", status_code=421)
            await answer(scope, receive, dressed)
            return
        try:
            await self.app(scope, receive, dressed)
        except Exception as error:
            LOG.error("a request failed: %s at %s", type(error).__name__, " < ".join(places(error)))
            if started:
                return
            answer = PlainTextResponse(WENT_WRONG, status_code=500)
            await answer(scope, receive, dressed)


def places(error: BaseException) -> Iterator[str]:
    """Where in our code an exception passed, innermost first: file and line, no text."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if "/pipelines/" in frame.filename:
            yield f"{'/'.join(frame.filename.split('/')[-2:])}:{frame.lineno}"


def log_config() -> dict[str, Any]:
    """For the server: warnings and errors to standard error, and no line for a request."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
        "loggers": {
            "uvicorn": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
            "countylink.review_app": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        },
    }
