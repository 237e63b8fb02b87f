"""A site is drawn from a release alone: the same bytes each time, nothing from outside, nothing that is small."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks.made_release import make_release
from pipelines.cli import main
from pipelines.errors import LakeError
from pipelines.lake import Lake
from pipelines.publish.disclosure import MIN_CELL
from pipelines.reports.scorecards.cards import Scorecards
from pipelines.reports.scorecards.sign_off import SignOff, states, take
from pipelines.reports.site import SiteReport, write_site
from pipelines.reports.site.frame import folder_of
from pipelines.reports.site.money import restatements
from pipelines.reports.site.printing import on_paper, print_pages
from pipelines.reports.tables import ReleaseTables
from tests.pipeline.counties import contents

GOLDEN = Path(__file__).parents[1] / "golden" / "scorecard.html"
QUARTERS = ["2026Q3", "2026Q2"]


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_release(tmp_path_factory.mktemp("site") / "release", 12, 4)


@pytest.fixture(scope="module")
def made(release: Path, tmp_path_factory: pytest.TempPathFactory) -> SiteReport:
    return write_site(release, tmp_path_factory.mktemp("made") / "site", quarters=QUARTERS, draws=0)


def pages(site: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(site.rglob("*.html")):
        yield path.relative_to(site).as_posix(), path.read_text(encoding="utf-8")


def test_every_provider_has_a_card_of_every_quarter_asked_for(made: SiteReport) -> None:
    found = {path.relative_to(made.site / "providers").as_posix() for path in made.site.glob("providers/*/*.html")}
    assert found == {f"{7001 + at}/{quarter}.html" for at in range(12) for quarter in QUARTERS}
    assert (made.scorecards, made.quarters) == (24, tuple(QUARTERS))


def test_a_site_is_the_same_byte_by_byte_when_it_is_drawn_again(
    release: Path, made: SiteReport, tmp_path: Path
) -> None:
    again = write_site(release, tmp_path / "site", quarters=QUARTERS, draws=0)
    assert contents(again.site) == contents(made.site)


def test_a_page_asks_for_nothing_from_outside_and_its_policy_would_refuse_it(made: SiteReport) -> None:
    for name, page in pages(made.site):
        assert "default-src &#39;none&#39;" in page or "default-src 'none'" in page, name
        assert not re.search(r'(?:src|href)="(?:https?:|//|data:)', page), name
        assert "<script" not in page and "@import" not in page and " style=" not in page, name


def test_every_link_leads_to_a_file_and_every_fragment_to_its_place(made: SiteReport) -> None:
    for name, page in pages(made.site):
        for target in re.findall(r'href="([^"]+)"', page):
            path, _, fragment = target.partition("#")
            there = ((made.site / name).parent / path).resolve() if path else made.site / name
            assert there.is_file(), f"{name}: {target}"
            assert not fragment or f'id="{fragment}"' in there.read_text(encoding="utf-8"), f"{name}: {target}"


def test_every_page_can_be_read_without_seeing_it(made: SiteReport) -> None:
    for name, page in pages(made.site):
        assert '<html lang="en">' in page and '<a class="skip" href="#main">' in page, name
        levels = [int(level) for level in re.findall(r"<h([1-6])", page)]
        assert levels[0] == 1 and levels.count(1) == 1, name
        assert all(after - before <= 1 for before, after in itertools.pairwise(levels)), name
        assert page.count("<table") == page.count("<caption>"), name
        assert not re.search(r"<th(?![^>]*scope)[ >]", page), name
        ids = re.findall(r'\sid="([^"]+)"', page)
        assert len(ids) == len(set(ids)), f"{name}: an id stands twice"
        for chart in re.findall(r'<svg [^>]*class="chart".*?</svg>', page, re.DOTALL):
            head = re.search(
                r'aria-labelledby="(\S+) (\S+)"><title id="(\S+)">([^<]+)</title><desc id="(\S+)">([^<]+)', chart
            )
            assert head and head[1] == head[3] and head[2] == head[5], name


def test_every_chart_has_its_numbers_in_a_table_beside_it(made: SiteReport) -> None:
    page = (made.site / "providers/7001/2026Q3.html").read_text()
    charts, tables = page.count('class="chart"'), page.count("<details>")
    assert 0 < charts <= tables
    with zipfile.ZipFile(made.site / "providers/7001/2026Q3.xlsx") as book:
        assert "xl/worksheets/sheet2.xml" in book.namelist()


def test_no_count_below_the_limit_stands_in_a_table_of_results(made: SiteReport) -> None:
    small = {str(count) for count in range(1, MIN_CELL)}
    for name, page in pages(made.site):
        if name.startswith(("providers/", "learning/")):
            for sentence in re.findall(r"<li>(\d+) (?:of \d+ )?(?:members|visits|days|new members)", page):
                assert sentence not in small, name
            counts = re.findall(r"(\d+) of (\d+) members:", page)
            assert all(
                int(some) in (0, int(of)) or MIN_CELL <= int(some) <= int(of) - MIN_CELL for some, of in counts
            ), name


def test_the_learning_page_has_a_funnel_with_its_limits_and_no_ranking_without_intervals(made: SiteReport) -> None:
    page = (made.site / "learning/2026Q3.html").read_text()
    assert '<title id="funnel-stably_housed_members-title">Funnel plot: Stable housing, 2026Q3</title>' in page
    assert "by chance alone about 1 would" in page
    table = page[page.index("<tbody>", page.index('id="stably_housed_members"')) :]
    order = re.findall(r"providers/(\d+)/2026Q3", table[: table.index("</tbody>")])
    assert order == sorted(order) and len(order) == 12, "by provider id, and not by result"


def test_names_of_providers_are_text_and_not_markup(made: SiteReport) -> None:
    page = (made.site / "providers/7001/2026Q3.html").read_text()
    assert "Clinic 1 &lt;&amp;&gt; Sons" in page and "Clinic 1 <" not in page


def test_a_contract_tells_progress_terms_and_what_changed_since_an_earlier_release(
    release: Path, tmp_path: Path
) -> None:
    made = write_site(release, tmp_path / "site", quarters=[], draws=100, against=release)
    page = (made.site / "contracts/lacdmh_fsp.html").read_text()
    assert "Enrolled a person who meets a focal criterion" in page
    assert "5th percentile" in page and "in 100 draws" in page
    assert "No period that both releases tell is stated otherwise." in page
    assert (made.site / "underwriting/lacdmh_fsp.html").exists()
    assert "What is paid for" in (made.site / "contracts/lacdmh_fsp_terms.html").read_text()


def test_restatements_are_of_what_both_releases_tell() -> None:
    def line(period: str, amount: float | None) -> dict[str, object]:
        return {"clause_id": "enrol", "period": period, "amount_usd": amount, "title": "Enrolled"}

    before = [line("2026Q1", 5000.0), line("2026Q2", None), line("2025Q4", 250.0)]
    now = [line("2026Q1", 5500.0), line("2026Q2", 4000.0), line("2025Q4", 250.0)]
    assert restatements(before, now) == [
        {"period": "2026Q1", "title": "Enrolled", "before": 5000.0, "now": 5500.0, "difference": 500.0}
    ]


def test_data_quality_tells_what_to_mend_by_size_and_not_by_count(made: SiteReport) -> None:
    page = (made.site / "data_quality/mental_health.html").read_text()
    assert "birth_date.not_a_date" in page and "11 to 100" in page and "send a date that exists" in page


def test_a_final_card_is_shown_as_it_was_signed(release: Path, tmp_path: Path) -> None:
    lake, cards = Lake(tmp_path / "lake"), Scorecards(ReleaseTables(release))
    signed = cards.card("7002", "2026Q3")
    take(lake, "review", [signed], by="R. Lee")
    take(lake, "final", [signed], by="R. Lee")
    other = make_release(tmp_path / "later", 12, 4, seed=2)
    site = write_site(other, tmp_path / "site", quarters=["2026Q3"], draws=0, states=states(lake)).site
    shown = (site / "providers/7002/2026Q3.html").read_text()
    assert "<strong>Final.</strong> By R. Lee" in shown
    assert "tells other figures than were signed" in shown
    first = next(one.own for one in signed.figures if one.own and one.own.estimate is not None)
    assert f"<li>{first.numerator:,.0f}" in shown or f"<li>{first.estimate:,.0f}" in shown
    assert ">Final</a>" in (site / "providers/index.html").read_text()


def test_a_scorecard_is_as_it_was_agreed(made: SiteReport) -> None:
    page = (made.site / "providers/7004/2026Q3.html").read_text()
    words = re.sub(r"<style>.*?</style>|<meta http-equiv[^>]*>", "", page, flags=re.DOTALL)
    words = re.sub(r'(<svg [^>]*class="chart".*?</desc>).*?</svg>', r"\1…</svg>", words, flags=re.DOTALL)
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.write_text(words, encoding="utf-8")
    assert words == GOLDEN.read_text(encoding="utf-8")


def test_a_folder_that_is_no_site_is_left_alone(release: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("ten years")
    with pytest.raises(LakeError, match="holds something that is no site"):
        write_site(release, tmp_path, quarters=[], draws=0)
    assert (tmp_path / "thesis.txt").read_text() == "ten years"


def test_a_quarter_that_is_not_there_is_named(release: Path, tmp_path: Path) -> None:
    with pytest.raises(LakeError, match="no scorecards of 2031Q1; it has 2026Q3"):
        write_site(release, tmp_path / "site", quarters=["2031Q1"], draws=0)


def test_the_command_draws_a_site_with_pdfs_of_its_pages(release: Path, tmp_path: Path) -> None:
    words = ["report", "--release", str(release), "--to", str(tmp_path / "site"), "--quarter", "2026Q3", "--draws", "0"]
    ended = CliRunner().invoke(main, words)
    assert ended.exit_code == 0, ended.output
    assert "12 scorecards of 2026Q3" in ended.output
    page = tmp_path / "site/providers/7001/2026Q3.html"
    pytest.importorskip("weasyprint")
    (pdf,) = print_pages([page])
    first = pdf.read_bytes()
    assert first.startswith(b"%PDF-")
    (again,) = print_pages([page])
    assert again.read_bytes() == first


def test_on_paper_there_is_no_navigation_and_charts_keep_their_names(made: SiteReport) -> None:
    paper = on_paper((made.site / "providers/7001/2026Q3.html").read_text())
    assert "<nav" not in paper and "<details" not in paper and "<svg" not in paper
    assert 'alt="Enrolment by quarter, persons"' in paper


def test_folders_of_providers_are_plain() -> None:
    assert folder_of("P1/../x") == "P1_2f_2e_2e_2fx"
    assert SignOff().state == "draft"


def test_neither_the_command_nor_a_nightly_run_loads_what_draws_charts() -> None:
    heavy = "{'altair', 'vl_convert', 'weasyprint'} & set(sys.modules)"
    asked = f"import sys, pipelines.cli, pipelines.reports, pipelines.defs.publish; sys.exit(len({heavy}))"
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0


def test_the_command_loads_no_engine_before_it_knows_what_is_asked() -> None:
    heavy = "{'dagster', 'pandas', 'pandera', 'polars', 'scipy', 'splink', 'starlette'} & set(sys.modules)"
    asked = f"import sys, pipelines.cli; sys.exit(len({heavy}))"
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0
