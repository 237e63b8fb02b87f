"""Rows of text become a Parquet table of text: nothing cast, nothing trimmed, nothing renamed by position.

DuckDB reads the plain CSV with every choice made for it (no sniffing), under column numbers; the names come from the
file's own header. The count must be what the record scanner counted, or the file is not read at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines import sql
from pipelines.ingest.records import Positions
from pipelines.ingest.rows import MAX_ROW_BYTES, UnreadableRow

BATCH_ROWS = 200_000
LINE_NUMBER, FILE_NAME = "_line_number", "_file_name"

UNREADABLE_SCHEMA = pa.schema(
    [(LINE_NUMBER, pa.int64()), (FILE_NAME, pa.string()), ("rule_id", pa.string()), ("text", pa.string())]
)


class NotAsCountedError(Exception):
    """DuckDB and the record scanner do not see the same rows."""


@dataclass(frozen=True)
class Part:
    """One file of a table, ready to be read: its name as sent, its columns, its plain CSV, its line numbers."""

    file_name: str
    columns: tuple[str, ...]
    plain: Path
    lines: Positions
    has_line_breaks_in_fields: bool


def write_text_table(parts: list[Part], target: Path, spill: Path) -> int:
    """Write the rows of a table's files as text, in file and line order; returns the row count.

    Raises NotAsCountedError when DuckDB does not see the rows that were counted.

    Columns: `_line_number` (physical line where the row starts, header = 1), `_file_name`, then the header's columns.
    A column that one part lacks is null there.
    """
    columns = _all_columns(parts)
    fields = [pa.field(LINE_NUMBER, pa.int64()), pa.field(FILE_NAME, pa.string())]
    schema = pa.schema(fields + [pa.field(name, pa.string()) for name in columns])
    rows = 0
    with pq.ParquetWriter(target, schema, compression="zstd") as writer, sql.connect(spill) as connection:
        for part in parts:
            for batch in _batches(connection, part):
                writer.write_batch(_named(batch, part, columns, schema))
                rows += batch.num_rows
    return rows


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


def _batches(connection: duckdb.DuckDBPyConnection, part: Part) -> Iterator[pa.RecordBatch]:
    """The part's rows under column numbers, preceded by their line numbers."""
    taken = 0
    if part.lines.size:
        try:
            for batch in connection.sql(_read_csv(part)).to_arrow_reader(BATCH_ROWS):
                lines = pa.array(part.lines[taken : taken + batch.num_rows])
                taken += batch.num_rows
                if len(lines) != batch.num_rows:
                    raise NotAsCountedError
                yield pa.RecordBatch.from_arrays([lines, *batch.columns], names=["line", *batch.schema.names])
        except duckdb.Error:
            raise NotAsCountedError from None
    if taken != part.lines.size:
        raise NotAsCountedError


def _read_csv(part: Part) -> str:
    columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(len(part.columns)))
    parallel = "false" if part.has_line_breaks_in_fields else "true"
    return f"""select * from read_csv({sql.literal(str(part.plain))}, columns = {{{columns}}}, header = false,
        auto_detect = false, delim = ',', quote = '"', escape = '"', new_line = '\\n', nullstr = '', encoding = 'utf-8',
        strict_mode = true, null_padding = false, ignore_errors = false, parallel = {parallel},
        max_line_size = {2 * MAX_ROW_BYTES})"""


def _named(batch: pa.RecordBatch, part: Part, columns: tuple[str, ...], schema: pa.Schema) -> pa.RecordBatch:
    position = {name.casefold(): i for i, name in enumerate(part.columns)}
    arrays = [batch.column(0), pa.repeat(pa.scalar(part.file_name), batch.num_rows)]
    for name in columns:
        at = position.get(name.casefold())
        arrays.append(pa.nulls(batch.num_rows, pa.string()) if at is None else batch.column(at + 1))
    return pa.RecordBatch.from_arrays(arrays, schema=schema)
