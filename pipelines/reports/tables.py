"""A release's tables as rows, for drawing; nothing outside the release is read."""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

AGGREGATES = (
    "measure_results",
    "contract_statements",
    "data_through",
    "deliveries",
    "linkage_quality",
    "linkage_by_group",
    "linkage_figures",
    "providers",
)
"""The aggregates: what the workbook of a release holds."""

READ = (*AGGREGATES, "measure_definitions", "delivery_faults")
"""The only tables that a report reads: those that hold no persons."""


class ReleaseTables:
    """The aggregate tables and the manifest of one release."""

    def __init__(self, release: Path) -> None:
        self.folder = release
        self._rows: dict[str, list[dict[str, Any]]] = {}

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """The manifest, sealed or not."""
        document: dict[str, Any] = json.loads((self.folder / "manifest.json").read_text(encoding="utf-8"))
        return document

    def rows(self, table: str) -> list[dict[str, Any]]:
        """The rows of an aggregate table, in their published order; read once, and not to be changed."""
        if table not in READ:
            raise KeyError(f"a report does not read {table}")
        if table not in self._rows:
            self._rows[table] = pq.read_table(self.folder / f"{table}.parquet").to_pylist()
        return self._rows[table]

    def rows_if_there(self, table: str) -> list[dict[str, Any]]:
        """The rows of a table that releases have not always had; none where it is not there."""
        return self.rows(table) if (self.folder / f"{table}.parquet").exists() else []
