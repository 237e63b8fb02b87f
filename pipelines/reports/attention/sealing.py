"""A provider's lists as one file, sealed with its public key; recorded before it is anywhere."""

from __future__ import annotations

import io
import tarfile
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from pipelines.audit import record_act
from pipelines.lake import Lake
from pipelines.products.encrypting import seal_stream
from pipelines.reports.attention.lists import lists_of
from pipelines.reports.site.frame import folder_of
from pipelines.spreadsheets import write_rows


@dataclass(frozen=True)
class SealedList:
    """A file that was written: counts, no client."""

    provider_id: str
    path: Path
    attention: int
    unlinked: int


def write_sealed_list(
    connection: duckdb.DuckDBPyConnection,
    lake: Lake,
    provider_id: str,
    quarter: str,
    public_key: str,
    to: Path,
    by: str,
) -> SealedList:
    """Write `<provider>_<quarter>.tar.age`; the provider opens it with `age -d -i KEY FILE | tar x`.

    Args:
        connection: of `lists.opened`.
        public_key: of the provider.
        to: the folder of the file.
        by: who has it made; recorded.
    """
    made = lists_of(connection, provider_id, quarter)
    path = to / f"{folder_of(provider_id)}_{quarter}.tar.age"
    counts = {"attention": made.attention.num_rows, "unlinked": made.unlinked.num_rows}
    record_act(lake, act="provider_clients_listed", by=by, subject=f"{provider_id} {quarter}", detail=counts)
    content = packed({"attention.csv": made.attention, "unlinked.csv": made.unlinked})
    seal_stream(io.BytesIO(content), public_key, path)
    return SealedList(provider_id, path, **counts)


def packed(tables: dict[str, pa.Table]) -> bytes:
    """Tables as CSV in a tar, without owners or times: the same rows give the same bytes."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, rows in tables.items():
            text = io.StringIO()
            write_rows(text, rows.column_names, (row.values() for row in rows.to_pylist()))
            data = text.getvalue().encode()
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(data), 0o600
            tar.addfile(member, io.BytesIO(data))
    return content.getvalue()
