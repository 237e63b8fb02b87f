"""The review app in a real Chromium: two reviewers who differ and an adjudicator, by keyboard; and without scripts."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pipelines.lake import Lake
from pipelines.link.decision_store import in_force, recorded
from tests.review_app.places import PASSWORD, PEOPLE, TERMS, Site, linked_lake, serving, with_people

sync_api = pytest.importorskip("playwright.sync_api")


LEAST_CONTRAST = 4.5
"""WCAG 2.2, 1.4.3: of text to its ground."""

CONTRASTS = """() => {
  const light = (text) => {
    const [r, g, b] = text.match(/[\\d.]+/g).map((v) => v / 255).map((v) =>
      v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if (color !== "rgba(0, 0, 0, 0)") return color;
    }
    return "rgb(255, 255, 255)";
  };
  return [...document.querySelectorAll("main *, header *")]
    .filter((node) => [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim()))
    .map((node) => {
      const [one, other] = [light(getComputedStyle(node).color), light(ground(node))].sort();
      return [node.tagName + "." + node.className, (other + 0.05) / (one + 0.05)];
    });
}"""

UNLABELLED = """() => [...document.querySelectorAll("input:not([type=hidden]), textarea, button")]
  .filter((node) => !(node.labels && node.labels.length) && !node.textContent.trim() && !node.ariaLabel)
  .map((node) => node.outerHTML)"""


@pytest.fixture(scope="module")
def made_lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return with_people(linked_lake(tmp_path_factory.mktemp("reviewed") / "lake"), {**PEOPLE, "root": "administrator"})


@pytest.fixture
def site(made_lake: Lake, tmp_path: Path) -> Iterator[Site]:
    """The app on a lake of eight clients; so much rests on each pair that two must agree."""
    shutil.copytree(made_lake.root, tmp_path / "lake")
    with serving(Lake(tmp_path / "lake"), replace(TERMS, second_from_usd=0)) as running:
        yield running


def signed_in(browser: sync_api.Browser, site: Site, name: str, **settings: object) -> sync_api.Page:
    """A browser of somebody's own, signed in by typing and Enter."""
    page = browser.new_context(**settings).new_page()
    page.set_default_timeout(60_000)
    page.goto(f"{site.url}/sign-in")
    page.wait_for_selector("#name:focus")  # a page has loaded before its first field takes what is typed
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD.format(name))
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: not url.endswith("/sign-in"))
    return page


def shown(page: sync_api.Page) -> str:
    """The opaque id of the pair on the page."""
    return page.url.partition("/pair/")[2].partition("?")[0]


def test_two_reviewers_differ_and_an_adjudicator_decides_by_keyboard_alone(browser, site: Site) -> None:
    ada, ben, cyd = (signed_in(browser, site, name) for name in ("ada", "ben", "cyd"))
    problems: list[str] = []
    for page in (ada, ben, cyd):
        page.on("console", lambda message: problems.append(message.text))
        page.on("pageerror", lambda error: problems.append(str(error)))

    ada.keyboard.press("n")
    ada.wait_for_url("**/pair/*")
    first = shown(ada)
    ben.keyboard.press("n")
    ben.wait_for_url("**/pair/*")
    assert shown(ben) != first, "two at once never have the same pair"
    ben.keyboard.press("g")
    ben.wait_for_url(f"{site.url}/")

    ada.keyboard.press("w")
    ada.wait_for_selector("h2#waterfall")
    ada.keyboard.press("s")
    ada.keyboard.press("2")
    ada.keyboard.press("o")
    ada.keyboard.type("d1 w: keys are letters in a note")
    ada.keyboard.press("Escape")
    ada.keyboard.press("Enter")
    ada.wait_for_url("**recorded=1")
    assert shown(ada) != first

    ben.keyboard.press("n")
    ben.wait_for_url("**/pair/*")
    assert shown(ben) == first, "the one on which most rests comes first, for the second reviewer too"
    assert ben.get_by_text("rare name").count() == 1, "nothing but the reason to choose: the second is blind"
    ben.keyboard.press("d")
    ben.keyboard.press("4")
    ben.keyboard.press("Enter")
    ben.wait_for_url("**recorded=1")
    assert recorded(site.services.lake) == []

    cyd.reload()
    cyd.keyboard.press("a")
    cyd.wait_for_url("**/pair/*")
    assert shown(cyd) == first
    assert cyd.get_by_text("First: same").is_visible()
    assert cyd.get_by_text("Second: different").is_visible()
    cyd.keyboard.press("d")
    cyd.keyboard.press("1")
    cyd.keyboard.press("Enter")
    cyd.wait_for_url("**/?recorded=1")
    (decided,) = in_force(recorded(site.services.lake))
    assert (decided.decision_code, decided.decided_by) == ("different", "ben, cyd")
    words = {word.by: word for word in site.services.desk.standings()[0].words}
    assert words["ada"].reason == "d1 w: keys are letters in a note"
    assert (words["ada"].looks, words["ben"].looks) == (("waterfall",), ())

    sue = signed_in(browser, site, "sue")
    assert sue.get_by_text("Of 1 pair that two reviewers judged blind they agree on 0").is_visible()
    sue.goto(f"{site.url}/changes")
    assert sue.get_by_text("waits for the next run").first.is_visible()
    assert problems == []


def test_the_main_path_works_without_scripts(browser, site: Site) -> None:
    page = signed_in(browser, site, "ada", java_script_enabled=False)
    page.get_by_role("button", name="Next pair").click()
    page.wait_for_url("**/pair/*")
    first = shown(page)
    page.get_by_role("button", name="Record and go on").click()
    page.get_by_role("alert").wait_for()
    page.get_by_role("button", name=re.compile("Show the whole persons")).click()
    page.get_by_role("heading", name=re.compile("Everybody of")).wait_for()
    page.get_by_role("radio", name=re.compile("Same")).check()
    page.get_by_role("checkbox", name=re.compile("A rare name")).check()
    page.get_by_role("button", name="Record and go on").click()
    page.wait_for_url("**recorded=1")
    page.get_by_role("link", name="What I said").click()
    page.get_by_role("button", name="Take back answer 1").click()
    page.wait_for_url("**taken_back=1")
    assert shown(page) == first
    assert [one.code for one in site.services.desk.records()] == ["same", "taken_back"]
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in")


def test_on_a_phone_what_an_answer_lacks_is_in_view_and_a_strange_address_leads_back(browser, site: Site) -> None:
    page = signed_in(browser, site, "ada", viewport={"width": 390, "height": 844})
    page.get_by_role("button", name="Next pair").click()
    page.wait_for_url("**/pair/*")
    page.get_by_role("button", name="Record and go on").click()
    sync_api.expect(page.get_by_role("alert")).to_be_in_viewport()
    page.goto(f"{site.url}/not-there")
    assert page.get_by_role("alert").text_content() == "There is no page at this address."
    page.get_by_role("link", name="Back to the start").click()
    page.wait_for_url(f"{site.url}/")


def test_single_keys_can_be_turned_off(browser, site: Site) -> None:
    page = signed_in(browser, site, "ada")
    page.get_by_role("button", name="Turn single keys off").click()
    page.get_by_role("button", name="Turn single keys on").wait_for()
    page.keyboard.press("n")
    page.get_by_role("button", name="Next pair").press("Enter")
    page.wait_for_url("**/pair/*")
    page.keyboard.press("s")
    assert page.locator("input[name=code]:checked").count() == 0


@pytest.mark.parametrize(("width", "height"), [(1200, 900), (380, 800)], ids=["desk", "phone"])
def test_pages_fit_their_screen_can_be_read_and_name_every_control(
    browser, site: Site, width: int, height: int
) -> None:
    page = signed_in(browser, site, "cyd", viewport={"width": width, "height": height})
    page.keyboard.press("n")
    page.wait_for_url("**/pair/*")
    page.keyboard.press("p")
    page.wait_for_selector("h2#persons")
    page.keyboard.press("w")
    page.wait_for_selector("h2#waterfall")
    for address in (page.url, f"{site.url}/", f"{site.url}/mine", f"{site.url}/progress", f"{site.url}/changes"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
        assert page.evaluate(UNLABELLED) == []
        assert page.get_by_role("heading", level=1).count() == 1
        assert [found for found in page.evaluate(CONTRASTS) if found[1] < LEAST_CONTRAST] == []
        page.keyboard.press("Tab")
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid", "focus is seen"


def fits_and_can_be_read(page: sync_api.Page, width: int) -> None:
    """A page is no wider than its screen, and each of its texts and controls can be read and named."""
    assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url
    assert page.evaluate(UNLABELLED) == []
    assert [found for found in page.evaluate(CONTRASTS) if found[1] < LEAST_CONTRAST] == []


@pytest.mark.parametrize("width", [1200, 390], ids=["desk", "phone"])
def test_an_administrator_gives_an_account_and_keeps_somebody_out_without_scripts(
    browser, site: Site, width: int
) -> None:
    small = {"java_script_enabled": False, "viewport": {"width": width, "height": 844}}
    root = signed_in(browser, site, "root", viewport={"width": width, "height": 844})
    assert root.url == f"{site.url}/accounts"
    fits_and_can_be_read(root, width)
    root.get_by_label("Name", exact=True).fill("dee")
    root.get_by_label("Role", exact=True).select_option("reviewer")
    root.get_by_role("button", name="Give an account").click()
    first = root.get_by_role("status").locator("code").text_content() or ""
    fits_and_can_be_read(root, width)

    dee = browser.new_context(**small).new_page()
    dee.goto(f"{site.url}/sign-in")
    dee.get_by_label("Name").fill("dee")
    dee.get_by_label("Password").fill(first)
    dee.get_by_role("button", name="Sign in").click()
    dee.wait_for_url("**/password")
    for label, value in (("The password that you have now", first), ("The new one", "a long new one")):
        dee.get_by_label(label, exact=True).fill(value)
    dee.get_by_label("The new one again").fill("a long new one")
    dee.get_by_role("button", name="Change it").click()
    dee.wait_for_url("**/sign-in")

    root.get_by_role("button", name="Keep ada out").click()
    assert root.get_by_role("row", name=re.compile("ada")).get_by_text("kept out").is_visible()
    assert root.get_by_role("button", name="Let ada in again").is_visible()
    dee.get_by_label("Name").fill("ada")
    dee.get_by_label("Password").fill(PASSWORD.format("ada"))
    dee.get_by_role("button", name="Sign in").click()
    assert dee.get_by_role("alert").is_visible()


def test_who_mistypes_too_often_is_locked_out_and_told_for_how_long(browser, site: Site) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    for _ in range(TERMS.failures_to_lock_out):
        page.goto(f"{site.url}/sign-in")
        page.get_by_label("Name").fill("ben")
        page.get_by_label("Password").fill("not the password")
        page.get_by_role("button", name="Sign in").click()
    assert "minutes" in (page.get_by_role("alert").text_content() or "")
    fits_and_can_be_read(page, 390)
