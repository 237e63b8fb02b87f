"""The figures of every run, one after the other, so that a drift between runs shows.

`person_index/linkage_runs`: grain run × figure × part, `run_number` 1, 2, … in the order of the runs. A run is known by
what it was made from: a repeat replaces its own rows and adds none.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date

import duckdb

from pipelines import sql
from pipelines.lake import Lake

TABLE = "linkage_runs"

COLUMNS = """
    run_number bigint, run_key varchar, as_of_on date, model varchar,
    figure_code varchar, part_code varchar, value bigint, whole bigint
"""

Figures = Mapping[str, Mapping[str, tuple[int, int | None]]]
"""Figure → part → (value, whole)."""

KEY_LENGTH = 16
"""Hex digits of a run's key: 64 bits, so that no two of a million runs are expected to share one."""


def run_key(inputs: Mapping[str, str]) -> str:
    """The name of a run: a hash of what its clusters were made from."""
    canonical = json.dumps(dict(inputs), sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()[:KEY_LENGTH]


def add_run(lake: Lake, key: str, as_of: date, model: str) -> int:
    """Put `linkage_figures` into the history as the run of this key; returns how many runs there are."""
    with sql.connect(lake.spill) as connection:
        _open(connection, lake)
        number = _number_of(connection, key)
        connection.execute("delete from runs where run_key = $key", {"key": key})
        connection.execute(
            "insert into runs select $number, $key, $as_of, $model, figure_code, part_code, value, whole "
            "from person_index.linkage_figures",
            {"number": number, "key": key, "as_of": as_of, "model": model},
        )
        ordered = connection.sql("from runs order by run_number, figure_code, part_code")
        lake.write("person_index", TABLE, ordered)
        ((runs,),) = connection.execute("select count(distinct run_key) from runs").fetchall()
        return int(runs)


def run_and_baseline(lake: Lake, key: str) -> tuple[Figures, Figures | None]:
    """The figures of a run, and those of the run before it; None for the first."""
    with sql.connect(lake.spill) as connection:
        _open(connection, lake)
        number = _number_of(connection, key)
        return _figures(connection, number) or {}, _figures(connection, number - 1)


def _open(connection: duckdb.DuckDBPyConnection, lake: Lake) -> None:
    connection.execute(f"create table runs ({COLUMNS})")
    if lake.has("person_index", TABLE):
        connection.execute("insert into runs from read_parquet($path)", {"path": str(lake.path("person_index", TABLE))})
    sql.open_views(connection, lake, [("person_index", "linkage_figures")])


def _number_of(connection: duckdb.DuckDBPyConnection, key: str) -> int:
    """The number of a run that is known, else the next."""
    ((number,),) = connection.execute(
        "select coalesce(max(run_number) filter (where run_key = $key), coalesce(max(run_number), 0) + 1) from runs",
        {"key": key},
    ).fetchall()
    return int(number)


def _figures(connection: duckdb.DuckDBPyConnection, number: int) -> Figures | None:
    rows = connection.execute(
        "select figure_code, part_code, value, whole from runs where run_number = $number order by all",
        {"number": number},
    ).fetchall()
    figures: dict[str, dict[str, tuple[int, int | None]]] = {}
    for figure, part, value, whole in rows:
        figures.setdefault(figure, {})[part] = (value, whole)
    return figures or None
