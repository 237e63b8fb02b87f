"""How often Python looks for objects that hold each other while a release is made."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

OBJECTS_BETWEEN = 500_000
"""New containers after which Python looks for such that hold each other. Its own 700 make it look thousands of times at
the rows, cells and sums of a release, of which none do: a sixth of disclosure control's processor time. Solvers of
linear programmes do hold each other; between two looks they take some ten megabytes."""


@contextmanager
def rare_collections() -> Iterator[None]:
    """Look seldom, and not at what there was before; as before afterwards. What is made does not depend on it."""
    usual = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()
