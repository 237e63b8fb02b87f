"""`write_site`: which pages a release has, written whole into a new folder."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.errors import LakeError
from pipelines.lake import new_folder
from pipelines.reports.draw import linkage_values, outcome_values
from pipelines.reports.limits import FEWEST, Z_95, Z_998
from pipelines.reports.scorecards.cards import ALL, Scorecards
from pipelines.reports.scorecards.sign_off import Key, SignOff
from pipelines.reports.site.frame import Frame
from pipelines.reports.site.learning import write_learning
from pipelines.reports.site.money import write_money
from pipelines.reports.site.printing import need_weasyprint, print_pages
from pipelines.reports.site.providers import write_scorecards
from pipelines.reports.site.quality import write_dictionary, write_quality
from pipelines.reports.tables import ReleaseTables

DRAWS = 10_000
"""Of the underwritings: as many as `countylink underwrite` takes, so that both tell the same."""

EVERY_QUARTER = ("all",)
"""Asked for instead of quarters."""

MARKER = ".countylink-site"
"""Lies in every site; a folder without it is nobody's to replace."""

CONTENTS = (
    ("outcomes.html", "Outcomes", "every measure with its intervals, by programme and over time"),
    ("providers/index.html", "Provider scorecards", "enrolment, retention and priority outcomes of each clinic"),
    ("learning/index.html", "Learning collaborative", "all clinics beside each other, with what chance explains"),
    ("contracts/index.html", "Contracts", "terms, progress, expected payment, restatements, underwriting"),
    ("linkage.html", "Linkage quality", "how persons were made, and for whom that is less sure"),
    ("data_quality/index.html", "Data quality", "what each agency sent, and what became of it"),
    ("dictionary.html", "Data dictionary", "every table, column and measure of the release"),
    ("how_to_read.html", "How to read these pages", "intervals, targets, control limits, what is withheld"),
)  # fmt: skip


@dataclass(frozen=True)
class SiteReport:
    """What was written: counts and names, never rows."""

    release_id: str
    site: Path
    pages: int
    scorecards: int
    contracts: int
    quarters: tuple[str, ...]
    pdfs: int


def write_site(
    release: Path,
    to: Path,
    *,
    against: Path | None = None,
    quarters: Sequence[str] | None = None,
    states: Mapping[Key, SignOff] | None = None,
    has_pdf: bool = False,
    draws: int = DRAWS,
    workers: int | None = None,
) -> SiteReport:
    """Write the site of a release: whole, or not at all; a site that was there is replaced.

    Args:
        release: a sealed release folder.
        to: the folder of the site.
        against: an earlier release, to tell restatements and the drift of the linkage from.
        quarters: which scorecards, as 2026Q3; `("all",)` for every one; default: the newest, as many as
            scorecard.yaml says.
        states: sign-off of scorecards (`sign_off.states`); default: all are drafts.
        has_pdf: also print every page.
        draws: of the underwriting memos; 0 for no memo.
        workers: processes that print; default: one a processor.

    Raises:
        LakeError: the folder holds something that is no site, or the release has no such quarter.
        CountylinkError: PDFs are asked for and cannot be made.
    """
    if has_pdf:
        need_weasyprint()
    _refuse_foreign(to)
    tables = ReleaseTables(release)
    cards = Scorecards(tables)
    asked = _quarters(cards, quarters)
    staged = to.with_name(f".{to.name}.new")
    shutil.rmtree(staged, ignore_errors=True)
    with new_folder(staged) as folder:
        (folder / MARKER).write_text(f"{tables.manifest['release_id']}\n", encoding="utf-8")
        frame = Frame(folder, tables.manifest, has_pdf)
        other = ReleaseTables(against) if against else None
        contracts = write_money(frame, tables, other, draws)
        written = write_scorecards(frame, cards, asked, states or {})
        write_learning(frame, cards, asked)
        write_quality(frame, tables)
        write_dictionary(frame, tables)
        _write_fixed(frame, tables, cards, against, asked)
        printed = print_pages(frame.pages, workers) if has_pdf else []
    if to.exists():
        shutil.rmtree(to)
    staged.rename(to)
    return SiteReport(
        release_id=tables.manifest["release_id"],
        site=to,
        pages=len(frame.pages),
        scorecards=written,
        contracts=contracts,
        quarters=tuple(asked),
        pdfs=len(printed),
    )


def _refuse_foreign(to: Path) -> None:
    if to.exists() and any(to.iterdir()) and not (to / MARKER).exists():
        raise LakeError(f"{to.name} holds something that is no site; name a new folder, or an earlier site")


def _quarters(cards: Scorecards, asked: Sequence[str] | None) -> list[str]:
    known = cards.quarters
    if asked is None:
        return known[: cards.terms.quarters_drawn]
    if tuple(asked) == EVERY_QUARTER:
        return known
    if missing := sorted(set(asked) - set(known)):
        raise LakeError(f"the release has no scorecards of {', '.join(missing)}; it has {', '.join(known) or 'none'}")
    return [quarter for quarter in known if quarter in asked]


def _write_fixed(
    frame: Frame, tables: ReleaseTables, cards: Scorecards, against: Path | None, quarters: Sequence[str]
) -> None:
    """Write the pages of which there is one each."""
    frame.page("report.html", "outcomes.html", **outcome_values(tables))
    frame.page("linkage.html", "linkage.html", **linkage_values(tables, against))
    frame.page("how_to_read.html", "how_to_read.html", z_95=Z_95, z_998=Z_998, fewest=FEWEST)
    quarter = quarters[0] if quarters else ""
    headlines = _headlines(cards, quarter)
    sheet = [{"outcome": line["heading"], "unit": line["unit"], **line["row"]} for line in headlines]
    frame.page(
        "site_index.html",
        "index.html",
        sheets={"headlines": sheet},
        release=tables.manifest,
        quarter=quarter,
        headlines=headlines,
        contents=CONTENTS,
        sources=tables.rows("data_through"),
    )


def _headlines(cards: Scorecards, quarter: str) -> list[dict[str, Any]]:
    lines = []
    for measure in cards.measures:
        row = measure.row(ALL, quarter)
        if row is not None:
            target = (
                {"estimate": measure.target.value, "suppressed": False, "kind": row.kind} if measure.target else None
            )
            lines.append({"heading": measure.terms.heading, "unit": measure.unit, "row": row.facts(), "target": target})
    return lines
