"""What makes a set of data contracts ill-formed beyond the standard's own schema.

A contract that passes here can be compiled, and every name in it points at something that exists.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import NoReturn
from zoneinfo import available_timezones

import polars as pl

from pipelines.errors import ContractError
from schemas import breaker_terms, coverage_checks, file_terms
from schemas.data_contract import (
    CLASSIFICATIONS,
    LINKAGE_ROLES,
    STANDARD_CODES,
    Column,
    DataContract,
    DataContracts,
)
from schemas.date_formats import has_short_year, pattern_of
from schemas.row_rule_checks import check_row_rules

RACE_FLAG = "race_flag"
SHARED_ID = "shared_id"
MAX_SHARE = 1.0
INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")


def check_contracts(contracts: DataContracts) -> None:
    """Raise ContractError, naming file, field and mend, for the first thing that is wrong."""
    for contract in contracts.all():
        _check_names(contract)
        for column in contract.columns:
            _check_column(contract, column)
        _check_rules(contract)
        _check_pointers(contract, contracts)
        file_terms.check(contract, contracts)
        check_row_rules(contract, contracts)
        coverage_checks.check(contract, contracts)
        breaker_terms.check(contract, contracts)
    for agency in contracts.agencies:
        _check_file_names(contracts.of(agency))


def _check_names(contract: DataContract) -> None:
    if contract.id != f"{contract.agency}.{contract.table}":
        _refuse(contract, "id", f"must be {contract.agency}.{contract.table}, after its folder and file")
    spellings = [name.casefold() for column in contract.columns for name in {column.name, *column.aliases}]
    for name, times in Counter(spellings).items():
        if times > 1:
            _refuse(contract, f"column {name}", "is named twice (aliases count, upper and lower case do not)")
    if any(column.name.startswith("_") for column in contract.columns):
        _refuse(contract, "schema[0].properties", "must not begin a column name with _: those names are ours")
    if not contract.business_key:
        _refuse(contract, "primaryKey", "is set on no column; mark the business key")
    for field, share in (
        ("maxBadRowShare", contract.max_bad_row_share),
        ("maxSetAsideShare", contract.max_set_aside_share),
    ):
        if not 0 <= share <= MAX_SHARE:
            _refuse(contract, field, "must lie between 0 and 1")


def _check_column(contract: DataContract, column: Column) -> None:
    place = f"column {column.name}"
    if column.classification not in CLASSIFICATIONS:
        _refuse(contract, place, f"classification must be one of {', '.join(CLASSIFICATIONS)}")
    if column.when_broken not in ("row", "cell"):
        _refuse(contract, place, "whenBroken must be row or cell")
    if column.key and (column.when_broken == "cell" or column.optional):
        _refuse(contract, place, "belongs to the business key, so it can be neither optional nor set aside")
    if column.formats and column.kind not in ("date", "timestamp"):
        _refuse(contract, place, "has dateFormats, and is neither a date nor a timestamp")
    if column.codes and column.kind not in ("text", "integer"):
        _refuse(contract, place, "has codes, and is neither text nor an integer")
    if column.codes and column.kind == "integer" and not all(map(INTEGER.fullmatch, column.codes)):
        _refuse(contract, place, "is an integer, and a code of it is not; make it text")
    _check_formats(contract, column)
    _check_pattern(contract, column)
    _check_role(contract, column)
    _check_standard_codes(contract, column)


def _check_formats(contract: DataContract, column: Column) -> None:
    try:
        shapes = [pattern_of(date_format) for date_format in column.formats]
    except ValueError as problem:
        _refuse(contract, f"column {column.name}", f"dateFormats: {problem}")
    if len(set(shapes)) < len(shapes):
        _refuse(contract, f"column {column.name}", "dateFormats: two formats look alike, so a date would be a guess")
    if any(map(has_short_year, column.formats)) and not isinstance(column.century_from, int):
        _refuse(contract, f"column {column.name}", "has years of two digits; say centuryFrom, a year such as 1970")
    if column.time_zone is not None and (column.kind != "timestamp" or column.time_zone not in available_timezones()):
        _refuse(contract, f"column {column.name}", "timeZone must name a zone, such as America/Los_Angeles, of a time")


def _check_pattern(contract: DataContract, column: Column) -> None:
    if column.pattern is None:
        return
    try:
        pl.Series([""]).str.contains(column.pattern)
    except pl.exceptions.ComputeError:
        _refuse(contract, f"column {column.name}", "pattern is no regular expression we can run (no look-around)")
    if not (column.pattern.startswith("^") and column.pattern.endswith("$")):
        _refuse(contract, f"column {column.name}", "pattern must begin with ^ and end with $: it describes the whole")


def _check_role(contract: DataContract, column: Column) -> None:
    if column.linkage_role is None:
        return
    stem, colon, rest = column.linkage_role.partition(":")
    known = column.linkage_role in LINKAGE_ROLES
    known = known or (stem == RACE_FLAG and rest in STANDARD_CODES["race"])
    known = known or (stem == SHARED_ID and bool(colon and rest))
    if not known:
        roles = ", ".join((*LINKAGE_ROLES, "race_flag:<race>", "shared_id:<namespace>"))
        _refuse(contract, f"column {column.name}", f"linkageRole must be one of {roles}")
    if stem in (RACE_FLAG, SHARED_ID):
        return
    if sum(other.linkage_role == column.linkage_role for other in contract.columns) > 1:
        _refuse(contract, f"column {column.name}", f"linkageRole {column.linkage_role} stands on two columns")


def _check_standard_codes(contract: DataContract, column: Column) -> None:
    place = f"column {column.name}"
    if column.linkage_role in STANDARD_CODES and column.standard_codes is None:
        _refuse(contract, place, "has a coded linkageRole and no standardCodes; map each code to ours, or to null")
    if column.standard_codes is None:
        return
    if set(column.standard_codes) != set(column.codes or {}):
        _refuse(contract, place, "standardCodes must map exactly the codes of the column")
    ours = STANDARD_CODES.get(column.linkage_role or "", ())
    if not {standard for standard in column.standard_codes.values() if standard is not None} <= set(ours):
        _refuse(contract, place, f"standardCodes may only give {', '.join(ours) or 'codes of a coded linkageRole'}")


def _check_rules(contract: DataContract) -> None:
    names = set(contract.column_names)
    _need(contract, "newestBy", [contract.newest_by] if contract.newest_by else [], names)
    _need(contract, "deleteMarker", [contract.delete_marker.column] if contract.delete_marker else [], names)


def _check_pointers(contract: DataContract, contracts: DataContracts) -> None:
    for reference in contract.references:
        _need(contract, "relationships.from", reference.columns, set(contract.column_names))
        _need_there(contract, "relationships.to", reference.table, reference.to_columns, contracts)
        if reference.when_broken not in (None, "row", "warn"):
            _refuse(contract, f"relationship to {reference.table}", "whenBroken must be row or warn")
    if contract.hashed_when:
        _need_there(contract, "hashedWhen", contract.hashed_when.table, [contract.hashed_when.column], contracts)
    through = contract.data_through
    if through.lag_days is None and not (through.table and through.column):
        _refuse(contract, "dataThrough", "needs either lagDays, or table and column")
    if through.table and through.column:
        _need_there(contract, "dataThrough", through.table, [through.column], contracts)


def _need(contract: DataContract, field: str, wanted: Iterable[str], names: set[str]) -> None:
    for name in wanted:
        if name not in names:
            _refuse(contract, field, f"names {name}, which is no column of this table")


def _need_there(
    contract: DataContract, field: str, table: str, wanted: Iterable[str], contracts: DataContracts
) -> None:
    other = contracts.get(contract.agency, table)
    if other is None:
        _refuse(contract, field, f"names {table}, for which {contract.agency} has no contract")
    _need(contract, field, wanted, set(other.column_names))


def _check_file_names(contracts: tuple[DataContract, ...]) -> None:
    owner: dict[str, DataContract] = {}
    for contract in contracts:
        if not contract.file_names:
            _refuse(contract, "fileNames", "is empty; say which file holds the table")
        for name in contract.file_names:
            if not name.lower().endswith(".csv"):
                _refuse(contract, "fileNames", f"names {name}, which does not end in .csv")
            if owner.setdefault(name.casefold(), contract) is not contract:
                _refuse(contract, "fileNames", f"names {name}, which another table of this agency has too")


def _refuse(contract: DataContract, field: str, mend: str) -> NoReturn:
    raise ContractError(f"{contract.agency}/{contract.path.name}: {field} {mend}")
