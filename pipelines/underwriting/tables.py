"""The findings as tables: every row list with its types, and every draw. Money keeps its cents."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.underwriting.findings import drawn_payments
from pipelines.underwriting.simulation import Simulated

USD = pa.decimal128(18, 2)

TYPES: dict[type, pa.DataType] = {
    bool: pa.bool_(),
    int: pa.int64(),
    float: pa.float64(),
    Decimal: pa.decimal128(24, 6),
    date: pa.date32(),
    str: pa.string(),
}


def arrow(rows: Sequence[dict[str, Any]]) -> pa.Table:
    """Rows of the same columns as a table; columns that end in `_usd` in cents. A column of nothing is a text."""
    columns = list(rows[0]) if rows else []
    return pa.table({name: pa.array([row[name] for row in rows], _type(name, rows)) for name in columns})


def _type(name: str, rows: Sequence[dict[str, Any]]) -> pa.DataType:
    if name.endswith("_usd"):
        return USD
    kinds = {type(row[name]) for row in rows if row[name] is not None}
    if kinds == {int, float}:
        return pa.float64()
    return TYPES[kinds.pop()] if kinds else pa.string()


def draws(run: Simulated) -> pa.Table:
    """Grain: draw × clause × quarter in which it is earned: `amount_usd`."""
    parts = []
    for clause_id, quarter, cents in drawn_payments(run):
        named = {"clause_id": clause_id, "quarter": quarter}
        constant = {name: pa.repeat(pa.scalar(value), len(cents)) for name, value in named.items()}
        numbers = pa.array(np.arange(1, len(cents) + 1, dtype=np.int32))
        parts.append(pa.table({"draw": numbers, **constant, "amount_usd": _usd(cents)}))
    return pa.concat_tables(parts).sort_by(
        [("draw", "ascending"), ("clause_id", "ascending"), ("quarter", "ascending")]
    )


def _usd(cents: Any) -> pa.Array:
    whole = pa.array(cents, pa.int64()).cast(pa.decimal128(19, 0))
    return pc.multiply(whole, pa.scalar(Decimal("0.01"), pa.decimal128(3, 2))).cast(USD)
