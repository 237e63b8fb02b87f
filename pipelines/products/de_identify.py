"""Rows made so that nobody can be told from them: the rules of `law/safe_harbor.yaml`, column by column.

Pure: tables in, tables out. Not here: whether groups are large enough (`anonymity.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from pipelines.products.definition import DeIdentified
from pipelines.products.law import Law, Rule

SMALL_AREA = "000"
"""What HHS prescribes for the three digits of an area of 20,000 people or fewer (45 CFR 164.514(b)(2)(i)(B)(2))."""

SHIFT = "shift_days"


@dataclass(frozen=True)
class DeIdentifier:
    """The method of one product."""

    terms: DeIdentified
    law: Law

    def table(self, name: str, rows: pl.DataFrame) -> pl.DataFrame:
        """A table by the rules. Rows may have `shift_days`, by how much their person's dates move; it goes."""
        rules = self.law.rules_of(self.terms.method)[name]
        columns = [self._column(column, rows, rules) for column in rows.columns if column != SHIFT]
        return rows.select([column for column in columns if column is not None])

    def _column(self, name: str, rows: pl.DataFrame, rules: Mapping[str, Rule]) -> pl.Expr | None:
        action, column = rules[name].action, pl.col(name)
        if action == "drop":
            return None
        if action == "year":
            return _year(name, rows.schema[name])
        if action == "shift":
            return (column + pl.duration(days=pl.col(SHIFT))).alias(name)
        if action == "zip3":
            return zip3_of(column, self.law.restricted_zip3)
        if name == "birth_year":
            return (column // self.terms.birth_year_band * self.terms.birth_year_band).alias(name)
        return column


def zip3_of(zip5: pl.Expr, restricted: frozenset[str]) -> pl.Expr:
    """Three digits of a ZIP code; 000 where too few people live, null where there is no ZIP code."""
    digits = zip5.str.extract("^([0-9]{3})[0-9]{2}")
    return pl.when(digits.is_in(sorted(restricted))).then(pl.lit(SMALL_AREA)).otherwise(digits).alias("zip3")


def _year(name: str, kind: pl.DataType) -> pl.Expr:
    """The year of a day or of a period; a column of days is then called so."""
    if kind == pl.Date:
        return pl.col(name).dt.year().cast(pl.Int64).alias(f"{name.removesuffix('_on')}_year")
    return pl.col(name).str.slice(0, 4).alias(name)
