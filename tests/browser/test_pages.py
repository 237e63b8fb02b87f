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

import dagster as dg
import pytest

from pipelines.commands.dagster_home import instance_at
from pipelines.defs.invariants import no_release_is_held
from pipelines.defs.mends import with_mend
from pipelines.defs.past_days import KEY as PAST_DAY
from pipelines.publish import PublishReport
from pipelines.publish.catalogue import HELD
from tests.pipeline.counties import CHECKOUT, Place

sync_api = pytest.importorskip("playwright.sync_api")


START_SECONDS = 120
STAGES = ("ingest", "validate", "standardise", "link", "person_index", "episodes", "outcomes", "contracts", "publish")
GROUPS = ("deliveries", *STAGES, "reports", "past_days")


@pytest.fixture(scope="module")
def ui(nightly: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A webserver on a copy of the lake's Dagster home."""
    home = tmp_path_factory.mktemp("home") / "dagster"
    shutil.copytree(nightly.lake.root / "dagster", home)
    tell_of_trouble(home)
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


def tell_of_trouble(home: Path) -> None:
    """What a bad morning has in it: a held delivery, a held release, and a past day that was computed again."""
    held = PublishReport("2026-11-02-abc", Path("/nowhere"), True, False, {}, (), status=HELD, findings=3)
    no_delivery = dg.AssetCheckResult(
        check_name="no_delivery_is_held", asset_key=["deliveries", "sheriff"], passed=False
    )
    day = {"is_the_same": False, "tables_that_differ": ["measure_results"], "what_changed": ["code_sha256"]}
    with instance_at(home) as instance:
        for failed in (with_mend(no_delivery), with_mend(no_release_is_held(held))):
            instance.report_runless_asset_event(
                dg.AssetCheckEvaluation(
                    asset_key=failed.asset_key or dg.AssetKey("x"), check_name=failed.check_name or "", passed=False,
                    metadata=failed.metadata, description=failed.description,
                )
            )  # fmt: skip
        instance.report_runless_asset_event(dg.AssetMaterialization(PAST_DAY, partition="2026-11-01", metadata=day))


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


def test_every_schedule_and_sensor_is_there(browser: sync_api.Browser, ui: str) -> None:
    page = browser.new_page()
    page.goto(f"{ui}/automation")
    for name in ("every_night", "every_quarter", "deliveries", "decisions", "freshness", "alerts"):
        page.get_by_text(name).first.wait_for(timeout=60_000)
    page.close()


def test_an_asset_shows_its_columns_and_its_check(browser: sync_api.Browser, ui: str) -> None:
    page = browser.new_page()
    page.goto(f"{ui}/assets/validated/sheriff_person")
    page.get_by_text("last_name").first.wait_for(timeout=60_000)
    page.goto(f"{ui}/assets/validated/sheriff_person?view=checks")
    page.get_by_text("rows_are_conserved").first.wait_for(timeout=60_000)
    page.close()


def test_an_asset_shows_its_plots_as_pictures_without_asking_another_host(browser: sync_api.Browser, ui: str) -> None:
    page = browser.new_page(viewport={"width": 1400, "height": 1400})
    page.goto(f"{ui}/assets/person_index/linkage_figures")
    page.get_by_text("From linked/links.match_weight").first.wait_for(timeout=60_000)
    row = page.locator("tr", has_text="links_by_weight").last
    row.get_by_text("[Show Markdown]").click(timeout=60_000)
    picture = page.locator("img[src^='data:image/svg+xml'][alt^='Links by match weight']").first
    picture.wait_for(timeout=60_000)
    assert picture.evaluate("image => image.naturalWidth") > 300
    page.close()


@pytest.mark.parametrize(
    ("asset", "check", "to_do"),
    [
        ("deliveries/sheriff", "no_delivery_is_held", "To do: Send the agency the mends"),
        ("published/release", "no_release_is_held", "countylink release show 2026-11-02-abc"),
    ],
)
def test_a_failed_check_says_what_to_do(browser: sync_api.Browser, ui: str, asset: str, check: str, to_do: str) -> None:
    page = browser.new_page()
    page.goto(f"{ui}/assets/{asset}?view=checks")
    page.get_by_text(check).first.click(timeout=60_000)
    page.get_by_text(to_do).first.wait_for(timeout=60_000)
    page.close()


def test_a_past_day_says_how_it_differs_and_others_can_be_asked_for(browser: sync_api.Browser, ui: str) -> None:
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    page.goto(f"{ui}/assets/past_days/release?view=partitions&partition=2026-11-01")
    page.get_by_text("tables_that_differ").first.wait_for(timeout=60_000)
    page.get_by_role("button", name="Materialize").first.click(timeout=60_000)
    page.get_by_text("Launch").first.wait_for(timeout=60_000)
    page.close()


def test_home_leads_to_every_part(browser: sync_api.Browser, ui: str) -> None:
    page = browser.new_page()
    page.goto(ui)
    for part in ("Overview", "Runs", "Catalog", "Automation", "Lineage"):
        page.get_by_text(part, exact=True).first.wait_for(timeout=60_000)
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
