"""One self-contained page from a release: read, arrange, render."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from pipelines.reports import figures, wording
from pipelines.reports.plots import interval_plot, interval_series
from pipelines.reports.tables import ReleaseTables

REPORT = "report.html"


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
        estimate=wording.estimate, interval=wording.interval, count=wording.count, usd=wording.usd
    )
    environment.globals.update(interval_plot=interval_plot, interval_series=interval_series)
    return environment
