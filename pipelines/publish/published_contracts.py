"""What a release promises: the published contracts, read, and a table held against one.

A contract is `data_contracts/published/<table>.odcs.yaml` (ODCS 3.1). The audit of a release and its data dictionary
both come from here; no column is typed a second time.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import yaml

from pipelines.errors import ContractError
from pipelines.places import COUNTY
from schemas.yaml_documents import read_yaml

PUBLISHED_CONTRACTS = COUNTY / "data_contracts" / "published"
"""The contracts of this checkout."""

SUFFIX = ".odcs.yaml"

ARROW_TYPES: Mapping[str, pa.DataType] = {
    "utf8": pa.string(),
    "int64": pa.int64(),
    "double": pa.float64(),
    "boolean": pa.bool_(),
    "date32": pa.date32(),
}
"""Physical types that DuckDB, R arrow, pandas, Spark, Excel and SAS all read."""

TIERS = ("coded", "aggregate")
"""`coded`: a row per person under a person key. `aggregate`: counts of people, disclosure controlled."""


@dataclass(frozen=True)
class PublishedColumn:
    """One column of a published table."""

    name: str
    physical_type: str
    required: bool
    description: str
    classification: str
    codes: tuple[str, ...]
    pattern: str | None
    minimum: float | None


@dataclass(frozen=True)
class PublishedTable:
    """One published table: grain, columns, the columns no two rows share, and the order of its rows."""

    name: str
    title: str
    version: str
    grain: str
    limitations: str
    tier: str
    columns: tuple[PublishedColumn, ...]
    primary_key: tuple[str, ...]
    sorted_by: tuple[str, ...]

    @property
    def arrow_schema(self) -> pa.Schema:
        """The columns as pyarrow writes them."""
        return pa.schema(
            [
                pa.field(column.name, ARROW_TYPES[column.physical_type], nullable=not column.required)
                for column in self.columns
            ]
        )

    def faults(self, pieces: Iterable[pa.Table]) -> Iterator[str]:
        """Every way in which the rows of a table break this contract, said without a value; a large one in pieces.

        Whether rows differ in their key is not asked here: it is asked of all pieces together (`repeats`).
        """
        nulls, broken = Counter[str](), dict[str, None]()
        for rows in pieces:
            if rows.schema.remove_metadata() != self.arrow_schema:
                yield f"{self.name}: columns or types are not those of the contract"
                return
            for column in self.columns:
                values = rows.column(column.name)
                nulls[column.name] += values.null_count if column.required else 0
                broken |= dict.fromkeys(f"{self.name}.{column.name}: {what}" for what in _broken(column, values))
        for name, count in nulls.items():
            if count:
                yield f"{self.name}.{name}: {count} nulls where the contract allows none"
        yield from broken

    def repeats(self, rows: pa.Table) -> bool:
        """Whether two rows share their key."""
        return bool(self.primary_key) and (
            rows.group_by(list(self.primary_key)).aggregate([]).num_rows != rows.num_rows
        )


def _broken(column: PublishedColumn, values: pa.ChunkedArray) -> Iterator[str]:
    """What no number of rows makes worse."""
    if column.codes and not _all(pc.is_in(values.drop_null(), value_set=pa.array(column.codes))):
        yield "codes that the contract does not know"
    if column.pattern and not _all(pc.match_substring_regex(values.drop_null(), column.pattern)):
        yield f"values that are not shaped like {column.pattern}"
    if column.minimum is not None and not _all(pc.greater_equal(values.drop_null(), column.minimum)):
        yield f"values below {column.minimum}"


def _all(facts: pa.ChunkedArray) -> bool:
    return bool(pc.all(facts, min_count=0).as_py())


def load_published_contracts(folder: Path = PUBLISHED_CONTRACTS) -> dict[str, PublishedTable]:
    """The published contracts by table name, in alphabetical order.

    Raises:
        ContractError: a contract is not well formed; the text names the file.
    """
    tables = [_read(path) for path in sorted(folder.glob(f"*{SUFFIX}"))]
    return {table.name: table for table in tables}


def fingerprint(folder: Path = PUBLISHED_CONTRACTS) -> str:
    """SHA-256 over the names and contents of the published contracts, and of the rules of disclosure beside them."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.yaml")):
        digest.update(f"{path.name}\n{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def _read(path: Path) -> PublishedTable:
    try:
        table = _table(read_yaml(path.read_text(encoding="utf-8")))
    except (yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise ContractError(
            f"published/{path.name} is not a well-formed contract: {type(error).__name__} {error}"
        ) from None
    if path.name != table.name + SUFFIX:
        raise ContractError(
            f"published/{path.name} describes {table.name}; the file must be called {table.name}{SUFFIX}"
        )
    return table


def _table(document: Mapping[str, Any]) -> PublishedTable:
    (schema,) = document["schema"]
    own = {item["property"]: item["value"] for item in document["customProperties"]}
    if own["tier"] not in TIERS:
        raise ValueError(f"tier must be one of {', '.join(TIERS)}")
    keyed = sorted(
        (item["primaryKeyPosition"], item["name"]) for item in schema["properties"] if item.get("primaryKey")
    )
    return PublishedTable(
        name=schema["name"],
        title=document["name"],
        version=document["version"],
        grain=schema["dataGranularityDescription"],
        limitations=document["description"]["limitations"],
        tier=own["tier"],
        columns=tuple(_column(item) for item in schema["properties"]),
        primary_key=tuple(name for _, name in keyed),
        sorted_by=tuple(own["sortedBy"]),
    )


def _column(item: Mapping[str, Any]) -> PublishedColumn:
    options = item.get("logicalTypeOptions", {})
    own = {one["property"]: one["value"] for one in item.get("customProperties", ())}
    if item["physicalType"] not in ARROW_TYPES:
        raise ValueError(f"{item['name']}: physicalType must be one of {', '.join(ARROW_TYPES)}")
    if re.search(options.get("pattern", ""), "") and options.get("pattern"):
        raise ValueError(f"{item['name']}: its pattern lets the empty text pass")
    return PublishedColumn(
        name=item["name"],
        physical_type=item["physicalType"],
        required=bool(item.get("required", False)),
        description=item["description"],
        classification=item["classification"],
        codes=tuple(own.get("codes", ())),
        pattern=options.get("pattern"),
        minimum=options.get("minimum"),
    )
