"""Copies of a release's tables for those who do not read Parquet: CSV for SAS, Stata and SPSS, and a DuckDB of views.

The same tables give the same bytes: no clock and no file name stands in a compressed file, and DuckDB's storage version
is pinned.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as csv
import pyarrow.parquet as pq

from pipelines import sql
from pipelines.spreadsheets import FORMULA_STARTS

CSV_FOLDER = "csv"

VIEWS = "release.duckdb"

STORAGE_VERSION = "v1.2.0"
"""Every DuckDB from 1.2 on opens it, whatever made it."""

CSV_LEVEL = 1
"""Of gzip. Level 6 takes three times as long for files a tenth smaller; who wants small files reads the Parquet."""

LEADS_A_FORMULA = f"^(?:{'|'.join(map(re.escape, FORMULA_STARTS))})"
"""A cell that begins so is run as a formula by spreadsheet programs (OWASP, CSV injection)."""

TABLE_PATH = "coalesce(getvariable('release') || '/', '') || {file}"
"""DuckDB looks for relative paths where it was started, not beside its file, and keeps no search path in it. So a view
reads the folder that the variable `release` names, and without one the folder that DuckDB was started in."""


def write_copies(staged: Path, tables: Iterable[str]) -> None:
    """Write `csv/<table>.csv.gz` and `release.duckdb` into a staged release."""
    names = list(tables)
    (staged / CSV_FOLDER).mkdir()
    for name in names:
        _write_csv(staged / f"{name}.parquet", staged / CSV_FOLDER / f"{name}.csv.gz")
    _write_views(staged, names)


def _write_csv(parquet: Path, target: Path) -> None:
    """Row group by row group, so that a large table takes no more memory than a small one."""
    source = pq.ParquetFile(parquet)
    with (
        target.open("wb") as raw,
        gzip.GzipFile("", "wb", CSV_LEVEL, raw, mtime=0) as packed,
        csv.CSVWriter(packed, source.schema_arrow) as writer,
    ):
        for batch in source.iter_batches():
            writer.write_batch(harmless(batch))


def harmless(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The rows with an apostrophe before every text that a spreadsheet would take for a formula."""
    columns = [_harmless(column) if pa.types.is_string(column.type) else column for column in batch.columns]
    return pa.RecordBatch.from_arrays(columns, schema=batch.schema)


def _harmless(texts: pa.Array) -> pa.Array:
    told = pc.binary_join_element_wise("'", texts, "")
    return pc.if_else(pc.match_substring_regex(texts, LEADS_A_FORMULA), told, texts)


def _write_views(staged: Path, names: Iterable[str]) -> None:
    with sql.connect(places=[staged]) as connection:
        connection.execute(f"set variable release = {sql.literal(str(staged))}")
        path = sql.literal(str(staged / VIEWS))
        connection.execute(f"attach {path} as made (storage_version '{STORAGE_VERSION}')")
        for name in names:
            file = TABLE_PATH.format(file=sql.literal(f"{name}.parquet"))
            connection.execute(f'create view made."{name}" as from read_parquet({file})')
        connection.execute("detach made")
