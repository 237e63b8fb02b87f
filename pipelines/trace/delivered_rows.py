"""Where a row stands among the deliveries: its file and line, and where it stood when a release was made."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipelines.lake import Lake
from schemas.data_contract import DataContracts

Rows = list[dict[str, Any]]


def as_of_then(lake: Lake, found: Rows, contracts: DataContracts, deliveries: Collection[str]) -> None:
    """Put `file_name` and `is_later` into each row; a row whose delivery came after the release gets the delivery,
    file and line in which the same record stood then. Only where there was none does it stay, marked as later.
    """
    for row in found:
        row["is_later"] = row["delivery_id"] not in deliveries
    for (agency, table), rows in _grouped([row for row in found if row["is_later"]], "agency", "source_table"):
        contract = contracts.get(agency, table)
        if contract is not None and len(contract.business_key) == 1:
            _put_back(lake, rows, contract.business_key[0], deliveries)
    for (agency, table, delivery_id), rows in _grouped(found, "agency", "source_table", "delivery_id"):
        _name_files(_path(lake, agency, delivery_id, table), rows)


def _put_back(lake: Lake, rows: Rows, key: str, deliveries: Collection[str]) -> None:
    """The newest delivery of then comes first: what it holds of a record stood in force."""
    agency, table = rows[0]["agency"], rows[0]["source_table"]
    left = {row["source_key"]: row for row in rows}
    for delivery_id in sorted((one for one in deliveries if one.startswith(f"{agency}_")), reverse=True):
        path = _path(lake, agency, delivery_id, table)
        if not left or not path.exists():
            continue
        table_rows = pq.read_table(path, columns=[key, "_line_number"])
        keys = pc.cast(table_rows[key], pa.string())
        among = pc.is_in(keys, value_set=pa.array(sorted(left)))
        lines = table_rows.filter(among)["_line_number"].to_pylist()
        for source_key, line in zip(keys.filter(among).to_pylist(), lines, strict=True):
            if source_key in left:
                left.pop(source_key).update(delivery_id=delivery_id, line_number=line, is_later=False)


def _name_files(path: Path, rows: Rows) -> None:
    names: dict[int, str] = {}
    if path.exists():
        wanted = [("_line_number", "in", {row["line_number"] for row in rows})]
        table = pq.read_table(path, columns=["_line_number", "_file_name"], filters=wanted)
        names = dict(zip(table["_line_number"].to_pylist(), table["_file_name"].to_pylist(), strict=True))
    for row in rows:
        row["file_name"] = names.get(row["line_number"])


def _path(lake: Lake, agency: str, delivery_id: str, table: str) -> Path:
    return lake.zone("validated") / agency / delivery_id / f"{table}.parquet"


def _grouped(rows: Iterable[dict[str, Any]], *names: str) -> Iterator[tuple[tuple[str, ...], Rows]]:
    groups: dict[tuple[str, ...], Rows] = {}
    for row in rows:
        groups.setdefault(tuple(str(row[name]) for name in names), []).append(row)
    yield from groups.items()
