"""What a night leaves as it was: pairs that are scored already, and clients whose cluster cannot have changed.

A cluster is a function of its component: of the clients in it, the pairs between their identities, and the decisions
about them. So where no client of a component has a new or a lost identity, link or decision, its clusters are what they
were, and are carried over. Whoever is not so is *touched*, and with them everyone they are or were in a component with.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from pipelines.link.blocking import Blocking
from pipelines.link.blocks import MetPairs
from pipelines.link.decisions import Pair, Ties
from pipelines.link.keys import first_rules
from pipelines.link.links import Links, moved, pair_codes
from pipelines.link.places import NOWHERE, Change, Identities, Numbers, among, find, union
from pipelines.link.remembered import Components, Memory


class Night:
    """The last run beside this one."""

    def __init__(self, memory: Memory, identities: Identities, change: Change) -> None:
        self.memory = memory
        self.identities = identities
        self.change = change
        self.known = moved(memory.links, change.now)
        """Pairs that are scored already; `meet` says which of them a rule still meets."""
        self._stirred: list[Numbers] = [identities.client_keys[change.new], self._clients_of_the_gone()]

    def meet(self, blocking: Blocking, loose_weight: float) -> None:
        """See which known pairs are links now: those at or above the loose weight that some rule meets."""
        stirred = np.logical_or.reduce([np.zeros(len(self.identities), dtype=bool), *(blocking.moved or [])])
        known = self.known
        asked = np.flatnonzero((stirred[known.left] | stirred[known.right]) & (known.weight >= loose_weight))
        rule = known.rule.copy()
        rule[asked] = first_rules(
            blocking.rules, blocking.parts, blocking.depths, known.left[asked], known.right[asked]
        )
        self.known = known.with_rules(rule)
        self.stir(known.where(known.is_link != self.known.is_link))

    def tie(self, ties: Ties) -> None:
        """Take note of decisions that were added or withdrawn since."""
        before = self.memory.ties
        self._stirred += [_clients(ties.must ^ before.must), _clients(ties.cannot ^ before.cannot)]

    def stir(self, pairs: Links | MetPairs) -> None:
        """Say that something about these pairs is not what it was."""
        self._stirred += [self.identities.client_keys[pairs.left], self.identities.client_keys[pairs.right]]

    def unknown(self, pairs: MetPairs) -> MetPairs:
        """Those of some pairs that are not scored yet."""
        return pairs.where(~among(pair_codes(pairs.left, pairs.right), self.known.codes))

    def touched(self, further: Iterable[Numbers] = ()) -> Numbers:
        """The clients whose clusters must be made anew, ascending; `further` clients may have changed too."""
        stirred = union([*self._stirred, *further])
        components = self.memory.components
        places = find(components.client_keys, stirred)
        labels = union([components.labels[places[places != NOWHERE]]])
        return union([stirred, components.client_keys[among(components.labels, labels)]])

    def known_among(self, clients: Numbers) -> Links:
        """Known pairs of which both sides are of these clients."""
        return self.known.where(self._both_in(clients))

    def carried(self, touched: Numbers) -> Links:
        """Known pairs that stay as they are."""
        return self.known.where(~self._both_in(touched))

    def components(self, touched: Numbers, found: Components) -> Components:
        """Everyone's components: those found among the touched, and all others as they were."""
        before = self.memory.components
        stays = ~among(before.client_keys, touched)
        keys = np.concatenate([before.client_keys[stays], found.client_keys])
        labels = np.concatenate([before.labels[stays], found.labels])
        order = np.argsort(keys, kind="stable")
        return Components(keys[order], labels[order])

    def _both_in(self, clients: Numbers) -> np.ndarray:
        inside = among(self.identities.client_keys, clients)
        return inside[self.known.left] & inside[self.known.right]

    def _clients_of_the_gone(self) -> Numbers:
        """Clients of the identities that are gone, and of those that they had been scored with."""
        then, links = self.memory.identities.client_keys, self.memory.links
        is_gone = self.change.now == NOWHERE
        lost = np.flatnonzero(is_gone[links.left] | is_gone[links.right])
        return union([then[self.change.gone], then[links.left[lost]], then[links.right[lost]]])


def among_clients(ties: Ties, clients: Numbers) -> Ties:
    """The ties between some clients; the counts stay those of all decisions."""
    inside = set(clients.tolist())
    must, cannot = (
        frozenset(pair for pair in pairs if pair[0] in inside and pair[1] in inside)
        for pairs in (ties.must, ties.cannot)
    )
    return replace(ties, must=must, cannot=cannot)


def _clients(pairs: Iterable[Pair]) -> Numbers:
    return np.array(sorted({client for pair in pairs for client in pair}), dtype=np.int64)
