"""The business key of a row as a hash: what tells that a later row is about the same record, without saying which.

The same record has the same hash in every delivery, whatever its other columns hold. The hash is not secret (an id can
be guessed and hashed), so it stays in the identified zones; reports do not have it.
"""

from __future__ import annotations

import hashlib

import polars as pl

from pipelines import sql
from schemas.data_contract import Column, DataContract

HASH_DIGITS = 32
"""128 bits: no two keys of a county share it."""

SEPARATOR = "\x1f"
TIME_FORMAT = "%Y-%m-%d %H:%M:%S"


def key_text(contract: DataContract) -> pl.Expr:
    """The business key of typed rows as one text, headed by its table; null where a part of it is."""
    parts = [_text_of(contract.column(name)) for name in contract.business_key]
    return pl.concat_str([pl.lit(contract.id), *parts], separator=SEPARATOR)


def key_hashes(texts: pl.Series) -> pl.Series:
    """The hash of each key text; null where there is none."""
    hashes = [None if text is None else hashlib.sha256(text.encode()).hexdigest()[:HASH_DIGITS] for text in texts]
    return pl.Series("key_hash", hashes, dtype=pl.String)


def key_hash_sql(contract: DataContract) -> str:
    """The same hash, of validated rows, as an expression for DuckDB."""
    separator = sql.literal(SEPARATOR)
    names = ('"' + name.replace('"', '""') + '"' for name in contract.business_key)
    parts = ", ".join([sql.literal(contract.id), *(f"{name}::varchar" for name in names)])
    return f"left(sha256(concat_ws({separator}, {parts})), {HASH_DIGITS})"


def _text_of(column: Column) -> pl.Expr:
    value = pl.col(column.name)
    return value.dt.strftime(TIME_FORMAT) if column.kind == "timestamp" else value.cast(pl.String)
