"""What the rows of a table add up to: columns that changed their type, codes and spellings worth a word.

Counts, columns and rules; never a value, not even an unknown code, which in a shifted file is a name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import polars as pl

from pipelines.ingest import Problem
from pipelines.validate.tables import TableResult
from schemas.data_contract import Column, DataContract
from schemas.from_contract import FORMAT_RULES
from schemas.local_times import SKIPPED, TOLD_TWICE

MIXED_FORMATS_SHARE = 0.01
"""More values than this in another of the declared formats than most: two systems feed the column, or one guesses."""

CHANGED_TYPE_SHARE = 0.5
"""Where most values are not of the column's type, it is the column that changed, and not a few rows that are bad."""

VALUES_TO_JUDGE_BY = 20
"""Of fewer values a share says little; what is bad among them is quarantined anyway."""

READ_BY_RULE = {
    SKIPPED: "local times that the clocks skipped were moved on by what they skipped; send times with daylight saving",
    TOLD_TWICE: "local times that the clocks told twice were read as the first; an interval may be an hour off",
}


def changed_types(contract: DataContract, result: TableResult) -> list[Problem]:
    """Reasons to hold a table: columns of which most values are not of their type any more."""
    misread = _misread(result)
    held = []
    for column in contract.columns:
        values, bad = result.filled[column.name], misread[column.name]
        if values >= VALUES_TO_JUDGE_BY and bad > CHANGED_TYPE_SHARE * values:
            mend = (
                f"{bad} of {values} values are no {column.kind}; send the column as the contract says, or change that"
            )
            held.append(Problem("column.changed_type", contract.file_names[0], column.name, mend))
    return held


def worth_a_word(contract: DataContract, result: TableResult) -> list[Problem]:
    """Warnings: rules that only warn, times read by rule, unknown codes, mixed formats."""
    file = contract.file_names[0]
    said = [Problem(rule, file, column, _notice(contract, rule, rows))
            for (column, rule), rows in sorted(result.noticed.items())]  # fmt: skip
    return [*said, *_unknown_codes(file, result), *_mixed_formats(file, contract, result)]


def _misread(result: TableResult) -> Counter[str]:
    """Values that are not written as their column's type, by column, whatever became of their rows."""
    rules = result.broken.group_by("column_name", "rule_id").len()
    counts = Counter({(column, rule): rows for column, rule, rows in rules.iter_rows()}) + result.set_aside
    endings = tuple(FORMAT_RULES.values())
    misread = Counter[str]()
    for (column, rule), values in counts.items():
        if rule.rpartition(".")[2] in endings:
            misread[column] += values
    return misread


def _notice(contract: DataContract, rule_id: str, rows: int) -> str:
    for rule in contract.row_rules:
        if rule.id == rule_id:
            return f"{rows} rows break this rule; {rule.mend}"
    return f"{rows} {READ_BY_RULE[rule_id.rpartition('.')[2]]}"


def _unknown_codes(file: str, result: TableResult) -> Iterator[Problem]:
    unknown = result.broken.filter(pl.col("rule_id").str.ends_with(".unknown_code"))
    for column, rows in unknown.group_by("column_name").len().sort("column_name").iter_rows():
        yield Problem(
            "column.unknown_code", file, column, f"unknown code, {rows} rows; if it is new, add it to the contract"
        )


def _mixed_formats(file: str, contract: DataContract, result: TableResult) -> Iterator[Problem]:
    for column in contract.columns:
        counts = {one: result.written[column.name, one] for one in column.formats}
        total, usual = sum(counts.values()), _usual(column, counts)
        if total and (others := total - counts[usual]) > MIXED_FORMATS_SHARE * total:
            mend = f"{others} of {total} values are not written {usual} as most are; write the column one way"
            yield Problem("column.mixed_formats", file, column.name, mend)


def _usual(column: Column, counts: dict[str, int]) -> str:
    """The format that most values have; of two as common, the one declared first."""
    return max(column.formats, key=lambda one: counts[one], default="")
