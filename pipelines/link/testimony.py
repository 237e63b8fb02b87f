"""Whether a guard stands: what the other clients of a component say of a pair that a guard forbids.

A guard sees two records. If one of them is a slip (a wrong given name, a wrong sex), the others of the person know
both sides; if the two are two persons, the others keep to one of them. Belongs here: counting who says which. Whom a
guard forbids, and how many it takes, stands in `linkage_rules`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from linkage_rules.guards import Testimony

Flags = npt.NDArray[np.bool_]


def overruled(near: Flags, guarded: Flags, rule: Testimony) -> Flags:
    """Guarded pairs of a component (square, symmetric; or a stack of such) that its other clients say are one person.

    `near` says which clients hold together by themselves. A client speaks for a pair if it is near both, and against it
    if it is near one and a guard forbids it with the other.
    """
    bonds, bars = near.astype(np.float32), guarded.astype(np.float32)
    speak_for = bonds @ bonds
    speak_against = bonds @ bars
    speak_against += speak_against.swapaxes(-1, -2)
    enough = (speak_for >= rule.least_witnesses) & (speak_for >= rule.times_as_many * speak_against)
    return np.asarray(guarded & enough, dtype=bool)
