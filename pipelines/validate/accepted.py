"""The accepted rows of a table on their way to disk: a chunk is written while the next is checked, once and for good.

Of all rows at once only sixteen bytes each are held, so that memory follows the chunk and not the table. Rows of one
key are the exception: they are read back, and where some give way the table is written again without them.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.validate.checking import WHERE
from schemas.data_contract import DataContract

DELIVERY = "_delivery_id"


class AcceptedRows:
    """A table's rows that broke no rule: the contract's columns, `_delivery_id`, `_file_name`, `_line_number`."""

    def __init__(self, path: Path, contract: DataContract, delivery_id: str, pool: ThreadPoolExecutor) -> None:
        self.path, self.contract, self.delivery_id = path, contract, delivery_id
        self._pool = pool
        self._writer: pq.ParquetWriter | None = None
        self._writing: Future[None] | None = None
        self._numbers: list[pl.DataFrame] = []

    def add(self, good: pl.DataFrame, numbers: pl.DataFrame) -> None:
        """Write a chunk's rows while the caller goes on; `numbers` is a row each: `_row`, key_number."""
        self._numbers.append(numbers)
        rows = good.select(*self.contract.column_names, pl.lit(self.delivery_id).alias(DELIVERY), *WHERE[1:])
        self._wait()
        self._writing = self._pool.submit(self._write, rows)

    @property
    def numbers(self) -> pl.DataFrame:
        """`_row` and key_number of every row, in the order in which they stand in the file."""
        if len(self._numbers) > 1:
            self._numbers = [pl.concat(self._numbers, rechunk=True)]
        return self._numbers[0]

    def at(self, rows: pl.Series) -> pl.DataFrame:
        """The rows of these numbers with `_row` beside their columns, in order."""
        self.close()
        if rows.is_empty():
            return pl.read_parquet(self.path, n_rows=0).with_columns(_row=pl.lit(None, pl.Int64))
        places = self.numbers["_row"].is_in(rows.implode()).arg_true()
        file = pl.scan_parquet(self.path, row_index_name="_at")
        found = file.filter(pl.col("_at").is_in(places.implode())).collect().sort("_at")
        return found.with_columns(_row=self.numbers["_row"].gather(found["_at"])).drop("_at")

    def keep(self, target: Path, removed: pl.Series) -> int:
        """Put the file at its place, without some rows; returns how many are left."""
        self.close()
        if removed.is_empty():
            self.path.rename(target)
        else:
            self._copy_without(target, removed)
        return int(pq.read_metadata(target).num_rows)

    def _copy_without(self, target: Path, removed: pl.Series) -> None:
        stays = ~self.numbers["_row"].is_in(removed.implode())
        first = 0
        with pq.ParquetFile(self.path) as file, _writer(target, file.schema_arrow) as writer:
            for number in range(file.num_row_groups):
                group = file.read_row_group(number)
                writer.write_table(group.filter(stays.slice(first, group.num_rows).to_arrow()))
                first += group.num_rows

    def close(self) -> None:
        """End writing; done again, nothing happens."""
        self._wait()
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _write(self, rows: pl.DataFrame) -> None:
        table = rows.to_arrow(compat_level=pl.CompatLevel.oldest())
        if self._writer is None:
            self._writer = _writer(self.path, table.schema)
        self._writer.write_table(table, row_group_size=max(1, table.num_rows))

    def _wait(self) -> None:
        if self._writing is not None:
            self._writing.result()
            self._writing = None


@contextmanager
def accepted_rows(path: Path, contract: DataContract, delivery_id: str) -> Iterator[AcceptedRows]:
    """Rows to be written to a file that nobody else looks at."""
    with ThreadPoolExecutor(1) as pool:
        rows = AcceptedRows(path, contract, delivery_id, pool)
        try:
            yield rows
        finally:
            rows.close()


def _writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    return pq.ParquetWriter(path, schema, compression="zstd")
