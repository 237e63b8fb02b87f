"""In which version of its format a delivery is: taken as it is, converted, or held."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipelines.ingest import Delivery, Problem
from pipelines.lake import Lake
from pipelines.validate.columns import sources
from schemas.coverage_terms import VersionBy
from schemas.data_contract import DataContract, DataContracts

NOT_ACCEPTED, NOT_TOLD = "version.not_accepted", "version.not_told"


@dataclass(frozen=True)
class Version:
    """What a delivery says of its version, and the conversion that reads it, if it needs one."""

    told: str = ""
    conversion: str | None = None
    held: Problem | None = None


def version_of(lake: Lake, delivery: Delivery, contracts: DataContracts) -> Version:
    """The version of a delivery, by the one contract of the agency that asks for it."""
    for contract in contracts.of(delivery.agency):
        rule = contract.coverage.version_by
        header = contracts.get(delivery.agency, rule.table) if rule else None
        if rule and header and (text := _text(lake, delivery, header)) is not None:
            return _version(rule, header, text)
    return Version()


def _text(lake: Lake, delivery: Delivery, header: DataContract) -> Path | None:
    """The header table as sent; None if it is missing or could not be read, which has been told then."""
    path = delivery.folder(lake) / f"{header.table}.parquet"
    return path if path.exists() else None


def _version(rule: VersionBy, header: DataContract, text: Path) -> Version:
    names = sources(header.column(rule.column), pl.read_parquet_schema(text))
    if not names:
        return Version()  # the column is missing: the header says so
    values = pl.read_parquet(text, columns=names[:1])[names[0]].drop_nulls().str.strip_chars().unique().to_list()
    file = header.file_names[0]
    if len(values) != 1:
        mend = f"say one version in every row; accepted are {rule.accepted}"
        return Version(held=Problem(NOT_TOLD, file, rule.column, mend))
    (told,) = values
    if rule.accepts_as_it_is(told):
        return Version(told)
    conversion = rule.conversion_of(told)
    if conversion is None:
        mend = f"export the data in a version that is accepted: {rule.accepted}"
        return Version(held=Problem(NOT_ACCEPTED, file, rule.column, mend))
    return Version(told, conversion)
