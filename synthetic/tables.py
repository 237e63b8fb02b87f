"""Frames from parallel arrays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from synthetic.times import Texts


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
