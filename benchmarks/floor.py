"""What the engine alone costs: DuckDB reads every delivered file into Parquet, and writes every table of a lake anew.

No contract, no rule, no memory of yesterday: what is left is reading, sorting out columns and writing, on the same
machine and the same bytes. A stage cannot be cheaper than that while it writes its tables whole.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from benchmarks.bare import Stopwatch
from pipelines import sql

STAGES = ("validated", "standard", "linked", "person_index", "episodes", "outcomes", "contracts", "published")
"""Zones in the order in which a night makes them; `raw` is what reading the files gives."""

Say = Callable[[str], None]


def measure(landing: Path, lake: Path, say: Say) -> dict[str, float]:
    """Seconds by step: `read files`, then `copy ZONE` for every zone of the lake; `say` is told of each as it ends."""
    seconds = Stopwatch(say)
    with TemporaryDirectory(dir=lake.parent) as spill:
        scratch = Path(spill)
        connection = sql.connect(scratch / "spill", places=[landing.resolve(), lake.resolve(), scratch.resolve()])
        with connection:
            seconds.time("read files", lambda: _read_files(connection, landing, scratch))
            for zone in STAGES:
                seconds.time(f"copy {zone}", partial(_copy, connection, lake / zone, scratch))
    return seconds.steps


def _read_files(connection: duckdb.DuckDBPyConnection, landing: Path, scratch: Path) -> None:
    """Every CSV of a landing folder, as text."""
    for path in sorted(landing.rglob("*.csv")):
        columns = _header(path)
        connection.read_csv(
            str(path), columns=columns, header=True, sep=",", quotechar='"', escapechar='"', strict_mode=False,
            ignore_errors=True, auto_detect=False,
        ).to_parquet(str(scratch / "out.parquet"), compression="zstd")  # fmt: skip


def _header(path: Path) -> dict[str, str]:
    """Every column as text; told rather than found out, since finding out takes longer than reading a short file."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return dict.fromkeys(next(csv.reader(file)), "VARCHAR")


def _copy(connection: duckdb.DuckDBPyConnection, zone: Path, scratch: Path) -> None:
    for path in tables_of(zone):
        connection.read_parquet(str(path)).to_parquet(str(scratch / "out.parquet"), compression="zstd")


def tables_of(zone: Path) -> Iterator[Path]:
    """The tables that a night leaves in a zone, each once: of releases and versions, the newest."""
    newest = _newest(zone / "versions"), _newest(zone / "outcomes" / "releases")
    for path in sorted(zone.rglob("*.parquet")):
        numbered = {"versions", "releases"} & set(path.relative_to(zone).parts[:-1])
        if not numbered or any(one in path.parents for one in newest):
            yield path


def _newest(folder: Path) -> Path:
    """The last made of a folder's folders; the folder itself where it has none."""
    return max((one for one in folder.glob("*") if one.is_dir()), default=folder, key=lambda one: one.stat().st_mtime)


if __name__ == "__main__":
    measure(Path(sys.argv[1]), Path(sys.argv[2]), print)
