"""A handful of rows that no contract should accept, so that quarantine has work."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import polars as pl

from synthetic.agencies.extract import Table

IMPOSSIBLE_DATE = "2024-02-30"
UNKNOWN_CODE = "ZZ"
LONG_BEFORE = {"before_booking", "before_admission", "before_arrival", "before_entry"}


def _earlier(column: str) -> pl.Expr:
    """Ninety days earlier, in the column's own format."""
    value = pl.col(column)
    moment = (
        value.str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False).dt.offset_by("-90d").dt.to_string("%Y-%m-%d %H:%M:%S")
    )
    day = value.str.to_date("%Y-%m-%d", strict=False).dt.offset_by("-90d").dt.to_string("%Y-%m-%d")
    return pl.coalesce(moment, day)


def _spoilt(column: str, how: str) -> pl.Expr:
    if how in LONG_BEFORE:
        return _earlier(column)
    return pl.lit(IMPOSSIBLE_DATE if how == "impossible_date" else UNKNOWN_CODE)


def spoil(
    luck: Callable[[str], np.random.Generator], agency: str, tables: tuple[Table, ...], shares: Mapping[str, float]
) -> tuple[Table, ...]:
    """Tables with some cells spoilt; shares are keyed `agency/file/column/how`."""
    return tuple(_spoil_table(luck, agency, table, shares) for table in tables)


def _spoil_table(
    luck: Callable[[str], np.random.Generator], agency: str, table: Table, shares: Mapping[str, float]
) -> Table:
    frame = table.frame
    for place, share in shares.items():
        sender, file, column, how = place.split("/")
        if (sender, file) == (agency, table.file):
            hit = pl.Series(luck(f"dirt/{place}").random(len(frame)) < share) & frame[column].is_not_null()
            frame = frame.with_columns(pl.when(hit).then(_spoilt(column, how)).otherwise(pl.col(column)).alias(column))
    return replace(table, frame=frame)
