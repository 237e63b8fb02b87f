"""Self-contained pages from a release: read, arrange, render."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipelines.reports import figures, linkage
from pipelines.reports.aggregates import draw_workbook
from pipelines.reports.pages import page_environment
from pipelines.reports.tables import ReleaseTables

REPORT = "report.html"
LINKAGE_PAGE = "linkage.html"
MODEL_CARD = "MODEL_CARD.md"


def draw(release: Path, target: Path | None = None) -> Path:
    """Draw the report of a release; returns the page.

    Args:
        release: a release folder, sealed or just before it is.
        target: where the page goes; default `report.html` inside the release.
    """
    tables = ReleaseTables(release)
    page = target or release / REPORT
    page.write_text(_render("report.html", outcome_values(tables)), encoding="utf-8")
    return page


def draw_linkage(release: Path, target: Path | None = None, against: Path | None = None) -> Path:
    """Draw the linkage page of a release; returns the page.

    Args:
        release: a release folder, sealed or just before it is.
        target: where the page goes; default `linkage.html` inside the release.
        against: another release that its drift is told from. Without one the page tells no drift: a release is a
            function of its inputs, and what stood before it is not one of them.
    """
    page = target or release / LINKAGE_PAGE
    page.write_text(_render("linkage.html", linkage_values(ReleaseTables(release), against)), encoding="utf-8")
    return page


def draw_all(release: Path) -> None:
    """Draw every page, and the workbook, into a release before it is sealed."""
    draw(release)
    draw_linkage(release)
    draw_workbook(release)


def linkage_values(tables: ReleaseTables, against: Path | None) -> dict[str, Any]:
    """What the linkage page shows."""
    other = ReleaseTables(against) if against else None
    stated = linkage.rules(tables.folder)
    card = tables.folder / MODEL_CARD
    return {
        "release": tables.manifest,
        "groups": linkage.groups(tables),
        "labels": linkage.labels(tables),
        "drifts": linkage.drifts(tables, other, stated["drift"]) if other else None,
        "against": other.manifest if other else None,
        "histograms": [
            ("Match weights of links, in bits", "Bits from", linkage.bins(tables, "links_by_weight")),
            ("Clients that a person has", "Clients", linkage.bins(tables, "clusters_by_size")),
        ],
        "blocking": linkage.blocking(tables, stated["blocking"]),
        "rules": stated,
        "model_card": card.read_text(encoding="utf-8") if card.exists() else "",
    }


def outcome_values(tables: ReleaseTables) -> dict[str, Any]:
    """What the report of outcomes shows."""
    return {
        "release": tables.manifest,
        "headlines": figures.headlines(tables),
        "quarters": figures.by_period(tables),
        "providers": figures.providers(tables),
        "contracts": figures.contracts(tables),
        "linkage": figures.linkage(tables),
        "sources": tables.rows("data_through"),
        "deliveries": figures.deliveries(tables),
        "persons": tables.manifest["rows"]["persons"],
    }


def _render(template: str, values: Mapping[str, Any]) -> str:
    return page_environment().get_template(template).render(**values)
