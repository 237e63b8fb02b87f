"""Average linkage of many small components at once: what `pipelines.link.graph.clusters` finds, for many weights.

A county has tens of thousands of components of a few clients each, and each is cut fifty times. Here components of one
size are a stack of squares, and a step of the linkage is a step of the whole stack. Large components are left to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from linkage_rules.guards import TESTIMONY
from linkage_rules.thresholds import Thresholds
from pipelines.link import graph
from pipelines.link.graph import NEVER, Flags, Numbers, Pairs, Weights
from pipelines.link.testimony import overruled

WeightsOf = Callable[[Numbers], Weights]
"""Numbers of pairs → their weights in each row (rows × pairs)."""

LARGEST = 32
"""Clients of a component that is cut in a stack: of larger ones there are too few for a stack to pay."""

STACK_VALUES = 2_000_000
"""Distances of one stack: 16 MB, and a few times that while it is worked on."""


@dataclass(frozen=True)
class _Stack:
    """Components of one size, and their pairs."""

    members: Numbers
    """Clients (components × size), ascending."""
    pairs: Numbers
    """Numbers of the pairs inside these components."""
    component: Numbers
    left: Numbers
    right: Numbers
    """Of each pair: its component by number in the stack, and its clients by place in the component."""
    groups: Numbers | None
    """The first place that each client must be with (components × size); None if nobody must be with anybody."""


def clusters(
    labels: Numbers, pairs: Pairs, weights: WeightsOf, rows: int, must: Numbers, thresholds: Thresholds
) -> Numbers:
    """For each row of weights the cluster of each client, numbered by its first client.

    `weights` gives the weights of some pairs in each row. Otherwise as `pipelines.link.graph.clusters`.
    """
    found = np.tile(np.arange(len(labels), dtype=np.int64), (rows, 1))
    sizes = np.bincount(labels)
    most = min(LARGEST, thresholds.max_cluster)
    for stack in _stacks(labels, pairs, must, most, rows):
        places = _cut(stack, pairs, weights(stack.pairs), thresholds)
        found[:, stack.members] = np.take_along_axis(stack.members[None], places, axis=2)
    is_large = (sizes > most)[labels]
    _cut_one_by_one(found, is_large, labels, pairs, weights, must, thresholds)
    return found


def _cut_one_by_one(
    found: Numbers, chosen: Flags, labels: Numbers, pairs: Pairs, weights: WeightsOf, must: Numbers, stated: Thresholds
) -> None:
    """Fill in the clusters of chosen clients, who are whole components, as the linkage cuts them."""
    places, number = np.flatnonzero(chosen), np.cumsum(chosen, dtype=np.int64) - 1
    if not len(places):
        return
    _, own_labels = np.unique(labels[chosen], return_inverse=True)
    near = np.flatnonzero(chosen[pairs.left] & chosen[pairs.right])
    inside = pairs.where(near)
    inside = replace(inside, left=number[inside.left], right=number[inside.right])
    tied = number[must[chosen[must[:, 0]]]]
    for row, own in enumerate(weights(near)):
        cut = graph.clusters(own_labels.astype(np.int64), replace(inside, weight=own), tied, stated)
        found[row, places] = places[cut]


def _stacks(labels: Numbers, pairs: Pairs, must: Numbers, most: int, rows: int) -> Iterator[_Stack]:
    """Components of two clients or more up to the most, by size and by whether somebody must be with somebody."""
    sizes = np.bincount(labels)
    order = np.argsort(labels, kind="stable").astype(np.int64)
    starts = np.cumsum(sizes) - sizes
    place = np.empty(len(labels), dtype=np.int64)
    place[order] = np.arange(len(labels)) - starts[labels[order]]
    inner = np.flatnonzero(labels[pairs.left] == labels[pairs.right])
    inner = inner[np.argsort(labels[pairs.left[inner]], kind="stable")]
    of_inner = labels[pairs.left[inner]]
    together = _together(len(labels), must)
    is_tied = np.zeros(len(sizes), dtype=bool)
    is_tied[labels[must[:, 0]]] = True
    for size in range(2, most + 1):
        for tied in (False, True):
            of_size = np.flatnonzero((sizes == size) & (is_tied == tied))
            step = max(1, STACK_VALUES // (rows * size * size))
            for begin in range(0, len(of_size), step):
                own = of_size[begin : begin + step]
                number = np.full(len(sizes), -1, dtype=np.int64)
                number[own] = np.arange(len(own))
                members = order[starts[own][:, None] + np.arange(size)]
                mine = inner[number[of_inner] >= 0]
                yield _Stack(
                    members=members,
                    pairs=mine,
                    component=number[labels[pairs.left[mine]]],
                    left=place[pairs.left[mine]],
                    right=place[pairs.right[mine]],
                    groups=place[together[members]] if tied else None,
                )


def _together(clients: int, must: Numbers) -> Numbers:
    """The first client that each must be with."""
    linked = coo_matrix((np.ones(len(must), dtype=np.int8), (must[:, 0], must[:, 1])), shape=(clients, clients))
    return graph.first_of_each(connected_components(linked, directed=False)[1])


def _cut(stack: _Stack, pairs: Pairs, weights: Weights, thresholds: Thresholds) -> Numbers:
    """For each row and component the first place of each client's cluster."""
    size = stack.members.shape[1]
    distances = _distances(stack, pairs, weights, thresholds)
    if stack.groups is not None:
        distances = _between(distances, stack.groups)
    height = thresholds.weight_clip - thresholds.cut_weight
    places = _joined_below(distances.reshape(-1, size, size), height).reshape(distances.shape[:-1])
    if stack.groups is None:
        return places
    return np.take_along_axis(places, np.broadcast_to(stack.groups, places.shape), axis=2)


def _distances(stack: _Stack, pairs: Pairs, weights: Weights, thresholds: Thresholds) -> Weights:
    """Distances (rows × components × size × size), as `graph` has them; infinite from a client to itself."""
    count, size = stack.members.shape
    lowest, highest = thresholds.weight_floor, thresholds.weight_clip
    distances = np.full((len(weights), count, size, size), highest - lowest)
    at = (slice(None), stack.component, stack.left, stack.right)
    mirrored = (slice(None), stack.component, stack.right, stack.left)
    forbidden = np.broadcast_to(pairs.forbidden[stack.pairs], weights.shape)
    if forbidden.any():
        forbidden = forbidden & ~_lifted(stack, pairs, weights)
    distances[at] = distances[mirrored] = np.where(forbidden, NEVER, highest - np.clip(weights, lowest, highest))
    distances[..., np.arange(size), np.arange(size)] = np.inf
    return distances


def _lifted(stack: _Stack, pairs: Pairs, weights: Weights) -> Flags:
    """Pairs (rows × pairs) that a guard forbids and the component's other clients say are one person."""
    forbidden = pairs.forbidden[stack.pairs]
    guarded = forbidden if pairs.decided is None else forbidden & ~pairs.decided[stack.pairs]
    judged = np.unique(stack.component[guarded])
    number = np.full(len(stack.members), -1, dtype=np.int64)
    number[judged] = np.arange(len(judged))
    own = np.flatnonzero(number[stack.component] >= 0)
    at = (slice(None), number[stack.component[own]], stack.left[own], stack.right[own])
    mirrored = (at[0], at[1], at[3], at[2])
    near, barred = np.zeros((2, len(weights), len(judged), *[stack.members.shape[1]] * 2), dtype=bool)
    near[at] = near[mirrored] = ~forbidden[own] & (weights[:, own] >= TESTIMONY.near_weight)
    barred[at] = barred[mirrored] = guarded[own]
    lifted = np.zeros(weights.shape, dtype=bool)
    lifted[:, own] = overruled(near, barred, TESTIMONY)[at]
    return lifted


def _between(distances: Weights, groups: Numbers) -> Weights:
    """Mean distances between those who must be together, at the first place of each; infinite at all other places."""
    size = groups.shape[1]
    member = (groups[:, None, :] == np.arange(size)[:, None]).astype(np.float64)
    counts = member.sum(axis=2)
    back = member.swapaxes(1, 2)
    own = np.where(np.isinf(distances), 0.0, distances)
    with np.errstate(invalid="ignore"):
        between = member @ own @ back / (counts[:, :, None] * counts[:, None, :])
    between[member @ (own >= NEVER) @ back > 0] = NEVER
    nobody = (counts == 0)[:, :, None] | (counts == 0)[:, None, :] | np.eye(size, dtype=bool)
    between[:, nobody] = np.inf
    return np.asarray(between, dtype=np.float64)


def _joined_below(distances: Weights, height: float) -> Numbers:
    """For each square, the first place of each place's cluster under average linkage, cut at a height."""
    size = distances.shape[1]
    near = (distances <= height) | np.eye(size, dtype=bool)
    places = near.argmax(axis=2)
    # where nearness is whole, and many are, every cluster is all that are near: nothing could part or join them
    shared = near.astype(np.float32) @ near.astype(np.float32)
    open_ones = np.flatnonzero(((shared > 0) != near).any(axis=(1, 2)))
    places[open_ones] = _chained(distances[open_ones], height)
    return np.asarray(places, dtype=np.int64)


def _chained(distances: Weights, height: float) -> Numbers:
    """Average linkage by chains of nearest neighbours (Murtagh 1983, Computer Journal 26:354), a step of all at a time.

    Step by step what `scipy.cluster.hierarchy.linkage` does with one square, so that ties are decided alike, and sums
    are made in the same order. Distances are infinite from a place to itself, and to one that stands for nobody.
    """
    count, size = distances.shape[:2]
    first = np.tile(np.arange(size, dtype=np.int64), (count, 1))
    clients = np.asarray(np.isfinite(distances).any(axis=2), dtype=np.float64)
    chain, length = np.zeros((count, size + 1), dtype=np.int64), np.zeros(count, dtype=np.int64)
    joints = clients.sum(axis=1) - 1
    live = np.flatnonzero(joints > 0)
    while len(live):
        new = live[length[live] == 0]
        chain[new, 0], length[new] = (clients[new] > 0).argmax(axis=1), 1
        end = chain[live, length[live] - 1]
        before = np.where(length[live] > 1, chain[live, length[live] - 2], end)
        nearest = distances[live, end].argmin(axis=1)
        # whom the chain came from is preferred among those equally near, or it would never end
        back = distances[live, end, before] <= distances[live, end, nearest]
        back &= length[live] > 1
        on, last = live[~back], nearest[~back]
        chain[on, length[on]] = last
        length[on] += 1
        joined = live[back]
        _join(distances, clients, first, joined, end[back], before[back], height)
        length[joined] -= 2
        joints[joined] -= 1
        live = live[joints[live] > 0]
    return first


def _join(
    distances: Weights, clients: Weights, first: Numbers, live: Numbers, one: Numbers, other: Numbers, height: float
) -> None:
    """Join two places of each live square: the higher stands for both, and below the height they are one cluster."""
    gone, stays = np.minimum(one, other), np.maximum(one, other)
    is_one = distances[live, gone, stays] <= height
    left, right = clients[live, gone][:, None], clients[live, stays][:, None]
    mean = (left * distances[live, gone] + right * distances[live, stays]) / (left + right)
    distances[live, stays] = distances[live, :, stays] = mean
    distances[live, gone] = distances[live, :, gone] = np.inf
    distances[live, stays, stays] = np.inf
    clients[live, stays] += clients[live, gone]
    clients[live, gone] = 0
    below, gone, stays = live[is_one], gone[is_one], stays[is_one]
    own = first[below]
    names = own[np.arange(len(below)), gone], own[np.arange(len(below)), stays]
    least, most = np.minimum(*names)[:, None], np.maximum(*names)[:, None]
    first[below] = np.where(own == most, least, own)
