"""The proof: values that only the deleted clients had, looked for in every byte that the lake still holds.

A value counts if it stood in one of their rows, in a column that identifies somebody, and in no row of anybody else:
first names and birth dates are shared, and finding one proves nothing. Values live in memory alone; what is told is how
many were looked for, where, and that none was found.
"""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipelines.deletion.clients import Client
from pipelines.deletion.pending import pending_path
from pipelines.ingest import deliveries
from pipelines.lake import Lake
from schemas.data_contract import Column, DataContract, DataContracts

SHORTEST = 5
"""Characters: shorter values are in any file by chance."""

TELLING_ROLES = ("client_id", "first_name", "middle_name", "last_name", "full_name", "ssn", "phone", "address_line")
"""Roles whose values can be one person's own."""

FEW_DIGITS = 10
"""Fewer digits than these turn up in longer numbers by chance: a time such as 1795378292.2975969 ends in seven that are
new each time, and one of ten thousand lakes would hold a seven-digit id that way."""

LONG_RUNS = ((re.compile(rb"[0-9]*"), 15), (re.compile(rb"[0-9a-fA-F]*"), 32))
"""Runs of characters that no id of an agency makes: keys of 64 bits and times in microseconds; digests and UUIDs."""

FRACTION = re.compile(rb"\d\.\d*\Z")
"""What stands before a match that is in the fraction of a number."""

NOT_SEARCHED = ("audit",)
"""Who looked at whom is kept, as accounts of disclosures must be (45 CFR 164.528)."""


@dataclass(frozen=True)
class Search:
    """What was looked for and found; counts, and names of files."""

    values: int
    files: int
    bytes: int
    found_in: tuple[str, ...]


def own_values(lake: Lake, contracts: DataContracts, clients: Sequence[Client]) -> frozenset[str]:
    """Values that stand in rows of the clients, in telling columns, and in nobody else's."""
    own: set[str] = set()
    others: set[str] = set()
    for contract, rows in _telling_rows(lake, contracts):
        wanted = [client_id for agency, client_id in clients if agency == contract.agency]
        is_own = rows["client_id"].is_in(wanted)
        own |= _values(rows.filter(is_own))
        others |= _values(rows.filter(~is_own))
    return frozenset(own - others)


def search(lake: Lake, values: frozenset[str]) -> Search:
    """Look for values, whatever their case and with or without punctuation, in every file of a lake.

    The file of the deletion under way is left out: it is what says which values to look for.
    """
    needles = sorted({form for value in values for form in _forms(value)})
    files = [path for path in _files(lake) if path.stat().st_size]
    found = tuple(path.relative_to(lake.root).as_posix() for path in files if needles and _holds(path, needles))
    return Search(len(values), len(files), sum(path.stat().st_size for path in files), found)


def _telling_rows(lake: Lake, contracts: DataContracts) -> Iterator[tuple[DataContract, pl.DataFrame]]:
    """Rows that name a client, with their telling columns."""
    for delivery in deliveries(lake):
        for contract in contracts.of(delivery.agency):
            path, role = delivery.folder(lake) / f"{contract.table}.parquet", contract.with_role("client_id")
            if role is None or not path.exists():
                continue
            header = {name.casefold(): name for name in pl.read_parquet_schema(path)}
            columns = [name for column in contract.columns if _tells(column) for name in _named(column, header)]
            client = _named(role, header)
            if client:
                rows = pl.read_parquet(path, columns=sorted({*columns, *client}))
                yield contract, rows.with_columns(pl.col(client[0]).str.strip_chars().alias("client_id"))


def _tells(column: Column) -> bool:
    return column.linkage_role in TELLING_ROLES or column.key


def _named(column: Column, header: dict[str, str]) -> list[str]:
    return [header[one.casefold()] for one in (column.name, *column.aliases) if one.casefold() in header][:1]


def _values(rows: pl.DataFrame) -> set[str]:
    texts = {text.strip().casefold() for name in rows.columns for text in rows[name].drop_nulls().unique()}
    return {text for text in texts if len(text) >= SHORTEST}


def _forms(value: str) -> set[str]:
    """As it was sent, and as numbers are kept."""
    digits = "".join(one for one in value if one.isdigit())
    is_number = len(digits) >= SHORTEST + 2 and not any(one.isalpha() for one in value)
    return {value, digits} if is_number else {value}


def _files(lake: Lake) -> list[Path]:
    return sorted(
        path
        for path in lake.root.rglob("*")
        if path.is_file()
        and not path.is_symlink()
        and path.relative_to(lake.root).parts[0] not in NOT_SEARCHED
        and path != pending_path(lake)
    )


def _holds(path: Path, needles: Sequence[str]) -> bool:
    """Whether a file holds one of the values: in its bytes, and of Parquet in its cells, which are compressed."""
    anywhere = re.compile(b"|".join(re.escape(needle.encode()) for needle in needles), re.IGNORECASE)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if any(not _is_by_chance(content, match) for match in anywhere.finditer(content)):
            return True
    return path.suffix == ".parquet" and any(_holds_cell(rows, needles) for rows in _batches(path))


def _is_by_chance(content: bytes | mmap.mmap, match: re.Match[bytes]) -> bool:
    """Whether a few digits are a part of a longer number or of a digest, and so nobody's."""
    start, end = match.span()
    if not match.group().isdigit() or end - start >= FEW_DIGITS:
        return False
    reach = max(length for _, length in LONG_RUNS)
    before, after = content[max(0, start - reach) : start], content[end : end + reach]
    return bool(FRACTION.search(before)) or any(
        _leading(run, before[::-1]) + end - start + _leading(run, after) >= length for run, length in LONG_RUNS
    )


def _leading(run: re.Pattern[bytes], text: bytes) -> int:
    found = run.match(text)
    return found.end() if found else 0


def _batches(path: Path) -> Iterator[pa.RecordBatch]:
    with pq.ParquetFile(path) as file:
        yield from file.iter_batches()


def _holds_cell(rows: pa.RecordBatch, needles: Sequence[str]) -> bool:
    pattern = pa.array(needles)
    for column in rows.columns:
        if pa.types.is_nested(column.type):
            column = column.flatten()
        if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type) or _is_view(column.type)):
            continue
        texts = pc.unique(pc.utf8_lower(column.cast(pa.large_string())))
        if pc.any(pc.is_in(texts, value_set=pattern.cast(pa.large_string()))).as_py():
            return True
    return False


def _is_view(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string_view(kind))
