"""The files of one delivery on their way to tables of text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np

from pipelines.ingest import preflight
from pipelines.ingest.content import Opener, SentOpener, Text, encoding_of, unpacked
from pipelines.ingest.delivery import UNREADABLE, SentArchive, SentFile, open_sent
from pipelines.ingest.preflight import Header, check_kind, read_header
from pipelines.ingest.problems import Problem, UnreadableFileError, problem
from pipelines.ingest.rows import Chunk, NotAsCountedError, Rows
from pipelines.ingest.sent_names import SentName
from pipelines.ingest.sheet import open_sheet
from pipelines.ingest.text_table import Part, write_text_table, write_unreadable

WORKBOOK = "xlsx"
"""Stands for the encoding of a workbook, which has its own."""


@dataclass
class Reading:
    """What is known so far of the files of one delivery."""

    folder: Path
    archive: SentArchive | None
    files: dict[str, SentFile]
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def table(self, sent: list[SentName]) -> None:
        """Read every file of a table, in the order of their parts, into one Parquet table."""
        opened = [self._opened(one) for one in sorted(sent, key=lambda one: (one.part, one.name))]
        sources = [source for source in opened if source]
        if len(sources) < len(sent):
            return
        table, target = sent[0].contract.table, self.folder / f"{sent[0].contract.table}.parquet"
        try:
            write_text_table([Part(one.sent.name, one.columns, self._rows(one)) for one in sources], target)
        except _GivenUpError:
            target.unlink(missing_ok=True)
        unreadable = [(one.sent.name, row) for one in sources for row in one.rows.unreadable]
        if unreadable:
            write_unreadable(unreadable, self.folder / UNREADABLE / f"{table}.parquet")

    def _opened(self, one: SentName) -> _Source | None:
        """A file whose first bytes and header are as they should be."""
        try:
            source = _Source.of(one, partial(open_sent, self.folder, one.name, self.archive), self.files[one.name])
        except UnreadableFileError as bad:
            self.problems.append(problem(bad.rule_id, one.name, detail=bad.detail))
            return None
        self.files[one.name] = replace(self.files[one.name], columns=source.columns, encoding=source.encoding)
        return source

    def _rows(self, source: _Source) -> Iterator[Chunk]:
        """The rows of a file; what was found wrong on the way is noted at its end."""
        name = source.sent.name
        try:
            yield from source.chunks()
        except UnreadableFileError as bad:
            self.problems.append(problem(bad.rule_id, name, detail=bad.detail))
            raise _GivenUpError from None
        except NotAsCountedError:
            self.problems.append(problem("file.unreadable", name))
            raise _GivenUpError from None
        finally:
            self._note(name, source)

    def _note(self, name: str, source: _Source) -> None:
        rows = source.rows
        self.files[name] = replace(
            self.files[name], rows=rows.readable, unreadable_rows=len(rows.unreadable), blank_lines=rows.blank_lines
        )
        if rows.is_truncated:
            self.problems.append(problem("file.truncated", name))
        if rows.blank_lines:
            self.warnings.append(problem("file.blank_lines", name, detail=f"{rows.blank_lines} lines"))
        if source.double_encoded:
            self.warnings.append(problem("file.double_encoded", name, detail=f"{source.double_encoded} times"))


class _GivenUpError(Exception):
    """A file was found wrong as a whole while its rows were read."""


@dataclass
class _Source:
    """One file that can be read as rows."""

    sent: SentName
    columns: tuple[str, ...]
    encoding: str
    open_sent: SentOpener
    open_content: Opener
    size: int
    rows: Rows
    double_encoded: int = 0

    @classmethod
    def of(cls, one: SentName, open_sent_file: SentOpener, file: SentFile) -> _Source:
        """A file as its first bytes and its header describe it; raises UnreadableFileError."""
        with open_sent_file() as stream:
            check_kind(stream.read(preflight.MARK_BYTES), one)
        terms = one.contract.files
        if one.is_workbook:
            return cls._of_workbook(one, open_sent_file, file)
        open_content = partial(unpacked, open_sent_file, file.bytes, one.packing, terms)
        encoding = encoding_of(open_content, terms)
        with open_content() as stream:
            header: Header = read_header(Text(stream, encoding), one.contract, terms.skip_lines)
        return cls(
            one, header.columns, encoding, open_sent_file, open_content, file.bytes, Rows(len(header.columns), terms)
        )

    @classmethod
    def _of_workbook(cls, one: SentName, open_sent_file: SentOpener, file: SentFile) -> _Source:
        with open_sent_file() as stream, open_sheet(stream, one.contract.files) as text:
            header = read_header(text, one.contract, skipped_lines=0)
        rows = Rows(len(header.columns), one.contract.files)
        return cls(one, header.columns, WORKBOOK, open_sent_file, open_sent_file, file.bytes, rows)

    def chunks(self) -> Iterator[Chunk]:
        """The rows of the file, a chunk at a time."""
        return self._of_sheet() if self.sent.is_workbook else self._of_text()

    def _of_sheet(self) -> Iterator[Chunk]:
        with self.open_sent() as stream, open_sheet(stream, self.sent.contract.files) as text:
            for chunk in self.rows.read(text, first_line=1):
                yield replace(chunk, lines=text.row_numbers(chunk.lines))
            numbers = text.row_numbers(np.array([row.line for row in self.rows.unreadable], np.int64))
            self.rows.unreadable = [
                replace(row, line=int(number)) for row, number in zip(self.rows.unreadable, numbers, strict=True)
            ]

    def _of_text(self) -> Iterator[Chunk]:
        skipped = self.sent.contract.files.skip_lines
        with self.open_content() as stream:
            text = Text(stream, self.encoding)
            head = preflight.skip_lines(text, skipped)
            yield from self.rows.read(_Headed(head, text), skipped + 1)
            self.double_encoded = text.double_encoded


class _Headed:
    """A text whose beginning was read already."""

    def __init__(self, head: bytes, text: Text) -> None:
        self._head, self._text = head, text

    def read(self, size: int, /) -> bytes:
        head, self._head = self._head, b""
        return head or self._text.read(size)
