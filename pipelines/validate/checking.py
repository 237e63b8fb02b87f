"""One chunk of a table against its contract: typed rows that hold, what the others break, what is worth a count."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import polars as pl

from pipelines.validate.columns import contract_columns
from pipelines.validate.keys import key_hashes, key_text
from schemas.data_contract import Column
from schemas.from_contract import POLARS_TYPES, CompiledContract
from schemas.row_rules import SET_ASIDE, WARN

Tally = Counter[tuple[str, str]]
"""Counts by column and rule, or by column and format."""

WHERE = ("_row", "_file_name", "_line_number")
"""Which row of the table it is: its number in the delivery, its file, its line."""


@dataclass(frozen=True)
class Checked:
    """What one chunk gave."""

    good: pl.DataFrame
    """Rows that broke no rule: `_row`, `_file_name`, `_line_number`, then the contract's columns, typed."""
    broken: pl.DataFrame
    """Rules that rows broke: `_row`, `_file_name`, `_line_number`, column_name, rule_id, key_hash."""
    set_aside: Tally
    """Rules that values broke which were set aside while their row stays, by column and rule."""
    values_set_aside: int
    noticed: Tally
    """Rows that stay and are worth a warning: rules that only warn, times that were read by rule."""
    written: Tally
    """How many values are written in which format, of columns with several."""
    filled: Counter[str]
    """Values that are there, by column of another kind than text."""


def check(text: pl.DataFrame, compiled: CompiledContract) -> Checked:
    """Split a chunk of text rows; `text` has the columns of WHERE beside those of the file."""
    where = text.select(WHERE)
    raw = contract_columns(text, compiled.contract)
    read = raw.select(compiled.read)
    typed = read.with_columns(compiled.told)
    as_text = compiled.as_text.broken(raw, compiled.formats_that_hold(raw, typed))
    found = pl.concat([as_text, compiled.typed.broken(typed)])
    aside = [column.name for column in compiled.contract.columns if column.when_broken == "cell"]
    told = [rule.id for rule in compiled.contract.row_rules if rule.action == WARN]
    emptied = [rule.id for rule in compiled.contract.row_rules if rule.action == SET_ASIDE]
    noticed = found.filter(pl.col("rule_id").is_in(told))
    found = found.filter(~pl.col("rule_id").is_in(told))
    is_cell = pl.col("column_name").is_in(aside) | pl.col("rule_id").is_in(emptied)
    cells, rows = found.filter(is_cell), found.filter(~is_cell)
    keys = key_hashes(typed.select(key_text(compiled.contract)).to_series()[rows["index"]])
    typed = _without(typed, cells, compiled.contract.columns)
    good = np.ones(len(typed), bool)
    good[rows["index"].unique().to_numpy()] = False
    cells, noticed = (
        one.filter(pl.Series(good[one["index"].to_numpy()], dtype=pl.Boolean)) for one in (cells, noticed)
    )
    stays = pl.Series(good, dtype=pl.Boolean)
    return Checked(
        good=pl.concat([where, typed], how="horizontal").filter(stays),
        broken=pl.concat([where[rows["index"]], rows.drop("index"), keys.to_frame()], how="horizontal"),
        set_aside=_counted(cells),
        values_set_aside=cells.select("index", "column_name").n_unique(),
        noticed=_counted(noticed) + _held_by(compiled.notices, read.filter(stays)),
        written=_held_by(compiled.writings, raw),
        filled=Counter(
            {column.name: raw[column.name].count() for column in compiled.contract.columns if column.kind != "text"}
        ),
    )


def _without(typed: pl.DataFrame, cells: pl.DataFrame, columns: tuple[Column, ...]) -> pl.DataFrame:
    """The frame with broken cells made null."""
    kinds = {column.name: column.kind for column in columns}
    emptied = []
    for (name,), group in cells.group_by("column_name"):
        keep = np.ones(len(typed), bool)
        keep[group["index"].to_numpy()] = False
        emptied.append(
            pl.when(pl.Series(keep, dtype=pl.Boolean))
            .then(pl.col(str(name)))
            .otherwise(pl.lit(None, dtype=POLARS_TYPES[kinds[str(name)]]))
            .alias(str(name))
        )
    return typed.with_columns(emptied)


def _counted(found: pl.DataFrame) -> Tally:
    counts = found.group_by("column_name", "rule_id").len()
    return Counter({(column, rule): rows for column, rule, rows in counts.iter_rows()})


def _held_by(questions: tuple[tuple[str, str, pl.Expr], ...], frame: pl.DataFrame) -> Tally:
    """How many rows of a frame each expression holds of."""
    if not questions:
        return Counter()
    sums = frame.select(question.sum().alias(str(i)) for i, (_, _, question) in enumerate(questions)).row(0)
    return Counter({(column, what): rows for (column, what, _), rows in zip(questions, sums, strict=True) if rows})
