"""Identities by place: an identity's place is the rank of its id, so that arrays can stand for tables.

Belongs here: who is there, and who came and went since the last run. What is known of each identity stands in arrays by
place: `parts.py` (what keys are made of), `keys.py` (how far they were lengthened), `first_look.py` (traits).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

IDENTITIES = "standard.identities"

Places = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.int64]
Array = npt.NDArray[Any]
Columns = Mapping[str, Array]
"""Arrays of one length, by name."""

NOWHERE = -1
"""The place of an identity that is not there."""


@dataclass(frozen=True)
class Identities:
    """The identities of one run, by place."""

    ids: Numbers
    client_keys: Numbers

    def __len__(self) -> int:
        return len(self.ids)

    def places(self, ids: Numbers) -> Places:
        """Where these ids stand; NOWHERE if they do not."""
        return find(self.ids, ids)


@dataclass(frozen=True)
class Change:
    """What became of the identities since the last run."""

    before: Places
    """By place now: the place then, or NOWHERE."""
    now: Places
    """By place then: the place now, or NOWHERE."""

    @cached_property
    def new(self) -> Places:
        """Who was not there, by place now."""
        return np.flatnonzero(self.before == NOWHERE)

    @cached_property
    def gone(self) -> Places:
        """Who is no longer there, by place then."""
        return np.flatnonzero(self.now == NOWHERE)

    def carried(self, then: Array, fresh: Array) -> Array:
        """An array by place now: what was known then, and what is known of the new ones."""
        values = np.take(then, self.before, mode="clip") if len(then) else np.zeros(len(self.before), then.dtype)
        values[self.new] = fresh
        return values


def change(then: Identities, now: Identities) -> Change:
    """What became of the identities of one run in another."""
    return Change(find(then.ids, now.ids), find(now.ids, then.ids))


def read_identities(connection: duckdb.DuckDBPyConnection) -> Identities:
    """Who is in standard.identities."""
    rows = read_columns(connection, IDENTITIES, {"client_key": "client_key"})
    return Identities(rows["identity_id"].astype(np.int64), rows["client_key"].astype(np.int64))


def read_columns(connection: duckdb.DuckDBPyConnection, table: str, expressions: Mapping[str, str]) -> Columns:
    """The id and named expressions over a table of identities, by ascending id."""
    shown = "".join(f", {expression} as {name}" for name, expression in expressions.items())
    return by_id(connection.execute(f"select identity_id{shown} from {table}").fetchnumpy())


def by_id(rows: Columns) -> Columns:
    """Fetched columns by ascending id; rows mostly come in that order, but nobody promised it."""
    ids = np.asarray(rows["identity_id"])
    if np.all(ids[1:] > ids[:-1]):
        return {name: np.ascontiguousarray(values) for name, values in rows.items()}
    order = np.argsort(ids, kind="stable")
    return {name: np.asarray(values)[order] for name, values in rows.items()}


def choose(connection: duckdb.DuckDBPyConnection, target: str, ids: Numbers) -> None:
    """Make a table of the identities with these ids."""
    connection.register("chosen_ids", pa.table({"identity_id": ids}))
    connection.execute(
        f"create or replace table {target} as from {IDENTITIES} semi join chosen_ids using (identity_id)"
    )
    connection.unregister("chosen_ids")


def find(ordered: Numbers, values: Numbers) -> Places:
    """Where values stand in an ascending array; NOWHERE if they do not."""
    if not len(ordered):
        return np.full(len(values), NOWHERE, dtype=np.int64)
    places = np.minimum(np.searchsorted(ordered, values), len(ordered) - 1)
    return np.where(ordered[places] == values, places, NOWHERE)


def among(values: Numbers, ordered: Numbers) -> npt.NDArray[np.bool_]:
    """Which values stand in an ascending array."""
    return np.asarray(find(ordered, values) != NOWHERE, dtype=bool)


def union(parts: Iterable[Numbers]) -> Numbers:
    """Every value once, ascending.

    NumPy's `unique` goes by way of a hash table (since 2.3), which takes ten times as long with five million numbers.
    """
    ordered = np.sort(np.concatenate([np.zeros(0, dtype=np.int64), *parts]))
    is_first = np.ones(len(ordered), dtype=bool)
    np.not_equal(ordered[1:], ordered[:-1], out=is_first[1:])
    return np.asarray(ordered[is_first])
