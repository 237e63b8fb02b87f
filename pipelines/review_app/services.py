"""What the pages share: the desk, the sessions, who is trusted, and how a page is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import jinja2
from starlette.responses import HTMLResponse, Response

from pipelines.lake import Lake
from pipelines.reports import wording
from pipelines.review_app.desk import Desk
from pipelines.review_app.limits import Limits
from pipelines.review_app.lock_outs import LockOuts
from pipelines.review_app.passwords import USUAL, Cost
from pipelines.review_app.sessions import Sessions
from pipelines.review_app.state import State
from pipelines.review_app.terms import Terms

TEMPLATES = Path(__file__).with_name("templates")

COOKIE = "countylink_review"

SECURE_COOKIE = "__Host-countylink_review"
"""Browsers take this name over HTTPS, for this host and every path only; no sister host can plant one."""


@dataclass(frozen=True)
class Proxy:
    """A reverse proxy that signs people in and names them in a header; only its address is believed."""

    header: str
    address: str


class Pages:
    """Draws templates; every value is escaped."""

    def __init__(self) -> None:
        loader = jinja2.FileSystemLoader(TEMPLATES)
        self.jinja = jinja2.Environment(
            loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )
        self.jinja.filters["agency"] = wording.agency
        self.jinja.filters["moved"] = wording.moved_estimate

    def answer(self, template: str, status: int = 200, **shown: object) -> Response:
        """A page."""
        return HTMLResponse(self.jinja.get_template(template).render(**shown), status_code=status)


@dataclass(frozen=True)
class Services:
    """Everything that a page may ask."""

    lake: Lake
    terms: Terms
    desk: Desk
    sessions: Sessions
    lock_outs: LockOuts
    limits: Limits
    pages: Pages
    origins: tuple[str, ...]
    """Where a form may come from."""
    proxy: Proxy | None = None
    cost: Cost = USUAL
    """Of the hashes of passwords that are chosen in the app."""

    @property
    def is_secure(self) -> bool:
        """Whether people reach the app by HTTPS."""
        return any(origin.startswith("https://") for origin in self.origins)

    @property
    def cookie(self) -> str:
        """The name of the session's cookie."""
        return SECURE_COOKIE if self.is_secure else COOKIE

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts that people may ask for."""
        return tuple(origin.partition("://")[2] for origin in self.origins)


def open_services(
    lake: Lake, terms: Terms, origins: tuple[str, ...], proxy: Proxy | None = None, cost: Cost = USUAL
) -> Services:
    """Everything for a lake; decisions that a killed app still owed are recorded."""
    state = State(lake)
    return Services(
        lake=lake,
        terms=terms,
        desk=Desk(lake, terms, state),
        sessions=Sessions(state, terms),
        lock_outs=LockOuts(state, terms),
        limits=Limits(),
        pages=Pages(),
        origins=origins,
        proxy=proxy,
        cost=cost,
    )
