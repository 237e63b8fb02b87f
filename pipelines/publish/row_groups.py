"""Published tables as Parquet, a row group at a time: plain, checked, and the same bytes for the same rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

GROUP_ROWS = 1024 * 1024
"""Rows of a row group, as Arrow cuts a whole table: some 200 MB of the widest table in memory."""

FORM: dict[str, Any] = {
    "compression": "zstd",
    "write_page_checksum": True,
    "data_page_version": "1.0",
    "version": "2.6",
}
"""v1 pages for the widest reach, a checksum in every page."""


def write_table(path: Path, rows: pa.Table) -> int:
    """Write a table that is held in memory; returns how many rows it has."""
    pq.write_table(rows, path, **FORM)
    return int(rows.num_rows)


def write_pieces(path: Path, schema: pa.Schema, pieces: Iterable[pa.Table]) -> int:
    """Write the same file from pieces of a table, of which one row group is held at a time; returns how many rows."""
    written = 0
    with pq.ParquetWriter(path, schema, **FORM) as writer:
        for group in _groups(schema, pieces):
            writer.write_table(group, row_group_size=GROUP_ROWS)
            written += group.num_rows
    return written


def _groups(schema: pa.Schema, pieces: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """The pieces cut and joined to row groups; of no rows, one that is empty."""
    held, is_first = schema.empty_table(), True
    for piece in pieces:
        held = pa.concat_tables([held, piece])
        while held.num_rows >= GROUP_ROWS:
            yield held.slice(0, GROUP_ROWS).combine_chunks()
            held, is_first = held.slice(GROUP_ROWS), False
    if held.num_rows or is_first:
        yield held.combine_chunks()
