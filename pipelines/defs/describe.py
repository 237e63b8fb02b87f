"""How assets are described: keys, groups, owners, columns, row counts. Never a value of a row."""

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.defs import plots
from pipelines.defs.privacy import counts
from pipelines.defs.resources import contracts_at, setting
from pipelines.lake import Lake
from pipelines.lineage import Source, column_sources
from pipelines.publish.published_contracts import PublishedTable
from schemas.data_contract import Column, DataContract
from schemas.yaml_documents import read_yaml

OWNERS = ["team:data-engineering"]
"""Who answers for the stages; an agency's own tables name their steward's team."""

COLUMNS = Path(__file__).with_name("columns.yaml")

Key = list[str]

PAGES_URL = "COUNTYLINK_PAGES_URL"
"""Where the lake's pages are served, if they are: an address that ends where the lake's folder begins."""


def page(inside: str) -> dg.MetadataValue:
    """A page of the lake: a link where pages are served, else its path inside the lake."""
    base = os.environ.get(PAGES_URL, "")
    return dg.MetadataValue.url(f"{base.rstrip('/')}/{inside}") if base else dg.MetadataValue.path(inside)


LATEST = "published/outcomes/latest"

PAGES: dict[str, dg.MetadataValue] = {
    "report": page(f"{LATEST}/report.html"),
    "linkage_page": page(f"{LATEST}/linkage.html"),
    "dictionary": page(f"{LATEST}/data_dictionary.html"),
}
"""Where people read on, from every table of the stages."""


def contract_pages(agency: str, table: str) -> dict[str, dg.MetadataValue]:
    """Where people read on, from a table that an agency sends: its contract, and what was refused."""
    return {
        "contract": dg.MetadataValue.path(f"data_contracts/incoming/{agency}/{table}.odcs.yaml"),
        "report": page(f"quarantine/{agency}/data_quality.html"),
    }


def zone_specs(zone: str, group: str, tables: Mapping[str, str], deps: Iterable[Key]) -> list[dg.AssetSpec]:
    """One asset a table of a zone, all made by one step from the same inputs."""
    inputs = list(deps)
    return [
        dg.AssetSpec([zone, table], deps=inputs, group_name=group, owners=OWNERS, kinds={"duckdb", "parquet"},
                     description=description, metadata=PAGES)
        for table, description in tables.items()
    ]  # fmt: skip


def zone_keys(zone: str, tables: Iterable[str]) -> list[Key]:
    """Asset keys of a zone's tables."""
    return [[zone, table] for table in tables]


def table_results(
    lake: Lake,
    zone: str,
    tables: Iterable[str],
    more: Mapping[str, dict[str, Any]] | None = None,
    pictures: Mapping[str, dict[str, dg.MarkdownMetadataValue]] | None = None,
) -> Iterator[dg.MaterializeResult]:
    """Row count, columns, lineage and completeness of each table as it was written; `more` counts and `pictures`."""
    for table in tables:
        file = pq.read_metadata(lake.path(zone, table))
        schema = file.schema.to_arrow_schema()
        yield dg.MaterializeResult(
            asset_key=[zone, table],
            metadata={**counts({"dagster/row_count": file.num_rows, **(more or {}).get(table, {})}),
                      "dagster/column_schema": _schema_of(f"{zone}/{table}", schema),
                      **lineage_of(f"{zone}/{table}", schema.names), **completeness([file]),
                      **(pictures or {}).get(table, {})},
        )  # fmt: skip


def _schema_of(table: str, schema: pa.Schema) -> dg.TableSchema:
    said, sources = column_descriptions().get(table, {}), _sources(table, schema.names)
    columns = [
        dg.TableColumn(
            name=one.name,
            type=str(one.type),
            description=_with_sources(said.get(one.name), sources[one.name]),
            tags={"made": _made(one.name, sources[one.name])},
        )
        for one in schema
    ]
    return dg.TableSchema(columns=columns)


def _sources(table: str, columns: Iterable[str]) -> dict[str, tuple[Source, ...]]:
    return column_sources(table, columns, contracts_at(setting("COUNTYLINK_CONTRACTS")))


MOST_SOURCES = 6
"""How many source columns are written beside a column; all are in its lineage."""


def _with_sources(said: str | None, sources: tuple[Source, ...]) -> str:
    """What a column means, and where it comes from."""
    named = ", ".join(f"{one.table}.{one.column}" for one in sources[:MOST_SOURCES])
    more = f" and {len(sources) - MOST_SOURCES} more" if len(sources) > MOST_SOURCES else ""
    return " ".join(filter(None, [f"{said}." if said else "", f"From {named}{more}." if named else "Made here."]))


def _made(name: str, sources: tuple[Source, ...]) -> str:
    """How a column comes to be: carried over as it is, derived from others, or made here (a count, a constant)."""
    if not sources:
        return "made_here"
    return "carried" if len(sources) == 1 and sources[0].column == name else "derived"


def lineage_of(table: str, columns: Iterable[str]) -> dict[str, dg.TableColumnLineage]:
    """The column lineage of `zone/table`, as metadata."""
    deps = {
        column: [
            dg.TableColumnDep(asset_key=dg.AssetKey(one.table.split("/")), column_name=one.column) for one in found
        ]
        for column, found in _sources(table, columns).items()
    }
    return {"dagster/column_lineage": dg.TableColumnLineage(deps_by_column=deps)}


def completeness(files: Iterable[pq.FileMetaData]) -> dict[str, dg.MarkdownMetadataValue]:
    """A plot of how full each column is, from the files' own statistics: no row is read."""
    rows, empty = 0, Counter[str]()
    for file in files:
        rows += file.num_rows
        for group in range(file.num_row_groups):
            for place in range(file.num_columns):
                column = file.row_group(group).column(place)
                if column.statistics is not None and column.statistics.has_null_count:
                    empty[column.path_in_schema.partition(".")[0]] += column.statistics.null_count
                else:
                    empty[column.path_in_schema.partition(".")[0]] += 0
    if not rows:
        return {}
    told_shares = [(name, _share_filled(rows, nulls)) for name, nulls in empty.items()]
    return {"completeness": plots.lines(f"Filled, of {rows:,} rows", told_shares)}


def _share_filled(rows: int, empty: int) -> float | None:
    """A share, unless it would tell of fewer rows than a release tells of."""
    return None if plots.told(empty) is None or plots.told(rows - empty) is None else (rows - empty) / rows


@cache
def column_descriptions() -> Mapping[str, Mapping[str, str]]:
    """Table → column → meaning, from `columns.yaml`; an estimate's three columns share one entry."""
    stated: dict[str, dict[str, str]] = read_yaml(COLUMNS.read_text(encoding="utf-8"))
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
