"""Taking deliveries from the landing folder into `raw`: byte for byte, and as tables of text.

A delivery is named by what it holds, so the same files sent twice are taken once. A problem with one of its files
holds the whole delivery (validate says so); other deliveries go on.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from pipelines.errors import LakeError
from pipelines.ingest import archives
from pipelines.ingest.delivery import (
    AS_SENT,
    Delivery,
    SentFile,
    deliveries,
    delivery_id,
    read_delivery,
    write_delivery,
)
from pipelines.ingest.landing import Arrival, look_around
from pipelines.ingest.problems import Problem, problem
from pipelines.ingest.reading import Reading, without_part
from pipelines.lake import Lake, new_folder
from schemas.data_contract import DataContracts

READER_VERSION = 1
"""Raised when the same bytes would give another table of text: deliveries are then read again."""

BLOCK = 4 * 2**20


@dataclass(frozen=True)
class IngestReport:
    """What one look at the landing folder gave."""

    taken: tuple[Delivery, ...] = ()
    """Deliveries that were not in the lake before, or are now read differently."""
    known: tuple[str, ...] = ()
    """Ids of deliveries that were there already: sent twice is taken once."""
    waiting: tuple[str, ...] = ()
    """Agencies with a delivery that is still being written."""
    refused: tuple[Problem, ...] = ()
    """Entries of the landing folder that are no delivery."""
    warnings: tuple[Problem, ...] = ()


def take_deliveries(lake: Lake, landing: Path, contracts: DataContracts) -> IngestReport:
    """Take every delivery that lies in the landing folder and is not in `raw` yet."""
    if not landing.is_dir():
        raise LakeError(f"there is no landing folder at {landing}; make it, with one folder an agency")
    _sweep(lake)
    found = look_around(landing, contracts.agencies)
    taken, known, refused = [], [], list(found.refused)
    for arrival in found.arrivals:
        try:
            delivery, is_new = _take(lake, arrival, contracts)
        except (_ChangedError, FileNotFoundError):
            refused.append(problem("file.changed_while_read", arrival.label))
            continue
        if is_new:
            taken.append(delivery)
        else:
            known.append(delivery.delivery_id)
    return IngestReport(tuple(taken), tuple(known), found.waiting, tuple(refused), _rivals(lake))


class _ChangedError(Exception):
    """A file was not the same when it was read a second time."""


def _take(lake: Lake, arrival: Arrival, contracts: DataContracts) -> tuple[Delivery, bool]:
    names, problems = arrival.look()
    hashes, damage = _hashes(arrival, names)
    problems += damage
    if problems:
        # What cannot be looked into is named by its own bytes and faults: mended, it is another delivery.
        hashes = {**(hashes or {arrival.path.name: _whole(arrival)}), **{f"/{one.rule_id}": "" for one in problems}}
    tables = {name: _table_of(contracts, arrival.agency, name) for name in names}
    identity = delivery_id(arrival.agency, arrival.as_of, arrival.revision, hashes)
    target = lake.zone("raw") / arrival.agency / identity
    delivery = Delivery(
        delivery_id=identity,
        agency=arrival.agency,
        as_of=arrival.as_of,
        revision=arrival.revision,
        reading=_reading(tables),
        files=tuple(SentFile(name, hashes.get(name, ""), 0, tables[name]) for name in names),
        problems=tuple(problems),
        warnings=(),
    )
    if target.exists():
        existing = read_delivery(target)
        if existing.reading == delivery.reading:
            return existing, False
        shutil.rmtree(target)
    with new_folder(target) as folder:
        delivery = _fill(delivery, arrival, folder, lake) if not problems else delivery
        write_delivery(delivery, folder)
    return delivery, True


def _hashes(arrival: Arrival, names: list[str]) -> tuple[dict[str, str], list[Problem]]:
    try:
        return {name: _copy(arrival, name, None).sha256 for name in names}, []
    except archives.UNREADABLE:
        if not arrival.is_archive:
            raise _ChangedError from None
        return {}, [problem("zip.damaged", arrival.label)]


def _whole(arrival: Arrival) -> str:
    if not arrival.is_archive:
        return ""
    with arrival.path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _table_of(contracts: DataContracts, agency: str, name: str) -> str | None:
    """The table that a file holds, by its contract's file names; `booking.part2.csv` is more of `booking.csv`."""
    plain = without_part(name)
    for contract in contracts.of(agency):
        if plain in (wanted.casefold() for wanted in contract.file_names):
            return contract.table
    return None


def _reading(tables: dict[str, str | None]) -> str:
    listing = "".join(f"{name}\0{table or ''}\n" for name, table in sorted(tables.items()))
    return hashlib.sha256(f"{READER_VERSION}\n{listing}".encode()).hexdigest()[:16]


def _fill(delivery: Delivery, arrival: Arrival, folder: Path, lake: Lake) -> Delivery:
    """Copy what the contracts name into `as_sent`, and read it into tables of text."""
    as_sent = folder / AS_SENT
    as_sent.mkdir(mode=0o700)
    copied = []
    for file in delivery.files:
        copy = _copy(arrival, file.name, as_sent / file.name if file.table else None)
        if copy.sha256 != file.sha256:
            raise _ChangedError
        copied.append(replace(file, bytes=copy.bytes))
    delivery = replace(delivery, files=tuple(copied))
    unknown = sum(file.table is None for file in delivery.files)
    warnings = [problem("file.no_contract", detail=f"{unknown} files")] if unknown else []
    problems = [] if unknown < len(delivery.files) else [problem("delivery.no_files", arrival.label)]
    read = Reading(folder, lake.spill, {file.name: file for file in delivery.files}, problems, warnings)
    for table in delivery.tables:
        read.table(table)
    return replace(
        delivery,
        files=tuple(read.files[file.name] for file in delivery.files),
        problems=tuple(read.problems),
        warnings=tuple(read.warnings),
    )


@dataclass(frozen=True)
class _Copy:
    sha256: str
    bytes: int


def _copy(arrival: Arrival, name: str, target: Path | None) -> _Copy:
    """Read a file of an arrival to its end, writing it to `target` if given."""
    digest, size = hashlib.sha256(), 0
    with arrival.open(name) as stream, (target or Path(os.devnull)).open("wb") as copy:
        while block := stream.read(BLOCK):
            digest.update(block)
            size += len(block)
            copy.write(block)
    return _Copy(digest.hexdigest(), size)


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
