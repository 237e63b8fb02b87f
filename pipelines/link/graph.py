"""From scored pairs of clients to clusters: components, then average linkage inside each. Arrays in, arrays out.

Nothing here knows a file, a table or a yesterday: the clusters are a function of the clients, the scores and the
decisions. Clients are numbered in the order of their keys, so the order of rows cannot matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.cluster.hierarchy import linkage
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import squareform

from linkage_rules.guards import TESTIMONY
from linkage_rules.thresholds import Thresholds
from pipelines.link.testimony import overruled

Numbers = npt.NDArray[np.int64]
Weights = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

NEVER = 1e9
"""Distance of a forbidden pair: so far that no mean over the pairs of two groups comes below a cut."""


OF_ONE_MIND = 10
"""How many times `max_component` a component may be that holds at the clip: all pairs of 2,000 are two million."""


@dataclass(frozen=True)
class Pairs:
    """Pairs of clients by number, each at most once: weight in bits, and whether something forbids them."""

    left: Numbers
    right: Numbers
    weight: Weights
    forbidden: Flags
    decided: Flags | None = None
    """Forbidden by a person or a final guard, which no other record can overrule; None if no pair is."""

    def __len__(self) -> int:
        return len(self.left)

    def where(self, chosen: Flags | Numbers) -> Pairs:
        """Some of the pairs."""
        decided = None if self.decided is None else self.decided[chosen]
        return Pairs(self.left[chosen], self.right[chosen], self.weight[chosen], self.forbidden[chosen], decided)


def components(clients: int, links: Pairs, must: Numbers, thresholds: Thresholds) -> Numbers:
    """The component of each client, none larger than `max_component` unless must-links make it so."""
    return taken_apart(loose_components(clients, links, must, thresholds), links, must, thresholds)


def loose_components(clients: int, links: Pairs, must: Numbers, thresholds: Thresholds) -> Numbers:
    """The loose component of each client: joined by allowed links at or above the loose weight, and by must-links.

    Must-links are pairs of clients (k × 2).
    """
    return _connected(clients, _allowed(links, thresholds), must)


def taken_apart(labels: Numbers, links: Pairs, must: Numbers, thresholds: Thresholds) -> Numbers:
    """The component of each client: loose components, those larger than `max_component` at higher and higher weights.

    What becomes of a loose component depends on nothing outside it: a link is dropped only inside large ones, and
    while a large one has links left, the heaviest of all is no lighter than the weight that these reach. What holds
    with all that a weight can say is as large as it is: one person's records, a hundred times over.
    """
    allowed = _allowed(links, thresholds)
    weight = thresholds.loose_weight
    while len(allowed) and weight <= allowed.weight.max():
        most = thresholds.max_component * (1 if weight < thresholds.weight_clip else OF_ONE_MIND)
        if np.bincount(labels).max(initial=0) <= most:
            break
        weight += thresholds.component_step
        large = np.bincount(labels)[labels] > most
        allowed = allowed.where((allowed.weight >= weight) | ~large[allowed.left])
        labels = _connected(len(labels), allowed, must)
    return labels


def _allowed(links: Pairs, thresholds: Thresholds) -> Pairs:
    return links.where(~links.forbidden & (links.weight >= thresholds.loose_weight))


def clusters(labels: Numbers, pairs: Pairs, must: Numbers, thresholds: Thresholds) -> Numbers:
    """The cluster of each client, numbered by its first client; none crosses a component or holds a pair that is
    forbidden, unless by a guard that the component's other clients overrule.

    `pairs` holds every pair of every component that is to be judged; a pair it lacks counts as the weakest.
    """
    result = np.arange(len(labels), dtype=np.int64)
    inside = pairs.where(labels[pairs.left] == labels[pairs.right])
    sizes = np.bincount(labels, minlength=len(labels))
    agreed = _of_one_mind(labels, inside, sizes, thresholds)
    _join_whole(result, labels, agreed)
    for members, own, tied in _each_component(labels, inside, must, np.flatnonzero((sizes >= 2) & ~agreed)):
        result[members] = members[_cut(len(members), own, tied, thresholds)]
    return result


def _of_one_mind(labels: Numbers, pairs: Pairs, sizes: Numbers, thresholds: Thresholds) -> Flags:
    """Components whose every pair is allowed and at or above the cut: no linkage could part them, so none is run."""
    component = labels[pairs.left]
    good = ~pairs.forbidden & (np.clip(pairs.weight, None, thresholds.weight_clip) >= thresholds.cut_weight)
    good_pairs = np.bincount(component[good], minlength=len(sizes))
    whole = (good_pairs == sizes * (sizes - 1) // 2) & (sizes <= thresholds.max_cluster)
    return np.asarray(whole & (sizes >= 2), dtype=bool)


def _join_whole(result: Numbers, labels: Numbers, chosen: Flags) -> None:
    """Put every member of the chosen components with the component's first."""
    first = np.full(len(chosen), len(labels), dtype=np.int64)
    np.minimum.at(first, labels, np.arange(len(labels)))
    inside = chosen[labels]
    result[inside] = first[labels[inside]]


def _connected(clients: int, links: Pairs, must: Numbers) -> Numbers:
    left, right = np.concatenate([links.left, must[:, 0]]), np.concatenate([links.right, must[:, 1]])
    graph = coo_matrix((np.ones(len(left), dtype=np.int8), (left, right)), shape=(clients, clients))
    _, labels = connected_components(graph, directed=False)
    return np.asarray(labels, dtype=np.int64)


def _each_component(
    labels: Numbers, pairs: Pairs, must: Numbers, chosen_components: Numbers
) -> Iterator[tuple[Numbers, Pairs, Numbers]]:
    """Members, inner pairs and must-links (by position among the members) of each chosen component."""
    members_of = _grouped(labels, len(labels))
    pairs_of = _grouped(labels[pairs.left], len(labels))
    must_of = _grouped(labels[must[:, 0]], len(labels))
    place = np.empty(len(labels), dtype=np.int64)
    for component in chosen_components:
        members = members_of(component)
        place[members] = np.arange(len(members))
        chosen = pairs_of(component)
        own = pairs.where(chosen)
        own = replace(own, left=place[own.left], right=place[own.right])
        yield members, own, place[must[must_of(component)]]


def _grouped(labels: Numbers, groups: int) -> Callable[[np.int64], Numbers]:
    """For a group, the positions that carry its label, ascending."""
    order = np.argsort(labels, kind="stable").astype(np.int64)
    starts = np.searchsorted(labels[order], np.arange(groups + 1))
    return lambda group: order[starts[group] : starts[group + 1]]


def _cut(size: int, pairs: Pairs, must: Numbers, thresholds: Thresholds) -> Numbers:
    """For each member, the first member of its cluster; cut higher while a cluster is larger than one person can be.

    What is still whole at the clip stays so: no weight says more, and a record that came a hundred times is one person.
    """
    distances = _distances(size, standing(size, pairs), thresholds)
    groups = _groups(size, must)
    between = _between(distances, groups)
    cut = thresholds.cut_weight
    while True:
        found = _average_linkage(between, thresholds.weight_clip - cut)[groups]
        if np.bincount(found).max() <= thresholds.max_cluster or cut >= thresholds.weight_clip:
            return first_of_each(found)
        cut = min(cut + thresholds.component_step, thresholds.weight_clip)


def standing(size: int, pairs: Pairs) -> Pairs:
    """The pairs of a component, without the guards that its other clients overrule."""
    if not pairs.forbidden.any():
        return pairs
    near = ~pairs.forbidden & (pairs.weight >= TESTIMONY.near_weight)
    guarded = pairs.forbidden if pairs.decided is None else pairs.forbidden & ~pairs.decided
    lifted = overruled(_square(size, pairs.where(near)), _square(size, pairs.where(guarded)), TESTIMONY)
    return replace(pairs, forbidden=pairs.forbidden & ~(guarded & lifted[pairs.left, pairs.right]))


def _square(size: int, pairs: Pairs) -> Flags:
    flags = np.zeros((size, size), dtype=bool)
    flags[pairs.left, pairs.right] = flags[pairs.right, pairs.left] = True
    return flags


def _distances(size: int, pairs: Pairs, thresholds: Thresholds) -> Weights:
    lowest, highest = thresholds.weight_floor, thresholds.weight_clip
    distances = np.full((size, size), highest - lowest, dtype=np.float64)
    near = np.where(pairs.forbidden, NEVER, highest - np.clip(pairs.weight, lowest, highest))
    distances[pairs.left, pairs.right] = near
    distances[pairs.right, pairs.left] = near
    np.fill_diagonal(distances, 0.0)
    return distances


def _groups(size: int, must: Numbers) -> Numbers:
    """Members that must be together share a group, numbered by its first member."""
    if not len(must):
        return np.arange(size, dtype=np.int64)
    nothing = np.zeros(0)
    return _connected(
        size, Pairs(nothing.astype(np.int64), nothing.astype(np.int64), nothing, nothing.astype(bool)), must
    )


def _between(distances: Weights, groups: Numbers) -> Weights:
    """Mean distance between groups; one forbidden pair forbids both groups whole."""
    count = int(groups.max()) + 1
    if count == len(groups):
        return distances
    member = np.zeros((count, len(groups)))
    member[groups, np.arange(len(groups))] = 1.0
    sizes = member.sum(axis=1)
    between = member @ distances @ member.T / np.outer(sizes, sizes)
    between[member @ (distances >= NEVER) @ member.T > 0] = NEVER
    np.fill_diagonal(between, 0.0)
    return between


def _average_linkage(distances: Weights, height: float) -> Numbers:
    if len(distances) == 1:
        return np.zeros(1, dtype=np.int64)
    return _below(linkage(squareform(distances, checks=False), method="average"), height)


def _below(tree: Weights, height: float) -> Numbers:
    """For each leaf, the number of the highest node that holds it and no joint above a height.

    What `scipy.cluster.hierarchy.fcluster` finds, whose checks of a tree take longer than most trees take to make.
    """
    leaves = len(tree) + 1
    joints = [(leaves + row, int(left), int(right), at) for row, (left, right, at, _) in enumerate(tree.tolist())]
    tallest = [0.0] * leaves
    for _, left, right, at in joints:
        tallest.append(max(at, tallest[left], tallest[right]))
    label = list(range(2 * leaves - 1))
    for node, left, right, _ in reversed(joints):
        if tallest[node] <= height:
            label[left] = label[right] = label[node]
    return np.array(label[:leaves], dtype=np.int64)


def first_of_each(found: Numbers) -> Numbers:
    """For each member, the first member of its group; groups are numbered from 0, with few numbers left out."""
    first = np.zeros(int(found.max(initial=-1)) + 1, dtype=np.int64)
    first[found[::-1]] = np.arange(len(found))[::-1]  # of several members of a group, NumPy keeps the last assigned
    return np.asarray(first[found], dtype=np.int64)
