"""How assets are described: keys, groups, owners, columns, row counts. Never a value of a row."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from pipelines.defs.privacy import counts
from pipelines.lake import Lake
from pipelines.publish.published_contracts import PublishedTable
from schemas.data_contract import Column, DataContract

OWNERS = ["team:data-engineering"]
"""Who answers for the stages; an agency's own tables name their steward's team."""

COLUMNS = Path(__file__).with_name("columns.yaml")

Key = list[str]


def zone_specs(zone: str, group: str, tables: Mapping[str, str], deps: Iterable[Key]) -> list[dg.AssetSpec]:
    """One asset a table of a zone, all made by one step from the same inputs."""
    inputs = list(deps)
    return [
        dg.AssetSpec([zone, table], deps=inputs, group_name=group, owners=OWNERS, kinds={"duckdb", "parquet"},
                     description=description)
        for table, description in tables.items()
    ]  # fmt: skip


def zone_keys(zone: str, tables: Iterable[str]) -> list[Key]:
    """Asset keys of a zone's tables."""
    return [[zone, table] for table in tables]


def table_results(
    lake: Lake, zone: str, tables: Iterable[str], more: Mapping[str, dict[str, Any]] | None = None
) -> Iterator[dg.MaterializeResult]:
    """Row count and columns of each table as it was written, and `more` counts by table."""
    for table in tables:
        metadata = pq.read_metadata(lake.path(zone, table))
        yield dg.MaterializeResult(
            asset_key=[zone, table],
            metadata={**counts({"dagster/row_count": metadata.num_rows, **(more or {}).get(table, {})}),
                      "dagster/column_schema": _schema_of(f"{zone}/{table}", pq.read_schema(lake.path(zone, table)))},
        )  # fmt: skip


def _schema_of(table: str, schema: pa.Schema) -> dg.TableSchema:
    said = column_descriptions().get(table, {})
    columns = [dg.TableColumn(name=one.name, type=str(one.type), description=said.get(one.name)) for one in schema]
    return dg.TableSchema(columns=columns)


@cache
def column_descriptions() -> Mapping[str, Mapping[str, str]]:
    """Table → column → meaning, from `columns.yaml`; an estimate's three columns share one entry."""
    stated: dict[str, dict[str, str]] = yaml.safe_load(COLUMNS.read_text(encoding="utf-8"))
    return {
        table: {
            name.removesuffix("*") + end: text
            for name, text in columns.items()
            for end in (("", "_lower", "_upper") if name.endswith("*") else ("",))
        }
        for table, columns in stated.items()
    }


def team(owner: str) -> str:
    """An owner's name as Dagster writes a team."""
    return "team:" + re.sub(r"[^a-z0-9]+", "-", owner.lower().removeprefix("team:")).strip("-")


def contract_schema(contract: DataContract) -> dg.TableSchema:
    """The columns of a delivered table, each with its classification."""
    return dg.TableSchema(columns=[_contract_column(column) for column in contract.columns])


def _contract_column(column: Column) -> dg.TableColumn:
    constraints = dg.TableColumnConstraints(nullable=not column.required, unique=False)
    tags = {"classification": column.classification}
    if column.linkage_role:
        tags["linkage_role"] = column.linkage_role.replace(":", ".")
    return dg.TableColumn(
        name=column.name, type=column.kind, description=column.description or None, constraints=constraints, tags=tags
    )


def published_schema(table: PublishedTable) -> dg.TableSchema:
    """The columns of a published table, from its published contract."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                name=column.name,
                type=column.physical_type,
                description=column.description,
                constraints=dg.TableColumnConstraints(nullable=not column.required),
                tags={"classification": column.classification},
            )
            for column in table.columns
        ]
    )
