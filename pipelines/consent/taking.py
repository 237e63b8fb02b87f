"""Lists of choices that agencies put into a folder, night by night: each file is taken once, whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines.consent.choices import record, sources
from pipelines.consent.listing import read_choices
from pipelines.errors import LakeError
from pipelines.lake import Lake, file_sha256

READY = "*.csv"
"""A file that is still being written has another ending, such as `.part`."""


@dataclass(frozen=True)
class Taken:
    """What became of the files of a folder."""

    lists: int
    choices: int
    known: int
    """Files that were taken before."""
    faults: Sequence[str]
    """Files that cannot be read, by name and line; nothing of them is taken."""


def take_choices(lake: Lake, folder: Path, agencies: tuple[str, ...], by: str) -> Taken:
    """Take every list in a folder that was not taken before, in the order of their names. Needs the lock.

    The files stay where they are. One that cannot be read keeps none of the others out.

    Raises:
        LakeError: an earlier list is damaged or gone.
    """
    known, taken, choices, faults = sources(lake), 0, 0, []
    files = sorted(path for path in folder.glob(READY) if path.is_file() and not path.is_symlink())
    new = {digest: path for path in files if (digest := file_sha256(path)) not in known}
    for digest, path in new.items():
        try:
            read = read_choices(path, agencies)
        except (LakeError, UnicodeDecodeError) as error:
            faults.append(str(error) if isinstance(error, LakeError) else f"{path.name}: it is not UTF-8")
            continue
        if read:
            record(lake, read, by, digest)
            taken, choices = taken + 1, choices + len(read)
    return Taken(taken, choices, len(files) - len(new), tuple(faults))
