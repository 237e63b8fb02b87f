"""A few person records as a flat table, for tests of linkage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from pipelines import sql
from pipelines.link.columns import usual_names
from pipelines.link.table import open_table

COLUMNS = tuple(names[0] for names in usual_names().values())


def write_records(path: Path, records: Sequence[Mapping[str, Any]]) -> Path:
    """Write records as Parquet; `source` defaults to the sheriff, the record's place is its id."""
    rows = [{"source": "sheriff", "source_record_id": str(place), **record} for place, record in enumerate(records)]
    pl.DataFrame(
        [{name: row.get(name) for name in COLUMNS} for row in rows], schema=dict.fromkeys(COLUMNS, pl.String)
    ).write_parquet(path)
    return path


def standardised(tmp_path: Path, records: Sequence[Mapping[str, Any]]) -> duckdb.DuckDBPyConnection:
    """A connection with standard.identities and standard.clients of these records."""
    connection = sql.connect(places=[tmp_path])
    open_table(connection, write_records(tmp_path / "records.parquet", records))
    return connection
