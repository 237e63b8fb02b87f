"""Taking deliveries from the landing folder into `raw`: byte for byte, and as tables of text.

A delivery is named by what it holds, so the same files sent twice are taken once. A problem with one of its files
holds the whole delivery (validate says so); other deliveries go on.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipelines.errors import LakeError
from pipelines.forgotten import Forgotten, forgotten
from pipelines.ingest.completeness import Looking, waits
from pipelines.ingest.copying import Copies, copy_in, sha256_of
from pipelines.ingest.delivery import (
    AS_SENT,
    FILE,
    Delivery,
    SentFile,
    deliveries,
    delivery_id,
    read_delivery,
    write_delivery,
)
from pipelines.ingest.forgetting import forget_in
from pipelines.ingest.landing import Arrival, look_around
from pipelines.ingest.memory import Memory, fingerprint, remembered
from pipelines.ingest.problems import Problem, UnreadableFileError, problem
from pipelines.ingest.reading import Reading
from pipelines.ingest.seals import seal
from pipelines.ingest.sent_names import SentName, of_table
from pipelines.lake import Lake, new_folder
from schemas.data_contract import DataContracts

READER_VERSION = 2
"""Raised when the same bytes would give another table of text: deliveries are then read again."""


@dataclass(frozen=True)
class IngestReport:
    """What one look at the landing folder gave."""

    taken: tuple[Delivery, ...] = ()
    """Deliveries that were not in the lake before, or are now read differently."""
    known: tuple[str, ...] = ()
    """Ids of deliveries that were there already: sent twice is taken once."""
    waiting: tuple[str, ...] = ()
    """Agencies with a delivery that is still being written, or lacks its marker or checksum."""
    refused: tuple[Problem, ...] = ()
    """Entries of the landing folder that are no delivery."""
    warnings: tuple[Problem, ...] = ()


def take_deliveries(
    lake: Lake, landing: Path, contracts: DataContracts, looking: Looking | None = None
) -> IngestReport:
    """Take every complete delivery that lies in the landing folder and is not in `raw` yet."""
    if not landing.is_dir():
        raise LakeError(f"there is no landing folder at {landing}; make it, with one folder an agency")
    _sweep(lake)
    found = look_around(landing, contracts.agencies)
    waiting, deleted = list(found.waiting), forgotten(lake)
    taking = _Taking(lake, contracts, looking or Looking(), remembered(lake), deleted, waiting=waiting)
    for arrival in found.arrivals:
        taking.take(arrival)
    taking.memory.keep()
    return IngestReport(tuple(taking.taken), tuple(taking.known), tuple(taking.waiting), found.refused, _rivals(lake))


class _ChangedError(Exception):
    """A delivery was not the same at the end of its copying as before."""


@dataclass
class _Taking:
    """One look at the landing folder."""

    lake: Lake
    contracts: DataContracts
    looking: Looking
    memory: Memory
    deleted: Forgotten | None = None
    taken: list[Delivery] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)

    def take(self, arrival: Arrival) -> None:
        """Take one delivery, if it is complete and new."""
        try:
            names, problems = arrival.look()
            named = {name: of_table(name, self.contracts.of(arrival.agency)) for name in names}
            sent = [one for one in named.values() if one]
            if waits(arrival, sent, self.looking, is_readable=not problems):
                self.waiting.append(arrival.agency)
                return
            reading = _reading(named)
            seen = fingerprint(arrival, reading)
            if (known := self._unchanged(arrival, seen)) is not None:
                self.known.append(known)
            else:
                known = self._copied(arrival, named, problems + _twice(sent), reading)
            self.memory.note(arrival, seen, known)
        except (_ChangedError, FileNotFoundError):
            self.waiting.append(arrival.agency)

    def _unchanged(self, arrival: Arrival, seen: str) -> str | None:
        known = None if self.looking.everything else self.memory.known(arrival, seen)
        is_there = known and (self.lake.zone("raw") / arrival.agency / known / FILE).exists()
        return known if is_there else None

    def _copied(
        self, arrival: Arrival, named: dict[str, SentName | None], problems: list[Problem], reading: str
    ) -> str:
        """Copy a delivery, and read it unless it is in the lake already; returns its id."""
        with _staged(self.lake, arrival) as stage:
            copies = _copies(arrival, named, problems, stage)
            delivery = _described(arrival, named, copies, reading)
            target = delivery.folder(self.lake)
            if target.exists():
                if read_delivery(target).reading == reading:
                    self.known.append(delivery.delivery_id)
                    return delivery.delivery_id
                shutil.rmtree(target)
            with new_folder(target) as folder:
                if not delivery.problems:
                    (stage / AS_SENT).rename(folder / AS_SENT)
                    delivery = self._without_deleted(self._read(delivery, arrival, named, folder), folder)
                seal(folder)
                write_delivery(delivery, folder)
        self.taken.append(delivery)
        return delivery.delivery_id

    def _without_deleted(self, delivery: Delivery, folder: Path) -> Delivery:
        """What was deleted does not come back with a later delivery."""
        if self.deleted is None:
            return delivery
        return forget_in(folder, delivery, self.contracts.of(delivery.agency), self.deleted)[0]

    def _read(self, delivery: Delivery, arrival: Arrival, named: dict[str, SentName | None], folder: Path) -> Delivery:
        """Read what was copied into tables of text."""
        unknown = sum(one is None for one in named.values())
        warnings = [problem("file.no_contract", detail=f"{unknown} files")] if unknown else []
        if delivery.archive and not delivery.archive.is_kept:
            warnings.append(problem("zip.not_kept", arrival.label))
        problems = [] if unknown < len(named) else [problem("delivery.no_files", arrival.label)]
        files = {file.name: file for file in delivery.files}
        read = Reading(folder, delivery.archive, files, problems, warnings)
        for table in delivery.tables:
            read.table([one for one in named.values() if one and one.contract.table == table])
        return replace(
            delivery,
            files=tuple(read.files[file.name] for file in delivery.files),
            problems=tuple(read.problems),
            warnings=tuple(read.warnings),
        )


def _copies(arrival: Arrival, named: dict[str, SentName | None], problems: list[Problem], stage: Path) -> Copies:
    """Everything that can be known of a delivery's bytes; raises _ChangedError if they changed meanwhile."""
    before = arrival.states()
    copies = Copies(problems=list(problems))
    if not (problems and arrival.is_archive):
        try:
            copy_in(arrival, named, stage, copies)
        except UnreadableFileError as bad:
            copies.problems.append(problem(bad.rule_id, arrival.label, detail=bad.detail))
    if arrival.states() != before:
        raise _ChangedError
    if copies.problems:
        # What cannot be taken is named by its own bytes and faults: mended, it is another delivery.
        whole = copies.identity or {arrival.path.name: _whole(arrival)}
        copies.identity = {**whole, **{f"/{one.rule_id}": "" for one in copies.problems}}
    return copies


def _described(arrival: Arrival, named: dict[str, SentName | None], copies: Copies, reading: str) -> Delivery:
    """A delivery before it is read."""
    unread = [SentFile(one.name, "", 0, one.contract.table) for _, one in sorted(named.items()) if one]
    return Delivery(
        delivery_id=delivery_id(arrival.agency, arrival.as_of, arrival.revision, copies.identity),
        agency=arrival.agency,
        as_of=arrival.as_of,
        revision=arrival.revision,
        reading=reading,
        files=tuple(copies.files or unread),
        problems=tuple(copies.problems),
        warnings=(),
        archive=copies.archive,
    )


def _twice(sent: list[SentName]) -> list[Problem]:
    """Files that claim to be the same part of the same table."""
    claims = Counter((one.contract.table, one.part) for one in sent)
    return [problem("delivery.same_file_twice", one.name) for one in sent if claims[(one.contract.table, one.part)] > 1]


def _whole(arrival: Arrival) -> str:
    return sha256_of(arrival.path) if arrival.is_archive else ""


def _reading(named: dict[str, SentName | None]) -> str:
    listing = "".join(
        f"{one.plain_name}\0{one.contract.table} {one.contract.files}\n" if one else f"{name}\0\n"
        for name, one in sorted(named.items())
    )
    return hashlib.sha256(f"{READER_VERSION}\n{listing}".encode(errors="surrogateescape")).hexdigest()[:16]


@contextmanager
def _staged(lake: Lake, arrival: Arrival) -> Iterator[Path]:
    """A folder in `raw` for the files of a delivery that has no id yet."""
    stage = lake.zone("raw") / arrival.agency / f".{arrival.path.name}.{os.getpid()}.staged"
    shutil.rmtree(stage, ignore_errors=True)
    stage.mkdir(mode=0o700, parents=True)
    try:
        yield stage
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _rivals(lake: Lake) -> tuple[Problem, ...]:
    """Dates and revisions that two different deliveries claim."""
    claims = Counter((one.agency, one.as_of, one.revision) for one in deliveries(lake))
    return tuple(
        problem("delivery.same_revision_twice", f"{agency}/{as_of} r{revision}")
        for (agency, as_of, revision), times in sorted(claims.items())
        if times > 1
    )


def _sweep(lake: Lake) -> None:
    """Remove what a run that was killed left half-written."""
    for leftover in lake.zone("raw").glob("*/.*.staged"):
        shutil.rmtree(leftover, ignore_errors=True)
