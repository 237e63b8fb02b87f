"""Copies of a release's tables for those who do not read Parquet: CSV for SAS, Stata and SPSS, and a DuckDB of views.

The same tables give the same bytes: no clock and no file name stands in a compressed file, and DuckDB's storage version
is pinned.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Self

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

ROWS_AT_ONCE = 8 * 1024
"""Rows that become text, and are compressed, at a time; of no consequence for what is written."""

LEADS_A_FORMULA = f"^(?:{'|'.join(map(re.escape, FORMULA_STARTS))})"
"""A cell that begins so is run as a formula by spreadsheet programs (OWASP, CSV injection)."""

TABLE_PATH = "coalesce(getvariable('release') || '/', '') || {file}"
"""DuckDB looks for relative paths where it was started, not beside its file, and keeps no search path in it. So a view
reads the folder that the variable `release` names, and without one the folder that DuckDB was started in."""


class Copies:
    """`csv/<table>.csv.gz` and `release.duckdb` of a staged release.

    A table is copied in another thread as soon as its Parquet stands, while the others are made: what takes the time,
    texts and compression, holds nobody up. The folder is not whole, and tells nobody how many bytes it has, until
    `finish`.
    """

    def __init__(self, staged: Path) -> None:
        self._staged, self._copied = staged, dict[str, Future[None]]()
        self._pool = ThreadPoolExecutor(1)

    def __enter__(self) -> Self:
        (self._staged / CSV_FOLDER).mkdir()
        return self

    def __exit__(self, *_: object) -> None:
        """Wait for what is being copied; what nobody waits for any more is not begun."""
        self._pool.shutdown(cancel_futures=True)

    def begin(self, table: str) -> None:
        """Copy a table whose Parquet stands."""
        target = self._staged / CSV_FOLDER / f"{table}.csv.gz"
        self._copied[table] = self._pool.submit(_write_csv, self._staged / f"{table}.parquet", target)

    def finish(self, tables: Iterable[str]) -> None:
        """Wait until every table is copied, and write their views."""
        names = list(tables)
        for name in names:
            self._copied[name].result()
        _write_views(self._staged, names)


def _write_csv(parquet: Path, target: Path) -> None:
    """Row group by row group, so that a large table takes no more memory than a small one.

    Texts are read as Parquet holds them, each once a row group, and looked at so: most columns say few things.
    """
    schema = pq.read_schema(parquet)
    texts = [field.name for field in schema if pa.types.is_string(field.type)]
    with (
        pq.ParquetFile(parquet, read_dictionary=texts) as source,
        target.open("wb") as raw,
        gzip.GzipFile("", "wb", CSV_LEVEL, raw, mtime=0) as packed,
        csv.CSVWriter(packed, schema, write_options=csv.WriteOptions(batch_size=ROWS_AT_ONCE)) as writer,
    ):
        for batch in source.iter_batches():
            writer.write_batch(_plain(batch, schema))


def _plain(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """The rows as a CSV has them: no text that a spreadsheet would take for a formula."""
    columns = [
        _harmless(column.dictionary).take(column.indices) if pa.types.is_dictionary(column.type) else column
        for column in batch.columns
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _harmless(texts: pa.Array) -> pa.Array:
    """The texts with an apostrophe before every one that a spreadsheet would take for a formula."""
    leads = pc.match_substring_regex(texts, LEADS_A_FORMULA)
    if not pc.any(leads).as_py():
        return texts
    return pc.if_else(leads, pc.binary_join_element_wise("'", texts, ""), texts)


def _write_views(staged: Path, names: Iterable[str]) -> None:
    with sql.connect(places=[staged]) as connection:
        connection.execute(f"set variable release = {sql.literal(str(staged))}")
        path = sql.literal(str(staged / VIEWS))
        connection.execute(f"attach {path} as made (storage_version '{STORAGE_VERSION}')")
        for name in names:
            file = TABLE_PATH.format(file=sql.literal(f"{name}.parquet"))
            connection.execute(f'create view made."{name}" as from read_parquet({file})')
        connection.execute("detach made")
