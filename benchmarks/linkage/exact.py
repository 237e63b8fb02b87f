"""Exact rules: the same SSN confirmed by a name or the birth date, or the same name and birth date.

What most counties do before they do anything else. Records that a key joins, directly or by way of others, are one
person.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from benchmarks.linkage.masked import GIVEN_SSN
from benchmarks.processes import tell

KEYS = (("ssn", "last_name"), ("ssn", "first_name"), ("ssn", "dob"), ("first_name", "last_name", "dob"))
"""Records that agree on every column of a key are one person."""


def main(folder: Path, out: Path) -> None:
    """Link a set; tells how long it took and how many pairs the keys join."""
    began = time.monotonic()
    with duckdb.connect() as connection:
        connection.execute(_records_sql(folder / "records.parquet"))
        person = _joined(connection)
        connection.register("persons", pa.table({"person_id": person}))
        named = "select source, source_record_id, person_id from records positional join persons"
        connection.execute(f"copy ({named}) to '{out}'")
        pairs = sum(_pairs(connection, key) for key in KEYS)
    tell(seconds=time.monotonic() - began, candidate_pairs=pairs)


def _records_sql(records: Path) -> str:
    plain = ", ".join(f"nullif(lower(trim({column})), '') as {column}" for column in ("first_name", "last_name", "dob"))
    return (
        "create table records as select row_number() over () - 1 as row, source, source_record_id, "
        f"{plain}, {GIVEN_SSN} from read_parquet('{records}')"
    )


def _joined(connection: duckdb.DuckDBPyConnection) -> NDArray[np.int32]:
    """The component of each record: every record is tied to the first of each of its keys."""
    ties = [_ties(connection, key) for key in KEYS]
    ((records,),) = connection.execute("select count(*) from records").fetchall()
    left, right = (np.concatenate([tie[side] for tie in ties]) for side in ("row", "first_row"))
    graph = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(records, records))
    _, labels = connected_components(graph, directed=False)
    found: NDArray[np.int32] = labels
    return found


def _ties(connection: duckdb.DuckDBPyConnection, key: tuple[str, ...]) -> dict[str, NDArray[np.int64]]:
    columns = ", ".join(key)
    return connection.execute(
        f"select row, min(row) over (partition by {columns}) as first_row from records where {_known(key)}"
    ).fetchnumpy()


def _pairs(connection: duckdb.DuckDBPyConnection, key: tuple[str, ...]) -> int:
    ((pairs,),) = connection.execute(
        "select coalesce(sum(n * (n - 1) // 2), 0)::bigint "
        f"from (select count(*) as n from records where {_known(key)} group by {', '.join(key)})"
    ).fetchall()
    return int(pairs)


def _known(key: tuple[str, ...]) -> str:
    return " and ".join(f"{column} is not null" for column in key)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
