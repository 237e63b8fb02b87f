"""The app: which page stands at which address, who sees it, and what lies around all of them."""

from __future__ import annotations

from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from pipelines.review_app import account_pages, overview_pages, pair_pages, signing_in
from pipelines.review_app.calls import CHANGE_PAGE, Endpoint, Page, endpoint, not_there
from pipelines.review_app.services import Services
from pipelines.review_app.shield import WENT_WRONG, Shield
from pipelines.review_app.users import ADMINISTRATOR, JUDGES, ROLES, SEES_WORK

STATIC = Path(__file__).with_name("static")

MEDIA = {".css": "text/css", ".js": "text/javascript"}

PAGES: tuple[tuple[str, str, Page, tuple[str, ...] | None], ...] = (
    ("GET", "/sign-in", signing_in.sign_in_page, None),
    ("POST", "/sign-in", signing_in.sign_in, None),
    ("POST", "/sign-out", signing_in.sign_out, None),
    ("POST", "/keys", signing_in.turn_keys, JUDGES),
    ("GET", "/", overview_pages.home, ROLES),
    ("GET", "/mine", overview_pages.mine, JUDGES),
    ("GET", "/progress", overview_pages.progress, SEES_WORK),
    ("GET", "/changes", overview_pages.changes, SEES_WORK),
    ("GET", "/accounts", account_pages.accounts, (ADMINISTRATOR,)),
    ("POST", "/accounts", account_pages.add, (ADMINISTRATOR,)),
    ("POST", "/accounts/change", account_pages.change, (ADMINISTRATOR,)),
    ("GET", CHANGE_PAGE, account_pages.own_password, ROLES),
    ("POST", CHANGE_PAGE, account_pages.change_own_password, ROLES),
    ("POST", "/next", pair_pages.take_next, JUDGES),
    ("GET", "/pair/{pair_id}", pair_pages.show, JUDGES),
    ("POST", "/pair/{pair_id}", pair_pages.judge, JUDGES),
    ("POST", "/pair/{pair_id}/open", pair_pages.open_more, JUDGES),
    ("POST", "/pair/{pair_id}/give-back", pair_pages.give_back, JUDGES),
    ("POST", "/mine/{number:int}/take-back", pair_pages.take_back, JUDGES),
)
"""Method, address, page, and the roles that see it (None: everybody, also before signing in)."""


def make_app(services: Services) -> ASGIApp:
    """The app of a lake."""
    routes = [Route(path, endpoint(services, page, roles), methods=[method]) for method, path, page, roles in PAGES]
    routes += [Route(f"/static/{file.name}", _file(file), methods=["GET"]) for file in sorted(STATIC.iterdir())]
    routes += [Route("/{rest:path}", endpoint(services, not_there, None), methods=["GET"])]
    app = Starlette(routes=routes, exception_handlers={Exception: _went_wrong})
    return Shield(app, services.hosts, is_secure=services.is_secure)


async def _went_wrong(_: Request, __: Exception) -> Response:
    """What is said when nobody expected it; the shield tells the log."""
    return PlainTextResponse(WENT_WRONG, status_code=500)


def _file(path: Path) -> Endpoint:
    content, media = path.read_bytes(), MEDIA[path.suffix]

    async def answer(_: Request) -> Response:
        return Response(content, media_type=media)

    return answer
