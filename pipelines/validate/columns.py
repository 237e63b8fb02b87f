"""Which header cell of a delivered file is which column of the contract: by name, never by position."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

import polars as pl

from pipelines.ingest import Delivery, Problem
from schemas.data_contract import Column, DataContract


def header_problems(delivery: Delivery, contract: DataContract) -> tuple[list[Problem], list[Problem]]:
    """What holds a table because of its files' headers, and what is only worth a warning."""
    held: list[Problem] = []
    warnings: list[Problem] = []
    for file, header in delivery.columns(contract.table).items():
        if not header:
            continue  # ingest could not read it, and has said why
        held_here, warned_here = _of_file(file, header, contract)
        held += held_here
        warnings += warned_here
    return held, warnings


def sources(column: Column, header: Iterable[str]) -> list[str]:
    """The header cells that mean a column: its name or an alias, whatever their case."""
    spellings = {name.casefold() for name in (column.name, *column.aliases)}
    return [name for name in header if name.casefold() in spellings]


def contract_columns(text: pl.DataFrame, contract: DataContract) -> pl.DataFrame:
    """The contract's columns of a table of text, under their own names, with declared null tokens made null."""
    return text.select(_text_of(column, text.columns).alias(column.name) for column in contract.columns)


def _of_file(file: str, header: tuple[str, ...], contract: DataContract) -> tuple[list[Problem], list[Problem]]:
    held, warnings, known = [], [], 0
    for column in contract.columns:
        found = sources(column, header)
        known += len(found)
        if len(found) > 1:
            held.append(Problem("column.named_twice", file, column.name, "two header cells mean this column; send one"))
        elif not found and not column.optional:
            held.append(Problem("column.missing", file, column.name, "add the column to the file's header and rows"))
        elif not found:
            warnings.append(Problem("column.absent", file, column.name, "read as empty; the contract allows it"))
    for pattern in _refused(header, contract):
        # The pattern is ours and may be told; the cell itself may be a person's.
        mend = f"a column of the kind {pattern} is not covered by {contract.agreement_id}; send the file without it"
        held.append(Problem("column.refused", file, "", mend))
    if len(header) > known:
        # Not named: in a file without a header the cells of line 1 are a person's.
        mend = f"{len(header) - known} columns that the contract does not name were not carried on"
        warnings.append(Problem("column.not_in_contract", file, "", mend))
    return held, warnings


def _refused(header: Iterable[str], contract: DataContract) -> list[str]:
    """The patterns of refused columns that header cells meet which mean no column of the contract."""
    declared = {name for column in contract.columns for name in sources(column, header)}
    unknown = [name.casefold() for name in header if name not in declared]
    return [
        pattern
        for pattern in contract.refused_columns
        if any(fnmatchcase(name, pattern.casefold()) for name in unknown)
    ]


def _text_of(column: Column, header: Iterable[str]) -> pl.Expr:
    found = sources(column, header)
    text = pl.coalesce(found) if found else pl.lit(None)
    text = text.cast(pl.String)
    if not column.null_tokens:
        return text
    return pl.when(text.is_in(list(column.null_tokens))).then(None).otherwise(text)
