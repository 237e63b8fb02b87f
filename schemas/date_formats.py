"""How a date or timestamp may be written, and nothing else.

A format is a strptime pattern of fixed width; its regular expression says which texts it may read, so that no
library's leniency ever turns `5.6` into a day. A year of two digits is read only with a declared century: `%y` is
rewritten to `%Y` before anything is parsed.
"""

from __future__ import annotations

import re

import polars as pl

PARTS = {
    "%Y": "(?:[1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])",
    "%y": "[0-9]{2}",
    "%m": "[0-9]{2}",
    "%d": "[0-9]{2}",
    "%H": "(?:[01][0-9]|2[0-3])",
    "%M": "[0-5][0-9]",
    "%S": "[0-5][0-9]",
}
"""The directives we read, all of fixed width. There is no year 0000, and what calls itself so means no date at all."""

DATE_PARTS = ("%m", "%d")
TWO_DIGIT_YEAR = "%y"
WIDTHS = {part: 4 if part == "%Y" else 2 for part in PARTS}


def pattern_of(date_format: str) -> str:
    """The anchored regular expression of the texts that a format reads; raises ValueError if we cannot read it."""
    pieces = re.split(r"(%.)", date_format)
    for piece in pieces:
        if piece.startswith("%") and piece not in PARTS:
            raise ValueError(f"{piece} is not read; known: {' '.join(PARTS)}")
    if not all(part in pieces for part in DATE_PARTS) or not {"%Y", "%y"} & set(pieces):
        raise ValueError("must hold a year, a month and a day")
    return "^" + "".join(PARTS.get(piece, re.escape(piece)) for piece in pieces) + "$"


def has_time(date_format: str) -> bool:
    """Whether a format tells the time of day."""
    return "%H" in date_format


def has_short_year(date_format: str) -> bool:
    """Whether a format's year has two digits."""
    return TWO_DIGIT_YEAR in date_format


def parsed(text: pl.Expr, date_format: str, century_from: int | None) -> pl.Expr:
    """The time that a text says; null unless it is written exactly in the format and exists."""
    exact: pl.Expr = pl.when(text.str.contains(pattern_of(date_format))).then(text)
    if has_short_year(date_format) and century_from is not None:
        exact, date_format = _with_century(exact, date_format, century_from)
    return exact.str.to_datetime(date_format, strict=False)


def _with_century(text: pl.Expr, date_format: str, century_from: int) -> tuple[pl.Expr, str]:
    """The same texts with years of four digits, and their format."""
    before = date_format[: date_format.index(TWO_DIGIT_YEAR)]
    at = sum(WIDTHS.get(piece, len(piece)) for piece in re.split(r"(%.)", before))
    century, first = divmod(century_from, 100)
    is_early = text.str.slice(at, 2).cast(pl.Int8, strict=False) < first
    digits = pl.when(is_early).then(pl.lit(f"{century + 1:02}")).otherwise(pl.lit(f"{century:02}"))
    return text.str.slice(0, at) + digits + text.str.slice(at), date_format.replace(TWO_DIGIT_YEAR, "%Y", 1)
