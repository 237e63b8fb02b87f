"""The site of a release in a real Chromium: on a desk, a phone and paper, with the keyboard alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.made_release import make_release
from pipelines.reports.site import write_site

sync_api = pytest.importorskip("playwright.sync_api")


CARD = "providers/7001/2026Q3.html"
LOOKED_AT = ("index.html", "providers/index.html", CARD, "learning/index.html", "contracts/lacdmh_fsp.html",
             "contracts/lacdmh_fsp_terms.html", "data_quality/mental_health.html", "dictionary.html",
             "how_to_read.html", "outcomes.html")  # fmt: skip

TOO_FAINT = """() => {
  const light = ([r, g, b]) => [r, g, b].map(c => c / 255)
    .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, at) => sum + c * [0.2126, 0.7152, 0.0722][at], 0);
  const numbers = text => text.match(/[\\d.]+/g).map(Number);
  const behind = node => {
    for (let at = node; at; at = at.parentElement) {
      const [r, g, b, a = 1] = numbers(getComputedStyle(at).backgroundColor);
      if (a > 0) return [r, g, b];
    }
    return [255, 255, 255];
  };
  return [...document.querySelectorAll('body *')].filter(node =>
    [...node.childNodes].some(child => child.nodeType === 3 && child.textContent.trim()) &&
    !node.closest('title, desc, style')).filter(node => {
      const style = getComputedStyle(node);
      const colour = node.closest('svg') ? style.fill : style.color;
      const [one, other] = [light(numbers(colour)), light(behind(node))].sort((x, y) => y - x);
      return (one + 0.05) / (other + 0.05) < 4.5;
    }).map(node => node.outerHTML.slice(0, 80));
}"""
"""Texts whose contrast is below 4.5 : 1 (WCAG 2.2, 1.4.3)."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("read")
    return write_site(make_release(folder / "release", 8, 3), folder / "site", quarters=["2026Q3"], draws=0).site


@pytest.mark.parametrize(("width", "height"), [(1200, 900), (360, 740)], ids=["desk", "phone"])
def test_every_page_fits_its_width_is_legible_and_asks_for_nothing(
    browser: sync_api.Browser, site: Path, width: int, height: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": height})
    problems: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: problems.append(message.text))
    page.on("request", lambda request: asked.append(request.url))
    for name in LOOKED_AT:
        page.goto((site / name).as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        assert page.evaluate(TOO_FAINT) == [], name
    assert problems == [], "the policy of a page refuses something of its own"
    assert asked == [(site / name).as_uri() for name in LOOKED_AT]
    page.close()


def test_the_style_of_a_page_is_let_in_by_its_own_policy(browser: sync_api.Browser, site: Path) -> None:
    page = browser.new_page()
    page.goto((site / CARD).as_uri())
    assert page.evaluate("getComputedStyle(document.querySelector('h2')).borderTopStyle") == "solid"
    page.close()


def test_a_scorecard_is_read_with_the_keyboard_alone(browser: sync_api.Browser, site: Path) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 740})
    page.goto((site / CARD).as_uri())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the figures"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('role')") == "region", "a wide table is scrolled by keys"
    page.locator("summary").first.focus()
    page.keyboard.press("Enter")
    assert page.get_by_role("table", name="Enrolment by quarter").is_visible()
    page.close()


def test_charts_are_images_with_names_and_descriptions(browser: sync_api.Browser, site: Path) -> None:
    page = browser.new_page()
    page.goto((site / CARD).as_uri())
    chart = page.get_by_role("img", name="Stable housing by quarter, share of persons")
    assert chart.count() == 1
    assert page.get_by_role("img").count() == page.locator("svg.chart").count() >= 4
    described = page.evaluate("document.querySelector('svg.chart desc').textContent")
    assert "2026Q3" in described
    page.close()


def test_the_way_from_the_overview_to_a_card_and_back(browser: sync_api.Browser, site: Path) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 740})
    page.goto((site / "index.html").as_uri())
    page.get_by_role("link", name="Provider scorecards").click()
    page.get_by_role("link", name="Clinic 1 <&> Sons, 2026Q3, Draft").click()
    assert page.get_by_role("heading", level=1).text_content() == "Clinic 1 <&> Sons, 2026Q3"
    assert page.locator("nav a[aria-current]").text_content() == "Scorecards"
    page.get_by_role("link", name="Learning", exact=True).click()
    assert page.get_by_role("heading", name="Stable housing").is_visible()
    page.close()


def test_on_paper_the_navigation_is_gone_and_what_was_folded_is_open(browser: sync_api.Browser, site: Path) -> None:
    page = browser.new_page()
    page.goto((site / CARD).as_uri())
    page.emulate_media(media="print")
    assert not page.get_by_role("navigation", name="Site").is_visible()
    assert page.get_by_role("table", name="Enrolment by quarter").is_visible()
    assert len(page.pdf(format="Letter")) > 10_000
    page.close()


def test_on_paper_a_learning_page_lists_only_those_of_whom_something_is_told(
    browser: sync_api.Browser, site: Path
) -> None:
    page = browser.new_page()
    page.goto((site / "learning/2026Q3.html").as_uri())
    for details in page.locator("details").all():
        details.evaluate("node => { node.open = true }")
    everybody = page.locator("tbody tr").filter(visible=True).count()
    untold = page.locator("tr.untold").count()
    assert all("withheld" in row or "–" in row for row in page.locator("tr.untold").all_inner_texts())
    page.emulate_media(media="print")
    assert untold > 0
    assert page.locator("tbody tr").filter(visible=True).count() == everybody - untold
    assert page.get_by_text("On paper only those of whom something is told").first.is_visible()
    page.close()
