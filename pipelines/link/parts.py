"""What keys are made of: a hash of each expression that a blocking rule names, by place.

Thirty rules and their refinements share as many expressions, so hashing these once is all the SQL that blocking takes;
keys are put together from them in arrays. An identity's id is a hash of its content, so its parts never change.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt

from linkage_rules.blocking import BlockingRule
from pipelines.link.places import IDENTITIES, read_columns

Hashes = npt.NDArray[np.uint64]
Parts = Mapping[str, Hashes]
"""Expression → its hash by place."""

SILENT = np.uint64(0)
"""The hash of null, and the key of an identity that a rule has nothing to say of."""

_ODD = np.uint64(0x9E3779B97F4A7C15)
_MIXER = np.uint64(0xD6E8FEB86659FD93)
_HALF = np.uint64(32)
_LEAST = np.uint64(1)

AT_A_TIME = 1 << 15
"""Keys that are put together at a time: few enough to stay in a core's own memory."""


def expressions(rules: Iterable[BlockingRule]) -> list[str]:
    """Every expression of the rules once, sorted."""
    return sorted({part for rule in rules for part in (*rule.key, *rule.refine)})


def read_parts(
    connection: duckdb.DuckDBPyConnection, asked: Iterable[str], table: str = IDENTITIES
) -> dict[str, Hashes]:
    """The hashes of these expressions over a table of identities."""
    names = {f"part_{number}": expression for number, expression in enumerate(asked)}
    rows = read_columns(connection, table, {name: _hash_sql(expression) for name, expression in names.items()})
    return {expression: rows[name].astype(np.uint64, copy=False) for name, expression in names.items()}


def _hash_sql(expression: str) -> str:
    return f"case when ({expression}) is null then 0::ubigint else greatest(hash({expression}), 1::ubigint) end"


def joined(parts: Parts, names: Iterable[str], places: npt.NDArray[np.integer[Any]] | None = None) -> Hashes:
    """One number for several expressions, of all or of these places; SILENT where one of them is null."""
    columns = [parts[name] if places is None else parts[name][places] for name in names]
    if len(columns) == 1:
        return np.array(columns[0])
    keys = np.empty(len(columns[0]), dtype=np.uint64)
    for start in range(0, len(keys), AT_A_TIME):
        here = slice(start, start + AT_A_TIME)
        key = columns[0][here]
        for column in columns[1:]:
            key = lengthened(key, column[here])
        keys[here] = key
    return keys


def lengthened(keys: Hashes, part: Hashes) -> Hashes:
    """Keys with one more part to them."""
    mixed = keys * _ODD
    mixed += part
    mixed ^= mixed >> _HALF
    mixed *= _MIXER
    mixed ^= mixed >> _HALF
    np.maximum(mixed, _LEAST, out=mixed)
    mixed *= keys != SILENT
    mixed *= part != SILENT
    return mixed
