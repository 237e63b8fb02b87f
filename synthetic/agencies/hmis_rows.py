"""HMIS files: every HUD column in HUD's order, empty where this county writes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import polars as pl

from synthetic.agencies.extract import ENTERED, moments
from synthetic.names import read_data
from synthetic.times import CUTS, Ints

USER = "17"


@cache
def hud_columns(file: str) -> tuple[str, ...]:
    """The columns of a file, in order."""
    return tuple(read_data("hmis_columns").filter(file=file)["column"])


def hud_frame(file: str, columns: Sequence[pl.Series], created: Ints, updated: Ints) -> pl.DataFrame:
    """Rows of a HUD file; `created` and `updated` are seconds. ExportID is filled in when the night is delivered."""
    frame = pl.DataFrame(
        [*columns, moments("DateCreated", created), moments("DateUpdated", updated), pl.Series(ENTERED, updated)]
    )
    frame = frame.with_columns(pl.lit(USER).alias("UserID"))
    empty = [pl.lit(None, dtype=pl.String).alias(name) for name in hud_columns(file) if name not in frame.columns]
    return frame.with_columns(empty).select(*hud_columns(file), ENTERED).filter(pl.col(ENTERED) <= int(CUTS[-1]))
