"""Drawn linkages of a county: those of components that are as they were are those of the night before.

What becomes of a component in a draw rests on its own clients, pairs and must-links, on the shift and on the rules, and
on nothing beside it (`partitions.drawn`). So its draws are kept under the hash of these.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import astuple

import numpy as np
import numpy.typing as npt

from pipelines.kept_results import KeptResults, key_of
from pipelines.link.graph import Flags, Numbers
from pipelines.uncertainty import partitions
from pipelines.uncertainty.partitions import Linkage
from pipelines.uncertainty.rules import Rules

Places = npt.NDArray[np.uint32]
"""For each draw and each client of a component, the place of the first client of its cluster."""


def all_drawn(linkage: Linkage, shift: float, rules: Rules, kept: KeptResults) -> Numbers:
    """For each draw, the cluster of each client (draws × clients), numbered by its first client."""
    if not len(linkage.keys):
        return np.empty((rules.draws, 0), dtype=np.int64)
    labels = linkage.components()
    found = np.empty((rules.draws, len(labels)), dtype=np.int64)
    unknown = np.zeros(len(labels), dtype=bool)
    anew = []
    for members, key in _keys(linkage, labels, shift, rules):
        known = kept.find(key)
        if known is None:
            anew.append((members, key))
            unknown[members] = True
        else:
            found[:, members] = members[np.frombuffer(known, dtype=np.uint32).reshape(rules.draws, -1)]
    _draw(linkage, labels, unknown, shift, rules, found)
    for members, key in anew:
        kept.add(key, np.searchsorted(members, found[:, members]).astype(np.uint32).tobytes())
    return found


def _draw(linkage: Linkage, labels: Numbers, chosen: Flags, shift: float, rules: Rules, found: Numbers) -> None:
    """Fill in the draws of the chosen clients, who are whole components."""
    places = np.flatnonzero(chosen)
    if not len(places):
        return
    _, own = np.unique(labels[chosen], return_inverse=True)
    near = linkage.among(chosen)
    for number, clusters in enumerate(partitions.drawn(near, shift, rules, own.astype(np.int64))):
        found[number, places] = places[clusters]


def _keys(linkage: Linkage, labels: Numbers, shift: float, rules: Rules) -> Iterator[tuple[Numbers, bytes]]:
    """The clients of each component, ascending, with the hash of all that its draws rest on."""
    pairs = linkage.pairs.where(labels[linkage.pairs.left] == labels[linkage.pairs.right])
    decided = np.zeros(len(pairs), dtype=bool) if pairs.decided is None else pairs.decided
    keys = linkage.keys
    said = _rows(keys[pairs.left], keys[pairs.right], pairs.weight, pairs.forbidden, decided)
    shared = struct.pack("<dqq", shift, rules.seed, rules.draws) + repr(astuple(linkage.thresholds)).encode()
    clients = [one.astype(np.int64) for one in _cut_up(np.arange(len(labels)), labels)]
    pairs_of = _cut_up(said, labels[pairs.left], len(clients))
    must_of = _cut_up(keys[linkage.must], labels[linkage.must[:, 0]], len(clients))
    for members, own, tied in zip(clients, pairs_of, must_of, strict=True):
        yield members, key_of(shared, keys[members].tobytes(), own.tobytes(), tied.tobytes())


def _rows(*columns: npt.NDArray[np.generic]) -> npt.NDArray[np.uint64]:
    """Columns side by side, each value as its 64 bits or as a flag."""
    return np.column_stack(
        [
            one.view(np.uint64) if one.dtype.itemsize == np.dtype(np.uint64).itemsize else one.astype(np.uint64)
            for one in columns
        ]
    )


def _cut_up(rows: npt.NDArray[np.generic], labels: Numbers, groups: int | None = None) -> list[npt.NDArray[np.generic]]:
    """The rows of each label from 0 on, in their order."""
    order = np.argsort(labels, kind="stable")
    ends = np.cumsum(np.bincount(labels, minlength=groups or 0))
    return np.split(rows[order], ends[:-1])
