"""Each blocking rule's key of every identity, lengthened until its block is small.

Belongs here: turning the rules of `linkage_rules.blocking` into numbers. A key is made of the parts that the rule
names; how far it was lengthened is its depth, so that an identity whose content and depths stayed has kept its keys.

Blocks of a lengthened key lie within the block of the rule's own key. So where nobody entered or left that block,
every key in it is as it was, and the others are worked out by the same few lines, given whole blocks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt

from linkage_rules.blocking import LAST_BLOCK_FACTOR, RULES, BlockingRule, max_block
from pipelines import sql
from pipelines.link import parts as parts_of
from pipelines.link.parts import AT_A_TIME, SILENT, Hashes, Parts
from pipelines.link.places import NOWHERE, Change, Places

Depths = npt.NDArray[np.int8]
Rows = npt.NDArray[np.integer[Any]]

SILENT_DEPTH = -1
"""The depth of a key that says nothing."""

NEVER_SEEN = -2
"""The depth of a key that the last run did not have."""

UNMET = -1
"""The number of the rule that meets a pair, where none does."""

MOST_BUCKETS = 1 << 22
"""Keys are first counted by their last bits, which is quick; only in crowded buckets are they counted one by one."""


@dataclass(frozen=True)
class RuleKeys:
    """One rule's keys of some identities: places ascending, and an entry for each."""

    rule: BlockingRule
    places: Places
    keys: Hashes
    depths: Depths


def limits(rules: Sequence[BlockingRule], population: int) -> dict[str, int]:
    """Rule → identities that its blocks may hold."""
    return {rule.name: max_block(population, is_weak=rule.is_weak) for rule in rules}


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


def keys_of_rules(rules: Sequence[BlockingRule], parts: Parts, population: int) -> Iterator[RuleKeys]:
    """The keys of each rule over all identities, one rule after the other; rules that say nothing of anyone too."""
    everyone = np.arange(population)
    for rule, limit in zip(rules, limits(rules, population).values(), strict=True):
        yield small_blocks(rule, parts, everyone, parts_of.joined(parts, rule.key), limit)


def small_blocks(rule: BlockingRule, parts: Parts, places: Places, keys: Hashes, limit: int) -> RuleKeys:
    """Lengthen the key of each block that is too large; leave out what no expression makes small.

    `keys` are the rule's own, of these places; whoever shares one must be among them. They are written to.
    """
    depths = np.where(keys == SILENT, SILENT_DEPTH, 0).astype(np.int8)
    for depth, expression in enumerate(rule.refine, start=1):
        crowded = in_large_blocks(keys, limit)
        if not len(crowded):
            return RuleKeys(rule, places, keys, depths)
        keys[crowded] = parts_of.lengthened(keys[crowded], parts[expression][places[crowded]])
        depths[crowded] = np.where(keys[crowded] == SILENT, SILENT_DEPTH, depth)
    crowded = in_large_blocks(keys, LAST_BLOCK_FACTOR * limit)
    keys[crowded], depths[crowded] = SILENT, SILENT_DEPTH
    return RuleKeys(rule, places, keys, depths)


def first_rules(
    rules: Sequence[BlockingRule], parts: Parts, depths: Mapping[str, Depths], left: Rows, right: Rows
) -> npt.NDArray[np.int8]:
    """The number of the first rule that meets each pair, or UNMET."""
    first = np.full(len(left), UNMET, dtype=np.int8)
    for number, rule in reversed(list(enumerate(rules))):
        one, other = (_keys_at(rule, parts, depths[rule.name], side) for side in (left, right))
        first[(one == other) & (one != SILENT)] = number
    return first


def _keys_at(rule: BlockingRule, parts: Parts, depths: Depths, places: Rows) -> Hashes:
    """Keys as long as their depth says."""
    keys, reached = parts_of.joined(parts, rule.key, places), depths[places]
    for depth, expression in enumerate(rule.refine, start=1):
        deeper = np.flatnonzero(reached >= depth)
        keys[deeper] = parts_of.lengthened(keys[deeper], parts[expression][places[deeper]])
    keys[reached == SILENT_DEPTH] = SILENT
    return keys


def in_large_blocks(keys: Hashes, limit: int) -> Places:
    """The places, ascending, whose key is held by more than `limit` identities."""
    buckets = _buckets(keys, len(keys))
    counts = np.bincount(buckets)
    suspects = np.flatnonzero((counts > limit)[buckets] & (keys != SILENT))
    ordered = np.sort(keys[suspects])
    starts, sizes = runs(ordered)
    return suspects[_among(keys[suspects], ordered[starts[sizes > limit]])]


def holding(keys: Hashes, wanted: Hashes) -> Places:
    """The places, ascending, whose key is among those wanted; SILENT is no key."""
    wanted = np.sort(wanted[wanted != SILENT])
    if not len(wanted) or not len(keys):
        return np.zeros(0, dtype=np.int64)
    is_wanted = np.zeros(_most_buckets(len(keys)), dtype=bool)
    is_wanted[_buckets(wanted, len(keys))] = True
    suspects = np.concatenate(
        [
            start + np.flatnonzero(is_wanted[_buckets(keys[start : start + AT_A_TIME], len(keys))])
            for start in range(0, len(keys), AT_A_TIME)
        ]
    )
    return suspects[_among(keys[suspects], wanted)]


def _among(keys: Hashes, ordered: Hashes) -> npt.NDArray[np.bool_]:
    """Which keys stand in an ascending array."""
    if not len(ordered):
        return np.zeros(len(keys), dtype=bool)
    places = np.minimum(np.searchsorted(ordered, keys), len(ordered) - 1)
    return np.asarray(ordered[places] == keys, dtype=bool)


def _buckets(keys: Hashes, identities: int) -> Places:
    return (keys & np.uint64(_most_buckets(identities) - 1)).astype(np.int64)


def _most_buckets(identities: int) -> int:
    """About as many buckets as identities, as a power of two."""
    return int(min(1 << max(identities, 1).bit_length(), MOST_BUCKETS))


def runs(ordered: Hashes) -> tuple[Places, Places]:
    """Where each run of equal values begins, and how long it is."""
    if not len(ordered):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    return starts, np.diff(np.concatenate([starts, [len(ordered)]]))


def depths_now(then: Depths, change: Change) -> Depths:
    """Depths of the last run by place now."""
    known = np.take(then, change.before, mode="clip") if len(then) else np.zeros(len(change.before), dtype=np.int8)
    known[change.before == NOWHERE] = NEVER_SEEN
    return known
