"""What was told before: the true counts of every release, and what it told of them, kept in the lake for good.

`<lake>/disclosure/<number>_<release_id>/`: `true/<table>.parquet` and `told/<table>.parquet`, rows in one order, and
`release.json`. It is no zone: it holds counts that were withheld, and never leaves. Without it no release can be held
against those before it, so it is to be backed up with `keys/`. A release that is made again is held against those that
stood before it was first made, and so comes out the same.
"""

from __future__ import annotations

import json
from collections.abc import Container, Mapping, Sequence
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.lake import Lake, new_folder
from pipelines.publish.disclosure.control import EarlierRelease

FOLDER = "disclosure"


def earlier_releases(lake: Lake, release_id: str, left_out: Container[str] = ()) -> list[EarlierRelease]:
    """Every release that stood when this one was first made, oldest first.

    Args:
        lake: the lake.
        release_id: the release to be made, or made again.
        left_out: releases that were never let out.
    """
    folders = _folders(lake)
    own = next((folder for folder in folders if _id(folder) == release_id), None)
    if own is not None:
        named = set(json.loads((own / "release.json").read_text(encoding="utf-8"))["earlier_releases"])
        return [_read(folder) for folder in folders if _id(folder) in named]
    return [_read(folder) for folder in folders if _id(folder) not in left_out]


def remember(
    lake: Lake,
    release_id: str,
    as_of: date,
    earlier: Sequence[EarlierRelease],
    true: Mapping[str, pa.Table],
    told: Mapping[str, pa.Table],
) -> None:
    """Keep what a release is made of and tells, before it is let out; one that is made again is known already."""
    folders = _folders(lake)
    if any(_id(folder) == release_id for folder in folders):
        return
    number = 1 + max((int(folder.name.split("_")[0]) for folder in folders), default=0)
    with new_folder(lake.root / FOLDER / f"{number:06d}_{release_id}") as staged:
        for kind, tables in (("true", true), ("told", told)):
            (staged / kind).mkdir()
            for name, rows in tables.items():
                pq.write_table(rows, staged / kind / f"{name}.parquet", compression="zstd")
        document = {"as_of": as_of.isoformat(), "earlier_releases": [one.release_id for one in earlier]}
        (staged / "release.json").write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def _folders(lake: Lake) -> list[Path]:
    return sorted((lake.root / FOLDER).glob("[0-9]*_*"))


def _id(folder: Path) -> str:
    return folder.name.split("_", 1)[1]


def _read(folder: Path) -> EarlierRelease:
    document = json.loads((folder / "release.json").read_text(encoding="utf-8"))
    tables = {kind: {path.stem: pq.read_table(path).to_pylist() for path in sorted((folder / kind).iterdir())}
              for kind in ("true", "told")}  # fmt: skip
    return EarlierRelease(_id(folder), date.fromisoformat(document["as_of"]), tables["true"], tables["told"])
