"""Which versions of which rows a night delivers.

Every table keeps all versions of its rows with the second at which each was entered; `updated_at` (or DateUpdated) is
that second. A night's extract is cut at three in the morning of its as-of day. The first delivery holds, of every key,
the newest version entered before its cut, deletions left out. A later delivery of a delta table holds the newest
version entered since the cut before: upserts, and deletions as rows with `record_action` D. A full table delivers,
every night, the newest version of every key. So the union of a first delivery and its deltas, newest by key, is the
full extract of the last night (`county.full_extract` makes that one, to compare).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import polars as pl

from synthetic.agencies.extract import ENTERED, Table
from synthetic.times import night_of

NIGHT = "_night"


def by_night(table: Table, nights: Sequence[int]) -> list[pl.DataFrame]:
    """The rows that each of the nights delivers, the first of them being a first delivery."""
    rows = table.frame.sort(ENTERED, *table.key)
    rows = rows.with_columns(pl.Series(NIGHT, night_of(rows[ENTERED].to_numpy())))
    first = _in_force(rows, table, nights[0])
    since = [
        _in_force(rows, table, now) if table.full else _changed(rows, table, before, now)
        for before, now in _steps(nights)
    ]
    return [frame.drop(ENTERED, NIGHT) for frame in (first, *since)]


def _steps(nights: Sequence[int]) -> list[tuple[int, int]]:
    return list(pairwise(nights))


def _in_force(rows: pl.DataFrame, table: Table, night: int) -> pl.DataFrame:
    newest = _newest(rows.filter(pl.col(NIGHT) <= night), table.key)
    return newest if table.full else newest.filter(pl.col("record_action") == "U")


def _changed(rows: pl.DataFrame, table: Table, before: int, night: int) -> pl.DataFrame:
    return _newest(rows.filter((pl.col(NIGHT) > before) & (pl.col(NIGHT) <= night)), table.key)


def _newest(rows: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    return rows.unique(subset=list(key), keep="last", maintain_order=True)
