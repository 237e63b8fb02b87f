"""What was told before: the true counts of every release, and what it told of them, kept in the lake for good.

`<lake>/disclosure/<number>_<release_id>/`: `true/<table>.parquet`, `told/<table>.parquet`, rows in one order; the same
in `anew/` of the rows that were told anew; and `release.json`. It is no zone: it holds counts that were withheld, and
never leaves. Without it no release can be held against those before it, so it is to be backed up with `keys/`. A
release that is made again is held against those that stood before it was first made, and so comes out the same.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.lake import Lake, new_folder
from pipelines.publish.disclosure.blocks import Unit, units_of
from pipelines.publish.disclosure.history import EarlierRelease, Rows, Said
from pipelines.publish.disclosure.model import Model, TableModel

FOLDER = "disclosure"
TRUE, TOLD, ANEW = KINDS = ("true", "told", "anew")


def earlier_releases(lake: Lake, release_id: str, model: Model, left_out: Container[str] = ()) -> list[EarlierRelease]:
    """Every release that stood when this one was first made, oldest first.

    The newest is read whole; of the others only what they told anew, and only where it is asked for.

    Args:
        lake: the lake.
        release_id: the release to be made, or made again.
        model: what the tables hold.
        left_out: releases that were never let out.
    """
    folders = _folders(lake)
    own = next((folder for folder in folders if _id(folder) == release_id), None)
    if own is not None:
        named = set(json.loads((own / "release.json").read_text(encoding="utf-8"))["earlier_releases"])
        folders = [folder for folder in folders if _id(folder) in named]
    else:
        folders = [folder for folder in folders if _id(folder) not in left_out]
    return [_remembered(folder, model, is_newest=folder == folders[-1]) for folder in folders]


def remember(
    lake: Lake,
    release_id: str,
    as_of: date,
    earlier: Sequence[EarlierRelease],
    true: Mapping[str, pa.Table],
    told: Mapping[str, pa.Table],
    model: Model,
    said: Said,
) -> None:
    """Keep what a release is made of and tells, before it is let out; one that is made again is known already."""
    folders = _folders(lake)
    if any(_id(folder) == release_id for folder in folders):
        return
    number = 1 + max((int(folder.name.split("_")[0]) for folder in folders), default=0)
    with new_folder(lake.root / FOLDER / f"{number:06d}_{release_id}") as staged:
        anew = {name: _anew(model, model.tables[name], rows, said.anew) for name, rows in true.items()}
        for kind, tables in ((TRUE, true), (TOLD, told)):
            _write(staged / kind, tables.items())
            _write(staged / ANEW / kind, ((name, rows.filter(anew[name])) for name, rows in tables.items()))
        document = {
            "as_of": as_of.isoformat(),
            "earlier_releases": [one.release_id for one in earlier],
            "said": _as_json(said),
        }
        (staged / "release.json").write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def _folders(lake: Lake) -> list[Path]:
    return sorted((lake.root / FOLDER).glob("[0-9]*_*"))


def _id(folder: Path) -> str:
    return folder.name.split("_", 1)[1]


def _anew(model: Model, table: TableModel, rows: pa.Table, units: frozenset[Unit]) -> pa.Array:
    """Of each row, whether its unit was told anew."""
    found = units_of(model, table, rows.select([*table.blocks]).to_pylist() if table.blocks else [{}] * rows.num_rows)
    return pa.array([one in units for one in found], pa.bool_())


def _write(folder: Path, tables: Iterable[tuple[str, pa.Table]]) -> None:
    """Write tables that have rows."""
    folder.mkdir(parents=True)
    for name, rows in tables:
        if rows.num_rows:
            pq.write_table(rows, folder / f"{name}.parquet", compression="zstd")


def _as_json(said: Said) -> dict[str, Any]:
    return {
        "anew": _listed(said.anew),
        "held_back": _listed(said.held_back),
        "waiting": _listed(said.waiting),
        "methods": dict(said.methods),
        "rules_sha256": said.rules_sha256,
        "given_away": sorted(said.given_away),
    }


def _listed(units: Iterable[Unit]) -> list[list[str | None]]:
    return [list(unit) for unit in sorted(units, key=lambda unit: tuple(part or "" for part in unit))]


def _units(listed: Iterable[Sequence[str | None]]) -> frozenset[Unit]:
    return frozenset((table or "", family, part) for table, family, part in listed)


def _remembered(folder: Path, model: Model, *, is_newest: bool) -> EarlierRelease:
    document = json.loads((folder / "release.json").read_text(encoding="utf-8"))
    said = _said(document["said"]) if "said" in document else None
    place = folder if is_newest or said is None else folder / ANEW
    true, told = (Tables(place / kind, model) for kind in (TRUE, TOLD))
    return EarlierRelease(_id(folder), date.fromisoformat(document["as_of"]), true, told, said)


def _said(document: Mapping[str, Any]) -> Said:
    return Said(
        anew=_units(document["anew"]),
        held_back=_units(document["held_back"]),
        waiting=_units(document["waiting"]),
        methods=document["methods"],
        rules_sha256=document["rules_sha256"],
        given_away=frozenset(document["given_away"]),
    )


class Tables(Mapping[str, Rows]):
    """The tables of a remembered release, each read when it is asked for."""

    def __init__(self, folder: Path, model: Model) -> None:
        self._paths = {name: path for name in model.tables if (path := folder / f"{name}.parquet").exists()}
        self._read: dict[str, Rows] = {}

    def __getitem__(self, name: str) -> Rows:
        if name not in self._read:
            self._read[name] = pq.read_table(self._paths[name]).to_pylist()
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)
