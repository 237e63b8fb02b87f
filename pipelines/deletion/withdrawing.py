"""Releases that hold a deleted person are taken back: what is left is a tombstone that says so."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq

from pipelines.lake import Lake, fsync, replacing
from pipelines.publish.latest import latest_release, product_folder, release_folder

KEY_COLUMN = "person_key"


def keys_in(folder: Path) -> set[str]:
    """Every person key in the tables of a release or product."""
    paths = [path for path in folder.glob("*.parquet") if KEY_COLUMN in pq.read_schema(path).names]
    return {key for path in paths for key in pq.read_table(path, columns=[KEY_COLUMN])[KEY_COLUMN].to_pylist() if key}


def withdraw_release(lake: Lake, release_id: str) -> None:
    """Remove a release; `latest` goes first if it points there, so that no reader is sent to what is gone."""
    folder, current = release_folder(lake, release_id), latest_release(lake)
    if current is not None and current.name == release_id:
        (product_folder(lake) / "latest").unlink()
        fsync(product_folder(lake))
    with replacing(folder.with_name(f".{release_id}.withdrawn.json")) as staged:
        staged.write_text(
            json.dumps({"release_id": release_id, "reason_code": "a_client_was_deleted"}) + "\n", encoding="utf-8"
        )
    shutil.rmtree(folder)
