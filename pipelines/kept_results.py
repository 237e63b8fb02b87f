"""Results of pure functions that one run leaves for the next, each under the hash of all that it was made from.

A result is found only where every input is the same to the bit, so it cannot be stale. What nobody asked for in a run
is not kept by it, so a file holds what one run needs and no more. It says by which code and versions of libraries it
was made: with any other it is passed over, and so is one that cannot be read. It may be deleted at any time: then
everything is made anew and comes out the same. Deleting a client clears the zone that it lies in.

Nobody is in it: keys are hashes, values are figures or places within a list.
"""

from __future__ import annotations

import hashlib
import math
import struct
from functools import cache
from importlib import metadata
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.code_version import code_sha256
from pipelines.lake import Lake, replacing

FOLDER = "kept"
"""Beside the tables of a zone."""

LIBRARIES = ("numpy", "scipy", "duckdb")
"""Whose versions may change the last digit of a result."""

MADE_BY = b"made_by"

SCHEMA = pa.schema([("input_hash", pa.binary()), ("result", pa.binary())])

KEY_BYTES = 20
"""160 bits: among a thousand million results no two are expected to share a key."""


class KeptResults:
    """The results of one function. Not for several processes at once: the caller holds the lake's lock."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._before = _read(path)
        self._used: dict[bytes, bytes] = {}

    @classmethod
    def of(cls, lake: Lake, zone: str, name: str) -> KeptResults:
        """Those of a function whose results go into a zone."""
        return cls(lake.zone(zone) / FOLDER / f"{name}.parquet")

    def find(self, key: bytes) -> bytes | None:
        """What the function gave for these inputs, in this run or the last."""
        found = self._used.get(key) or self._before.get(key)
        if found is not None:
            self._used[key] = found
        return found

    def add(self, key: bytes, result: bytes) -> None:
        """Keep a result, which is not empty."""
        self._used[key] = result

    def keep(self) -> None:
        """Leave what was found or added for the next run; the file is whole or as it was."""
        if self._used.keys() == self._before.keys():
            return
        rows = sorted(self._used.items())
        table = pa.table([[key for key, _ in rows], [result for _, result in rows]], schema=SCHEMA)
        with replacing(self._path) as staged:
            told = table.replace_schema_metadata({MADE_BY: made_by()})
            pq.write_table(told, staged, write_page_checksum=True, write_statistics=False)


def _read(path: Path) -> dict[bytes, bytes]:
    if not path.exists():
        return {}
    try:
        table = pq.read_table(path, page_checksum_verification=True)
    except (OSError, pa.ArrowException):
        return {}  # damaged: made anew, as if it had been deleted
    if (table.schema.metadata or {}).get(MADE_BY) != made_by():
        return {}
    return dict(zip(table["input_hash"].to_pylist(), table["result"].to_pylist(), strict=True))


@cache
def made_by() -> bytes:
    """Code and libraries that results rest on besides their inputs."""
    versions = " ".join(f"{name} {metadata.version(name)}" for name in LIBRARIES)
    return f"{code_sha256()} {versions}".encode()


def key_of(*inputs: bytes) -> bytes:
    """The hash of some inputs; where one ends and the next begins takes part."""
    digest = hashlib.blake2b(digest_size=KEY_BYTES)
    for one in inputs:
        digest.update(len(one).to_bytes(8, "little"))
        digest.update(one)
    return digest.digest()


def figures_bytes(*values: float | None) -> bytes:
    """Figures as a result that is kept; none of them is a NaN, which stands for None."""
    return struct.pack(f"<{len(values)}d", *(math.nan if value is None else value for value in values))


def figures(result: bytes) -> list[float | None]:
    """The figures of a kept result."""
    values = struct.unpack(f"<{len(result) // 8}d", result)
    return [None if math.isnan(value) else value for value in values]
