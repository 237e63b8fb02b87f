"""One table of a delivery: every row accepted, quarantined or superseded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.ahead import one_ahead
from pipelines.errors import LakeError
from pipelines.ingest import Delivery
from pipelines.ingest.delivery import UNREADABLE
from pipelines.ingest.seals import damaged, prove_whole
from pipelines.lake import Lake
from pipelines.validate.accepted import AcceptedRows, accepted_rows
from pipelines.validate.checking import WHERE, Tally, check
from pipelines.validate.duplicates import DUPLICATE_KEY, find_duplicates, key_numbers
from pipelines.validate.mends import mend
from pipelines.validate.receipts import TableCounts
from schemas.data_contract import DataContract
from schemas.from_contract import CompiledContract, compile_contract

SUPERSEDED = "superseded"
"""Folder, beside the tables, of the lines for which others stand: `_file_name`, `_line_number`, because_code."""

CHUNK_ROWS = 1_000_000
"""Checked at a time, so that memory follows the chunk and not the table."""

BROKEN_SCHEMA = pl.Schema(
    {
        "_row": pl.Int64,
        "_file_name": pl.String,
        "_line_number": pl.Int64,
        "column_name": pl.String,
        "rule_id": pl.String,
        "key_hash": pl.String,
    }
)


@dataclass
class TableResult:
    """What became of a table."""

    counts: TableCounts
    broken: pl.DataFrame
    """One row a broken rule, with the columns of BROKEN_SCHEMA; `_row` is -1 for rows that could not be read."""
    set_aside: Tally = field(default_factory=Counter)
    noticed: Tally = field(default_factory=Counter)
    written: Tally = field(default_factory=Counter)
    filled: Counter[str] = field(default_factory=Counter)
    mends: Mapping[str, str] = field(default_factory=dict)
    """The mends of rules that no contract of the table has."""


def validate_table(
    lake: Lake, delivery: Delivery, contract: DataContract, target: Path, *, is_hashed: bool
) -> TableResult:
    """Write a table's accepted rows to `target`: the contract's columns, `_delivery_id`, file and line."""
    prove_whole(delivery.folder(lake), contract.table)
    compiled = compile_contract(contract, delivery.as_of, is_hashed=is_hashed)
    unfinished = target.with_name(f".{contract.table}.unfinished")
    with accepted_rows(unfinished, contract, delivery.delivery_id) as accepted:
        sifted = _sift(delivery.folder(lake), compiled, accepted)
        duplicates = find_duplicates(accepted, contract)
        undecided = duplicates.undecided.with_columns(
            column_name=pl.lit(", ".join(contract.business_key)), rule_id=pl.lit(DUPLICATE_KEY)
        )
        removed = pl.concat([duplicates.superseded["_row"], duplicates.undecided["_row"]])
        kept = accepted.keep(target, removed)
    unfinished.unlink(missing_ok=True)
    _keep_superseded(duplicates.superseded, target)
    unreadable = _unreadable(delivery.folder(lake), contract.table)
    broken = pl.concat([unreadable, *sifted.broken, undecided.select(*BROKEN_SCHEMA)])
    counts = TableCounts(
        rows_in=delivery.rows(contract.table),
        accepted=kept,
        quarantined=len(unreadable) + broken.filter(pl.col("_row") >= 0)["_row"].n_unique(),
        superseded=len(duplicates.superseded),
        values_set_aside=sifted.values_set_aside,
    )
    _prove_conserved(delivery, contract, counts)
    return TableResult(counts, broken, sifted.set_aside, sifted.noticed, sifted.written, sifted.filled)


@dataclass
class _Sifted:
    """The rows of a table after their own rules, before they are compared with each other."""

    broken: list[pl.DataFrame] = field(default_factory=list)
    set_aside: Tally = field(default_factory=Counter)
    noticed: Tally = field(default_factory=Counter)
    written: Tally = field(default_factory=Counter)
    filled: Counter[str] = field(default_factory=Counter)
    values_set_aside: int = 0


def _sift(folder: Path, compiled: CompiledContract, accepted: AcceptedRows) -> _Sifted:
    sifted = _Sifted()
    for text in one_ahead(_chunks(folder / f"{compiled.contract.table}.parquet")):
        checked = check(text, compiled)
        accepted.add(checked.good, key_numbers(checked.good, compiled.contract))
        sifted.broken.append(checked.broken.cast(BROKEN_SCHEMA))
        sifted.set_aside += checked.set_aside
        sifted.noticed += checked.noticed
        sifted.written += checked.written
        sifted.filled += checked.filled
        sifted.values_set_aside += checked.values_set_aside
    return sifted


def _chunks(path: Path) -> Iterator[pl.DataFrame]:
    """The text rows of a table in order, with their number; one empty chunk if there is none."""
    first = 0
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            if not file.metadata.num_rows:
                yield _numbered(pl.from_arrow(file.read()), 0)
                return
            for batch in file.iter_batches(batch_size=CHUNK_ROWS):
                yield _numbered(pl.from_arrow(batch), first)
                first += batch.num_rows
    except (OSError, pa.ArrowException):
        # neither text is told: it may quote what stands where the damage is
        raise damaged(path, path.parent) from None


def _numbered(text: pl.DataFrame | pl.Series, first: int) -> pl.DataFrame:
    if isinstance(text, pl.Series):
        raise LakeError("a table of text is no table; restore the raw zone")
    return text.with_columns(_row=pl.int_range(first, first + len(text), dtype=pl.Int64))


def _keep_superseded(superseded: pl.DataFrame, target: Path) -> None:
    if len(superseded):
        folder = target.parent / SUPERSEDED
        folder.mkdir(mode=0o700, exist_ok=True)
        superseded.drop("_row").sort(WHERE[1:]).write_parquet(folder / target.name, compression="zstd")


def _unreadable(folder: Path, table: str) -> pl.DataFrame:
    path = folder / UNREADABLE / f"{table}.parquet"
    if not path.exists():
        return pl.DataFrame(schema=BROKEN_SCHEMA)
    rows = pl.read_parquet(path, columns=["_file_name", "_line_number", "rule_id"])
    return rows.with_columns(
        _row=pl.lit(-1, pl.Int64), column_name=pl.lit(""), key_hash=pl.lit(None, pl.String)
    ).select(*BROKEN_SCHEMA)


def quarantine_rows(delivery_id: str, result: TableResult, contract: DataContract) -> pl.DataFrame:
    """What the agency gets back, a row a rule that a line broke.

    Columns: `_delivery_id, _file_name, _line_number, column_name, rule_id, mend, key_hash`.
    """
    kinds = result.broken.select("column_name", "rule_id").unique()
    told = [result.mends.get(rule) or mend(column, rule, contract) for column, rule in kinds.iter_rows()]
    mends = kinds.with_columns(mend=pl.Series(told, dtype=pl.String))
    return (
        result.broken.join(mends, on=["column_name", "rule_id"], how="left")
        .select(pl.lit(delivery_id).alias("_delivery_id"), *WHERE[1:], "column_name", "rule_id", "mend", "key_hash")
        .sort("_file_name", "_line_number", "column_name", "rule_id")
    )


def _prove_conserved(delivery: Delivery, contract: DataContract, counts: TableCounts) -> None:
    if counts.rows_in != counts.accepted + counts.quarantined + counts.superseded:
        raise LakeError(
            f"{delivery.delivery_id}, {contract.table}: {counts.rows_in} rows came in, and {counts.accepted} accepted, "
            f"{counts.quarantined} quarantined and {counts.superseded} superseded do not add up; restore the raw zone"
        )
