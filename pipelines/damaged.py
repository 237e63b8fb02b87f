"""Tables of a lake that are cut off or emptied: which, and how each is mended. Names files of ours, never a value.

Belongs here: looking at the two ends of a file, which costs next to nothing. What is flipped inside is found by its
SHA-256 (`raw/`, releases, backups) or by the checksum of its page when it is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

MAGIC = b"PAR1"
"""The first and the last four bytes of every Parquet file."""

FEWEST_BYTES = 12
"""Both ends, and the length of the footer between them."""

NOT_LOOKED_AT = ("spill", "dagster", "published")
"""Left by a run for nobody; Dagster's own; releases, which `countylink verify` checks to the byte."""

MADE_ANEW = ("standard", "linked", "episodes", "outcomes", "contracts")
"""Zones whose tables every run writes again out of what stands before them."""

FROM_THE_BACKUP = "restore it from the newest backup"


def is_whole(path: Path) -> bool:
    """Whether a Parquet file is there with both its ends."""
    try:
        with path.open("rb") as file:
            first, length = file.read(len(MAGIC)), file.seek(0, 2)
            file.seek(max(0, length - len(MAGIC)))
            return length >= FEWEST_BYTES and first == MAGIC and file.read() == MAGIC
    except FileNotFoundError:
        return False


def damaged_tables(root: Path) -> Iterator[tuple[str, str]]:
    """Name below the lake and mend of every Parquet file that is not whole."""
    for path in sorted(root.rglob("*.parquet")):
        name = path.relative_to(root)
        is_staged = any(part.startswith(".") for part in name.parts)
        if name.parts[0] not in NOT_LOOKED_AT and not is_staged and not is_whole(path):
            yield str(name), mend_of_table(name)


def mend_of_table(name: Path) -> str:
    """What to do about a table that is gone or damaged, by its name below the lake."""
    zone = name.parts[0]
    if zone == "validated":
        return f"remove {name.parent}, and run again: the delivery is validated anew out of raw"
    if zone in MADE_ANEW and "model" not in name.parts and "releases" not in name.parts:
        return "run again: every run makes it anew"
    return FROM_THE_BACKUP
