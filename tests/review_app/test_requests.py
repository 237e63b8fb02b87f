"""A running app and what it answers: roles, forms of others, hosts, headers, limits, and what it tells nobody."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from pipelines.audit import acts
from pipelines.errors import LakeError
from pipelines.lake import IDENTIFIED_FOLDERS
from pipelines.review_app import pair_pages
from pipelines.review_app.services import Proxy
from pipelines.review_app.shield import HEADERS, WENT_WRONG
from pipelines.review_app.users import add_user, set_disabled, set_password
from tests.review_app.places import PASSWORD, QUICK, RECORDS, TERMS, VALUES, Site, Visitor, serving


def told(site: Site, *kinds: str) -> list[tuple[str, str]]:
    return [(one.act, one.subject) for one in acts(site.services.lake) if one.act in kinds]


def test_whoever_is_not_signed_in_is_led_to_the_door(site: Site) -> None:
    stranger = site.visitor()
    for path in ("/", "/mine", "/progress", "/changes", "/pair/abc"):
        answer = stranger.get(path)
        assert (answer.status, answer.location) == (303, "/sign-in"), path
    stranger.get("/sign-in")
    assert stranger.post("/next").location == "/sign-in"


def test_each_role_sees_what_it_needs_and_no_more(site: Site) -> None:
    sue, ada = site.visitor("sue"), site.visitor("ada")
    assert sue.get("/").location == "/progress"
    sue.get("/progress")
    assert [sue.get(path).status for path in ("/progress", "/changes", "/mine", "/pair/x")] == [200, 200, 403, 403]
    assert sue.post("/next").status == 403
    ada.get("/")
    refused = ada.post("/next", queue="disputed")
    assert (refused.status, "Only adjudicators" in refused.text) == (409, True)


def test_a_form_needs_the_token_of_its_session_and_the_origin_of_the_app(site: Site) -> None:
    ada, ben = site.visitor("ada"), site.visitor("ben")
    ada.get("/")
    ben.get("/")
    assert ada.send("/next", {}).status == 403
    assert ada.send("/next", {"csrf": ben.token}).status == 403
    assert ada.send("/next", {"csrf": ada.token}, Origin="http://evil.example").status == 403
    assert ada.send("/next", {"csrf": ada.token}, Origin="null").status == 403
    assert site.services.desk.leases.held_by("ada", datetime.now(UTC)) is None
    assert ada.send("/next", {"csrf": ada.token}, Origin=site.url).status == 303


def test_only_its_own_names_are_answered_and_every_answer_carries_the_headers(site: Site) -> None:
    ada = site.visitor("ada")
    assert ada.get("/", Host="evil.example").status == 421
    for answer in (ada.get("/"), ada.get("/static/app.css"), ada.get("/not-there"), ada.get("/", Host="evil.example")):
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
        assert answer.headers.get("server") is None
    policy = HEADERS["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites_and_changes_at_signing_in(site: Site) -> None:
    visitor = site.visitor()
    cookie = visitor.get("/sign-in").headers["set-cookie"]
    assert all(word in cookie for word in ("HttpOnly", "SameSite=strict", "Path=/"))
    before = dict(visitor.cookies)
    visitor.post("/sign-in", name="ada", password=PASSWORD.format("ada"))
    assert visitor.cookies.keys() == before.keys()
    assert visitor.cookies != before
    stolen = Visitor(site.port, before)
    assert stolen.get("/").location == "/sign-in"


def test_what_a_browser_asked_for_before_signing_in_and_gets_after_it_signs_nobody_out(site: Site) -> None:
    visitor = site.visitor()
    visitor.get("/sign-in")
    before = dict(visitor.cookies)
    visitor.post("/sign-in", name="ada", password=PASSWORD.format("ada"))
    late = Visitor(site.port, before).get("/favicon.ico")
    assert (late.status, late.headers["set-cookie"]) == (404, None)
    assert visitor.get("/").status == 200


def test_a_name_is_locked_out_after_five_failures_and_the_page_does_not_say_why(site: Site) -> None:
    guesser = site.visitor()
    guesser.get("/sign-in")
    pages = [guesser.post("/sign-in", name="ada", password="wrong") for _ in range(6)]
    right = guesser.post("/sign-in", name="ada", password=PASSWORD.format("ada"))
    unknown = guesser.post("/sign-in", name="nobody", password="wrong")
    assert {page.status for page in (*pages, right, unknown)} == {403}
    said = {page.text.split('role="alert">')[1].split("</p>")[0] for page in (*pages, right, unknown)}
    assert len(said) == 1
    found = told(site, "reviewer_refused", "reviewer_locked_out")
    assert found[3:5] == [("reviewer_refused", "user ada"), ("reviewer_locked_out", "user ada")]
    assert found[-1] == ("reviewer_refused", "no user")


def test_who_is_disabled_is_out_with_the_next_click(site: Site) -> None:
    ada = site.visitor("ada")
    ada.get("/")
    pair = ada.post("/next").location
    set_disabled(site.services.lake, "ada", is_disabled=True)
    assert ada.get(pair).location == "/sign-in"
    assert site.services.desk.leases.held_by("ada", datetime.now(UTC)) is None


def test_another_password_signs_out_whoever_had_the_old_one(site: Site) -> None:
    ada = site.visitor("ada")
    set_password(site.services.lake, "ada", "another long password", TERMS, QUICK)
    assert ada.get("/").location == "/sign-in"
    ada.get("/sign-in")
    assert ada.post("/sign-in", name="ada", password=PASSWORD.format("ada")).status == 403
    assert ada.post("/sign-in", name="ada", password="another long password").status == 303


def test_a_long_form_a_strange_pair_and_a_strange_page_are_refused(site: Site) -> None:
    ada = site.visitor("ada")
    ada.get("/")
    assert ada.post("/next", note="x" * 20_000).status == 413
    assert ada.get("/pair/AAAAAAAAAAAAAAAAAAAAAA").location == "/?gone=1"
    assert ada.post("/pair/AAAAAAAAAAAAAAAAAAAAAA", code="same").location == "/?gone=1"
    assert ada.post("/mine/99/take-back").status == 409
    assert ada.get("/not-there").status == 404


def test_every_look_is_recorded_before_it_is_shown_with_what_was_opened(site: Site) -> None:
    ada = site.visitor("ada")
    ada.get("/")
    pair = ada.post("/next").location
    page = ada.get(pair)
    assert "weight of" not in page.text, "blind until it is asked for"
    assert "Everybody of" not in page.text
    opened = ada.follow(f"{pair}/open", what="waterfall")
    assert "weight of" in opened.text
    assert "Everybody of" in ada.follow(f"{pair}/open", what="persons").text
    looks = [one for one in acts(site.services.lake) if one.act.startswith("review_p")]
    assert [one.detail["opened"] for one in looks] == [[], ["waterfall"], ["persons", "waterfall"]]
    assert {one.by for one in looks} == {"ada"}
    assert all(len(one.subject.split()) == 2 for one in looks)
    ada.post(pair, code="same", reason_same="rare_name_agrees")
    (word,) = site.services.desk.words_of("ada")
    assert word.looks == ("persons", "waterfall")


def test_an_answer_without_a_reason_is_asked_for_again_and_keeps_what_was_written(site: Site) -> None:
    ada = site.visitor("ada")
    ada.get("/")
    pair = ada.post("/next").location
    ada.get(pair)
    again = ada.post(pair, code="different", reason_same="rare_name_agrees", note="<b>look & see</b>")
    assert again.status == 422
    assert "Choose at least one reason" in again.text
    assert "&lt;b&gt;look &amp; see&lt;/b&gt;" in again.text
    assert 'value="different" data-key="d" checked' in again.text


def test_too_many_looks_in_an_hour_are_refused(lake) -> None:
    with serving(lake, replace(TERMS, looks_an_hour=2)) as site:
        ada = site.visitor("ada")
        ada.get("/")
        pair = ada.post("/next").location
        assert [ada.get(pair).status for _ in range(3)] == [200, 200, 429]


def test_what_was_drawn_for_audit_is_decided_and_not_yet_settled(lake) -> None:
    with serving(lake, replace(TERMS, audit_share=1.0, second_from_usd=1e9)) as site:
        ada, ben = site.visitor("ada"), site.visitor("ben")
        for visitor, told in ((ada, "1 (1 decided already, drawn for audit)"), (ben, "1 (1 same)")):
            visitor.get("/")
            pair = visitor.post("/next").location
            visitor.get(pair)
            assert visitor.post(pair, code="same", reason_same="rare_name_agrees").status == 303
            assert f"<dd>{told}</dd>" in visitor.get("/progress").text


def test_a_program_that_walks_through_pages_is_slowed(lake) -> None:
    with serving(lake, replace(TERMS, requests_a_minute=5)) as site:
        ada = site.visitor("ada")
        assert 429 in [ada.get("/progress").status for _ in range(6)]


def test_a_proxys_header_is_believed_of_the_proxy_alone(lake) -> None:
    add_user(lake, "dee", "reviewer", None, TERMS)
    with serving(lake, proxy=Proxy("X-Reviewer", "127.0.0.1")) as site:
        dee = Visitor(site.port, headers={"X-Reviewer": "dee"})
        page = dee.get("/")
        assert (page.status, "dee, reviewer" in page.text) == (200, True)
        assert dee.post("/sign-in", name="ada", password=PASSWORD.format("ada")).status == 404
        assert Visitor(site.port, headers={"X-Reviewer": "mallory"}).get("/").status == 403
        assert Visitor(site.port).get("/").status == 403
        turned = Visitor(site.port, dict(dee.cookies), headers={"X-Reviewer": "sue"})
        assert turned.get("/").location == "/progress", "the header counts, not the session of another"
    with serving(lake, proxy=Proxy("X-Reviewer", "127.0.0.9")) as site:
        assert Visitor(site.port, headers={"X-Reviewer": "dee"}).get("/").status == 403
    with serving(lake) as site:
        assert Visitor(site.port, headers={"X-Reviewer": "dee"}).get("/").location == "/sign-in"


def test_behind_https_the_cookie_is_for_this_host_alone(lake) -> None:
    with serving(lake, proxy=Proxy("X-Reviewer", "127.0.0.1"), origin="https://review.example") as site:
        answer = Visitor(site.port, headers={"X-Reviewer": "ada", "Host": "review.example"}).get("/")
        assert answer.headers["set-cookie"].startswith("__Host-countylink_review=")
        assert "Secure" in answer.headers["set-cookie"]
        assert answer.headers["strict-transport-security"]
        assert Visitor(site.port, headers={"X-Reviewer": "ada"}).get("/").status == 421


def test_no_value_of_anybody_is_in_an_address_a_log_or_a_file_outside_the_identified_folders(
    site: Site, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    ada = site.visitor("ada")
    ada.get("/")
    pair = ada.post("/next").location
    page = ada.get(pair)
    assert any(value in page.text for value in VALUES), "values must be shown, or nothing is proven"

    def crash(*_: object) -> None:
        raise ValueError(f"Conversion Error: {' '.join(VALUES)}")

    monkeypatch.setattr(pair_pages, "identities_of", crash)
    logging.getLogger("countylink.review_app").propagate = True
    failed = ada.get(pair)
    assert (failed.status, failed.text) == (500, WENT_WRONG)
    monkeypatch.setattr(pair_pages, "identities_of", lambda *_: (_ for _ in ()).throw(LakeError("mend it")))
    assert "Mend it." in ada.get(pair).text
    said = "".join(capfd.readouterr()) + caplog.text
    assert "a request failed: ValueError at" in said
    lake = site.services.lake
    identified = {lake.root / folder for folder in IDENTIFIED_FOLDERS}
    outside = [path for path in lake.root.rglob("*") if path.is_file() and not identified & set(path.parents)]
    left = b"".join(path.read_bytes() for path in outside if path.name != "records.parquet").decode(errors="replace")
    for value in VALUES:
        assert value not in said.upper()
        assert value not in pair.upper()
        assert value not in left.upper()
    own = b"".join(path.read_bytes() for path in (lake.root / "review").rglob("*") if path.is_file())
    assert not any(value.encode() in own.upper() for value in VALUES), "the app keeps no value of its own"


def test_no_page_but_that_of_a_pair_names_anybody(site: Site) -> None:
    ada, sue = site.visitor("ada"), site.visitor("sue")
    ada.get("/")
    pair = ada.post("/next").location
    ada.get(pair)
    ada.post(pair, code="same", reason_same="rare_name_agrees")
    pages = [ada.get(path) for path in ("/", "/mine", "/progress", "/changes")] + [
        sue.get("/progress"),
        sue.get("/changes"),
    ]
    assert all(page.status == 200 for page in pages)
    names = {str(row["last_name"]).upper() for row in RECORDS} | set(VALUES)
    assert not any(name in page.text.upper() for page in pages for name in names)
