"""`python -m benchmarks.disclosure`: what disclosure control of a night costs after a year of nightly releases.

A made-up county with 196 providers: ten measures by provider and quarter, four quarters at a time, counts drifting from
night to night. Every night is held against all nights before it, as a release is: read from the lake, controlled,
remembered. Told in processor seconds of this process, by night, with the median of the nights since the last line; at
the end by quarter of the year, with the shares of counts that were withheld: neither may grow without end.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Self

import click
import pyarrow as pa

from benchmarks.made_counts import NIGHTS_A_QUARTER, County, Row
from pipelines.lake import Lake
from pipelines.publish.disclosure.control import Controlled, control
from pipelines.publish.disclosure.memory import earlier_releases, remember
from pipelines.publish.disclosure.model import load_model

FIRST = date(2026, 1, 1)
TOLD = (1, 2, 5, 10, 20, 50, 100, 150, 200, 250, 300, 365)
TABLE = "measure_results"


@dataclass(frozen=True)
class Night:
    """What a night cost, and what it told."""

    seconds: float
    rows: int
    anew: int
    """Units told anew."""
    repeated: int
    themselves: float
    """Share of the counts above zero that are withheld since they are small."""
    beside: float
    """Share withheld that others could be worked out from, or that wait for their turn to be told."""
    given_away: int

    @classmethod
    def of(cls, seconds: float, made: Controlled, rows: int) -> Self:
        """Of a release that was made."""
        (audit,) = made.audit
        shares = [audit[name] / audit["counts"] for name in ("withheld_themselves", "withheld_beside")]
        return cls(seconds, rows, len(made.said.anew), audit["rows_repeated"], *shares, audit["given_away_before"])


@click.command()
@click.option("--nights", default=365, show_default=True)
@click.option("--providers", default=196, show_default=True)
def main(nights: int, providers: int) -> None:
    """Make a year of releases, and print what a night costs and how much of it is told."""
    county, made = County(providers), list[Night]()
    told = 0
    with tempfile.TemporaryDirectory(prefix="countylink-disclosure-") as folder:
        for number in range(1, nights + 1):
            rows = county.night()
            before = time.process_time()
            controlled = release(Lake(Path(folder)), number, rows)
            made.append(Night.of(time.process_time() - before, controlled, len(rows)))
            if number in TOLD or number == nights:
                click.echo(f"night {number}: {_line(made[told:])}")
                told = number
    for number, start in enumerate(range(0, nights, NIGHTS_A_QUARTER), start=1):
        click.echo(f"quarter {number}: {_quarter(made[start : start + NIGHTS_A_QUARTER])}")


def release(lake: Lake, number: int, rows: list[Row]) -> Controlled:
    """One night: what was told before is read, the counts are controlled, what is told is remembered."""
    model, as_of = load_model(), FIRST + timedelta(days=number)
    earlier = earlier_releases(lake, f"night{number}", model)
    made = control(model, {TABLE: rows}, as_of, earlier=earlier, seal=lambda text: text)
    tables = {TABLE: pa.Table.from_pylist(rows)}, {TABLE: pa.Table.from_pylist(made.tables[TABLE])}
    remember(lake, f"night{number}", as_of, earlier, *tables, model, made.said)
    return made


def _line(nights: list[Night]) -> str:
    seconds, last = [one.seconds for one in nights], nights[-1]
    return (
        f"{last.seconds:.1f} s (median since the last line {statistics.median(seconds):.1f} s, most "
        f"{max(seconds):.1f} s); {last.rows:,} rows, {last.anew} units told anew, {last.repeated:,} "
        f"rows repeated, {last.themselves:.0%} of the counts withheld themselves and "
        f"{last.beside:.0%} beside, {last.given_away} given away"
    )


def _quarter(nights: list[Night]) -> str:
    """Medians over the nights of a quarter."""
    seconds = [one.seconds for one in nights]
    shares = [statistics.median(getattr(one, name) for one in nights) for name in ("themselves", "beside")]
    repeated = statistics.median(one.repeated / one.rows for one in nights)
    return (
        f"{len(nights)} nights, {sum(seconds):.0f} s in all, median {statistics.median(seconds):.1f} s, most "
        f"{max(seconds):.1f} s; medians: {shares[0]:.0%} of the counts withheld themselves, {shares[1]:.0%} beside, "
        f"{repeated:.0%} of the rows repeated; {sum(one.given_away for one in nights)} given away"
    )


if __name__ == "__main__":
    main()
