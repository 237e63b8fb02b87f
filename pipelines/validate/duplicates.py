"""Several rows of one business key in one delivery: which is in force.

The same content twice is one row and a superseded copy. Different contents are versions: the newest stays, older ones
are superseded. Where no version is the newest, all that could be are quarantined, because choosing one would be a
guess.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipelines.validate.keys import key_hashes, key_text
from schemas.data_contract import DataContract

DUPLICATE_KEY = "duplicate_key"
SAME_CONTENT, OLDER_VERSION = "same_content", "older_version"
"""Why a row is superseded: another says the same, or another of its key is newer."""

WHERE = ("_row", "_file_name", "_line_number")


@dataclass(frozen=True)
class Duplicates:
    """Row numbers to take out of a table."""

    superseded: pl.DataFrame
    """Rows for which another stands: `_row`, `_file_name`, `_line_number`, because_code."""
    undecided: pl.DataFrame
    """Rows to quarantine: `_row`, `_file_name`, `_line_number`, key_hash."""


def find_duplicates(keys: pl.DataFrame, parts: list[Path], contract: DataContract) -> Duplicates:
    """Decide among rows of one key; `keys` has `_row` and the key, `parts` hold the typed rows."""
    key = list(contract.business_key)
    doubled = keys.filter(pl.struct(key).is_duplicated())["_row"]
    rows = pl.scan_parquet(parts).filter(pl.col("_row").is_in(doubled.implode())).collect().sort("_row")
    is_copy = ~pl.struct(contract.column_names).is_first_distinct()
    versions = rows.filter(~is_copy)
    versions = versions.with_columns(is_newest=_is_newest(contract))
    versions = versions.with_columns(rivals=pl.col("is_newest").sum().over(key))
    copies = rows.filter(is_copy).select(*WHERE, because_code=pl.lit(SAME_CONTENT))
    older = versions.filter(~pl.col("is_newest")).select(*WHERE, because_code=pl.lit(OLDER_VERSION))
    undecided = versions.filter(pl.col("is_newest") & (pl.col("rivals") > 1))
    return Duplicates(
        superseded=pl.concat([copies, older]),
        undecided=undecided.select(*WHERE, key_hashes(undecided.select(key_text(contract)).to_series())),
    )


def _is_newest(contract: DataContract) -> pl.Expr:
    """Whether no version of the key is newer; one that does not tell its age is older than any that does."""
    if contract.newest_by is None:
        return pl.lit(True)
    age = pl.col(contract.newest_by)
    return age.eq_missing(age.max().over(contract.business_key))
