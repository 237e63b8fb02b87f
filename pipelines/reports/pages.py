"""How our pages are made: one frame and style, one way of saying numbers, every value escaped."""

from __future__ import annotations

from functools import cache

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from pipelines.reports import wording
from pipelines.reports.plots import bars, interval_plot, interval_series

PACKAGE = "pipelines.reports"


@cache
def page_environment(*packages: str) -> Environment:
    """Templates of these packages and of the reports, whose `page.html` they extend; each page needs no other file.

    One environment a process: it compiles a template once, however many pages are drawn from it.
    """
    environment = Environment(
        loader=ChoiceLoader([PackageLoader(package) for package in (*packages, PACKAGE)]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        estimate=wording.estimate,
        interval=wording.interval,
        interval_total=wording.interval_total,
        count=wording.count,
        usd=wording.usd,
        share=wording.share,
        dollars=wording.dollars,
        number=wording.number,
        short=wording.short_usd,
        agency=wording.agency,
        stream=wording.funding_stream,
        unit=wording.unit,
    )
    environment.globals.update(interval_plot=interval_plot, interval_series=interval_series, bars=bars)
    return environment
