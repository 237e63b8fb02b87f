"""What lies in the landing folder: one folder or zip archive for one delivery of one agency.

    LANDING/<agency>/<YYYY-MM-DD>[.rN]/<file>.csv
    LANDING/<agency>/<YYYY-MM-DD>[.rN].zip          the same files, flat
    LANDING/<agency>/<YYYY-MM-DD>[.rN].done         everything of that delivery is there
    LANDING/<agency>/<YYYY-MM-DD>[.rN].zip.sha256   the checksum of that archive

`.rN` is the N-th revision of that as-of date. What is still being written carries a name that ends in `.part`, and
its delivery waits. Links, pipes, devices and names that begin with a dot are never read, nor opened.
"""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO

from pipelines.errors import LakeError
from pipelines.ingest import archives
from pipelines.ingest.plain_files import is_plain, open_plain, state
from pipelines.ingest.problems import Problem, problem
from pipelines.ingest.sent_names import DONE, is_companion

ENTRY_NAME = re.compile(r"(?P<as_of>[0-9]{4}-[0-9]{2}-[0-9]{2})(?:\.r(?P<revision>[2-9]|[1-9][0-9]+))?")
UNFINISHED = (".part", ".tmp", ".filepart", ".crdownload")
ARCHIVE = ".zip"


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
        return self.path.suffix == ARCHIVE

    @property
    def label(self) -> str:
        """How it is called in the landing folder."""
        return f"{self.agency}/{self.path.name}"

    def look(self) -> tuple[list[str], list[Problem]]:
        """The names of its files, sorted, and why it cannot be read as a whole, if so."""
        if self.is_archive:
            names, problems = archives.look(self.path)
            return [name for name in names if not is_companion(name)], problems
        entries = _entries(self.path)
        plain = [entry.name for entry in entries if is_plain(entry)]
        odd = len(entries) - len(plain)
        problems = [problem("delivery.not_a_file", self.label, detail=f"{odd} entries")] if odd else []
        twice = len(plain) - len({name.casefold() for name in plain})
        names = [name for name in plain if not is_companion(name)]
        return names, problems + ([problem("delivery.same_file_twice", self.label)] if twice else [])

    def companions(self) -> list[str]:
        """The names of the checksum files and markers among its files, sorted."""
        if self.is_archive:
            return [name for name in archives.look(self.path)[0] if is_companion(name)]
        return [entry.name for entry in _entries(self.path) if is_companion(entry.name) and is_plain(entry)]

    @property
    def is_marked_done(self) -> bool:
        """Whether a marker says that all of it is there."""
        bare = self.path.with_name(self.path.name.removesuffix(ARCHIVE) + DONE)
        inside = [] if self.is_archive else [self.path / DONE]
        return any(marker.is_file() for marker in (bare, self.beside(DONE), *inside))

    def beside(self, suffix: str) -> Path:
        """What lies beside it under its own name and a suffix."""
        return self.path.with_name(self.path.name + suffix)

    def states(self) -> list[tuple[str, tuple[int, ...]]]:
        """Each of its files with what changes when it is written to."""
        files = [self.path] if self.is_archive else [entry for entry in _entries(self.path) if is_plain(entry)]
        return [(file.name, state(file)) for file in files]

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """The bytes of one of its files."""
        if not self.is_archive:
            with open_plain(self.path / name) as stream:
                yield stream
            return
        with open_plain(self.path) as whole, zipfile.ZipFile(whole) as archive, archive.open(name) as member:
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
    for place, folder in enumerate(_entries(landing), start=1):
        if folder.name not in agencies or not folder.is_dir() or folder.is_symlink():
            refused.append(problem("delivery.unknown_agency", detail=f"entry {place} of the landing folder, by name"))
            continue
        refusals: Counter[str] = Counter()
        for entry in _entries(folder):
            if is_companion(entry.name):
                continue
            if _is_unfinished(entry):
                waiting.append(folder.name)
            elif (arrival := _arrival(folder.name, entry)) is None:
                refusals["delivery.bad_name"] += 1
            elif not _is_what_its_name_says(arrival):
                refusals["delivery.not_a_file"] += 1
            else:
                arrivals.append(arrival)
        refused += [problem(rule, folder.name, detail=f"{times} entries") for rule, times in sorted(refusals.items())]
    arrivals.sort(key=lambda arrival: (arrival.agency, arrival.as_of, arrival.revision, arrival.path.name))
    return Landing(tuple(arrivals), tuple(waiting), tuple(refused))


def _entries(folder: Path) -> list[Path]:
    return [entry for entry in sorted(_inside(folder)) if not entry.name.startswith(".")]


def _inside(folder: Path) -> list[Path]:
    """Everything in a folder.

    Raises:
        LakeError: The folder is closed to the user that the run is started as.
    """
    try:
        return list(folder.iterdir())
    except PermissionError:  # its own text names a path, and what a sender calls a folder is the sender's
        raise LakeError(
            "the landing folder, or a folder in it, is closed to the user of the runs (countylink; in containers "
            "10001:10001); let its group read it, and everything in it"
        ) from None


def _is_unfinished(entry: Path) -> bool:
    if entry.name.endswith(UNFINISHED):
        return True
    if entry.is_symlink() or not entry.is_dir():
        return False
    return any(inside.name.endswith(UNFINISHED) for inside in _inside(entry))


def _arrival(agency: str, entry: Path) -> Arrival | None:
    match = ENTRY_NAME.fullmatch(entry.name.removesuffix(ARCHIVE))
    if match is None:
        return None
    try:
        as_of = date.fromisoformat(match["as_of"])
    except ValueError:
        return None
    return Arrival(agency, as_of, int(match["revision"] or 1), entry)


def _is_what_its_name_says(arrival: Arrival) -> bool:
    if arrival.is_archive:
        return is_plain(arrival.path)
    return arrival.path.is_dir() and not arrival.path.is_symlink()
