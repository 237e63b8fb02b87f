"""A look at a file's first bytes and its header, before it is read as rows.

What is found here holds the whole delivery: a file that is not what its contract says, or one without a header that
can be believed, would be read wrongly without an error.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

from pipelines.ingest.problems import UnreadableFileError
from pipelines.ingest.records import Readable, Records, read_records
from pipelines.ingest.sent_names import ENCRYPTED, GZIP, SentName
from schemas.data_contract import DataContract
from schemas.file_terms import DELIMITERS, FileTerms

MAX_COLUMNS = 1000
"""HMIS's widest file has 77."""

MAX_HEADER_BYTES = 2**20
"""A thousand names of a hundred letters have a tenth of that. Title lines count as well."""

TITLE_LINES_LOOKED_AT = 20

GZIP_MARK = b"\x1f\x8b"
ZIP_MARK = b"PK\x03\x04"
OLD_OFFICE_MARK = bytes.fromhex("d0cf11e0a1b11ae1")
"""A compound file: .xls, or a workbook with a password."""
ENCRYPTED_MARKS = (b"-----BEGIN PGP", b"-----BEGIN AGE", b"age-encryption.org/")
PGP_PACKETS = b"\x84\x85\x8c\x8d\xc1\xc3"
"""First byte of an encrypted OpenPGP message: a session key for a public key, or for a passphrase."""
PGP_VERSIONS = b"\x03\x04\x05\x06"
"""Stands behind the packet's length of one byte or two. No text has these control characters there."""
MARK_BYTES = 64


@dataclass(frozen=True)
class Header:
    """The columns of a file in its own order and spelling."""

    columns: tuple[str, ...]


def check_kind(mark: bytes, one: SentName) -> None:
    """Raise UnreadableFileError if a file's first bytes, or its name, say that it is not what its contract wants."""
    if not mark:
        raise UnreadableFileError("file.empty")
    if _is_encrypted(mark) or one.packing in ENCRYPTED:
        raise UnreadableFileError("file.encrypted")
    if one.packing not in ("", GZIP):
        raise UnreadableFileError("file.packed_otherwise")
    formats = one.contract.files.file_formats
    if mark.startswith(OLD_OFFICE_MARK):
        raise UnreadableFileError("xlsx.encrypted" if one.is_workbook and "xlsx" in formats else "file.not_csv")
    if one.is_workbook or mark.startswith(ZIP_MARK):
        _check_workbook(mark, one)
    elif mark.startswith(GZIP_MARK) and not one.packing:
        raise UnreadableFileError("file.packed_unnamed")


def _check_workbook(mark: bytes, one: SentName) -> None:
    if "xlsx" not in one.contract.files.file_formats or not one.is_workbook:
        raise UnreadableFileError("file.not_csv")
    if not mark.startswith(ZIP_MARK) or one.packing or not one.name.casefold().endswith(".xlsx"):
        raise UnreadableFileError("file.not_xlsx")


def _is_encrypted(mark: bytes) -> bool:
    is_packet = mark[0] in PGP_PACKETS and any(byte in PGP_VERSIONS for byte in mark[2:4])
    return is_packet or mark.startswith(ENCRYPTED_MARKS)


def read_header(text: Readable, contract: DataContract, skipped_lines: int) -> Header:
    """The header of a text that is read from its beginning; raises UnreadableFileError if it cannot be one."""
    head = _head(text, skipped_lines)
    if not head:
        raise UnreadableFileError("file.empty")
    if head.startswith(b"sep=") and len(head.split(b"\n", 1)[0].rstrip(b"\r\n")) <= len("sep=,"):
        raise UnreadableFileError("file.sep_line")
    first = next(iter(read_records(io.BytesIO(head), delimiter=contract.files.delimiter)))
    if not len(first.starts) or any(start == 0 for start, _, _ in first.refused):
        raise UnreadableFileError("file.malformed_header")
    if int(first.ends[0]) >= MAX_HEADER_BYTES:
        raise UnreadableFileError("file.header_too_long", f"more than {MAX_HEADER_BYTES} bytes")
    try:
        names = _names(first, 0, contract.files)
    except csv.Error:
        raise UnreadableFileError("file.malformed_header") from None
    _check_names(names, contract.files)
    _check_title(names, first, contract)
    return Header(names)


def skip_lines(text: Readable, lines: int) -> bytes:
    """Read past so many physical lines; returns what was read beyond them."""
    head = b""
    while lines or not head:
        if len(head) > MAX_HEADER_BYTES:
            raise UnreadableFileError("file.header_too_long", f"more than {MAX_HEADER_BYTES} bytes")
        block = text.read(MAX_HEADER_BYTES)
        head += block
        while lines and (end := _line_end(head, at_eof=not block)) is not None:
            head, lines = head[end:], lines - 1
        if not block:
            break
    return head


def _head(text: Readable, lines: int) -> bytes:
    head = skip_lines(text, lines)
    while len(head) <= MAX_HEADER_BYTES and (block := text.read(MAX_HEADER_BYTES)):
        head += block
    return head


def _line_end(head: bytes, *, at_eof: bool) -> int | None:
    feed, back = head.find(b"\n"), head.find(b"\r")
    if back >= 0 and (feed < 0 or back < feed):
        if back + 1 == len(head) and not at_eof:
            return None
        return back + (2 if feed == back + 1 else 1)
    return feed + 1 if feed >= 0 else None


def _names(records: Records, i: int, terms: FileTerms) -> tuple[str, ...]:
    line = bytes(records.content[records.starts[i] : records.ends[i]]).decode("utf-8", "replace")
    rows = list(csv.reader(io.StringIO(line, newline=""), delimiter=terms.delimiter, strict=True))
    return tuple(name.strip() for name in rows[0]) if rows else ("",)


def _check_names(names: tuple[str, ...], terms: FileTerms) -> None:
    if len(names) > MAX_COLUMNS:
        raise UnreadableFileError("file.too_many_columns", f"{len(names)} columns")
    others = [one for one in DELIMITERS if one != terms.delimiter]
    if len(names) == 1 and any(delimiter in names[0] for delimiter in others):
        raise UnreadableFileError("file.wrong_delimiter", DELIMITERS[terms.delimiter])
    if not all(names):
        raise UnreadableFileError("file.empty_column_name")
    if len({name.casefold() for name in names}) < len(names):
        raise UnreadableFileError("file.duplicate_column")


def _check_title(names: tuple[str, ...], records: Records, contract: DataContract) -> None:
    """A header none of whose names the contract knows, above a line that has most of them, is a title."""
    spellings = {name.casefold() for column in contract.columns for name in (column.name, *column.aliases)}
    if spellings & {name.casefold() for name in names}:
        return
    for i in range(1, min(len(records.starts), TITLE_LINES_LOOKED_AT)):
        try:
            found = {name.casefold() for name in _names(records, i, contract.files)}
        except csv.Error:
            continue
        if 2 * len(spellings & found) > len(contract.columns):
            raise UnreadableFileError("file.title_lines", f"the header is on line {int(records.lines[i])}")
