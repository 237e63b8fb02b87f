"""Room for a run: a night that would fill the disk is not started.

`<lake>/written.json` holds how many bytes the last runs left, newest last. A killed run leaves no number.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines.errors import LakeError
from pipelines.lake import Lake, replacing
from pipelines.operations.limits import limits

FILE = "written.json"

UNITS = ("B", "KiB", "MiB", "GiB", "TiB")


@contextmanager
def room_for_a_run(lake: Lake) -> Iterator[None]:
    """Refuse to begin where there is too little room; at the end, note what was written. Needs the lock."""
    refuse_full_disk(lake)
    began = time.time()
    yield
    note_run(lake, bytes_written_since(lake, began))


def refuse_full_disk(lake: Lake) -> None:
    """LakeError, with what to do, where a run may not find the room that it needs."""
    free, needed = free_bytes(lake.root), needed_bytes(lake)
    if free < needed:
        raise LakeError(
            f"{told(free)} are free on the disk of the lake, and a run is not started below {told(needed)} "
            f"({limits()['run_room_factor']} times what the last runs wrote, at least "
            f"{told(limits()['least_free_bytes'])}). Nothing was changed. Make room "
            "(docs/runbook.md#the-disk-is-full), then run again"
        )


def free_bytes(folder: Path) -> int:
    """Bytes that an ordinary user can still write on a folder's disk; of one that is not there, on its parent's."""
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def needed_bytes(lake: Lake) -> int:
    """Free bytes below which no run is started."""
    return max(limits()["least_free_bytes"], limits()["run_room_factor"] * max(bytes_of_runs(lake), default=0))


def bytes_of_runs(lake: Lake) -> list[int]:
    """What each of the last runs wrote, in bytes; empty before the first has ended.

    Raises:
        LakeError: the note cannot be read.
    """
    path = lake.root / FILE
    if not path.exists():
        return []
    try:
        return [int(one) for one in json.loads(path.read_text(encoding="utf-8"))["bytes_written"]]
    except (OSError, ValueError, KeyError, TypeError):
        raise LakeError(f"{FILE} of the lake cannot be read; remove it, then run again") from None


def note_run(lake: Lake, written: int) -> None:
    """Remember what a run wrote, beside the runs before it."""
    kept = [*bytes_of_runs(lake), written][-limits()["remembered_runs"] :]
    with replacing(lake.root / FILE) as staged:
        staged.write_text(json.dumps({"bytes_written": kept}) + "\n", encoding="utf-8")


def bytes_written_since(lake: Lake, moment: float) -> int:
    """Bytes of the lake's files that were written at a moment (seconds since 1970) or later."""
    facts = (path.lstat() for path in lake.root.rglob("*") if path.is_file())
    return sum(one.st_size for one in facts if one.st_mtime >= moment)


def told(count: int) -> str:
    """A number of bytes, for people: `1.5 GiB`."""
    power = min((max(count, 1).bit_length() - 1) // 10, len(UNITS) - 1)
    return f"{count / 1024**power:.{1 if power else 0}f} {UNITS[power]}"
