"""What lies in the landing folder: one folder or zip archive for one delivery of one agency.

    LANDING/<agency>/<YYYY-MM-DD>[.rN]/<file>.csv
    LANDING/<agency>/<YYYY-MM-DD>[.rN].zip          the same files, flat

`.rN` is the N-th revision of that as-of date. What is still being written carries a name that ends in `.part`, and
its delivery waits. Links, devices and names that begin with a dot are never read.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO

from pipelines.ingest import archives
from pipelines.ingest.problems import Problem, problem

ENTRY_NAME = re.compile(r"(?P<as_of>[0-9]{4}-[0-9]{2}-[0-9]{2})(?:\.r(?P<revision>[2-9]|[1-9][0-9]+))?")
UNFINISHED = (".part", ".tmp", ".filepart", ".crdownload")


@dataclass(frozen=True)
class Arrival:
    """A delivery as it lies in the landing folder."""

    agency: str
    as_of: date
    revision: int
    path: Path

    @property
    def is_archive(self) -> bool:
        """Whether it came as one zip archive."""
        return self.path.is_file()

    @property
    def label(self) -> str:
        """How it is called in the landing folder."""
        return f"{self.agency}/{self.path.name}"

    def look(self) -> tuple[list[str], list[Problem]]:
        """The names of its files, sorted, and why it cannot be read as a whole, if so."""
        if self.is_archive:
            return archives.look(self.path)
        entries = [entry for entry in sorted(self.path.iterdir()) if not entry.name.startswith(".")]
        plain = [entry.name for entry in entries if entry.is_file() and not entry.is_symlink()]
        odd = len(entries) - len(plain)
        problems = [problem("delivery.not_a_file", self.label, detail=f"{odd} entries")] if odd else []
        twice = len(plain) - len({name.casefold() for name in plain})
        return plain, problems + ([problem("delivery.same_file_twice", self.label)] if twice else [])

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """The bytes of one of its files."""
        if not self.is_archive:
            with (self.path / name).open("rb") as stream:
                yield stream
            return
        with zipfile.ZipFile(self.path) as archive, archive.open(name) as member:
            yield member


@dataclass(frozen=True)
class Landing:
    """Everything in the landing folder: what can be taken, what waits, what is refused."""

    arrivals: tuple[Arrival, ...]
    waiting: tuple[str, ...]
    refused: tuple[Problem, ...]


def look_around(landing: Path, agencies: tuple[str, ...]) -> Landing:
    """What lies in the landing folder, sorted by agency, as-of date and revision."""
    arrivals: list[Arrival] = []
    waiting: list[str] = []
    refused: list[Problem] = []
    for folder in _entries(landing):
        if folder.name not in agencies or not folder.is_dir() or folder.is_symlink():
            refused.append(problem("delivery.unknown_agency", detail=f"entry {len(refused) + 1} of the landing folder"))
            continue
        misnamed = 0
        for entry in _entries(folder):
            if _is_unfinished(entry):
                waiting.append(folder.name)
            elif (arrival := _arrival(folder.name, entry)) is not None:
                arrivals.append(arrival)
            else:
                misnamed += 1
        if misnamed:
            refused.append(problem("delivery.bad_name", folder.name, detail=f"{misnamed} entries"))
    arrivals.sort(key=lambda arrival: (arrival.agency, arrival.as_of, arrival.revision, arrival.path.name))
    return Landing(tuple(arrivals), tuple(waiting), tuple(refused))


def _entries(folder: Path) -> list[Path]:
    return [entry for entry in sorted(folder.iterdir()) if not entry.name.startswith(".")]


def _is_unfinished(entry: Path) -> bool:
    if entry.name.endswith(UNFINISHED):
        return True
    if entry.is_symlink() or not entry.is_dir():
        return False
    return any(inside.name.endswith(UNFINISHED) for inside in entry.iterdir())


def _arrival(agency: str, entry: Path) -> Arrival | None:
    is_archive = entry.suffix == ".zip"
    if entry.is_symlink() or not (entry.is_file() if is_archive else entry.is_dir()):
        return None
    match = ENTRY_NAME.fullmatch(entry.name.removesuffix(".zip") if is_archive else entry.name)
    if match is None:
        return None
    try:
        as_of = date.fromisoformat(match["as_of"])
    except ValueError:
        return None
    return Arrival(agency, as_of, int(match["revision"] or 1), entry)
