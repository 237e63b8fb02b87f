"""One writer per lake: a lock that dies with its process."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines.errors import LakeError
from pipelines.lake import PAST_DAYS, ZONES, Lake, refuse_open_folders
from pipelines.operations.state import settle

_held: dict[Path, int] = {}
"""How often this process has taken each lock: the command and the run inside it are one writer."""


@contextmanager
def sole_writer(lake: Path) -> Iterator[None]:
    """Hold the lake for writing; a second process is refused at once, a dead one leaves nothing behind.

    Raises:
        LakeError: another process is writing to this lake, others than its owner can look into it, or it is in another
            form than this program writes.
    """
    with locked(lake):
        settle(Lake(lake.resolve()))
        yield


@contextmanager
def locked(lake: Path) -> Iterator[None]:
    """Hold the lake whatever form it is in: to copy it, or to bring it into the current form."""
    path = lake.resolve() / ".lock"
    if path in _held:
        _held[path] += 1
        try:
            yield
        finally:
            _held[path] -= 1
        return
    _refuse_closed_to_us(path.parent)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    refuse_open_folders(path.parent)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _take(descriptor, lake)
        _held[path] = 1
        yield
    finally:
        _held.pop(path, None)
        os.close(descriptor)


def clear_leftovers(lake: Lake) -> int:
    """Remove what killed runs left half-written, and spilled pages; returns how many. Needs the lock."""
    left = [path for zone in ZONES for path in lake.zone(zone).rglob(".*.staged")]
    left += (lake.root / "disclosure").glob(".*_*.staged")  # what releases told; people's opt-outs lie there too
    left += lake.spill.glob("*")
    left += list((lake.root / PAST_DAYS).glob(".work*"))
    for path in left:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)  # it may have lain in a folder that is gone
    return len(left)


def _refuse_closed_to_us(lake: Path) -> None:
    """A lake that cannot be written to is told before any work is done."""
    there = next(folder for folder in (lake, *lake.parents) if folder.exists())
    if not os.access(there, os.R_OK | os.W_OK | os.X_OK):
        raise LakeError(
            f"the lake {lake.name} cannot be written to: it is another user's, or its disk is mounted read-only. Run "
            "as the user of the services, or see what `findmnt` and the kernel's log say; nothing was changed"
        )


def _take(descriptor: int, lake: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise LakeError(f"another run is writing to the lake {lake.name}; wait until it ends, then run again") from None
