"""Rows that were accepted by themselves and are taken out of their table again, into quarantine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl

from pipelines.lake import replacing
from pipelines.validate.keys import key_hashes, key_text
from pipelines.validate.tables import BROKEN_SCHEMA, TableResult
from schemas.data_contract import DataContract


def withdraw(
    path: Path, contract: DataContract, result: TableResult, rows: pl.Series, column: str, rule_id: str, mend: str
) -> TableResult:
    """The table in `path` without the rows of these numbers, and its result with them quarantined."""
    numbered = pl.scan_parquet(path).with_row_index("_row")
    is_out = pl.col("_row").is_in(rows.implode())
    taken = numbered.filter(is_out).collect()
    keys = key_hashes(taken.select(key_text(contract)).to_series())
    told = taken.with_columns(keys, column_name=pl.lit(column), rule_id=pl.lit(rule_id))
    with replacing(path) as staged:
        numbered.filter(~is_out).drop("_row").sink_parquet(staged, compression="zstd")
    counts = replace(
        result.counts,
        accepted=result.counts.accepted - len(taken),
        quarantined=result.counts.quarantined + len(taken),
    )
    broken = told.select(*BROKEN_SCHEMA).cast(BROKEN_SCHEMA)
    return replace(
        result, counts=counts, broken=pl.concat([result.broken, broken]), mends={**result.mends, rule_id: mend}
    )
