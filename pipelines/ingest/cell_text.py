"""What the text of a workbook's cell is: as Excel shows it, and only where that is all that the cell holds.

A workbook stores a number and how to show it. Where the two differ (a percentage, a rounded amount, a date without its
time), one of them would have to be guessed at, so the file is held. Dates become ISO 8601, by the workbook's own epoch.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation

from pipelines.ingest.problems import UnreadableFileError

BUILT_IN_FORMATS: Mapping[int, str] = {
    0: "General",
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    14: "yyyy-mm-dd",
    15: "d-mmm-yy",
    16: "d-mmm",
    17: "mmm-yy",
    18: "h:mm",
    19: "h:mm:ss",
    20: "h:mm",
    21: "h:mm:ss",
    22: "m/d/yy h:mm",
    45: "mm:ss",
    46: "h:mm:ss",
    47: "mm:ss",
    49: "@",
}
"""Formats that every workbook has without naming them; of those that are missing here (9 is 0 %) none is plain."""

NOT_SHOWN = re.compile(r"_.|\*.|\[(?![hms]+\])[^\]]*\]", re.IGNORECASE)
"""Padding, colours and locales in a format."""

LITERAL = re.compile(r'"[^"]*"|\\.')
"""Text that a format adds. Beside a day it is a separator; beside a number, such as $, it belongs to what is shown."""

PLAIN_NUMBER = re.compile(r"(?:#,##)?(?P<whole>0+)(?:\.(?P<decimals>0+))?")
DAY_ZERO = {False: datetime(1899, 12, 30), True: datetime(1904, 1, 1)}
FIRST_CERTAIN_DAY = 61
"""1 March 1900. Before it Excel counts a 29 February 1900 that never was."""
LAST_DAY = 2958465
"""31 December 9999."""
SECONDS_A_DAY = 86400
SECOND_TOLERANCE = 0.0005
"""Of a second: as exact as Excel stores a time."""
DIGITS = 15
"""So many digits Excel keeps; of a longer number the rest is lost."""


@dataclass(frozen=True)
class Shown:
    """How a number is shown: as `general`, as `number` with so many digits, as `date`, `time` or `other`."""

    kind: str
    whole: int = 1
    decimals: int = 0
    has_time: bool = False


def shown_as(format_code: str) -> Shown:
    """What a number format shows, by its first section, which is that of positive numbers."""
    code = NOT_SHOWN.sub("", format_code.split(";")[0]).strip()
    if code.casefold() in ("general", "@", ""):
        return Shown("general")
    if match := PLAIN_NUMBER.fullmatch(code):
        return Shown("number", len(match["whole"]), len(match["decimals"] or ""))
    letters = set(re.sub(r"am/pm|a/p", "h", LITERAL.sub("", code).casefold()))
    if letters - set("ymdhs[]:/-., 0t"):
        return Shown("other")
    has_time = bool(letters & set("hs"))
    if letters >= {"y", "m", "d"}:
        return Shown("date", has_time=has_time)
    return Shown("time" if has_time and not letters & set("yd") else "other")


def number_text(stored: str, shown: Shown, *, is_1904: bool) -> str:
    """The text of a number; raises UnreadableFileError where what is shown is not what is there."""
    try:
        value = Decimal(f"{float(stored):.{DIGITS}g}")
    except (ValueError, InvalidOperation):
        raise UnreadableFileError("xlsx.damaged") from None
    if not value.is_finite() or abs(value) >= 10**DIGITS:
        raise UnreadableFileError("xlsx.doubtful_number")
    if shown.kind == "date":
        return _date_text(float(stored), shown, is_1904)
    if shown.kind == "time":
        raise UnreadableFileError("xlsx.time_without_date")
    if shown.kind == "other":
        raise UnreadableFileError("xlsx.not_plain")
    if shown.kind == "general":
        return f"{value.normalize():f}"
    rounded = round(value, shown.decimals)
    if rounded != value:
        raise UnreadableFileError("xlsx.not_plain")
    sign, text = "-" if value < 0 else "", f"{abs(rounded):.{shown.decimals}f}"
    return sign + text.zfill(shown.whole + (shown.decimals + 1 if shown.decimals else 0))


def _date_text(serial: float, shown: Shown, is_1904: bool) -> str:
    if serial < (0 if is_1904 else FIRST_CERTAIN_DAY) or serial > LAST_DAY:
        raise UnreadableFileError("xlsx.doubtful_date")
    days, rest = divmod(serial, 1)
    seconds = rest * SECONDS_A_DAY
    if abs(seconds - round(seconds)) > SECOND_TOLERANCE or (round(seconds) and not shown.has_time):
        raise UnreadableFileError("xlsx.not_plain")
    moment = DAY_ZERO[is_1904] + timedelta(days=days, seconds=round(seconds))
    return moment.strftime("%Y-%m-%d %H:%M:%S" if shown.has_time else "%Y-%m-%d")
