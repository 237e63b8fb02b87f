"""The first figures of a release, in a few lines, and a query to go on with."""

from collections.abc import Iterator
from pathlib import Path

import duckdb

from pipelines import sql
from pipelines.publish.companions import query_texts
from pipelines.reports.wording import count, estimate, interval

HEADLINES = (
    ("housing_stability_12_months", "program", "JIR", "Just-in-Reach clients who kept housing 12 months"),
    (
        "jail_return_after_placement_24_months",
        "program",
        "JIR",
        "Just-in-Reach clients back in jail within 24 months of being housed",
    ),
    (
        "psychiatric_emergency_visits_per_1000_member_months",
        "all",
        "all",
        "psychiatric emergency visits per 1,000 member-months",
    ),
)
"""Measure, cut, cut value and wording of the three outcomes that the county's contracts are about."""

LATEST = """
    select estimate, lower, upper, n, kind, suppressed, period
    from read_parquet($path)
    where measure_id = $measure and cut_code = $cut and cut_value = $value
    order by estimate is null, period desc nulls first
    limit 1
"""


def headline_lines(release: Path) -> Iterator[str]:
    """The headline outcomes with their intervals; of a measure by quarter, the latest quarter that has a result."""
    with sql.connect(places=[release]) as connection:
        for measure, cut, value, words in HEADLINES:
            yield _line(connection, release, measure, cut, value, words)


def _line(connection: duckdb.DuckDBPyConnection, release: Path, measure: str, cut: str, value: str, words: str) -> str:
    values = {"path": str(release / "measure_results.parquet"), "measure": measure, "cut": cut, "value": value}
    found = connection.execute(LATEST, values)
    names = [column[0] for column in found.description]
    rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    if not rows:
        return f"{'–':>10}  {words}: no result yet"
    (row,) = rows
    period = f", {row['period']}" if row["period"] else ""
    return f"{estimate(row):>10}  {words}{period} (95 %: {interval(row)}; n = {count(row['n'], row['suppressed'])})"


def query_lines(release: Path) -> Iterator[str]:
    """A query of the release's README, with the path filled in."""
    yield from query_texts()[-1].replace("read_parquet('", f"read_parquet('{release}/").splitlines()
