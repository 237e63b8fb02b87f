"""What a row rule says of a frame: an expression that is true, or null, where a row keeps it.

Columns of other tables stand in the frame under the name that the rule gives them, `table.column`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import polars as pl

from schemas.data_contract import DataContract
from schemas.row_rules import RowRule, When

FUTURE_TOLERANCE = timedelta(days=1)
"""A delivery made at night may hold events of the morning after its as-of date."""


def keeps(rule: RowRule, kinds: Mapping[str, str], as_of: date) -> pl.Expr:
    """Whether a row keeps a rule that looks at one row; `kinds` has the kind of each column of the rule."""
    kept = _kept(rule, kinds, as_of)
    if rule.when is None:
        return kept
    applies = holds(rule.when)
    return kept | (applies if rule.kind == "empty_unless" else ~applies)


def holds(when: When) -> pl.Expr:
    """Whether a row meets a condition; null where its column is empty."""
    return pl.col(when.column).cast(pl.String).is_in(list(when.values))


def is_deleted(contract: DataContract) -> pl.Expr:
    """Whether a row, as text or typed, only says that its record is gone."""
    marker = contract.delete_marker
    if marker is None:
        return pl.lit(False)
    mark = pl.col(marker.column)
    if marker.values is None:
        return mark.is_not_null()
    return mark.cast(pl.String).is_in(list(marker.values)).fill_null(False)


def _kept(rule: RowRule, kinds: Mapping[str, str], as_of: date) -> pl.Expr:
    if rule.kind == "not_before":
        return _not_before(rule, kinds)
    if rule.kind == "not_in_future":
        return pl.col(rule.later).cast(pl.Date) <= as_of + FUTURE_TOLERANCE
    value = pl.col(rule.column)
    return value.is_not_null() if rule.kind == "required_when" else value.is_null()


def _not_before(rule: RowRule, kinds: Mapping[str, str]) -> pl.Expr:
    earlier, later = pl.col(rule.earlier), pl.col(rule.later)
    if {kinds[rule.earlier], kinds[rule.later]} == {"timestamp"}:
        return later >= earlier
    return later.cast(pl.Date) >= earlier.cast(pl.Date)
