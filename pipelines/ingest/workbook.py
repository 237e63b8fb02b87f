"""The parts of an .xlsx workbook that intake needs, read strictly: which sheets, which strings, how numbers are shown.

An .xlsx is a zip archive of XML (ECMA-376). Every part is parsed as a stream; a document type declaration, which no
workbook has and with which XML can be made to explode, is refused.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar
from xml.parsers import expat

from pipelines.ingest.archives import ENCRYPTED, UNREADABLE
from pipelines.ingest.cell_text import BUILT_IN_FORMATS, Shown, shown_as
from pipelines.ingest.content import MAX_RATIO, RATIO_MATTERS_FROM
from pipelines.ingest.problems import UnreadableFileError
from schemas.file_terms import FileTerms

BLOCK = 2**18

MAX_UNPACKED_BYTES = 4 * 2**30
"""A full sheet (1,048,576 rows) of twenty columns is about one; its strings are held in memory."""

MAX_TEXT = 2**17
"""Excel ends a cell at 32,767 characters."""

ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
"""How a workbook writes a character that XML cannot hold."""

Attributes = Mapping[str, str]


@dataclass(frozen=True)
class Sheet:
    """A worksheet: its name, where it is in the archive, whether it is shown."""

    name: str
    path: str
    is_hidden: bool


@dataclass(frozen=True)
class Workbook:
    """What the cells of every sheet are read by."""

    sheets: tuple[Sheet, ...]
    strings: tuple[str, ...]
    styles: tuple[Shown, ...]
    is_1904: bool

    def the_sheet(self, terms: FileTerms) -> Sheet:
        """The sheet that holds the rows; raises UnreadableFileError when that is not certain."""
        if any(sheet.is_hidden for sheet in self.sheets):
            raise UnreadableFileError("xlsx.hidden_sheet")
        if terms.worksheet is None:
            if len(self.sheets) != 1:
                raise UnreadableFileError("xlsx.several_sheets", f"{len(self.sheets)} sheets")
            return self.sheets[0]
        for sheet in self.sheets:
            if sheet.name.casefold() == terms.worksheet.casefold():
                return sheet
        raise UnreadableFileError("xlsx.no_such_sheet")


class Handler:
    """Hears what stands in a part; elements come under their local names."""

    def start(self, name: str, attributes: Attributes) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """An element ends."""

    def text(self, text: str) -> None:
        """Text, or a piece of it."""


H = TypeVar("H", bound=Handler)


def check_size(archive: zipfile.ZipFile, terms: FileTerms) -> None:
    """Raise UnreadableFileError for a workbook that unpacks to too much, or is encrypted."""
    members = archive.infolist()
    unpacked = sum(member.file_size for member in members)
    densest = MAX_RATIO * sum(member.compress_size for member in members)
    if unpacked > min(terms.max_file_bytes, MAX_UNPACKED_BYTES) or (
        unpacked > RATIO_MATTERS_FROM and unpacked > densest
    ):
        raise UnreadableFileError("xlsx.too_large")
    if any(member.flag_bits & ENCRYPTED for member in members):
        raise UnreadableFileError("xlsx.encrypted")


def open_workbook(archive: zipfile.ZipFile) -> Workbook:
    """What a workbook says of its sheets, strings and styles; raises UnreadableFileError."""
    names = set(archive.namelist())
    main = next((path for kind, path in _relations(archive, "").values() if kind == "officeDocument"), "")
    if main not in names:
        raise UnreadableFileError("xlsx.damaged")
    related = _relations(archive, main)
    book = _parsed(archive, main, _Book())
    sheets = tuple(
        Sheet(name, related[key][1], state != "visible")
        for name, key, state in book.sheets
        if related.get(key, ("", ""))[0] == "worksheet"
    )
    of_kind = {kind: path for kind, path in related.values() if path in names}
    strings = _parsed(archive, of_kind["sharedStrings"], Strings()).strings if "sharedStrings" in of_kind else []
    styles = _parsed(archive, of_kind["styles"], _Styles()).shown() if "styles" in of_kind else (shown_as("General"),)
    return Workbook(sheets, tuple(strings), styles, book.is_1904)


def parse(archive: zipfile.ZipFile, path: str, handler: Handler) -> Iterator[None]:
    """Feed a part of the archive to a handler, a block at a time; raises UnreadableFileError."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = lambda name, attributes: handler.start(_local(name), attributes)
    parser.EndElementHandler = lambda name: handler.end(_local(name))
    parser.CharacterDataHandler = handler.text
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        with archive.open(path) as part:
            while block := part.read(BLOCK):
                parser.Parse(block, False)
                yield
            parser.Parse(b"", True)
            yield
    except (expat.ExpatError, KeyError, *UNREADABLE):
        raise UnreadableFileError("xlsx.damaged") from None


def plain(text: str) -> str:
    """A text with its escaped characters as they are."""
    return ESCAPED.sub(_unescaped, text) if "_x" in text else text


class Strings(Handler):
    """The shared strings in order; pieces of rich text are joined, readings (furigana) left out."""

    def __init__(self) -> None:
        self.strings: list[str] = []
        self._pieces: list[str] = []
        self._length = 0
        self._is_text = self._is_reading = False

    def start(self, name: str, attributes: Attributes) -> None:
        """An element begins."""
        self._is_reading |= name == "rPh"
        self._is_text = name == "t" and not self._is_reading

    def text(self, text: str) -> None:
        """Text, or a piece of it."""
        if self._is_text:
            self._pieces.append(text)
            self._length += len(text)
            if self._length > MAX_TEXT:
                raise UnreadableFileError("xlsx.damaged")

    def end(self, name: str) -> None:
        """An element ends."""
        self._is_text = False
        self._is_reading &= name != "rPh"
        if name in ("si", "is"):
            self.strings.append(plain("".join(self._pieces)))
            self._pieces, self._length = [], 0


class _Book(Handler):
    def __init__(self) -> None:
        self.sheets: list[tuple[str, str, str]] = []
        self.is_1904 = False

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "workbookPr":
            self.is_1904 = attributes.get("date1904", "0") in ("1", "true")
        if name == "sheet":
            key = next((value for key, value in attributes.items() if _local(key) == "id"), "")
            self.sheets.append((attributes.get("name", ""), key, attributes.get("state", "visible")))


class _Styles(Handler):
    def __init__(self) -> None:
        self.codes = dict(BUILT_IN_FORMATS)
        self.cells: list[int] = []
        self._inside = False

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "numFmt":
            self.codes[int(attributes["numFmtId"])] = attributes["formatCode"]
        self._inside |= name == "cellXfs"
        if name == "xf" and self._inside:
            self.cells.append(int(attributes.get("numFmtId", "0")))

    def end(self, name: str) -> None:
        self._inside &= name != "cellXfs"

    def shown(self) -> tuple[Shown, ...]:
        """How each cell style shows a number."""
        return tuple(shown_as(self.codes[cell]) if cell in self.codes else Shown("other") for cell in self.cells)


class _Relations(Handler):
    def __init__(self) -> None:
        self.found: dict[str, tuple[str, str]] = {}

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            kind = attributes.get("Type", "").rpartition("/")[2]
            self.found[attributes.get("Id", "")] = (kind, attributes.get("Target", ""))


def _relations(archive: zipfile.ZipFile, path: str) -> dict[str, tuple[str, str]]:
    """What a part points at: kind and path within the archive, by id."""
    folder, name = posixpath.split(path)
    listing = posixpath.join(folder, "_rels", f"{name}.rels")
    found = _parsed(archive, listing, _Relations()).found
    return {key: (kind, _within(folder, target)) for key, (kind, target) in found.items()}


def _within(folder: str, target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))


def _parsed(archive: zipfile.ZipFile, path: str, handler: H) -> H:
    for _ in parse(archive, path, handler):
        pass
    return handler


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def _refuse_doctype(*_: object) -> None:
    raise UnreadableFileError("xlsx.damaged")


def _unescaped(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    is_character = code and not 0xD800 <= code <= 0xDFFF
    return chr(code) if is_character else match[0]
