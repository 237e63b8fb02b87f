"""Who is left alone has, client for client, the group they had; who is not, is looked at with their whole group."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.person_index.touched import Grouping, touched

PARTITION = st.dictionaries(st.integers(0, 15), st.integers(0, 6), max_size=16)
"""Client → its group."""


def grouping(partition: dict[int, int]) -> Grouping:
    keys = sorted(partition)
    return Grouping(np.array(keys, dtype=np.int64), np.array([partition[key] for key in keys], dtype=np.int64))


def groups(partition: dict[int, int]) -> dict[int, frozenset[int]]:
    return {one: frozenset(other for other in partition if partition[other] == partition[one]) for one in partition}


@settings(max_examples=300, deadline=None)
@given(PARTITION, PARTITION)
def test_the_untouched_have_the_group_they_had(before: dict[int, int], now: dict[int, int]) -> None:
    found = touched(grouping(before), grouping(now))
    looked_at_before = {key for key, chosen in zip(sorted(before), found.before, strict=True) if chosen}
    looked_at_now = {key for key, chosen in zip(sorted(now), found.now, strict=True) if chosen}
    left_alone = set(now) - looked_at_now
    assert left_alone == set(before) - looked_at_before
    assert all(groups(before)[client] == groups(now)[client] for client in left_alone)
    for partition, looked_at in ((before, looked_at_before), (now, looked_at_now)):
        assert all(groups(partition)[client] <= looked_at for client in looked_at)


def test_one_who_joins_brings_only_the_person_that_is_joined() -> None:
    found = touched(grouping({1: 1, 2: 1, 3: 2, 4: 3}), grouping({1: 1, 2: 1, 3: 3, 4: 4, 5: 3}))
    assert (found.before.tolist(), found.now.tolist()) == (
        [False, False, True, False],
        [False, False, True, False, True],
    )
