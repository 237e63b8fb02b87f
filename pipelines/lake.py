"""Where tables live, and how a table becomes current.

The lake is a folder of zones; a zone holds Parquet tables. A zone is named after the stage that writes it. Belongs
here: names, paths, atomic writes. Does not belong here: what is in a table.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.errors import LakeError

ZONES = (
    "raw",
    "validated",
    "quarantine",
    "standard",
    "linked",
    "person_index",
    "episodes",
    "outcomes",
    "contracts",
    "published",
)
"""Every zone, in the order data reaches it."""

IDENTIFIED_ZONES = ("raw", "quarantine", "validated", "standard", "linked", "person_index")
"""The only zones in which names, birth dates, SSNs and addresses may stand."""

IDENTIFIED_FOLDERS = (*IDENTIFIED_ZONES, "decisions", "review", "audit")
"""The identified zones, and what people leave beside them: decisions with their reasons, keys of review samples, who
looked and who changed. No run clears the latter."""

PAST_DAYS = "past_days"
"""Folder of releases of past days, computed again beside the lake; a deletion clears it, for it can be made anew."""

PRIVATE_FILE_MASK = 0o077
"""No file that we make is readable by anyone but its owner."""


@dataclass(frozen=True)
class Lake:
    """A folder of zones of Parquet tables.

    Tables of the derived zones are single files, `<zone>/<table>.parquet`, replaced whole. `raw`, `validated` and
    `quarantine` hold a folder per delivery, `<zone>/<agency>/<delivery_id>/<table>.parquet`, written once.
    """

    root: Path

    def zone(self, name: str) -> Path:
        """The folder of a zone."""
        if name not in ZONES:
            raise LakeError(f"there is no zone called {name!r}; the zones are {', '.join(ZONES)}")
        return self.root / name

    def path(self, zone: str, table: str) -> Path:
        """Where a derived table lives, whether or not it is there yet."""
        return self.zone(zone) / f"{table}.parquet"

    def has(self, zone: str, table: str) -> bool:
        """Whether a derived table has been written."""
        return self.path(zone, table).exists()

    @property
    def spill(self) -> Path:
        """Where DuckDB may put what does not fit in memory: inside the lake, so on the same protected volume."""
        return self.root / "spill"

    def write(self, zone: str, table: str, relation: duckdb.DuckDBPyRelation) -> int:
        """Replace a derived table by the rows of a relation, in the relation's order; returns the row count."""
        target = self.path(zone, table)
        with replacing(target) as staged:
            as_texts(relation).write_parquet(str(staged), compression="zstd")
        return int(pq.read_metadata(target).num_rows)

    def write_arrow(self, zone: str, table: str, rows: pa.Table) -> int:
        """Replace a derived table by an Arrow table; returns the row count."""
        with replacing(self.path(zone, table)) as staged:
            pq.write_table(rows, staged, compression="zstd")
        return int(rows.num_rows)


def as_texts(relation: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
    """The rows with enumerations as plain texts, which is how DuckDB must be given them to write Parquet.

    DuckDB 2.0.0 keeps one list of the values seen for all row groups, which its threads change at once. Now and then a
    mark is lost, and every row of a row group with that value reads as an empty text: once in some forty writes of
    twelve million rows on two threads.
    """
    listed = [name for name, kind in zip(relation.columns, relation.types, strict=True) if kind.id == "enum"]
    if not listed:
        return relation
    quoted = ['"' + name.replace('"', '""') + '"' for name in listed]
    return relation.project(f"* replace ({', '.join(f'{name}::varchar as {name}' for name in quoted)})")


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """Give a path beside `target` to write to; when the block ends well it takes the target's place, durably.

    If the block raises, the target stays as it was and the half-written file is removed.
    """
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    staged = target.with_name(f".{target.name}.{os.getpid()}.staged")
    try:
        with told_if_full(target.name):
            yield staged
            fsync(staged)
            staged.replace(target)
            fsync(target.parent)
    finally:
        staged.unlink(missing_ok=True)


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """Give a folder beside `target` to fill; when the block ends well it becomes `target`, whole and durably.

    `target` must not exist. If the block raises, nothing of it remains.
    """
    if target.exists():
        raise LakeError(f"{target.name} is already there, and what is written once is never written again")
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    staged = target.with_name(f".{target.name}.{os.getpid()}.staged")
    shutil.rmtree(staged, ignore_errors=True)
    try:
        with told_if_full(target.name):
            staged.mkdir(mode=0o700)
            yield staged
            for file in sorted(path for path in staged.rglob("*") if path.is_file()):
                fsync(file)
            for folder in sorted((path for path in staged.rglob("*") if path.is_dir()), reverse=True):
                fsync(folder)
            fsync(staged)
            staged.rename(target)
            fsync(target.parent)
    finally:
        shutil.rmtree(staged, ignore_errors=True)


FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
FULL_TEXTS = tuple(os.strerror(number) for number in FULL)
"""How the system says that a file cannot grow; DuckDB and Arrow hand its words on inside their own."""


@contextmanager
def told_if_full(what: str) -> Iterator[None]:
    """Say plainly that a disk is full; every other error goes on as it is.

    Raises:
        LakeError: what was to be written did not fit; it is as it was before.
    """
    try:
        yield
    except (OSError, duckdb.Error, pa.ArrowException) as error:
        if getattr(error, "errno", None) in FULL or any(text in str(error) for text in FULL_TEXTS):
            raise LakeError(
                f"the disk of the lake is full: {what} was not written, and what was there before is untouched. Make "
                "room (docs/runbook.md#the-disk-is-full), then run again"
            ) from None
        raise


def fsync(path: Path) -> None:
    """Ask the operating system to make a file or folder durable; no Parquet writer does it by itself."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def refuse_open_folders(root: Path) -> None:
    """Refuse a lake that others than its owner can look into; whoever copied or unpacked it may have left it so.

    Raises:
        LakeError: the lake's folder, or one directly in it, lets group or others in; the text says how to close it.
    """
    if not root.is_dir():
        return
    folders = [root, *(path for path in sorted(root.iterdir()) if path.is_dir())]
    if found := [path.relative_to(root.parent) for path in folders if path.stat().st_mode & PRIVATE_FILE_MASK]:
        raise LakeError(
            f"others than their owner can look into {', '.join(map(str, found[:5]))}, and a lake holds names and "
            f"records of people; run chmod -R go= {root.name} in its parent folder, then run again"
        )


def guard_privacy() -> None:
    """Make every file that this process creates private to its owner."""
    os.umask(PRIVATE_FILE_MASK)
