"""`countylink relink`: link everything anew, and hold it against what the nights came to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pipelines.defs.locking import clear_leftovers, sole_writer
from pipelines.errors import LakeError
from pipelines.lake import Lake
from pipelines.link import Verification, link, pinned, read_pin, verify_linkage


def relink(root: Path, *, is_written: bool) -> tuple[Verification, list[str]]:
    """Verify linked/ of a lake against a full run with its pinned model; write the full run if asked to.

    Raises:
        LakeError: nothing was linked in this lake yet, or another run is writing to it.
    """
    lake = Lake(root.resolve())
    with sole_writer(lake.root):
        clear_leftovers(lake)
        told = read_pin(lake)
        if told is None:
            raise LakeError("this lake has no pinned model yet; run the nightly job first, it pins the one it uses")
        bundle = pinned(lake, told)
        found = verify_linkage(lake, bundle)
        said = list(lines(found))
        if is_written:
            report = link(lake, bundle, is_full=True)
            said.append(f"written anew: {report.links:,} links, {report.clusters:,} clusters")
        return found, said


def lines(found: Verification) -> Iterator[str]:
    """The comparison in a few lines."""
    yield f"{found.links:,} links: {found.scores_differing:,} scores differ, {found.reasons_differing:,} reasons differ"
    yield f"links that only the full run has: {found.links_missing:,}; that only the nights have: {found.links_extra:,}"
    yield f"{found.clients:,} clients: {found.clients_placed_otherwise:,} in another cluster"
    yield "equal, bit by bit" if found.is_equal else "NOT EQUAL: keep this lake as it is, and report a defect"
