"""`python -m benchmarks.scorecards`: how long the scorecards of a full county take; aim: 196 in 60 seconds.

A made-up release of 196 providers; one quarter is drawn: every scorecard as a page with its charts and its workbook,
and the pages around them. Then every scorecard is printed. Both are told by the clock and in processor seconds.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from benchmarks.made_release import make_release
from pipelines.reports.site import write_site
from pipelines.reports.site.printing import print_pages

AIM_SECONDS = 60


@contextmanager
def told(what: str) -> Iterator[None]:
    """Print what a block took, its children's processors included."""
    clock, before = time.perf_counter(), os.times()
    yield
    after = os.times()
    cpu = sum(after[at] - before[at] for at in range(4))
    click.echo(f"{what}: {time.perf_counter() - clock:.1f} s, {cpu:.1f} processor seconds (aim: {AIM_SECONDS} s)")


@click.command()
@click.option("--providers", default=196, show_default=True)
@click.option("--printed/--not-printed", default=True, show_default=True, help="Also print every scorecard as PDF.")
def main(providers: int, printed: bool) -> None:
    """Draw and print the scorecards of one quarter."""
    with tempfile.TemporaryDirectory(prefix="countylink-scorecards-") as folder:
        release, to = make_release(Path(folder) / "release", providers), Path(folder) / "site"
        with told(f"{providers} scorecards with {providers} workbooks, and the pages around them"):
            made = write_site(release, to, quarters=["2026Q3"], draws=0)
        size = sum(path.stat().st_size for path in to.rglob("*") if path.is_file())
        click.echo(f"  {made.pages} pages, {made.scorecards} of them scorecards; {size / 1e6:.0f} MB")
        if printed:
            cards = sorted(to.glob("providers/*/2026Q3.html"))
            with told(f"{len(cards)} scorecards as PDF, on {os.cpu_count()} processors"):
                print_pages(cards)


if __name__ == "__main__":
    main()
