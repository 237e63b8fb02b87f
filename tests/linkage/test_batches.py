"""Many components cut at once are cut as the linkage cuts each."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage_rules.thresholds import thresholds
from pipelines.link import graph
from pipelines.link.graph import Numbers, Pairs, Weights
from pipelines.uncertainty import batches
from tests.linkage.test_partitions import NONE

STATED = thresholds()
ROWS = 3
CLIP = STATED.weight_clip


@st.composite
def counties(draw: st.DrawFn) -> tuple[Numbers, Pairs, Weights, Numbers]:
    """Labels, pairs, rows of weights and must-links; weights have few values, so that ties are many."""
    sizes = draw(st.lists(st.integers(1, 7) | st.just(batches.LARGEST + 1), min_size=1, max_size=5))
    seed = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    labels = seed.permutation(np.repeat(np.arange(len(sizes)), sizes)).astype(np.int64)
    left, right = np.triu_indices(len(labels), 1)
    scored = (seed.random(len(left)) < 0.9) & ((labels[left] == labels[right]) | (seed.random(len(left)) < 0.1))
    left, right = left[scored].astype(np.int64), right[scored].astype(np.int64)
    few = np.array([-20.0, -5.0, STATED.cut_weight, 6.0, CLIP, CLIP + 3])
    some = seed.choice(few, (ROWS, len(left)))
    weights = np.where(seed.random(some.shape) < 0.5, some, seed.normal(STATED.cut_weight, 6, some.shape))
    forbidden = seed.random(len(left)) < draw(st.sampled_from([0.0, 0.15]))
    decided = forbidden & (seed.random(len(left)) < 0.3)
    pairs = Pairs(left, right, weights[0], forbidden, draw(st.sampled_from([None, decided])))
    inner = np.flatnonzero(labels[left] == labels[right])
    tied = seed.choice(inner, min(len(inner), draw(st.integers(0, 4))), replace=False)
    return labels, pairs, weights, np.column_stack([left[tied], right[tied]])


@settings(max_examples=300, deadline=None)
@given(counties())
def test_all_at_once_is_one_by_one(county: tuple[Numbers, Pairs, Weights, Numbers]) -> None:
    labels, pairs, weights, must = county
    found = batches.clusters(labels, pairs, lambda chosen: weights[:, chosen], ROWS, must, STATED)
    alike = [graph.clusters(labels, replace(pairs, weight=one), must, STATED).tolist() for one in weights]
    assert found.tolist() == alike


def test_nobody_is_no_cluster() -> None:
    nothing = np.zeros(0, dtype=np.int64)
    none = Pairs(nothing, nothing, np.zeros(0), np.zeros(0, dtype=bool))
    found = batches.clusters(nothing, none, lambda chosen: np.zeros((2, len(chosen))), 2, NONE, STATED)
    assert found.shape == (2, 0)
