"""A data contract, compiled: how a delivered table must look as text, how text becomes typed, and what then holds.

Two pandera schemas a table, so that nothing is guessed. As text: is a value there, is it one of the codes, is it
written as the contract says. Typed: is it in range, is it too long, do the dates of a row agree. Casting happens
between the two, only for texts that passed. Every check's name is the id of a rule, `<column>.<what is wrong>`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import pandera.polars as pa
import polars as pl
from pandera.api.polars.types import PolarsData
from pandera.config import ValidationDepth, config_context
from pandera.errors import SchemaErrors

from pipelines.errors import CountylinkError
from schemas.coverage_terms import OUTSIDE_PERIOD, period_bounds
from schemas.data_contract import Column, DataContract
from schemas.date_formats import parsed, pattern_of
from schemas.local_times import SKIPPED, TOLD_TWICE, as_told, is_skipped, is_told_twice
from schemas.rule_logic import is_deleted, keeps

INTEGER_PATTERN = r"^-?(?:0|[1-9][0-9]{0,17})$"
DECIMAL_PATTERN = r"^-?[0-9]{1,14}(?:\.[0-9]{1,4})?$"

POLARS_TYPES: Mapping[str, pl.DataType] = {
    "text": pl.String(),
    "integer": pl.Int64(),
    "decimal": pl.Decimal(18, 4),
    "date": pl.Date(),
    "timestamp": pl.Datetime("us"),
}
"""What each kind becomes: VARCHAR, BIGINT, DECIMAL(18,4), DATE, TIMESTAMP."""

FORMAT_RULES = {
    "integer": "not_an_integer",
    "decimal": "not_a_number",
    "date": "not_a_date",
    "timestamp": "not_a_timestamp",
}

FIRST_YEAR = 1850
"""Earlier years are placeholders (0000, 0001, 1753); a contract that needs earlier days declares its own minimum."""

LAST_YEAR = 2199
"""Later years are placeholders for an open end; a contract that sends them must name them as null tokens."""

Rule = Callable[[pl.Expr], pl.Expr]


@dataclass(frozen=True)
class TableRules:
    """What must hold of a frame: its columns with their types, and of each column the rules with their ids."""

    types: Mapping[str, pl.DataType]
    rules: Mapping[str, Sequence[tuple[str, Rule]]]

    def as_pandera(self, columns: Collection[str] | None = None) -> pa.DataFrameSchema:
        """The rules of all columns and no others, or those of some columns of a frame that may have more."""
        found = {
            name: pa.Column(dtype, [_check(rule_id, rule) for rule_id, rule in self.rules[name]], nullable=True)
            for name, dtype in self.types.items()
            if columns is None or name in columns
        }
        return pa.DataFrameSchema(found, strict=columns is None)

    def broken(self, frame: pl.DataFrame, known_to_hold: Collection[str] = ()) -> pl.DataFrame:
        """Every broken rule of a frame: index (row in the frame), column_name, rule_id. Holds no value of a row.

        Which columns break a rule is asked of all rules at once; pandera, which asks one after the other, names the
        rows, and of those columns alone. A frame with other columns or types is pandera's to refuse.

        Args:
            known_to_hold: ids of rules that the caller has seen to hold of every row.
        """
        if frame.schema != pl.Schema(self.types):
            return failures(self.as_pandera(), frame)
        columns = self._breaking(frame, known_to_hold)
        found = failures(self.as_pandera(columns), frame) if columns else _NOTHING_BROKEN
        if set(found["column_name"]) != columns:
            raise CountylinkError("pandera does not find what breaks a rule; unset its PANDERA_ variables")
        return found

    def _breaking(self, frame: pl.DataFrame, known_to_hold: Collection[str]) -> set[str]:
        """The columns of which some rule does not hold."""
        rules = [
            (name, rule) for name, own in self.rules.items() for rule_id, rule in own if rule_id not in known_to_hold
        ]
        asked = [_holds(name, rule).all().alias(str(at)) for at, (name, rule) in enumerate(rules)]
        hold = frame.select(asked).row(0) if asked else ()
        return {name for (name, _), is_kept in zip(rules, hold, strict=True) if not is_kept}


@dataclass(frozen=True)
class CompiledContract:
    """The rules of a table before and after the cast, and the cast between them."""

    contract: DataContract
    as_text: TableRules
    typed: TableRules
    read: tuple[pl.Expr, ...]
    """Every column's text as its kind; times that a wall clock told, as it told them."""
    told: tuple[pl.Expr, ...]
    """The times of wall clocks among the columns that were read, as times that exist."""
    notices: tuple[tuple[str, str, pl.Expr], ...]
    """What is read by rule and counted: column, rule, whether a row does it, by the columns that were read."""
    writings: tuple[tuple[str, str, pl.Expr], ...]
    """Of columns with several date formats: column, format, whether a row of text is written so."""

    def formats_that_hold(self, raw: pl.DataFrame, typed: pl.DataFrame) -> set[str]:
        """The rules on how values are written that hold throughout, as the cast shows: every text became a value."""
        return {
            f"{column.name}.{FORMAT_RULES[column.kind]}"
            for column in self.contract.columns
            if column.kind in FORMAT_RULES and raw[column.name].null_count() == typed[column.name].null_count()
        }


def compile_contract(contract: DataContract, as_of: date, *, is_hashed: bool = False) -> CompiledContract:
    """The schemas of a contract for a delivery of a date; hashes in place of names break no rule on their form."""
    return CompiledContract(
        contract=contract,
        as_text=TableRules(
            {column.name: pl.String() for column in contract.columns},
            {column.name: _text_rules(column, contract) for column in contract.columns},
        ),
        typed=TableRules(
            {column.name: POLARS_TYPES[column.kind] for column in contract.columns},
            {column.name: _typed_rules(column, contract, as_of, is_hashed) for column in contract.columns},
        ),
        read=tuple(
            (cast_of(column) if column.time_zone is None else _parsed(column)).alias(column.name)
            for column in contract.columns
        ),
        told=tuple(
            _typed_times(column, pl.col(column.name)) for column in contract.columns if column.time_zone is not None
        ),
        notices=tuple(notice for column in contract.columns for notice in _notices(column)),
        writings=tuple(
            (column.name, date_format, pl.col(column.name).str.contains(pattern_of(date_format)))
            for column in contract.columns
            if len(column.formats) > 1
            for date_format in column.formats
        ),
    )


_NOTHING_BROKEN = pl.DataFrame(schema={"index": pl.Int64, "column_name": pl.String, "rule_id": pl.String})


def failures(schema: pa.DataFrameSchema, frame: pl.DataFrame) -> pl.DataFrame:
    """What pandera says is broken: index (row in the frame), column_name, rule_id. Holds no value of a row."""
    try:
        with config_context(validation_enabled=True, validation_depth=ValidationDepth.SCHEMA_AND_DATA):
            schema.validate(frame, lazy=True)
    except SchemaErrors as broken:
        found: pl.DataFrame = broken.failure_cases.select(
            pl.col("index").cast(pl.Int64), pl.col("column").alias("column_name"), pl.col("check").alias("rule_id")
        )
        if found["index"].null_count():
            raise CountylinkError("a frame does not have its contract's columns; this is a fault of ours") from None
        return found
    return _NOTHING_BROKEN


def cast_of(column: Column) -> pl.Expr:
    """A column's text as its kind; null where the text is not written as the contract says."""
    text = pl.col(column.name)
    if column.kind == "text":
        return text
    if column.kind == "integer":
        return pl.when(text.str.contains(INTEGER_PATTERN)).then(text).cast(pl.Int64, strict=False)
    if column.kind == "decimal":
        return pl.when(text.str.contains(DECIMAL_PATTERN)).then(text).cast(POLARS_TYPES["decimal"], strict=False)
    return _typed_times(column, _parsed(column))


def _typed_times(column: Column, times: pl.Expr) -> pl.Expr:
    """Times that were read from a column's text, as its kind."""
    existing = times if column.time_zone is None else as_told(times, column.time_zone)
    return existing.cast(POLARS_TYPES[column.kind])


def prove_that_checks_run() -> None:
    """Raise if pandera would let a bad frame pass, as it does when its environment switches say so."""
    rules = TableRules({"canary": pl.String()}, {"canary": [("canary.unknown_code", lambda one: one.is_in(["good"]))]})
    found = failures(rules.as_pandera(), pl.DataFrame({"canary": ["good", "bad"]}))
    if found.rows() != [(1, "canary", "canary.unknown_code")]:
        raise CountylinkError("validation is switched off; unset the PANDERA_ variables of the environment")


def _check(rule_id: str, rule: Rule) -> pa.Check:
    def holds(frame: PolarsData) -> pl.LazyFrame:
        return frame.lazyframe.select(_holds(frame.key, rule))

    return pa.Check(holds, error=rule_id, ignore_na=False)


def _holds(column: str, rule: Rule) -> pl.Expr:
    """Of each row, whether a rule holds; of what is not known it does."""
    return rule(pl.col(column)).fill_null(True)


def _text_rules(column: Column, contract: DataContract) -> list[tuple[str, Rule]]:
    rules: list[tuple[str, Rule]] = []
    if column.required:
        may_be_missing = is_deleted(contract) if column.name not in _always_needed(contract) else pl.lit(False)
        rules.append((f"{column.name}.missing", lambda value: value.is_not_null() | may_be_missing))
    if column.codes:
        codes = list(column.codes)
        rules.append((f"{column.name}.unknown_code", lambda value: value.is_in(codes)))
    elif column.kind != "text":
        is_read = cast_of(column).is_not_null()
        rules.append((f"{column.name}.{FORMAT_RULES[column.kind]}", lambda value: value.is_null() | is_read))
    return rules


def _typed_rules(column: Column, contract: DataContract, as_of: date, is_hashed: bool) -> list[tuple[str, Rule]]:
    name, low, high = column.name, column.minimum, column.maximum
    rules: list[tuple[str, Rule]] = []
    if low is not None:
        rules.append((f"{name}.below_minimum", lambda value: value >= _bound(low)))
    if high is not None:
        rules.append((f"{name}.above_maximum", lambda value: value <= _bound(high, end=column.kind == "timestamp")))
    if column.kind in ("date", "timestamp") and low is None:
        rules.append((f"{name}.below_minimum", lambda value: value.dt.year() >= FIRST_YEAR))
    if column.kind in ("date", "timestamp") and high is None:
        rules.append((f"{name}.above_maximum", lambda value: value.dt.year() <= LAST_YEAR))
    if not (is_hashed and column.classification == "direct_identifier"):
        rules += _form_rules(column)
    return rules + _row_rules(column, contract, as_of) + _period_rules(column, contract, as_of)


def _period_rules(column: Column, contract: DataContract, as_of: date) -> list[tuple[str, Rule]]:
    """A table that is replaced by periods may only hold rows of the period of its as-of date."""
    period = contract.coverage.period
    if contract.semantics != "period" or period is None or period.column != column.name:
        return []
    first, after = period_bounds(as_of, period.unit)
    return [(OUTSIDE_PERIOD, lambda value: value.cast(pl.Date).is_between(first, after, closed="left"))]


def _form_rules(column: Column) -> list[tuple[str, Rule]]:
    rules: list[tuple[str, Rule]] = []
    if column.max_length is not None and column.kind == "text":
        longest = column.max_length
        rules.append((f"{column.name}.too_long", lambda value: value.str.len_chars() <= longest))
    if column.pattern is not None and column.kind == "text":
        pattern = f"^(?:{column.pattern.removeprefix('^').removesuffix('$')})$"
        rules.append((f"{column.name}.wrong_form", lambda value: value.str.contains(pattern)))
    return rules


def _row_rules(column: Column, contract: DataContract, as_of: date) -> list[tuple[str, Rule]]:
    """The rules of single rows that are told at a column; rows that only delete their record keep them all."""
    kinds = {one.name: one.kind for one in contract.columns}
    return [
        (rule.id, _as_rule(keeps(rule, kinds, as_of) | is_deleted(contract)))
        for rule in contract.row_rules
        if rule.is_of_one_row and rule.told_at == column.name
    ]


def _as_rule(kept: pl.Expr) -> Rule:
    return lambda _: kept


def _notices(column: Column) -> list[tuple[str, str, pl.Expr]]:
    if column.time_zone is None:
        return []
    times = pl.col(column.name)
    return [
        (column.name, f"{column.name}.{SKIPPED}", is_skipped(times, column.time_zone)),
        (column.name, f"{column.name}.{TOLD_TWICE}", is_told_twice(times, column.time_zone)),
    ]


def _always_needed(contract: DataContract) -> set[str]:
    marker = contract.delete_marker.column if contract.delete_marker else None
    return {name for name in (*contract.business_key, contract.newest_by, marker) if name}


def _parsed(column: Column) -> pl.Expr:
    text = pl.col(column.name)
    return pl.coalesce([parsed(text, date_format, column.century_from) for date_format in column.formats])


def _bound(value: float | date, *, end: bool = False) -> pl.Expr:
    if isinstance(value, date):
        return pl.lit(datetime(value.year, value.month, value.day, 23, 59, 59) if end else value)
    return pl.lit(value)
