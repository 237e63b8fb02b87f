"""Releases that hold a deleted person are taken back and erased: their catalogue entry stays as the tombstone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq

from pipelines.lake import Lake
from pipelines.publish.folders import product_folder
from pipelines.publish.standing import adopt, withdraw

KEY_COLUMN = "person_key"

WHY = "a client was deleted"


def keys_in(folder: Path) -> set[str]:
    """Every person key in the tables of a release or product."""
    paths = [path for path in folder.glob("*.parquet") if KEY_COLUMN in pq.read_schema(path).names]
    return {key for path in paths for key in pq.read_table(path, columns=[KEY_COLUMN])[KEY_COLUMN].to_pylist() if key}


def releases_of(lake: Lake) -> Iterator[Path]:
    """Releases that can be read, and those that were withdrawn and are kept as evidence."""
    adopt(lake)  # a release that is older than the catalogue can be withdrawn as well
    for name in ("releases", "withdrawn"):
        yield from sorted(path for path in (product_folder(lake) / name).glob("[!.]*") if path.is_dir())


def withdraw_release(lake: Lake, release_id: str) -> None:
    """Take a release back and erase it; `latest` moves first, so that no reader is sent to what is gone."""
    withdraw(lake, release_id, "deletion", WHY, erase=True)
