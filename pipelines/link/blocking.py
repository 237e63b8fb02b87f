"""The blocks of one run, and what is known of each identity: worked out for everyone, or for what a night changed.

Belongs here: parts, traits and depths by place, rule by rule. How a key is lengthened stands in `keys.py`, which pairs
come of blocks in `blocks.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import duckdb
import numpy as np

from linkage_rules.blocking import BlockingRule
from linkage_rules.bundle import Bundle
from linkage_rules.first_look import Bound
from linkage_rules.settings import Settings
from pipelines import sql
from pipelines.link import keys
from pipelines.link.blocks import Blocks, Flags, blocks_of
from pipelines.link.first_look import read_traits
from pipelines.link.keys import Depths, RuleKeys
from pipelines.link.parts import Hashes, expressions, joined, read_parts
from pipelines.link.places import IDENTITIES, Array, Change, Identities, choose
from pipelines.link.remembered import Memory

NEW = "linkage.new_identities"


@dataclass(frozen=True)
class Model:
    """What decides who meets whom and what a first look goes by: the same for every pair of a run."""

    bundle: Bundle
    settings: Settings
    bound: Bound
    rules: tuple[BlockingRule, ...]


@dataclass
class Blocking:
    """Of each rule the blocks, the depths of keys, and, on a night, who moved since the last run."""

    rules: Sequence[BlockingRule]
    limits: Mapping[str, int]
    parts: Mapping[str, Hashes]
    traits: Mapping[str, Array]
    depths: dict[str, Depths] = field(default_factory=dict)
    blocks: list[Blocks] = field(default_factory=list)
    moved: list[Flags] | None = None

    @property
    def names(self) -> list[str]:
        """The rules' names, in their order."""
        return [rule.name for rule in self.rules]


def block_everyone(connection: duckdb.DuckDBPyConnection, model: Model, identities: Identities) -> Blocking:
    """The blocks of all identities."""
    parts, traits = _read(connection, model, IDENTITIES)
    blocking = Blocking(model.rules, keys.limits(model.rules, len(identities)), parts, traits)
    for rule in keys.keys_of_rules(model.rules, parts, len(identities)):
        blocking.depths[rule.rule.name] = rule.depths
        blocking.blocks.append(blocks_of(rule))
    return blocking


def block_changes(
    connection: duckdb.DuckDBPyConnection, model: Model, identities: Identities, memory: Memory, change: Change
) -> Blocking:
    """The blocks that hold a new identity, or one whose key was lengthened or shortened since the last run."""
    choose(connection, NEW, identities.ids[change.new])
    fresh_parts, fresh_traits = _read(connection, model, NEW)
    parts = {name: change.carried(memory.parts[name], fresh) for name, fresh in fresh_parts.items()}
    traits = {name: change.carried(memory.traits[name], fresh) for name, fresh in fresh_traits.items()}
    blocking = Blocking(model.rules, keys.limits(model.rules, len(identities)), parts, traits)
    with ThreadPoolExecutor(sql.DEFAULT_THREADS) as threads:
        renewed = list(threads.map(lambda rule: renewed_blocks(blocking, rule, memory, change), model.rules))
    blocking.depths = {rule.name: one.depths for rule, one in zip(model.rules, renewed, strict=True)}
    blocking.blocks = [one.blocks for one in renewed]
    blocking.moved = [one.moved for one in renewed]
    return blocking


@dataclass(frozen=True)
class Renewed:
    """What a night comes to under one rule: everyone's depths, who moved, and the blocks that hold one of them."""

    depths: Depths
    moved: Flags
    blocks: Blocks


def renewed_blocks(blocking: Blocking, rule: BlockingRule, memory: Memory, change: Change) -> Renewed:
    """The depths and changed blocks of one rule."""
    found = _changed_keys(blocking, rule, memory, change)
    depths = keys.depths_now(memory.depths[rule.name], change)
    moved = np.zeros(len(depths), dtype=bool)
    moved[found.places] = depths[found.places] != found.depths
    depths[found.places] = found.depths
    depths[depths == keys.NEVER_SEEN] = keys.SILENT_DEPTH
    return Renewed(depths, moved, blocks_of(found, moved))


def _changed_keys(blocking: Blocking, rule: BlockingRule, memory: Memory, change: Change) -> RuleKeys:
    """Keys of the blocks that somebody entered or left; of all blocks, if they may hold more or fewer than before."""
    first, limit = joined(blocking.parts, rule.key), blocking.limits[rule.name]
    if memory.limits[rule.name] != limit:
        return keys.small_blocks(rule, blocking.parts, np.arange(len(first)), first, limit)
    left_behind = joined(memory.parts, rule.key, change.gone)
    places = keys.holding(first, np.concatenate([first[change.new], left_behind]))
    return keys.small_blocks(rule, blocking.parts, places, first[places], limit)


def _read(
    connection: duckdb.DuckDBPyConnection, model: Model, table: str
) -> tuple[Mapping[str, Hashes], Mapping[str, Array]]:
    """Parts and traits of a table of identities."""
    parts = read_parts(connection, expressions(model.rules), table)
    return parts, read_traits(connection, model.bundle, model.settings, model.bound, table)
