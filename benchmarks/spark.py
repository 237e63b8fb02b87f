"""`python -m benchmarks.spark RECORDS.parquet …`: what linking each table costs in DuckDB and on Spark, side by side.

Both engines get the same standardised identities and the shipped bundle; the time is from opening the engine to
clusters. CPU seconds count Python and Spark's Java machine together: on a busy machine they are the steadier figure.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from linkage_rules.bundle import shipped_bundle
from pipelines import sql
from pipelines.link.engine import EngineChoice, open_engine
from pipelines.link.linking import LinkReport, make_clusters
from pipelines.link.table import open_table


@dataclass(frozen=True)
class Cost:
    """Seconds of one linkage."""

    wall: float
    cpu: float


def main() -> None:
    """Print a line a table: identities, candidate pairs, median wall and CPU seconds of each engine, their ratio."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks.spark", description=__doc__)
    asked.add_argument("records", nargs="+", type=Path, help="Parquet tables of person records")
    asked.add_argument("--rounds", type=int, default=3, help="linkages of each, of which the median is told")
    asked.add_argument("--master", default="local[2]", help="Spark master")
    given = asked.parse_args()
    print(f"{'identities':>10} {'pairs':>10} {'DuckDB s':>9} {'CPU s':>7} {'Spark s':>9} {'CPU s':>7} {'CPU ratio':>9}")
    for records in given.records:
        _line(records, given.rounds, given.master)


def _line(records: Path, rounds: int, master: str) -> None:
    engines = (EngineChoice("duckdb"), EngineChoice("spark", master))
    runs = [[_linked(records, engine) for engine in engines] for _ in range(rounds)]
    report = runs[0][0][1]
    if any(each.candidate_pairs != report.candidate_pairs for run in runs for _, each in run):
        raise SystemExit("the engines did not score the same pairs, so their costs say nothing")
    ours, theirs = (_median([run[place][0] for run in runs]) for place in range(2))
    print(
        f"{report.identities:10,} {report.candidate_pairs:10,} {ours.wall:9.1f} {ours.cpu:7.1f} "
        f"{theirs.wall:9.1f} {theirs.cpu:7.1f} {theirs.cpu / ours.cpu:9.1f}",
        flush=True,
    )


def _linked(records: Path, choice: EngineChoice) -> tuple[Cost, LinkReport]:
    with (
        tempfile.TemporaryDirectory() as scratch,
        sql.connect(places=[records.parent, Path(scratch)]) as connection,
    ):
        open_table(connection, records)
        wall, cpu = time.monotonic(), _cpu_seconds()
        with open_engine(choice, Path(scratch)) as engine:
            report = make_clusters(connection, shipped_bundle(), engine=engine)
        return Cost(time.monotonic() - wall, _cpu_seconds() - cpu), report


def _cpu_seconds() -> float:
    """Of this process, and of the children that it has waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def _median(costs: list[Cost]) -> Cost:
    return Cost(statistics.median(cost.wall for cost in costs), statistics.median(cost.cpu for cost in costs))


if __name__ == "__main__":
    main()
