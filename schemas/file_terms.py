"""What a data contract says of the files of a table: bytes, line ends, packing, before anyone looks at a row."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from schemas.contract_fields import Fields

if TYPE_CHECKING:
    from schemas.data_contract import DataContract, DataContracts

FILE_PROPERTIES = {
    "encodings",
    "delimiter",
    "fileFormats",
    "worksheet",
    "skipLines",
    "trailer",
    "maxFileBytes",
    "checksum",
    "doneMarker",
}

ENCODINGS = ("utf-8", "utf-16", "windows-1252", "iso-8859-1")
FILE_FORMATS = ("csv", "xlsx")
DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
"""What may stand between fields, with how people call it."""

NEEDS = ("none", "optional", "required")

MAX_SKIPPED_LINES = 100
"""More lines than this before a header are no title."""

DEFAULT_MAX_FILE_BYTES = 64 * 2**30
"""Unpacked. Fifty million rows of HMIS's widest file are about 20 GiB; a statement of size, against accidents."""


@dataclass(frozen=True)
class Trailer:
    """The last row of a file, which is no row: how it is known, and which of its fields holds the number of rows."""

    pattern: str
    """Regular expression that matches the whole line."""
    rows_field: int | None = None
    """1 is the line's first field; None when the trailer tells no number."""


@dataclass(frozen=True)
class FileTerms:
    """How the files of a table come. UTF-8 and commas always may; the rest only where the contract says so."""

    encodings: tuple[str, ...] = ("utf-8",)
    delimiter: str = ","
    file_formats: tuple[str, ...] = ("csv",)
    worksheet: str | None = None
    """The sheet of a workbook that holds the rows; None: the only one."""
    skip_lines: int = 0
    """Lines before the header: a title, or Excel's `sep=`."""
    trailer: Trailer | None = None
    max_file_bytes: int = DEFAULT_MAX_FILE_BYTES
    """Unpacked."""
    checksum: str = "optional"
    """Whether `<file>.sha256`, `<file>.md5`, SHA256SUMS or MD5SUMS comes along; one that is there is always checked."""
    done_marker: str = "optional"
    """Whether `<file>.done`, or one for the whole delivery, says that the file is complete."""


def read(fields: Fields) -> FileTerms:
    """The file terms among the properties of a table; raises ContractError for a value of the wrong shape."""
    return FileTerms(
        encodings=fields.texts("encodings", ("utf-8",)),
        delimiter=str(fields.get("delimiter", ",")),
        file_formats=fields.texts("fileFormats", ("csv",)),
        worksheet=None if fields.get("worksheet") is None else str(fields.get("worksheet")),
        skip_lines=_whole(fields, "skipLines", 0),
        trailer=_trailer(fields),
        max_file_bytes=_whole(fields, "maxFileBytes", DEFAULT_MAX_FILE_BYTES),
        checksum=str(fields.get("checksum", "optional")),
        done_marker=str(fields.get("doneMarker", "optional")),
    )


def check(contract: DataContract, _: DataContracts) -> None:
    """Raise ContractError, naming file, field and mend, for the first term that cannot be kept."""
    terms = contract.files
    fields = Fields(f"{contract.agency}/{contract.path.name}", "", {})
    _among(fields, "encodings", terms.encodings, ENCODINGS)
    _among(fields, "fileFormats", terms.file_formats, FILE_FORMATS)
    _among(fields, "delimiter", (terms.delimiter,), tuple(DELIMITERS))
    _among(fields, "checksum", (terms.checksum,), NEEDS)
    _among(fields, "doneMarker", (terms.done_marker,), NEEDS)
    if terms.worksheet is not None and "xlsx" not in terms.file_formats:
        fields.refuse("worksheet", "is named, and fileFormats has no xlsx; add it or remove the worksheet")
    if not 0 <= terms.skip_lines <= MAX_SKIPPED_LINES:
        fields.refuse("skipLines", f"must be between 0 and {MAX_SKIPPED_LINES}")
    if terms.max_file_bytes <= 0:
        fields.refuse("maxFileBytes", "must be more than 0")


def _among(fields: Fields, name: str, given: tuple[str, ...], known: tuple[str, ...]) -> None:
    if not given or set(given) - set(known):
        fields.refuse(name, f"must be of {', '.join(map(repr, known))}")


def _whole(fields: Fields, name: str, default: int) -> int:
    value: Any = fields.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int):
        fields.refuse(name, "must be a whole number")
    return value


def _trailer(fields: Fields) -> Trailer | None:
    given = fields.get("trailer")
    if given is None:
        return None
    if not isinstance(given, dict) or set(given) - {"pattern", "rowsField"} or "pattern" not in given:
        fields.refuse("trailer", "must be {pattern: regular expression, rowsField: number of a field}")
    terms = Fields(fields.file, f"{fields.place}trailer.", given)
    try:
        re.compile(str(given["pattern"]))
    except re.error:
        terms.refuse("pattern", "is no regular expression")
    rows_field = _whole(terms, "rowsField", 0)
    if rows_field < 0:
        terms.refuse("rowsField", "must be 1 for the first field of the line")
    return Trailer(str(given["pattern"]), rows_field or None)
