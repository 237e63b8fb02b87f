"""The files of one delivery on their way to tables of text."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipelines.ingest import preflight
from pipelines.ingest.delivery import AS_SENT, UNREADABLE, SentFile
from pipelines.ingest.problems import Problem, problem
from pipelines.ingest.records import LineTooLongError
from pipelines.ingest.rows import MostlyUnreadableError, Rows, split_rows
from pipelines.ingest.text_table import NotAsCountedError, Part, write_text_table, write_unreadable

PART = re.compile(r"\.part([0-9]+)(?=\.csv$)")
"""A table may come in several files: `booking.csv`, `booking.part2.csv`."""


def without_part(name: str) -> str:
    """A file name as the contract has it: without its part number, case folded."""
    return PART.sub("", name.casefold())


@dataclass
class Reading:
    """What is known so far of the files of one delivery."""

    folder: Path
    spill: Path
    files: dict[str, SentFile]
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def table(self, table: str) -> None:
        """Read every file of a table, in name order, into one Parquet table."""
        names = sorted((name for name, file in self.files.items() if file.table == table), key=_part_order)
        plain = self.folder / ".plain"
        plain.mkdir(mode=0o700)
        try:
            read = [self._part(name, plain / f"{i}.csv") for i, name in enumerate(names)]
            parts = [part for part, _ in read if part is not None]
            if len(parts) == len(names):
                self._write(table, parts)
            unreadable = [(name, row) for name, (_, rows) in zip(names, read, strict=True) for row in rows.unreadable]
            if unreadable:
                write_unreadable(unreadable, self.folder / UNREADABLE / f"{table}.parquet")
        finally:
            shutil.rmtree(plain)

    def _part(self, name: str, plain: Path) -> tuple[Part | None, Rows]:
        source = self.folder / AS_SENT / name
        found = preflight.problems_with_bytes(source)
        header = None
        if not found:
            header, found = preflight.read_header(source)
        self.problems += found
        if header is None:
            return None, Rows()
        self.files[name] = replace(self.files[name], columns=header.columns)
        rows = self._rows(name, lambda: split_rows(source, header.offset, len(header.columns), plain))
        if rows is None:
            return None, Rows()
        self._note(name, rows)
        part = Part(name, header.columns, plain, rows.line_numbers, rows.has_line_breaks_in_fields)
        return part, rows

    def _rows(self, name: str, split: Callable[[], Rows]) -> Rows | None:
        try:
            return split()
        except LineTooLongError:
            self.problems.append(problem("file.line_too_long", name))
        except MostlyUnreadableError:
            self.problems.append(problem("file.mostly_unreadable", name))
        return None

    def _note(self, name: str, rows: Rows) -> None:
        self.files[name] = replace(
            self.files[name],
            rows=len(rows.line_numbers),
            unreadable_rows=len(rows.unreadable),
            blank_lines=rows.blank_lines,
        )
        if rows.is_truncated:
            self.problems.append(problem("file.truncated", name))
        if rows.blank_lines:
            self.warnings.append(problem("file.blank_lines", name, detail=f"{rows.blank_lines} lines"))

    def _write(self, table: str, parts: list[Part]) -> None:
        target = self.folder / f"{table}.parquet"
        try:
            write_text_table(parts, target, self.spill)
        except NotAsCountedError:
            target.unlink(missing_ok=True)
            self.problems += [problem("file.unreadable", part.file_name) for part in parts]


def _part_order(name: str) -> tuple[str, int]:
    match = PART.search(name.casefold())
    return without_part(name), int(match[1]) if match else 0
