"""Several rows of one business key in one delivery: which is in force.

The same content twice is one row and a superseded copy. Different contents are versions: the newest stays, older ones
are superseded. Where no version is the newest, all that could be are quarantined, because choosing one would be a
guess.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipelines.validate.accepted import AcceptedRows
from pipelines.validate.checking import WHERE
from pipelines.validate.keys import key_hashes, key_text
from schemas.data_contract import DataContract

DUPLICATE_KEY = "duplicate_key"
SAME_CONTENT, OLDER_VERSION = "same_content", "older_version"
"""Why a row is superseded: another says the same, or another of its key is newer."""


@dataclass(frozen=True)
class Duplicates:
    """Row numbers to take out of a table."""

    superseded: pl.DataFrame
    """Rows for which another stands: `_row`, `_file_name`, `_line_number`, because_code."""
    undecided: pl.DataFrame
    """Rows to quarantine: `_row`, `_file_name`, `_line_number`, key_hash."""


def key_numbers(rows: pl.DataFrame, contract: DataContract) -> pl.DataFrame:
    """What is kept of rows until all of a table were seen: `_row` and a number that rows of one key share.

    Sixteen bytes a row, whatever the key: the keys of a table of fifty million rows would not fit beside its rows.
    """
    return rows.select("_row", pl.struct(contract.business_key).hash(seed=0).alias("key_number"))


def find_duplicates(accepted: AcceptedRows, contract: DataContract) -> Duplicates:
    """Decide among rows of one key."""
    key = list(contract.business_key)
    rows = accepted.at(_sharing_a_number(accepted.numbers)).filter(pl.struct(key).is_duplicated())
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


def _sharing_a_number(numbers: pl.DataFrame) -> pl.Series:
    """The `_row`s that share their number with another: those of one key, and by chance one in a billion more."""
    ordered = np.sort(numbers["key_number"].to_numpy())
    shared = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    return numbers.filter(pl.col("key_number").is_in(pl.Series(shared).implode()))["_row"]


def _is_newest(contract: DataContract) -> pl.Expr:
    """Whether no version of the key is newer; one that does not tell its age is older than any that does."""
    if contract.newest_by is None:
        return pl.lit(True)
    age = pl.col(contract.newest_by)
    return age.eq_missing(age.max().over(contract.business_key))
