"""What people look at, in a real Chromium: the Dagster UI on a lake's runs, and the report of a release."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError

import pytest

from tests.pipeline.counties import CHECKOUT, Place

sync_api = pytest.importorskip("playwright.sync_api")

CHROMIUM = next((found for name in ("chromium", "chromium-browser") if (found := shutil.which(name))), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")

START_SECONDS = 120
STAGES = ("ingest", "validate", "standardise", "link", "person_index", "episodes", "outcomes", "contracts", "publish")
GROUPS = ("deliveries", *STAGES, "reports")


@pytest.fixture(scope="module")
def browser() -> Iterator[sync_api.Browser]:
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def ui(nightly: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A webserver on a copy of the lake's Dagster home."""
    home = tmp_path_factory.mktemp("home") / "dagster"
    shutil.copytree(nightly.lake.root / "dagster", home)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "DAGSTER_HOME": str(home),
        "COUNTYLINK_LAKE": str(nightly.lake.root),
        "COUNTYLINK_LANDING": str(nightly.landing),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    command = [sys.executable, "-m", "dagster_webserver", "-w", "workspace.yaml", "-h", "127.0.0.1", "-p", str(port)]
    with (home / "server.log").open("w") as log:
        server = subprocess.Popen(command, cwd=CHECKOUT, env=environment, stdout=log, stderr=log)
        try:
            wait_for(f"http://127.0.0.1:{port}/server_info", server, home / "server.log")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(60)


def wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        assert server.poll() is None, log.read_text()[-3000:]
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (URLError, TimeoutError, ConnectionError):
            time.sleep(0.5)
    raise AssertionError(log.read_text()[-3000:])


def test_every_stage_is_a_group_of_the_lineage(browser: sync_api.Browser, ui: str) -> None:
    page = browser.new_page()
    page.goto(f"{ui}/asset-groups")
    for group in GROUPS:
        page.get_by_text(group, exact=True).first.wait_for(timeout=60_000)
    page.close()


def test_the_nights_that_were_run_are_there(browser: sync_api.Browser, ui: str) -> None:
    page = browser.new_page()
    page.goto(f"{ui}/runs")
    page.get_by_text("nightly").first.wait_for(timeout=60_000)
    assert page.get_by_text("Success").count() >= 2
    page.close()


def test_the_schedule_and_the_sensor_are_there(browser: sync_api.Browser, ui: str) -> None:
    page = browser.new_page()
    page.goto(f"{ui}/automation")
    page.get_by_text("every_night").first.wait_for(timeout=60_000)
    page.get_by_text("deliveries").first.wait_for(timeout=60_000)
    page.close()


def test_an_asset_shows_its_columns_and_its_check(browser: sync_api.Browser, ui: str) -> None:
    page = browser.new_page()
    page.goto(f"{ui}/assets/validated/sheriff_person")
    page.get_by_text("last_name").first.wait_for(timeout=60_000)
    page.goto(f"{ui}/assets/validated/sheriff_person?view=checks")
    page.get_by_text("rows_are_conserved").first.wait_for(timeout=60_000)
    page.close()


@pytest.mark.parametrize(("width", "height"), [(1200, 900), (360, 740)], ids=["desk", "phone"])
def test_the_report_opens_without_a_network(browser: sync_api.Browser, nightly: Place, width: int, height: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": height})
    asked: list[str] = []
    problems: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: problems.append(message.text))
    report = nightly.latest / "report.html"
    page.goto(report.as_uri())
    assert asked == [report.as_uri()]
    assert problems == []
    assert page.get_by_role("heading", name="Outcomes", exact=True).is_visible()
    assert page.get_by_role("img").count() > 3
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "wide tables scroll inside, not the page"
    page.close()


@pytest.mark.parametrize(("width", "height"), [(1200, 900), (360, 740)], ids=["desk", "phone"])
def test_the_linkage_page_shows_groups_charts_and_hard_cases(
    browser: sync_api.Browser, nightly: Place, width: int, height: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": height})
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text))
    page.goto((nightly.latest / "linkage.html").as_uri())
    assert problems == []
    for heading in ("Who is under-linked", "Weights and sizes", "Rules", "Hard cases", "Model card"):
        assert page.get_by_role("heading", name=heading, exact=True).is_visible()
    assert page.get_by_role("img", name="Match weights of links").count() == 1
    assert page.get_by_role("row", name="health").count() > 1
    page.get_by_role("link", name="Hard cases").click()
    assert page.get_by_text("twins of different names").first.is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "wide tables scroll inside, not the page"
    page.close()
