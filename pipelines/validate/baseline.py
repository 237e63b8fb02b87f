"""What a delivery holds, counted, and what deliveries of its kind usually hold.

A profile is kept beside each accepted delivery as `validated/<agency>/<delivery_id>/profile.json`: counts by table,
column, code, segment and month. It is as confidential as the rows (a small count of a rare code can point at a person),
so nothing of it reaches a log but through `breakers.py`, which names no count below 11.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Final

import polars as pl

from pipelines.errors import LakeError
from schemas.data_contract import DataContract

FILE = "profile.json"

IN_BATCHES: Final = "streaming"
"""Polars' engine that reads a table piece by piece: a large table is never in memory as a whole."""

Counts = Mapping[str, int]


@dataclass(frozen=True)
class TableProfile:
    """The accepted rows of one table of one delivery, counted. Rows that only delete count in `rows` alone."""

    semantics: str
    """Only deliveries of the same kind are compared."""
    rows: int
    live_rows: int
    """Rows that tell a record; the rest only say that one is gone."""
    nulls: Counts = field(default_factory=dict)
    """Column → live rows without a value."""
    codes: Mapping[str, Counts] = field(default_factory=dict)
    """Coded column → code → live rows."""
    segments: Mapping[str, Counts] = field(default_factory=dict)
    """Segment column → its value → live rows."""
    months: Counts = field(default_factory=dict)
    """`YYYY-MM` of the month column → live rows."""


Profile = Mapping[str, TableProfile]
"""Table → what was counted of it."""


def profile_of(folder: Path, contracts: Iterable[DataContract]) -> Profile:
    """Count the accepted rows in a folder of `<table>.parquet`; a table that did not come has no profile."""
    return {
        contract.table: _counted(folder / f"{contract.table}.parquet", contract)
        for contract in contracts
        if (folder / f"{contract.table}.parquet").exists()
    }


def write_profile(profile: Profile, folder: Path) -> None:
    """Write `profile.json` into a delivery's folder."""
    text = json.dumps({table: asdict(one) for table, one in profile.items()}, indent=1, sort_keys=True)
    (folder / FILE).write_text(text + "\n", encoding="utf-8")


def read_profile(folder: Path) -> Profile:
    """The profile of an accepted delivery."""
    try:
        tables = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return {table: TableProfile(**counts) for table, counts in tables.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        raise LakeError(
            f"validated/{folder.parent.name}/{folder.name}/{FILE} cannot be read; remove its folder, and run again"
        ) from None


def usual(profiles: Sequence[TableProfile]) -> TableProfile:
    """What is usual among profiles of one kind: the median of every count, so that no single delivery decides.

    What stands in fewer than half of them is usually not there. Codes and nulls are medians of shares, since a first
    load of everything would drown the nights after it in a sum; they are told per `live_rows` of the median delivery.
    """
    live = _median([one.live_rows for one in profiles])
    columns = sorted({name for one in profiles for name in one.nulls})
    coded = sorted({name for one in profiles for name in one.codes})
    segmented = sorted({name for one in profiles for name in one.segments})
    return TableProfile(
        semantics=profiles[0].semantics,
        rows=_median([one.rows for one in profiles]),
        live_rows=live,
        nulls={name: _median_share([(one.nulls.get(name, 0), one.live_rows) for one in profiles], live)
               for name in columns},
        codes={name: _usual_shares([one.codes.get(name, {}) for one in profiles], live) for name in coded},
        segments={name: _usual_counts([one.segments.get(name, {}) for one in profiles]) for name in segmented},
        months=_usual_counts([one.months for one in profiles]),
    )  # fmt: skip


def _median(counts: Sequence[int]) -> int:
    return round(median(counts))


def _median_share(counts: Sequence[tuple[int, int]], of: int) -> int:
    shares = [count / rows for count, rows in counts if rows]
    return round(median(shares) * of) if shares else 0


def _usual_counts(each: Sequence[Counts]) -> dict[str, int]:
    parts = sorted({part for one in each for part in one})
    return {part: count for part in parts if (count := _median([one.get(part, 0) for one in each]))}


def _usual_shares(each: Sequence[Counts], of: int) -> dict[str, int]:
    wholes = [sum(one.values()) for one in each]
    parts = sorted({part for one in each for part in one})
    return {
        part: _median_share([(one.get(part, 0), whole) for one, whole in zip(each, wholes, strict=True)], of)
        for part in parts
    }


def _counted(path: Path, contract: DataContract) -> TableProfile:
    rows = pl.scan_parquet(path)
    live = rows.filter(~_is_deleted(contract))
    whole, nulls = pl.collect_all(
        [rows.select(pl.len()), live.select(pl.len(), pl.col(contract.column_names).null_count())], engine=IN_BATCHES
    )
    counts = nulls.row(0)
    coded = [column.name for column in contract.columns if column.codes and contract.breakers.codes_psi]
    segmented = [segment.column for segment in contract.breakers.segments]
    months = contract.breakers.months
    return TableProfile(
        semantics=contract.semantics,
        rows=int(whole.item()),
        live_rows=int(counts[0]),
        nulls=dict(zip(contract.column_names, map(int, counts[1:]), strict=True)),
        codes={name: _by(live, name, _as_text) for name in coded},
        segments={name: _by(live, name, _as_text) for name in segmented},
        months=_by(live, months.column, _as_month) if months else {},
    )


def _by(rows: pl.LazyFrame, column: str, key: Callable[[pl.Expr], pl.Expr]) -> dict[str, int]:
    parts = rows.select(key(pl.col(column)).alias("part")).drop_nulls().group_by("part").len().sort("part")
    return {str(part): int(count) for part, count in parts.collect(engine=IN_BATCHES).iter_rows()}


def _as_text(column: pl.Expr) -> pl.Expr:
    return column.cast(pl.String)


def _as_month(column: pl.Expr) -> pl.Expr:
    return column.dt.strftime("%Y-%m")


def _is_deleted(contract: DataContract) -> pl.Expr:
    marker = contract.delete_marker
    if marker is None:
        return pl.lit(False)
    mark = pl.col(marker.column)
    if marker.values is None:
        return mark.is_not_null()
    return mark.cast(pl.String).is_in(list(marker.values)).fill_null(False)
