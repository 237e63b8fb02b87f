"""Whether a release is what its manifest says: every byte, every row count, every contract."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines import sql
from pipelines.errors import ReleaseError
from pipelines.lake import file_sha256
from pipelines.publish.manifest import MANIFEST, SUMS, files_of, sums
from pipelines.publish.published_contracts import PublishedTable, load_published_contracts

WITHOUT_SUMS = "countylink-release-1"
"""Releases of this format have no `SHA256SUMS`; their manifest vouches for every file but itself."""


@dataclass(frozen=True)
class Verification:
    """What was looked at, and every fault that was found; a release without faults is whole."""

    release_id: str
    files: int
    rows: int
    faults: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """Whether nothing was found."""
        return not self.faults


def verify_release(release: Path) -> Verification:
    """Hold a release against its manifest and the published contracts.

    Raises:
        ReleaseError: there is no readable manifest, so nothing can be said of the release.
    """
    told = read_manifest(release)
    faults = [*_file_faults(release, told), *_sum_faults(release, told), *_name_faults(release, told)]
    if not faults:
        faults = [*_table_faults(release, told, load_published_contracts())]
    return Verification(told["release_id"], len(told["files"]), sum(told["rows"].values()), tuple(faults))


def read_manifest(release: Path) -> dict[str, Any]:
    """The manifest of a release."""
    try:
        document: dict[str, Any] = json.loads((release / MANIFEST).read_text(encoding="utf-8"))
        if not {"format", "release_id", "rows", "files", "inputs"} <= document.keys():
            raise ValueError
    except (OSError, ValueError, AttributeError):
        raise ReleaseError(f"{release.name} has no readable {MANIFEST}: it is not a release, or is damaged") from None
    return document


def _name_faults(release: Path, told: Mapping[str, Any]) -> Iterator[str]:
    if release.resolve().name != told["release_id"]:
        yield f"the folder is not called {told['release_id']}"


def _file_faults(release: Path, told: Mapping[str, Any]) -> Iterator[str]:
    there = set(files_of(release))
    for name in sorted(there - set(told["files"])):
        yield f"{name}: not in the manifest"
    for name, facts in sorted(told["files"].items()):
        if name not in there:
            yield f"{name}: missing"
        elif (release / name).is_symlink() or file_sha256(release / name) != facts["sha256"]:
            yield f"{name}: its bytes are not those that were published"


def _sum_faults(release: Path, told: Mapping[str, Any]) -> Iterator[str]:
    hashes = {name: facts["sha256"] for name, facts in told["files"].items()}
    path = release / SUMS
    if told["format"] == WITHOUT_SUMS and not path.exists():
        return
    if not path.is_file() or path.read_bytes() != sums(release, hashes).encode():
        yield f"{SUMS} does not agree with {MANIFEST}: one of the two was changed"


def _table_faults(release: Path, told: Mapping[str, Any], contracts: Mapping[str, PublishedTable]) -> Iterator[str]:
    if set(told["rows"]) != set(contracts):
        yield "the tables are not those of the published contracts"
        return
    for name, contract in contracts.items():
        file, rows = f"{name}.parquet", told["rows"][name]
        if not was_found_whole(told["files"][file]["sha256"], contract, rows):
            yield from table_faults(release / file, contract, rows)


_FOUND_WHOLE: set[tuple[str, PublishedTable, int]] = set()


def found_whole(sha256: str, contract: PublishedTable, rows: int) -> None:
    """Note, while this process lasts, that a file of these bytes was held against its contract and has no fault.

    The tables of a release are held against their contracts before it is sealed. Who verifies it in the same process,
    as a night does, reads and hashes every byte again, but need not ask the same of the same bytes.
    """
    _FOUND_WHOLE.add((sha256, contract, rows))


def was_found_whole(sha256: str, contract: PublishedTable, rows: int) -> bool:
    """Whether this process held a file of these bytes against this contract, and found no fault."""
    return (sha256, contract, rows) in _FOUND_WHOLE


def table_faults(path: Path, contract: PublishedTable, rows_expected: int) -> Iterator[str]:
    """Every way in which a written table differs from its contract, or from the rows that were meant to be in it.

    Read row group by row group, so that a table of many persons takes no more memory than one of few.
    """
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            rows, groups = file.metadata.num_rows, file.num_row_groups
            pieces = (file.read_row_group(group) for group in range(groups)) if groups else [file.read()]
            found = list(contract.faults(pieces))
            if not found and _repeats(file, path, contract):
                found = [f"{contract.name}: two rows share their {', '.join(contract.primary_key)}"]
    except (OSError, pa.ArrowException):
        yield f"{contract.name}: cannot be read"
        return
    if rows != rows_expected:
        yield f"{contract.name}: {rows} rows where {rows_expected} were meant"
    yield from found


def _repeats(file: pq.ParquetFile, path: Path, contract: PublishedTable) -> bool:
    """Whether two rows share their key; of several row groups DuckDB is asked, which holds the keys alone."""
    if file.num_row_groups <= 1 or not contract.primary_key:
        return contract.repeats(file.read(columns=list(contract.primary_key)))
    keys = ", ".join(f'"{name}"' for name in contract.primary_key)
    query = f"select 1 from read_parquet({sql.literal(str(path))}) group by {keys} having count(*) > 1 limit 1"
    with sql.connect(places=[path.parent]) as connection:
        return bool(connection.execute(query).fetchall())
