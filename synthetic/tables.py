"""Frames from parallel arrays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from synthetic.times import Bools, Texts


def text(name: str, values: Texts) -> pl.Series:
    """A column of texts; None is null."""
    return pl.Series(name, values.tolist(), dtype=pl.String)


def table(columns: Mapping[str, np.ndarray[Any, Any]]) -> pl.DataFrame:
    """A frame; arrays of objects are texts."""
    return pl.DataFrame([_column(name, values) for name, values in columns.items()])


def _column(name: str, values: np.ndarray[Any, Any]) -> pl.Series:
    return text(name, values) if values.dtype.kind in "OU" else pl.Series(name, values)


def texts(column: pl.Series) -> Texts:
    """A column of texts as an array."""
    return np.array(column.to_list(), dtype=object)


def only(rows: Bools, values: Texts | str) -> Texts:
    """The texts of chosen rows; None elsewhere."""
    result = np.full(len(rows), None, dtype=object)
    result[rows] = values if isinstance(values, str) else values[rows]
    return result


def without(rows: Bools, values: Texts | str) -> Texts:
    """None for chosen rows; the texts elsewhere."""
    return only(~rows, values)


def present(values: Texts) -> Bools:
    """Which texts are not None."""
    return np.array([value is not None for value in values], dtype=bool)
