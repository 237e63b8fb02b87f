"""What is told of the quarantine: counts, lines with their mends, and what an agency gets back.

Nothing here has a value of a row, but for the agency's own keys where they are asked for.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import polars as pl

from pipelines.errors import LakeError
from pipelines.lake import Lake, replacing
from pipelines.spreadsheets import write_rows
from pipelines.validate.columns import contract_columns
from schemas.data_contract import DataContract, DataContracts

LINE = ("table_name", "file_name", "line_number", "column_name", "rule_id", "mend")
KEYS = "record_key"


def open_counts(ledger: pl.DataFrame, on: date) -> pl.DataFrame:
    """Open lines by agency, table and rule: agency, table_name, rule_id, lines, deliveries, oldest_on, oldest_days."""
    is_open = ledger.filter(pl.col("status_code") == "open")
    counts = is_open.group_by("agency", "table_name", "rule_id").agg(
        pl.struct("delivery_id", "file_name", "line_number").n_unique().alias("lines"),
        pl.col("delivery_id").n_unique().alias("deliveries"),
        pl.col("as_of_on").min().alias("oldest_on"),
    )
    aged = counts.with_columns((pl.lit(on) - pl.col("oldest_on")).dt.total_days().alias("oldest_days"))
    return aged.sort("agency", "table_name", "rule_id")


def lines_of(
    ledger: pl.DataFrame, delivery_id: str, table: str | None = None, rule_id: str | None = None
) -> pl.DataFrame:
    """The lines of a delivery: LINE, and what became of each, by which later delivery, and why."""
    lines = ledger.filter(pl.col("delivery_id") == delivery_id)
    if table:
        lines = lines.filter(pl.col("table_name") == table)
    if rule_id:
        lines = lines.filter(pl.col("rule_id") == rule_id)
    return lines.select(*LINE, "status_code", "closed_by_delivery_id", "closed_because_code").sort(*LINE)


def give_back(
    lake: Lake, contracts: DataContracts, ledger: pl.DataFrame, agency: str, *, with_keys: bool
) -> pl.DataFrame:
    """An agency's open lines: delivery_id, LINE, and with keys the agency's own key of the record (record_key)."""
    if agency not in contracts.agencies:
        raise LakeError(f"there is no contract of {agency}; the agencies are {', '.join(contracts.agencies)}")
    lines = ledger.filter((pl.col("agency") == agency) & (pl.col("status_code") == "open"))
    lines = lines.select("delivery_id", *LINE)
    if with_keys:
        keys = [_keys(lake, contract, one) for one, contract in _tables(lines, contracts, agency)]
        where = ["delivery_id", "table_name", "file_name", "line_number"]
        lines = lines.join(pl.concat(keys), on=where, how="left") if keys else lines.with_columns(_no_key())
    return lines.sort("delivery_id", *LINE)


def write_csv(rows: pl.DataFrame, target: Path) -> None:
    """Write rows for a spreadsheet, readable by their owner alone; no cell is run as a formula."""
    with replacing(target) as staged:
        descriptor = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            write_rows(file, rows.columns, rows.iter_rows())


def _tables(
    lines: pl.DataFrame, contracts: DataContracts, agency: str
) -> Iterable[tuple[dict[str, pl.DataFrame], DataContract]]:
    for (table,), of_table in lines.group_by("table_name"):
        contract = contracts.get(agency, str(table))
        if contract is not None:
            yield {str(one): group for (one,), group in of_table.group_by("delivery_id")}, contract


def _keys(lake: Lake, contract: DataContract, by_delivery: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """The key of each line as it was sent; lines that could not be read have none."""
    found = [_keys_of_delivery(lake, contract, delivery_id, lines) for delivery_id, lines in by_delivery.items()]
    return pl.concat(found)


def _keys_of_delivery(lake: Lake, contract: DataContract, delivery_id: str, lines: pl.DataFrame) -> pl.DataFrame:
    path = lake.zone("raw") / contract.agency / delivery_id / f"{contract.table}.parquet"
    text = pl.read_parquet(path).rename({"_file_name": "file_name", "_line_number": "line_number"})
    asked = text.join(lines.select("file_name", "line_number").unique(), on=["file_name", "line_number"], how="semi")
    keys = contract_columns(asked, contract).select(pl.concat_str(contract.business_key, separator="; ").alias(KEYS))
    where = asked.select(
        pl.lit(delivery_id).alias("delivery_id"), pl.lit(contract.table).alias("table_name"), "file_name", "line_number"
    )
    return pl.concat([where, keys], how="horizontal")


def _no_key() -> pl.Expr:
    return pl.lit(None, pl.String).alias(KEYS)
