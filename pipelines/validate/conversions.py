"""Reading a delivery of an older version as one of the contract's: `raw` stays as it came.

The converted tables of text lie beside the typed ones only while the delivery is checked.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from pipelines.errors import ContractError
from pipelines.ingest import Delivery, Problem
from pipelines.ingest.seals import FILE as SUMS
from pipelines.ingest.seals import prove_whole
from pipelines.lake import Lake
from schemas.conversions import Conversion, Decided, TableConversion, find_conversion, read_conversion
from schemas.data_contract import SHIPPED_ROOT, DataContracts

FOLDER = ".converted"
CONVERTED, UNDECIDED, OTHER_VERSION = "version.converted", "version.undecided", "version.other_columns"


@dataclass(frozen=True)
class ConvertedDelivery(Delivery):
    """A delivery whose tables are read from another folder than `raw`."""

    converted: Path = Path()

    def folder(self, lake: Lake) -> Path:
        """Where its converted tables of text are."""
        return self.converted


@dataclass(frozen=True)
class Converted:
    """What a conversion gave."""

    delivery: Delivery
    held: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()


def convert(lake: Lake, delivery: Delivery, name: str, contracts: DataContracts, target: Path) -> Converted:
    """Make the tables of a delivery in `target`, under the columns of its contracts."""
    path = find_conversion(name, (contracts.root, SHIPPED_ROOT))
    if path is None:
        raise ContractError(f"{delivery.agency}: versionBy names the conversion {name}, which is not there; add it")
    conversion = read_conversion(path)
    held = [one for table, steps in conversion.tables.items() for one in _header_problems(delivery, table, steps)]
    if held:
        return Converted(delivery, tuple(held))
    target.mkdir(mode=0o700)
    warnings = [_told(conversion, delivery)]
    source = delivery.folder(lake)
    for table in delivery.tables:
        prove_whole(source, table)
    for entry in sorted(one for one in source.iterdir() if one.name != SUMS):
        steps = conversion.tables.get(entry.stem)
        if steps and entry.suffix == ".parquet":
            warnings += _convert_table(entry, target / entry.name, steps, entry.stem)
        else:
            (target / entry.name).symlink_to(entry.resolve(), target_is_directory=entry.is_dir())
    files = tuple(
        replace(file, columns=_columns(file.columns, conversion.tables.get(file.table or "")))
        for file in delivery.files
    )
    return Converted(ConvertedDelivery(**{**vars(delivery), "files": files}, converted=target), (), tuple(warnings))


def _header_problems(delivery: Delivery, table: str, steps: TableConversion) -> list[Problem]:
    problems = []
    for file, header in delivery.columns(table).items():
        if not header:
            continue  # ingest could not read it, and has said why
        present = {name.casefold() for name in header}
        for name in steps.needed:
            if name.casefold() not in present:
                mend = "add the column: the export says that it is of the version that has it; or mend the version"
                problems.append(Problem("column.missing", file, name, mend))
        for name in steps.made:
            if name.casefold() in present:
                mend = "the column is of another version than the export says it is; mend the version, or the file"
                problems.append(Problem(OTHER_VERSION, file, name, mend))
    return problems


def _told(conversion: Conversion, delivery: Delivery) -> Problem:
    dropped = [
        f"{table}: {', '.join(steps.dropped)}"
        for table, steps in conversion.tables.items()
        if table in delivery.tables and steps.dropped
    ]
    return Problem(CONVERTED, "", "", f"{conversion.title}; not carried on: {'; '.join(dropped)}")


def _convert_table(source: Path, target: Path, steps: TableConversion, table: str) -> list[Problem]:
    rows = pl.scan_parquet(source)
    spelling = {name.casefold(): name for name in rows.collect_schema().names()}
    decided = [(one, *_decide(one, spelling)) for one in steps.decided]
    dropped = [spelling[name.casefold()] for name in steps.dropped if name.casefold() in spelling]
    (
        rows.with_columns(
            *(value.alias(one.column) for one, value, _ in decided),
            *(pl.lit(None, pl.String).alias(name) for name in steps.added),
        )
        .drop(dropped)
        .rename({spelling[name.casefold()]: new for name, new in steps.renamed.items()})
        .sink_parquet(target, compression="zstd")
    )
    counts = rows.select(open_.sum().alias(one.column) for one, _, open_ in decided).collect() if decided else None
    return [_undecided(one, table, int(counts[one.column][0] or 0)) for one, *_ in decided
            if counts is not None and counts[one.column][0]]  # fmt: skip


def _undecided(one: Decided, table: str, rows: int) -> Problem:
    flags = ", ".join((*one.flags, *one.others))
    return Problem(UNDECIDED, table, one.column, f"{rows} rows were given {one.otherwise}: {flags} do not decide it")


def _decide(one: Decided, spelling: dict[str, str]) -> tuple[pl.Expr, pl.Expr]:
    """A column's text, and whether its flags leave it open."""
    flags = [pl.col(spelling[name.casefold()]) for name in (*one.flags, *one.others)]
    how_many = pl.sum_horizontal(flag.eq_missing(one.is_set).cast(pl.Int32) for flag in flags)
    is_odd = pl.any_horizontal(flag.is_not_null() & ~flag.is_in([one.is_set, *one.unset]) for flag in flags)
    why = pl.col(spelling[one.told_by.casefold()])
    is_another = pl.any_horizontal(flag.eq_missing(one.is_set) for flag in flags[len(one.flags) :])
    is_open = is_odd | is_another | (how_many > 1)
    codes = [
        pl.when(~is_open & flag.eq_missing(one.is_set)).then(pl.lit(code))
        for flag, code in zip(flags, one.flags.values(), strict=False)
    ]
    reason = pl.when(~is_open & why.is_in(list(one.told_codes))).then(why)
    return pl.coalesce(pl.when(is_open).then(pl.lit(one.otherwise)), *codes, reason), is_open


def _columns(header: tuple[str, ...], steps: TableConversion | None) -> tuple[str, ...]:
    """A file's header after the conversion."""
    if steps is None or not header:
        return header
    gone = {name.casefold() for name in steps.dropped}
    renamed = {name.casefold(): new for name, new in steps.renamed.items()}
    kept = [renamed.get(name.casefold(), name) for name in header if name.casefold() not in gone]
    return (*kept, *(one.column for one in steps.decided), *steps.added)
