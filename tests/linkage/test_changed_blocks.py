"""Keys worked out for the blocks that somebody entered or left are the keys that everyone's blocks come to."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage_rules.blocking import BlockingRule
from pipelines.link import keys
from pipelines.link.blocking import Blocking, renewed_blocks
from pipelines.link.blocks import blocks_of, met_pairs
from pipelines.link.links import Links, moved
from pipelines.link.parts import SILENT, joined
from pipelines.link.places import Identities, change

RULE = BlockingRule("rule", ("a", "b"), ("c", "d", "e"), "A rule with three further levels.")
PART = st.integers(0, 2)
PERSON = st.tuples(*(PART for _ in "abcde"))
COUNTY = st.dictionaries(st.integers(1, 60), PERSON, max_size=50)
"""Identity id → the hashes of its parts; 0 is null. An identity that is in two counties is the same in both."""


def parts_of(county: dict[int, Any]) -> dict[str, Any]:
    rows = np.array([county[one] for one in sorted(county)], dtype=np.uint64).reshape(-1, 5)
    spread = rows * np.uint64(0x9E3779B97F4A7C15)
    return {name: spread[:, place].copy() for place, name in enumerate("abcde")}


def identities(county: dict[int, Any]) -> Identities:
    ids = np.array(sorted(county), dtype=np.int64)
    return Identities(ids, ids)


def everyone(county: dict[int, Any], limit: int) -> keys.RuleKeys:
    parts = parts_of(county)
    return keys.small_blocks(RULE, parts, np.arange(len(county)), joined(parts, RULE.key), limit)


def pairs_of(county: dict[int, Any], found: keys.RuleKeys) -> set[tuple[int, int]]:
    ids = sorted(county)
    return {
        (ids[left], ids[right])
        for met in met_pairs([blocks_of(found)], len(county))
        for left, right in zip(*met.sides, strict=True)
    }


@settings(max_examples=200, deadline=None)
@given(COUNTY, COUNTY, st.integers(1, 5), st.integers(1, 5))
def test_a_night_finds_the_depths_and_the_new_pairs_of_a_full_run(
    then: dict[int, Any], now: dict[int, Any], limit_then: int, limit_now: int
) -> None:
    now = {one: then.get(one, parts) for one, parts in now.items()}
    before, after = everyone(then, limit_then), everyone(now, limit_now)
    memory = SimpleNamespace(parts=parts_of(then), depths={"rule": before.depths}, limits={"rule": limit_then})
    blocking = Blocking([RULE], {"rule": limit_now}, parts_of(now), {})
    found = renewed_blocks(blocking, RULE, memory, change(identities(then), identities(now)))  # type: ignore[arg-type]
    assert found.depths.tolist() == after.depths.tolist()
    ids = sorted(now)
    met = {
        (ids[left], ids[right])
        for portion in met_pairs([found.blocks], len(now), [found.moved])
        for left, right in zip(*portion.sides, strict=True)
    }
    assert pairs_of(now, after) - pairs_of(then, before) <= met <= pairs_of(now, after)


@settings(max_examples=100, deadline=None)
@given(COUNTY, st.integers(1, 5))
def test_the_first_rule_of_a_pair_is_read_from_parts_and_depths(county: dict[int, Any], limit: int) -> None:
    found = everyone(county, limit)
    left, right = np.triu_indices(len(county), 1)
    first = keys.first_rules([RULE], parts_of(county), {"rule": found.depths}, left, right)
    meets = (found.keys[left] == found.keys[right]) & (found.keys[left] != SILENT)
    assert (first == 0).tolist() == meets.tolist()


def test_pairs_keep_their_order_and_lose_who_is_gone() -> None:
    columns = np.zeros(3), np.zeros(3, dtype=np.int8), np.zeros(3, dtype=np.int8)
    links = Links(np.array([0, 0, 2], dtype=np.int32), np.array([1, 2, 3], dtype=np.int32), *columns)
    found = moved(links, np.array([1, -1, 3, 4]))
    assert list(zip(found.left.tolist(), found.right.tolist(), strict=True)) == [(1, 3), (3, 4)]
