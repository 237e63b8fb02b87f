"""Rules among the rows of one table: spans that overlap, rows that repeat, groups that are too large or lack a head.

Of two rows that cannot both be true, the one made earlier keeps the rule: the earlier by the rule's `created` column
(an empty one is latest), then by business key. So it does not matter in which order the rows came.
"""

from __future__ import annotations

import polars as pl

from pipelines import sql
from schemas.data_contract import DataContract
from schemas.row_rules import RowRule
from schemas.rule_logic import holds


def broken_among_rows(rule: RowRule, rows: pl.DataFrame, contract: DataContract) -> pl.Series | None:
    """Numbers (`_row`) of the rows that break the rule; None if the rule is not among rows."""
    if rule.kind == "exactly_one" and rule.when:
        groups = rows.drop_nulls(rule.of)
        times = holds(rule.when).fill_null(False).sum().over(rule.of)
        return groups.filter(times != 1)["_row"]
    if rule.kind == "at_most":
        ranked = _ranked(rule, rows, contract)
        return ranked.filter(pl.len().over(rule.of) > rule.most)["_row"].sort()
    if rule.kind == "not_repeated":
        ranked = _ranked(rule, rows, contract)
        return ranked.filter(~pl.struct(rule.of).is_first_distinct())["_row"]
    if rule.kind == "not_overlapping":
        return _overlapping(rule, _ranked(rule, rows, contract))
    return None


def _ranked(rule: RowRule, rows: pl.DataFrame, contract: DataContract) -> pl.DataFrame:
    """The rows that the rule is about, earliest made first."""
    if rule.when:
        rows = rows.filter(holds(rule.when))
    order = [name for name in (rule.created, *contract.business_key) if name]
    return rows.drop_nulls(rule.of).sort(order, nulls_last=True)


def _overlapping(rule: RowRule, ranked: pl.DataFrame) -> pl.Series:
    spans = ranked.drop_nulls(rule.starts).with_row_index("created_rank")
    spans = spans.filter(pl.struct(rule.of).is_duplicated())
    spans = spans.select(
        "_row",
        pl.col("created_rank").cast(pl.Int64),
        pl.struct(rule.of).rank("dense").cast(pl.Int64).alias("group_id"),
        pl.col(rule.starts).cast(pl.Datetime("us")).alias("starts_at"),
        pl.col(rule.ends).cast(pl.Datetime("us")).alias("ends_at"),
    )
    with sql.connect() as connection:
        connection.execute("create schema rules")
        connection.register("given_spans", spans.to_arrow())
        connection.execute("create table rules.spans as from given_spans")
        found = sql.relation(connection, "pipelines.validate", "overlapping_rows").fetchall()
    return pl.Series("_row", [row for (row,) in found], dtype=pl.UInt32)
