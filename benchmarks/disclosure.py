"""`python -m benchmarks.disclosure`: what disclosure control of a night costs after a year of nightly releases.

A made-up county with 196 providers: ten measures by provider and quarter, four quarters at a time, counts drifting from
night to night. Every night is held against all nights before it, as a release is: read from the lake, controlled,
remembered. Told in processor seconds of this process, by night, with the median of the nights since the last line.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

import click
import pyarrow as pa

from benchmarks.made_counts import County, Row
from pipelines.lake import Lake
from pipelines.publish.disclosure.control import Controlled, control
from pipelines.publish.disclosure.memory import earlier_releases, remember
from pipelines.publish.disclosure.model import load_model

FIRST = date(2026, 1, 1)
TOLD = (1, 2, 5, 10, 20, 50, 100, 150, 200, 250, 300, 365)
TABLE = "measure_results"


@click.command()
@click.option("--nights", default=365, show_default=True)
@click.option("--providers", default=196, show_default=True)
def main(nights: int, providers: int) -> None:
    """Make a year of releases, and print what a night costs."""
    county = County(providers)
    since: list[float] = []
    with tempfile.TemporaryDirectory(prefix="countylink-disclosure-") as folder:
        for number in range(1, nights + 1):
            rows = county.night()
            before = time.process_time()
            made = release(Lake(Path(folder)), number, rows)
            since.append(time.process_time() - before)
            if number in TOLD or number == nights:
                click.echo(f"night {number}: {_line(since, made, rows)}")
                since = []


def release(lake: Lake, number: int, rows: list[Row]) -> Controlled:
    """One night: what was told before is read, the counts are controlled, what is told is remembered."""
    model, as_of = load_model(), FIRST + timedelta(days=number)
    earlier = earlier_releases(lake, f"night{number}", model)
    made = control(model, {TABLE: rows}, as_of, earlier=earlier, seal=lambda text: text)
    tables = {TABLE: pa.Table.from_pylist(rows)}, {TABLE: pa.Table.from_pylist(made.tables[TABLE])}
    remember(lake, f"night{number}", as_of, earlier, *tables, model, made.said)
    return made


def _line(seconds: list[float], made: Controlled, rows: list[Row]) -> str:
    (audit,) = made.audit
    shares = {name: audit[name] / audit["counts"] for name in ("withheld_themselves", "withheld_beside")}
    return (
        f"{seconds[-1]:.1f} s (median since the last line {statistics.median(seconds):.1f} s, most "
        f"{max(seconds):.1f} s); {len(rows):,} rows, {len(made.said.anew)} units told anew, {audit['rows_repeated']:,} "
        f"rows repeated, {shares['withheld_themselves']:.0%} of the counts withheld themselves and "
        f"{shares['withheld_beside']:.0%} beside, {audit['given_away_before']} given away"
    )


if __name__ == "__main__":
    main()
