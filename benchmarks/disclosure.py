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

from benchmarks.made_counts import COUNTS, NIGHTS_A_QUARTER, County, Row
from pipelines.lake import Lake
from pipelines.publish.disclosure.again import TOLD_AS_OF
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
    older: float
    """Share of the rows that are told as they were on an earlier day."""
    small: float
    """Share of the counts above zero that are null since they are small."""
    beside: float
    """Share that is null though it is not small: small ones could be worked out from it, or it is new and waits."""
    given_away: int

    @classmethod
    def of(cls, seconds: float, as_of: date, made: Controlled, rows: list[Row]) -> Self:
        """Of a release that was made."""
        model, told, (audit,) = load_model(), made.tables[TABLE], made.audit
        counts = [(row[count], shown[count]) for row, shown in zip(rows, told, strict=True) for count in COUNTS]
        true = [(value, shown) for value, shown in counts if value]
        gone = [model.rules.is_small(value) for value, shown in true if shown is None]
        return cls(
            seconds=seconds,
            rows=len(rows),
            anew=len(made.said.anew),
            older=sum(row[TOLD_AS_OF] != as_of for row in told) / len(rows),
            small=gone.count(True) / len(true),
            beside=gone.count(False) / len(true),
            given_away=audit["given_away_before"],
        )


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
            made.append(Night.of(time.process_time() - before, _day(number), controlled, rows))
            if number in TOLD or number == nights:
                click.echo(f"night {number}: {_line(made[told:])}")
                told = number
    for number, start in enumerate(range(0, nights, NIGHTS_A_QUARTER), start=1):
        click.echo(f"quarter {number}: {_quarter(made[start : start + NIGHTS_A_QUARTER])}")


def release(lake: Lake, number: int, rows: list[Row]) -> Controlled:
    """One night: what was told before is read, the counts are controlled, what is told is remembered."""
    model, as_of = load_model(), _day(number)
    earlier = earlier_releases(lake, f"night{number}", model)
    made = control(model, {TABLE: rows}, as_of, earlier=earlier, seal=lambda text: text)
    tables = {TABLE: pa.Table.from_pylist(rows)}, {TABLE: pa.Table.from_pylist(made.tables[TABLE])}
    remember(lake, f"night{number}", as_of, earlier, *tables, model, made.said)
    return made


def _day(number: int) -> date:
    return FIRST + timedelta(days=number)


def _line(nights: list[Night]) -> str:
    seconds, last = [one.seconds for one in nights], nights[-1]
    told = _told(last.small, last.beside, last.older)
    return (
        f"{last.seconds:.1f} s (median since the last line {statistics.median(seconds):.1f} s, most "
        f"{max(seconds):.1f} s); {last.rows:,} rows, {last.anew} units told anew; {told}; "
        f"{last.given_away} given away"
    )


def _quarter(nights: list[Night]) -> str:
    """Medians over the nights of a quarter."""
    seconds = [one.seconds for one in nights]
    told = _told(*(statistics.median(getattr(one, name) for one in nights) for name in ("small", "beside", "older")))
    return (
        f"{len(nights)} nights, {sum(seconds):.0f} s in all, median {statistics.median(seconds):.1f} s, most "
        f"{max(seconds):.1f} s; medians: {told}; {sum(one.given_away for one in nights)} given away"
    )


def _told(small: float, beside: float, older: float) -> str:
    return f"{small:.0%} of the counts null since small, {beside:.0%} beside, {older:.0%} of the rows of an earlier day"


if __name__ == "__main__":
    main()
