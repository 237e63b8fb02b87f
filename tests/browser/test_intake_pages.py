"""The pages that agencies look at, in a real Chromium, on a desk and on a phone."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.reports.contract_pages import draw_contracts
from pipelines.reports.data_quality import draw_data_quality
from schemas.data_contract import load_contracts
from tests.intake import PATIENT_HEADER, county, patient

sync_api = pytest.importorskip("playwright.sync_api")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    made = county(tmp_path_factory.mktemp("county"))
    for day in (1, 2, 6):
        rows = patient("p1") + patient("p2", birth_date="x")
        made.deliver({"patient.csv": PATIENT_HEADER + rows}, name=f"2026-11-{day:02d}")
    made.run()
    out = tmp_path_factory.mktemp("contracts")
    draw_contracts(load_contracts(), out)
    wide = [out / "index.html", out / "hmis" / "index.html", out / "hmis" / "enrollment.html"]
    return [draw_data_quality(made.lake, made.contracts(), "clinic"), *wide]


@pytest.mark.parametrize(("width", "height"), [(1200, 900), (360, 740)], ids=["desk", "phone"])
def test_a_page_fits_its_screen_and_asks_for_nothing_else(
    browser: sync_api.Browser, pages: list[Path], width: int, height: int
) -> None:
    for path in pages:
        page = browser.new_page(viewport={"width": width, "height": height})
        asked: list[str] = []
        problems: list[str] = []
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        page.on("console", lambda message, problems=problems: problems.append(message.text))
        page.goto(path.as_uri())
        assert (asked, problems) == ([path.as_uri()], [])
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.get_by_role("heading", level=1).is_visible()
        page.close()
