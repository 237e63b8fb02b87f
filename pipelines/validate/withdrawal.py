"""Rows that were accepted by themselves and are taken out of their table again, into quarantine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl

from pipelines.lake import replacing
from pipelines.validate.tables import BROKEN_SCHEMA, TableResult


def withdraw(path: Path, result: TableResult, rows: pl.Series, column: str, rule_id: str, mend: str) -> TableResult:
    """The table in `path` without the rows of these numbers, and its result with them quarantined."""
    numbered = pl.scan_parquet(path).with_row_index("_row")
    is_out = pl.col("_row").is_in(rows.implode())
    told = {"column_name": pl.lit(column), "rule_id": pl.lit(rule_id)}
    taken = numbered.filter(is_out).select("_row", "_file_name", "_line_number").with_columns(**told).collect()
    unknown = [pl.lit(None, kind).alias(name) for name, kind in BROKEN_SCHEMA.items() if name not in taken.columns]
    with replacing(path) as staged:
        numbered.filter(~is_out).drop("_row").sink_parquet(staged, compression="zstd")
    counts = replace(
        result.counts,
        accepted=result.counts.accepted - len(taken),
        quarantined=result.counts.quarantined + len(taken),
    )
    broken = taken.with_columns(unknown).select(*BROKEN_SCHEMA).cast(BROKEN_SCHEMA)
    return replace(
        result, counts=counts, broken=pl.concat([result.broken, broken]), mends={**result.mends, rule_id: mend}
    )
