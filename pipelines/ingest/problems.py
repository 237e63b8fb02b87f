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


class UnreadableFileError(Exception):
    """A file that cannot be read as its contract says: the rule it breaks, and where or how much, never what."""

    def __init__(self, rule_id: str, detail: str = "") -> None:
        super().__init__(rule_id)
        self.rule_id, self.detail = rule_id, detail


MENDS = {
    "file.empty": "send the file with its header line; a header alone says that there are no rows",
    "file.not_utf8": "export the file as UTF-8",
    "file.not_in_declared_encoding": "the file is in none of the encodings of its contract; export it as UTF-8",
    "file.utf16": "the file is UTF-16; export it as UTF-8, or declare utf-16 among the contract's encodings",
    "file.utf32": "the file is UTF-32; export it as UTF-8",
    "file.double_encoded": "text was encoded twice (é became Ã©), so names are misspelt; export it once",
    "file.encrypted": "the file is encrypted, and there is no key here; send it plain over the protected channel",
    "file.not_csv": "the file is a workbook, and the contract wants CSV; export it as CSV UTF-8",
    "file.not_xlsx": "the file is no .xlsx workbook; save it as .xlsx or export it as CSV UTF-8",
    "file.packed_otherwise": "send it plain, as .gz, or the whole delivery as one .zip",
    "file.packed_unnamed": "the file is packed, and its name does not say so; add .gz to the name of a gzip file",
    "file.too_large": "the file is larger than its contract allows; send it in parts or raise maxFileBytes",
    "file.checksum_mismatch": "the file is not the one that its checksum was made of; send both again",
    "file.checksum_missing": "the contract wants a checksum beside the file; send <file>.sha256",
    "file.checksum_unreadable": "the checksum file names no checksum of this file; write it as sha256sum does",
    "file.sep_line": "the first line is Excel's sep= line; export without it or declare skipLines",
    "file.title_lines": "lines stand before the header; export without them or declare skipLines",
    "file.header_too_long": "the header is longer than any table's; let line 1 be the header",
    "file.trailer_row": "the last line is a trailer and no row; export without it or declare trailer",
    "file.no_trailer": "the last line is not the trailer that the contract declares; send the file whole",
    "file.trailer_disagrees": "the trailer tells another number of rows than the file has; send the file whole",
    "gzip.damaged": "the gzip file is damaged or cut off; send it again",
    "gzip.too_large": "the gzip file unpacks to more than is allowed; send the file unpacked",
    "xlsx.damaged": "the workbook cannot be read; save it again or export it as CSV UTF-8",
    "xlsx.encrypted": "the workbook is encrypted or in the old .xls form; save it as .xlsx without a password",
    "xlsx.too_large": "the workbook unpacks to more than is allowed; send it as CSV UTF-8",
    "xlsx.several_sheets": "the workbook has several sheets; send one, or declare the worksheet",
    "xlsx.no_such_sheet": "the workbook lacks the worksheet that the contract names; name the sheet so",
    "xlsx.hidden_sheet": "the workbook has hidden sheets, which may hold what nobody meant to send; remove them",
    "xlsx.hidden_cells": "rows or columns of the sheet are hidden or filtered away; show or remove them",
    "xlsx.merged_cells": "cells are merged, so it is not certain which row they belong to; unmerge them",
    "xlsx.formula_without_value": "a formula has no stored result; open, recalculate and save the workbook",
    "xlsx.error_value": "a cell holds an error such as #N/A; mend it or leave it empty",
    "xlsx.not_plain": "the cell shows another text than it holds; format it as text, general, whole number or date",
    "xlsx.doubtful_number": "the number has more than 15 digits, of which Excel keeps 15; format the column as text",
    "xlsx.doubtful_date": "the day lies before 1 March 1900, where Excel's calendar is wrong; send the column as text",
    "xlsx.time_without_date": "a time without its day was sent; send the whole timestamp",
    "file.nul_byte": "the file holds NUL bytes, as a damaged or binary file does; export it again",
    "file.wrong_delimiter": "the header has one column and other delimiters in it; export with that of the contract",
    "file.empty_column_name": "a header cell is empty, as after a title or sep= line; let line 1 be the header",
    "file.duplicate_column": "two header cells have the same name (case does not count); keep one",
    "file.too_many_columns": "the header has more columns than any table; let line 1 be the header",
    "file.malformed_header": "the header line is not well quoted; export it again",
    "file.truncated": "the last line stops before its last column; the file was cut off, send it whole",
    "file.line_too_long": "a line is longer than any row can be; let each row end with a line feed",
    "file.mostly_unreadable": "too many rows cannot be read as rows; check the export's quoting and delimiter",
    "file.unreadable": "the file cannot be read as CSV; export it again with standard quoting",
    "file.changed_while_read": "the file changed while it was read; put it there under a .part name until it is whole",
    "delivery.same_file_twice": "two files hold the same table, or have the same name but for upper and lower case; "
    "send one, or number the parts: .part2, .part3, …",
    "delivery.bad_name": "name the folder or archive <YYYY-MM-DD> or <YYYY-MM-DD>.r2, .r3, …",
    "delivery.not_a_file": "links and special files are not read; put plain files there",
    "delivery.unknown_agency": "there is no contract for this agency; add one or remove its folder",
    "delivery.no_files": "the delivery holds no file of any contract; send the files that the contracts name",
    "delivery.same_revision_twice": "another delivery has this date and revision with other content; send it as .rN",
    "zip.damaged": "the archive is damaged or cut off; send it again",
    "zip.encrypted": "the archive is encrypted; send it over the protected channel without a password",
    "zip.not_flat": "the archive holds folders, links or paths that lead elsewhere; put the files in flat",
    "zip.nested": "the archive holds another archive; put the files in flat",
    "zip.not_kept": "the archive holds files that no contract names, so its other files were kept one by one",
    "zip.too_large": "the archive unpacks to more than is allowed; send the files unpacked",
    "delivery.rows_deleted": "rows of deleted clients were taken out; the bytes as sent are not kept",
    "file.no_contract": "files that no contract names were not read",
    "file.blank_lines": "blank lines are no rows and were passed over",
}
"""What the sender should do, by rule."""


def problem(rule_id: str, file: str = "", column: str = "", detail: str = "") -> Problem:
    """A problem with its mend; `detail` may hold positions and counts, never content."""
    mend = MENDS[rule_id]
    return Problem(rule_id, file, column, f"{mend} ({detail})" if detail else mend)
