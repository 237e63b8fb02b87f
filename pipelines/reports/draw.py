"""Self-contained pages from a release: read, arrange, render."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from pipelines.reports import figures, linkage, wording
from pipelines.reports.plots import bars, interval_plot, interval_series
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
    page.write_text(_render(tables), encoding="utf-8")
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
    page.write_text(_render_linkage(ReleaseTables(release), against), encoding="utf-8")
    return page


def draw_all(release: Path) -> None:
    """Draw every page into a release, before it is sealed."""
    draw(release)
    draw_linkage(release)


def _render_linkage(tables: ReleaseTables, against: Path | None) -> str:
    other = ReleaseTables(against) if against else None
    stated = linkage.rules(tables.folder)
    card = tables.folder / MODEL_CARD
    groups = linkage.groups(tables)
    return _environment().get_template("linkage.html").render(
        release=tables.manifest,
        groups=groups,
        is_labelled=any(g.shares["labelled_precision"]["estimate"] is not None for _, rows in groups for g in rows),
        drifts=linkage.drifts(tables, other, stated["drift"]) if other else None,
        against=other.manifest if other else None,
        histograms=[
            ("Match weights of links, in bits", "Bits from", linkage.histogram(tables, "links_by_weight")),
            ("Clients that a person has", "Clients", linkage.histogram(tables, "clusters_by_size")),
        ],
        blocking=linkage.blocking(tables, stated["blocking"]),
        rules=stated,
        model_card=card.read_text(encoding="utf-8") if card.exists() else "",
    )  # fmt: skip


def _render(tables: ReleaseTables) -> str:
    return _environment().get_template("report.html").render(
        release=tables.manifest,
        headlines=figures.headlines(tables),
        quarters=figures.by_period(tables),
        providers=figures.providers(tables),
        contracts=figures.contracts(tables),
        linkage=figures.linkage(tables),
        sources=tables.rows("data_through"),
        deliveries=figures.deliveries(tables),
        persons=tables.manifest["rows"]["persons"],
    )  # fmt: skip


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("pipelines.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        estimate=wording.estimate, interval=wording.interval, count=wording.count, usd=wording.usd, share=wording.share
    )
    environment.globals.update(interval_plot=interval_plot, interval_series=interval_series, bars=bars)
    return environment
