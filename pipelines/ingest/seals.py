"""Sums of the tables of text in a delivery's folder, as `tables.sha256` (`sha256sum -c` reads it).

A bit that flips on the disk stops the run that would read it. Tables that were read before sums were kept have none.
"""

from __future__ import annotations

from pathlib import Path

from pipelines.errors import LakeError
from pipelines.ingest.delivery import UNREADABLE
from pipelines.lake import file_sha256, replacing

FILE = "tables.sha256"


def seal(folder: Path) -> None:
    """Note the sums of the tables as they stand now."""
    tables = sorted([*folder.glob("*.parquet"), *(folder / UNREADABLE).glob("*.parquet")])
    with replacing(folder / FILE) as staged:
        staged.write_text("".join(f"{file_sha256(path)}  {path.relative_to(folder)}\n" for path in tables))


def unseal(folder: Path) -> None:
    """Forget the sums, before a table changes on purpose: whoever is killed in between leaves no false ones."""
    (folder / FILE).unlink(missing_ok=True)


def is_sealed(folder: Path) -> bool:
    """Whether there are sums to hold the tables against."""
    return (folder / FILE).exists()


def prove_whole(folder: Path, table: str) -> None:
    """Raise LakeError if a table of text, or its lines that could not be read, are not as they were written."""
    if not is_sealed(folder):
        return
    lines = (line.split("  ", 1) for line in (folder / FILE).read_text().splitlines())
    known = {name: sha256 for sha256, name in lines}
    for name in (f"{table}.parquet", f"{UNREADABLE}/{table}.parquet"):
        path = folder / name
        if (file_sha256(path) if path.exists() else None) != known.get(name):
            raise damaged(path, folder)


def damaged(path: Path, folder: Path) -> LakeError:
    """What is said of a table that is not as it was written: where it lies, never what stands in it."""
    return LakeError(
        f"raw/{folder.parent.name}/{folder.name}/{path.relative_to(folder)} is not as it was written; restore it from "
        "the backup (countylink restore), or have the agency send that day again"
    )
