"""Which clients have another person to be given: those of a cluster that is not, client for client, a person already.

Belongs here: telling them from the many whose person stays, on arrays, so that a night's work on the index is in
proportion to what changed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

NOWHERE = -1

SMALL = 8
"""Numbers below so many times their count are used as places in an array; larger ones are numbered first."""


@dataclass(frozen=True)
class Grouping:
    """Clients, ascending, and the group of each: a person, or a cluster."""

    client_keys: Numbers
    groups: Numbers

    def where(self, chosen: Flags) -> Grouping:
        """Some of the clients."""
        return Grouping(self.client_keys[chosen], self.groups[chosen])


@dataclass(frozen=True)
class Touched:
    """Flags by client: of the persons before, and of the clusters now."""

    before: Flags
    now: Flags


def touched(before: Grouping, now: Grouping) -> Touched:
    """Who is in a group that came, went, won or lost a client, with everyone who is or was grouped with them.

    Groups are held beside each other by their first clients: a client whose group has the same first client before and
    now is of the same group, unless others of it are not.
    """
    now_in_before, before_in_now = find(before.client_keys, now.client_keys), find(now.client_keys, before.client_keys)
    persons, clusters = _numbers(before), _numbers(now)
    first_before, first_now = _first_clients(before, persons), _first_clients(now, clusters)
    stays_before = _same(first_before, first_now, before_in_now)
    stays_now = _same(first_now, first_before, now_in_before)
    in_touched_cluster = _whole_groups(clusters, ~stays_now)
    known = now_in_before[in_touched_cluster & (now_in_before != NOWHERE)]
    changed = ~stays_before
    changed[known] = True
    of_touched_person = _whole_groups(persons, changed)
    was_touched = np.append(of_touched_person, False)[now_in_before]
    return Touched(of_touched_person, in_touched_cluster | was_touched)


def _numbers(grouping: Grouping) -> Numbers:
    """The groups by small numbers: person ids are small, clusters are named after one of their clients."""
    groups = grouping.groups
    if not len(groups) or (groups.min() >= 0 and groups.max() < SMALL * len(groups)):
        return groups
    places = find(grouping.client_keys, groups)
    return np.unique(groups, return_inverse=True)[1] if (places == NOWHERE).any() else places


def _first_clients(grouping: Grouping, numbers: Numbers) -> Numbers:
    """For each client, the first of its group."""
    first = np.zeros(numbers.max(initial=-1) + 1, dtype=np.int64)
    first[numbers[::-1]] = grouping.client_keys[::-1]
    return first[numbers]


def _whole_groups(numbers: Numbers, chosen: Flags) -> Flags:
    """Everyone of a group of which someone is chosen."""
    has_chosen = np.zeros(numbers.max(initial=-1) + 1, dtype=bool)
    has_chosen[numbers[chosen]] = True
    return np.asarray(has_chosen[numbers], dtype=bool)


def _same(ours: Numbers, theirs: Numbers, places: Numbers) -> Flags:
    """Whether each client is known to the other side, with the same value there."""
    same = np.zeros(len(ours), dtype=bool)
    known = places != NOWHERE
    same[known] = ours[known] == theirs[places[known]]
    return same


def find(ordered: Numbers, values: Numbers) -> Numbers:
    """Where values stand in an ascending array; NOWHERE if they do not."""
    if not len(ordered):
        return np.full(len(values), NOWHERE, dtype=np.int64)
    places = np.minimum(np.searchsorted(ordered, values), len(ordered) - 1)
    return np.where(ordered[places] == values, places, NOWHERE)
