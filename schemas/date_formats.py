"""How a date or timestamp may be written, and nothing else.

A format is a strptime pattern of fixed width; its regular expression says which texts it may read, so that no
library's leniency ever turns `5.6` into a day.
"""

from __future__ import annotations

import re

PARTS = {
    "%Y": "[0-9]{4}",
    "%y": "[0-9]{2}",
    "%m": "[0-9]{2}",
    "%d": "[0-9]{2}",
    "%H": "(?:[01][0-9]|2[0-3])",
    "%M": "[0-5][0-9]",
    "%S": "[0-5][0-9]",
}
"""The directives we read, all of fixed width."""

DATE_PARTS = ("%m", "%d")


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
