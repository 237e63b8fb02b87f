"""Accounts are kept in the browser by administrators, who see nothing else; every change is recorded with a name."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from pipelines.audit import acts
from pipelines.lake import Lake
from pipelines.review_app import Proxy
from pipelines.review_app.users import read_users
from tests.review_app.places import VALUES, Site, Visitor, serving, with_people

ONCE = re.compile(r"<code>([^<]+)</code>")


@pytest.fixture
def accounts(lake: Lake) -> Iterator[Site]:
    """The app, with an administrator."""
    with_people(lake, {"root": "administrator"})
    with serving(lake) as running:
        yield running


def signed_in(site: Site, name: str, password: str) -> Visitor:
    visitor = site.visitor()
    visitor.get("/sign-in")
    assert visitor.post("/sign-in", name=name, password=password).status == 303
    return visitor


def test_an_account_is_given_with_a_password_that_only_serves_to_choose_another(accounts: Site, lake: Lake) -> None:
    root = accounts.visitor("root")
    assert root.get("/").location == "/accounts"
    root.get("/accounts")
    made = root.post("/accounts", name="dee", role="reviewer")
    (first,) = ONCE.findall(made.text)
    assert first not in root.get("/accounts").text
    dee = signed_in(accounts, "dee", first)
    assert [dee.get(path).location for path in ("/", "/mine", "/progress")] == ["/password"] * 3
    dee.get("/password")
    assert dee.post("/password", old="not it", new="a long new one", again="a long new one").status == 403
    assert dee.post("/password", old=first, new="a long new one", again="another").status == 409
    assert dee.post("/password", old=first, new=first, again=first).status == 409
    assert "12 characters" in dee.post("/password", old=first, new="short", again="short").text
    assert dee.post("/password", old=first, new="a long new one", again="a long new one").location == "/sign-in"
    assert signed_in(accounts, "dee", "a long new one").get("/").status == 200
    told = [(act.act, act.by, act.subject) for act in acts(lake) if act.subject == "user dee"]
    assert told[0] == ("reviewer_added", "root", "user dee")
    assert ("reviewer_changed", "dee", "user dee") in told
    assert "a long new one" not in (lake.root / "review/app/users.json").read_text()


def test_who_is_kept_out_is_out_with_the_next_click_and_a_new_password_signs_them_out(accounts: Site) -> None:
    root, ada = accounts.visitor("root"), accounts.visitor("ada")
    root.get("/accounts")
    assert root.post("/accounts/change", name="ada", act="disable").location == "/accounts"
    assert ada.get("/").location == "/sign-in"
    assert root.follow("/accounts/change", name="ada", act="enable").status == 200
    ben = accounts.visitor("ben")
    (fresh,) = ONCE.findall(root.post("/accounts/change", name="ben", act="reset").text)
    assert ben.get("/").location == "/sign-in"
    assert signed_in(accounts, "ben", fresh).get("/").location == "/password"


def test_only_administrators_keep_accounts_and_they_see_no_client_and_no_work(accounts: Site, lake: Lake) -> None:
    before = read_users(lake)
    for name in ("ada", "cyd", "sue"):
        visitor = accounts.visitor(name)
        assert visitor.get("/accounts").status == 403
        assert visitor.post("/accounts", name="mallory", role="adjudicator").status == 403
        assert visitor.post("/accounts/change", name="ben", act="disable").status == 403
    root = accounts.visitor("root")
    assert [root.get(path).status for path in ("/progress", "/changes", "/mine", "/pair/x")] == [403] * 4
    page = root.get("/accounts")
    assert not [value for value in VALUES if value in page.text.upper()]
    assert root.send("/accounts", {"name": "mallory", "role": "reviewer"}).status == 403, "no token, no account"
    assert root.post("/accounts/change", name="root", act="disable").status == 403
    assert root.post("/accounts/change", name="nobody", act="disable").status == 400
    assert root.post("/accounts/change", name="ada", act="promote").status == 400
    assert root.post("/accounts", name="ada", role="reviewer").status == 409
    assert root.post("/accounts", name="<b>", role="reviewer").status == 409
    assert read_users(lake) == before


def test_where_people_sign_in_elsewhere_no_password_is_made(lake: Lake) -> None:
    with_people(lake, {"root": "administrator"})
    with serving(lake, proxy=Proxy("X-Reviewer", "127.0.0.1")) as site:
        root = Visitor(site.port, headers={"X-Reviewer": "root"})
        root.get("/accounts")
        assert ONCE.findall(root.post("/accounts", name="dee", role="reviewer").text) == []
        assert root.post("/accounts/change", name="dee", act="reset").status == 404
        assert Visitor(site.port, headers={"X-Reviewer": "dee"}).get("/").status == 200
