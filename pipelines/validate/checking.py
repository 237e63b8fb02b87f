"""One chunk of a table against its contract: typed rows that hold, and every rule that the others break."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import polars as pl

from pipelines.validate.columns import contract_columns
from schemas.data_contract import Column
from schemas.from_contract import POLARS_TYPES, CompiledContract, failures

WHERE = ("_row", "_file_name", "_line_number")
"""Which row of the table it is: its number in the delivery, its file, its line."""


@dataclass(frozen=True)
class Checked:
    """What one chunk gave."""

    good: pl.DataFrame
    """Rows that broke no rule: `_row`, `_file_name`, `_line_number`, then the contract's columns, typed."""
    broken: pl.DataFrame
    """Rules that rows broke: `_row`, `_file_name`, `_line_number`, column_name, rule_id."""
    set_aside: Counter[tuple[str, str]]
    """Rules that values broke which were set aside while their row stays, by column and rule."""
    values_set_aside: int


def check(text: pl.DataFrame, compiled: CompiledContract) -> Checked:
    """Split a chunk of text rows; `text` has the columns of WHERE beside those of the file."""
    where = text.select(WHERE)
    raw = contract_columns(text, compiled.contract)
    as_text = failures(compiled.as_text, raw)
    typed = raw.select(compiled.cast)
    found = pl.concat([as_text, failures(compiled.typed, typed)])
    aside = [column.name for column in compiled.contract.columns if column.when_broken == "cell"]
    cells = found.filter(pl.col("column_name").is_in(aside))
    rows = found.filter(~pl.col("column_name").is_in(aside))
    typed = _without(typed, cells, compiled.contract.columns)
    good = np.ones(len(typed), bool)
    good[rows["index"].unique().to_numpy()] = False
    cells = cells.filter(pl.Series(good[cells["index"].to_numpy()], dtype=pl.Boolean))
    return Checked(
        good=pl.concat([where, typed], how="horizontal").filter(pl.Series(good, dtype=pl.Boolean)),
        broken=pl.concat([where[rows["index"]], rows.drop("index")], how="horizontal"),
        set_aside=Counter(dict(_counted(cells))),
        values_set_aside=cells.select("index", "column_name").n_unique(),
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


def _counted(cells: pl.DataFrame) -> list[tuple[tuple[str, str], int]]:
    counts = cells.group_by("column_name", "rule_id").len()
    return [((column, rule), rows) for column, rule, rows in counts.iter_rows()]
