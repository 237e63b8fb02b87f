"""Each blocking rule's key of every identity, lengthened until its block is small.

Belongs here: turning the rules of `linkage_rules.blocking` into numbers. A key is a hash of the rule's expressions; how
far it was lengthened is its depth, so that an identity whose content and depths stayed has kept its keys.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from linkage_rules.blocking import LAST_BLOCK_FACTOR, RULES, BlockingRule, max_block
from pipelines import sql

TABLE = "linkage.candidates"
"""standard.identities in memory; a row's number there (`rowid`) is its identity's place."""

Keys = npt.NDArray[np.uint64]
Depths = npt.NDArray[np.int8]
Places = npt.NDArray[np.int64]

SILENT = np.uint64(0)
"""The key of an identity that a rule has nothing to say of."""

SILENT_DEPTH = -1

MOST_BUCKETS = 1 << 22
"""Keys are first counted by their last bits, which is quick; only in crowded buckets are they counted one by one."""


@dataclass(frozen=True)
class RuleKeys:
    """One rule's keys: an entry per identity, by place."""

    rule: BlockingRule
    keys: Keys
    depths: Depths


def take_up_identities(connection: duckdb.DuckDBPyConnection) -> int:
    """Make linkage.candidates from standard.identities; returns how many there are."""
    connection.execute("create schema if not exists linkage")
    connection.execute(f"create or replace table {TABLE} as from standard.identities")
    return sql.count(connection, TABLE)


def keys_of_rules(connection: duckdb.DuckDBPyConnection) -> Iterator[RuleKeys]:
    """The keys of each rule over linkage.candidates, one rule after the other; rules that say nothing of anyone too."""
    population = sql.count(connection, TABLE)
    for rule in all_rules(connection):
        yield _keys_of(connection, rule, max_block(population, is_weak=rule.is_weak))


def all_rules(connection: duckdb.DuckDBPyConnection) -> tuple[BlockingRule, ...]:
    """The stated rules, and those for shared ids."""
    return (*RULES, *shared_id_rules(connection))


def shared_id_rules(connection: duckdb.DuckDBPyConnection) -> list[BlockingRule]:
    """One rule for each space of ids that standard.identities share, whichever contract brought it."""
    query = (
        "select distinct split_part(id, ':', 1) as kind "
        "from (select unnest(shared_ids) as id from standard.identities) order by kind"
    )
    kinds = [str(kind) for (kind,) in connection.execute(query).fetchall()]
    return [_shared_id_rule(kind) for kind in kinds]


def _shared_id_rule(kind: str) -> BlockingRule:
    prefix = sql.literal(kind + ":")
    return BlockingRule(
        name="same_" + re.sub(r"\W", "_", kind.lower()),
        key=(f"list_filter(shared_ids, lambda id: starts_with(id, {prefix}))[1]",),
        refine=("left(first_name, 1)",),
        reason="Agencies copied the id from one another.",
    )


def _keys_of(connection: duckdb.DuckDBPyConnection, rule: BlockingRule, limit: int) -> RuleKeys:
    """Lengthen the key of each block that is too large; leave out what no expression makes small."""
    parts = list(rule.key)
    keys = _hashes(connection, parts)
    depths = np.where(keys == SILENT, SILENT_DEPTH, 0).astype(np.int8)
    for expression in rule.refine:
        crowded = in_large_blocks(keys, limit)
        if not len(crowded):
            return RuleKeys(rule, keys, depths)
        parts.append(expression)
        keys[crowded] = _hashes(connection, parts, crowded)
        depths[crowded] = np.where(keys[crowded] == SILENT, SILENT_DEPTH, len(parts) - len(rule.key))
    crowded = in_large_blocks(keys, LAST_BLOCK_FACTOR * limit)
    keys[crowded], depths[crowded] = SILENT, SILENT_DEPTH
    return RuleKeys(rule, keys, depths)


def in_large_blocks(keys: Keys, limit: int) -> Places:
    """The places, ascending, whose key is held by more than `limit` identities."""
    buckets = (keys & np.uint64(_buckets(len(keys)) - 1)).astype(np.int64)
    counts = np.bincount(buckets, minlength=_buckets(len(keys)))
    suspects = np.flatnonzero((counts > limit)[buckets] & (keys != SILENT))
    order = np.argsort(keys[suspects], kind="stable")
    _, sizes = runs(keys[suspects][order])
    return np.sort(suspects[order][np.repeat(sizes > limit, sizes)])


def _buckets(identities: int) -> int:
    """About as many buckets as identities, as a power of two."""
    return int(min(1 << max(identities, 1).bit_length(), MOST_BUCKETS))


def runs(ordered: Keys) -> tuple[Places, Places]:
    """Where each run of equal values begins, and how long it is."""
    if not len(ordered):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    return starts, np.diff(np.concatenate([starts, [len(ordered)]]))


def _hashes(connection: duckdb.DuckDBPyConnection, parts: Sequence[str], places: Places | None = None) -> Keys:
    """Hashes of these expressions, by place; of these places only, if any are named. Null in any part is silence."""
    key = f"select rowid as place, {hash_sql(parts)} as key from {TABLE}"
    if places is None:
        rows = connection.execute(key).fetchnumpy()
    else:
        connection.register("asked_places", pa.table({"place": places}))
        rows = connection.execute(f"{key} where rowid in (select place from asked_places)").fetchnumpy()
        connection.unregister("asked_places")
    return in_order(rows, "key").astype(np.uint64, copy=False)


def in_order(rows: Mapping[str, npt.NDArray[np.generic]], column: str) -> npt.NDArray[np.generic]:
    """A fetched column by ascending place; rows mostly come in that order, but nobody promised it."""
    places = np.asarray(rows["place"])
    values = np.asarray(rows[column])
    if np.all(places[1:] > places[:-1]):
        return values
    return values[np.argsort(places, kind="stable")]


def hash_sql(parts: Sequence[str]) -> str:
    """One number for several expressions; 0 where one of them is null."""
    known = " and ".join(f"({part}) is not null" for part in parts)
    return f"case when {known} then hash({', '.join(parts)}) else 0::ubigint end"
