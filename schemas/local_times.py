"""Times told by a wall clock, where clocks are put forward and back.

A time that the clocks skipped (02:30 on the night they go forward) cannot have been read from one; it is moved on by
what was skipped, to 03:30. A time that they told twice is read as the first. Both are counted, because an interval
that begins or ends there may be an hour off.
"""

from __future__ import annotations

import polars as pl

SKIPPED, TOLD_TWICE = "time_skipped", "time_told_twice"


def as_told(times: pl.Expr, zone: str) -> pl.Expr:
    """Local times that exist in the zone: a skipped one is moved on by what was skipped."""
    moved = (times.dt.offset_by("-24h").dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")) + (
        pl.duration(hours=24)
    )
    return pl.when(is_skipped(times, zone)).then(moved.dt.replace_time_zone(None)).otherwise(times)


def is_skipped(times: pl.Expr, zone: str) -> pl.Expr:
    """Whether no clock of the zone ever showed this time; null where there is none."""
    shown = times.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    return pl.when(times.is_not_null()).then(shown.is_null())


def is_told_twice(times: pl.Expr, zone: str) -> pl.Expr:
    """Whether the clocks of the zone showed this time twice; null where there is none."""
    first, last = (
        times.dt.replace_time_zone(zone, ambiguous=which, non_existent="null") for which in ("earliest", "latest")
    )
    return first != last
