"""Measures that are asked for and cannot be had from these extracts: said out loud instead of made up.

One YAML file each under `measures/unavailable/`. A measure leaves this list only when an agency sends what it lacks.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pyarrow as pa

from pipelines.errors import ContractError
from pipelines.outcomes.definitions import DEFINITIONS
from schemas.yaml_documents import read_yaml

FOLDER = "unavailable"

FIELDS = ("id", "title", "text", "needs", "source")
"""`needs`: what an agency would have to send."""

SCHEMA = pa.schema([("measure_id", pa.string()), *((name, pa.string()) for name in FIELDS[1:])])
"""Columns of `outcomes/unavailable_measures`. Grain: measure that cannot be computed."""


def load_unavailable(folder: Path = DEFINITIONS, known: Collection[str] = ()) -> list[dict[str, str]]:
    """Every declared gap, by id; raises ContractError with file, field and mend."""
    return [_read(path, known) for path in sorted((folder / FOLDER).glob("*.yaml"))]


def _read(path: Path, known: Collection[str]) -> dict[str, str]:
    document = read_yaml(path.read_text(encoding="utf-8"))
    for field in FIELDS:
        if not document.get(field):
            raise ContractError(f"{path}: {field}: the field is missing; add it")
    if document.keys() - set(FIELDS):
        raise ContractError(f"{path}: {', '.join(sorted(document.keys() - set(FIELDS)))}: no such field; take it out")
    if document["id"] in known:
        raise ContractError(f"{path}: id: {document['id']} is computed; take one of the two out")
    return {field: str(document[field]).strip() for field in FIELDS}


def unavailable_rows(folder: Path, known: Collection[str]) -> pa.Table:
    """The gaps as a table, so that a release's reader meets them beside the measures."""
    rows = [{"measure_id": entry["id"]} | entry for entry in load_unavailable(folder, known)]
    return pa.Table.from_pylist(rows, schema=SCHEMA)
