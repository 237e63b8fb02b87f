"""The vault: a random id for every person, known to nobody outside the lake's `keys/`.

What leaves is a keyed hash of the vault id, so that not even a stolen recipient's key leads back to our person ids,
which are numbers in a row and could be counted through. A person keeps its vault id for as long as it has its person
id; `keys/person_vault.parquet` must be backed up with the keys.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.errors import LakeError
from pipelines.lake import Lake, replacing

VAULT_BYTES = 16
"""128 random bits: no two of 40 million persons are expected to get the same."""

SCHEMA = pa.schema([pa.field("person_id", pa.int64(), nullable=False), pa.field("vault_id", pa.binary(VAULT_BYTES))])


def vault_path(lake: Lake) -> Path:
    """Where the vault lies."""
    return lake.root / "keys" / "person_vault.parquet"


def vault_ids(lake: Lake, person_ids: Iterable[int]) -> Mapping[int, bytes]:
    """The vault id of each person; one is drawn, and kept before it is used, for whoever has none. Needs the lock.

    Raises:
        LakeError: the vault cannot be read; a new one would give every person a new name.
    """
    known = _read(lake)
    new = sorted(set(person_ids) - known.keys())
    if new:
        known |= {person_id: secrets.token_bytes(VAULT_BYTES) for person_id in new}
        _write(lake, known)
    return known


def forget(lake: Lake, person_ids: Iterable[int]) -> int:
    """Take persons out of the vault, so that no key leads to them any more; returns how many there were."""
    known = _read(lake)
    gone = known.keys() & set(person_ids)
    if gone:
        _write(lake, {person_id: vault_id for person_id, vault_id in known.items() if person_id not in gone})
    return len(gone)


def _read(lake: Lake) -> dict[int, bytes]:
    path = vault_path(lake)
    if not path.exists():
        if any((lake.root / "products").glob("*/builds/*/manifest.json")):
            raise LakeError(f"keys/{path.name} is gone but products were made with it; restore it from the backup")
        return {}
    try:
        rows = pq.read_table(path, schema=SCHEMA)
    except (OSError, pa.ArrowException):
        raise LakeError(f"keys/{path.name} cannot be read; restore it from the backup") from None
    return dict(zip(rows["person_id"].to_pylist(), rows["vault_id"].to_pylist(), strict=True))


def _write(lake: Lake, ids: Mapping[int, bytes]) -> None:
    rows = pa.table({"person_id": list(ids), "vault_id": list(ids.values())}, schema=SCHEMA)
    with replacing(vault_path(lake)) as staged:
        staged.touch(mode=0o600)
        pq.write_table(rows, staged, compression="zstd")
