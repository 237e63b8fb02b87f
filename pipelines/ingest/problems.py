"""What can be wrong with a delivery before anyone looks at a row.

A problem names a rule, a file, sometimes a column of the contract, and what the sender should do. It never carries
anything that a file held: not a value, and not a header of an unknown column, which in a file without a header is a
person's data.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """A reason to hold a delivery, or a warning about it; `file` and `column` are empty when they do not apply."""

    rule_id: str
    file: str
    column: str
    mend: str


MENDS = {
    "file.empty": "send the file with its header line; a header alone says that there are no rows",
    "file.not_utf8": "export the file as UTF-8",
    "file.utf16": "the file is UTF-16; export it as UTF-8",
    "file.nul_byte": "the file holds NUL bytes, as a damaged or binary file does; export it again",
    "file.wrong_delimiter": "the header has one column and other delimiters in it; export with commas",
    "file.empty_column_name": "a header cell is empty, as after a title or sep= line; let line 1 be the header",
    "file.duplicate_column": "two header cells have the same name (case does not count); keep one",
    "file.too_many_columns": "the header has more columns than any table; let line 1 be the header",
    "file.malformed_header": "the header line is not well quoted; export it again",
    "file.truncated": "the last line stops before its last column; the file was cut off, send it whole",
    "file.line_too_long": "a line is longer than any row can be; let each row end with a line feed",
    "file.mostly_unreadable": "too many rows cannot be read as rows; check the export's quoting and delimiter",
    "file.unreadable": "the file cannot be read as CSV; export it again with standard quoting",
    "file.changed_while_read": "the file changed while it was read; put it there under a .part name until it is whole",
    "delivery.same_file_twice": "two files have the same name but for upper and lower case; send one",
    "delivery.bad_name": "name the folder or archive <YYYY-MM-DD> or <YYYY-MM-DD>.r2, .r3, …",
    "delivery.not_a_file": "links and special files are not read; put plain files there",
    "delivery.unknown_agency": "there is no contract for this agency; add one or remove its folder",
    "delivery.no_files": "the delivery holds no file of any contract; send the files that the contracts name",
    "delivery.same_revision_twice": "another delivery has this date and revision with other content; send it as .rN",
    "zip.damaged": "the archive is damaged or cut off; send it again",
    "zip.encrypted": "the archive is encrypted; send it over the protected channel without a password",
    "zip.not_flat": "the archive holds folders, links or paths that lead elsewhere; put the files in flat",
    "zip.nested": "the archive holds another archive; put the files in flat",
    "zip.too_large": "the archive unpacks to more than is allowed; send the files unpacked",
    "file.no_contract": "files that no contract names were not read",
    "file.blank_lines": "blank lines are no rows and were passed over",
}
"""What the sender should do, by rule."""


def problem(rule_id: str, file: str = "", column: str = "", detail: str = "") -> Problem:
    """A problem with its mend; `detail` may hold positions and counts, never content."""
    mend = MENDS[rule_id]
    return Problem(rule_id, file, column, f"{mend} ({detail})" if detail else mend)
