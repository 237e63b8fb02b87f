"""The county's calendar: days and seconds are counted from 1970-01-01 in local civil time, without a zone."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Texts = NDArray[np.object_]

EPOCH = date(1970, 1, 1)
SECONDS_A_DAY = 86_400
DAYS_A_YEAR = 365.25

HISTORY_START = (date(2021, 7, 1) - EPOCH).days
"""Nothing is recorded before this day (the FSP contracts took effect then)."""

FIRST_AS_OF = (date(2026, 11, 1) - EPOCH).days
"""As-of day of the first delivery, which holds everything."""

MOST_NIGHTS = 92
"""Lives are drawn this many nights past the first delivery, however few are delivered, so that a longer run of
deliveries begins with the very files of a shorter one."""

HORIZON = FIRST_AS_OF + MOST_NIGHTS
NEVER = 100_000
"""A day that does not come: still alive, still housed, still enrolled."""

EXTRACT_HOUR = 3
"""Agencies cut their extracts at three in the morning of the as-of day."""


def day_number(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01."""
    return (date(year, month, day) - EPOCH).days


def as_of_text(night: int) -> str:
    """The as-of date of a night, as its delivery folder is named."""
    return (EPOCH + timedelta(days=FIRST_AS_OF + night)).isoformat()


def cut_at(night: int) -> int:
    """The second at which the extract of a night is cut: what was entered later is not in it."""
    return (FIRST_AS_OF + night) * SECONDS_A_DAY + EXTRACT_HOUR * 3600


CUTS: Ints = np.array([cut_at(night) for night in range(MOST_NIGHTS + 1)], dtype=np.int64)


def night_of(entered_at: Ints) -> Ints:
    """The first night whose extract holds what was entered at a second."""
    return np.searchsorted(CUTS, entered_at, side="left").astype(np.int64)


def add_months(days: Ints, months: int) -> Ints:
    """The same day of the month, so many months later; the month's last day where there is none."""
    dates = pl.Series(days.astype(np.int32)).cast(pl.Date).dt.offset_by(f"{months}mo")
    return dates.cast(pl.Int32).to_numpy().astype(np.int64)


def years_at(birth_day: Ints, day: Ints | int) -> Floats:
    """Age in years."""
    result: Floats = (day - birth_day) / DAYS_A_YEAR
    return result


def date_text(column: str) -> pl.Expr:
    """A column of day numbers as `YYYY-MM-DD`."""
    return pl.col(column).cast(pl.Int32).cast(pl.Date).dt.to_string("%Y-%m-%d")


def time_text(column: str) -> pl.Expr:
    """A column of seconds as `YYYY-MM-DD HH:MM:SS`."""
    return (pl.col(column).cast(pl.Int64) * 1_000_000).cast(pl.Datetime("us")).dt.to_string("%Y-%m-%d %H:%M:%S")


def whole_seconds(rng: np.random.Generator, low_days: int, high_days: int, size: int) -> Ints:
    """Spans of so many days, to the second."""
    return rng.integers(low_days * SECONDS_A_DAY, high_days * SECONDS_A_DAY, size=size, dtype=np.int64)
