"""Rows of text become a Parquet table of text: nothing cast, nothing trimmed, nothing renamed by position."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.ahead import one_ahead
from pipelines.ingest.rows import Chunk, UnreadableRow

LINE_NUMBER, FILE_NAME = "_line_number", "_file_name"

ROW_GROUP_BYTES = 128 * 2**20
"""In memory; about half a million rows of twenty columns."""

FEW_VALUES = 1000
"""A column with no more different values among its first rows is written as a dictionary; for others it costs time."""

ROWS_LOOKED_AT = 20_000

UNREADABLE_SCHEMA = pa.schema(
    [(LINE_NUMBER, pa.int64()), (FILE_NAME, pa.string()), ("rule_id", pa.string()), ("text", pa.string())]
)


@dataclass(frozen=True)
class Part:
    """One file of a table, ready to be read: its name as sent, its columns, its rows."""

    file_name: str
    columns: tuple[str, ...]
    chunks: Iterator[Chunk]


def write_text_table(parts: list[Part], target: Path) -> None:
    """Write the rows of a table's files as text, in file and line order.

    Columns: `_line_number` (physical line where the row starts, header = 1), `_file_name`, then the header's columns.
    A column that one part lacks is null there.
    """
    columns = _all_columns(parts)
    fields = [pa.field(LINE_NUMBER, pa.int64()), pa.field(FILE_NAME, pa.string())]
    schema = pa.schema(fields + [pa.field(name, pa.string()) for name in columns])
    chunks = (_named(chunk, part, columns, schema) for part in parts for chunk in one_ahead(part.chunks))
    groups = one_ahead(_row_groups(chunks))  # the next is read while one is written
    first = next(groups, schema.empty_table())
    few = _few_valued(first)
    kinds: dict[str, Any] = {"compression": "zstd", "use_dictionary": few, "write_statistics": False}
    # every page knows its checksum: a bit that flips on the disk stops the run that reads it
    with pq.ParquetWriter(target, schema, write_page_checksum=True, **kinds) as writer:
        writer.write_table(first, row_group_size=max(1, first.num_rows))
        for group in groups:
            writer.write_table(group, row_group_size=group.num_rows)


def write_unreadable(rows: list[tuple[str, UnreadableRow]], target: Path) -> None:
    """Keep the rows of a table that could not be read: line number, file, rule, text."""
    target.parent.mkdir(mode=0o700, exist_ok=True)
    table = pa.table(
        {
            LINE_NUMBER: [row.line for _, row in rows],
            FILE_NAME: [file for file, _ in rows],
            "rule_id": [row.rule_id for _, row in rows],
            "text": [row.text for _, row in rows],
        },
        schema=UNREADABLE_SCHEMA,
    )
    pq.write_table(table, target, compression="zstd")


def _all_columns(parts: list[Part]) -> tuple[str, ...]:
    """Every column of a table's files, in the spelling and order of the first that has it."""
    spelling: dict[str, str] = {}
    for part in parts:
        for name in part.columns:
            spelling.setdefault(name.casefold(), name)
    return tuple(spelling.values())


def _named(chunk: Chunk, part: Part, columns: tuple[str, ...], schema: pa.Schema) -> pa.Table:
    position = {name.casefold(): i for i, name in enumerate(part.columns)}
    rows = chunk.fields.num_rows
    arrays = [pa.array(chunk.lines), pa.repeat(pa.scalar(part.file_name), rows)]
    for name in columns:
        at = position.get(name.casefold())
        arrays.append(pa.nulls(rows, pa.string()) if at is None else chunk.fields.column(at))
    return pa.Table.from_arrays(arrays, schema=schema)


def _row_groups(tables: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """Tables joined until they are large enough for a row group."""
    held: list[pa.Table] = []
    size = 0
    for table in tables:
        held.append(table)
        size += table.nbytes
        if size >= ROW_GROUP_BYTES:
            yield pa.concat_tables(held)
            held, size = [], 0
    if held:
        yield pa.concat_tables(held)


def _few_valued(table: pa.Table) -> list[str]:
    head = table.slice(0, ROWS_LOOKED_AT)
    return [name for name in head.column_names if len(head[name].unique()) <= FEW_VALUES]
