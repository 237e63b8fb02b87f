"""The files of a delivery on their way into `raw`: copied byte for byte, and hashed in the same pass."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from pipelines.ingest import archives, checksums
from pipelines.ingest.archives import MAX_UNPACKED_BYTES
from pipelines.ingest.completeness import lacking_checksums
from pipelines.ingest.content import BLOCK, Unpacked
from pipelines.ingest.delivery import AS_SENT, SentArchive, SentFile
from pipelines.ingest.landing import Arrival
from pipelines.ingest.plain_files import open_plain
from pipelines.ingest.problems import Problem, UnreadableFileError, problem
from pipelines.ingest.sent_names import GZIP, SentName

NOWHERE = Path(os.devnull)


@dataclass
class Copies:
    """What is known of a delivery's files once they were copied."""

    files: list[SentFile] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    archive: SentArchive | None = None
    identity: dict[str, str] = field(default_factory=dict)
    """Name → hash of the content: what makes it this delivery and no other, however it was packed."""


@dataclass(frozen=True)
class Copied:
    """One pass over some bytes."""

    digests: dict[str, str]
    bytes: int


def copy_in(arrival: Arrival, named: Mapping[str, SentName | None], stage: Path, copies: Copies) -> None:
    """Copy what the contracts name into `stage`/as_sent, hash everything, and note it in `copies`.

    An archive is kept as it is, unless it holds files that no contract names; of those nothing is kept. Raises
    UnreadableFileError where an archive is damaged.
    """
    as_sent = stage / AS_SENT
    as_sent.mkdir(mode=0o700)
    keep_whole = arrival.is_archive and all(named.values())
    sent = [one for one in named.values() if one]
    copies.problems += [problem("file.checksum_missing", name) for name in lacking_checksums(arrival, sent)]
    if arrival.is_archive:
        _copy_archive(arrival, as_sent / arrival.path.name if keep_whole else NOWHERE, copies)
    wanted = checksums.expected(arrival, [one.name for one in sent])
    for number, (name, one) in enumerate(sorted(named.items()), 1):
        if one is None:
            _hash_unknown(arrival, name, number, copies)
        else:
            _copy_file(arrival, one, NOWHERE if keep_whole else as_sent / name, wanted[name], copies)


def sha256_of(path: Path) -> str:
    """The hash of a file in the landing folder."""
    with open_plain(path) as stream:
        return _copied(stream, NOWHERE, []).digests["sha256"]


def _copy_archive(arrival: Arrival, target: Path, copies: Copies) -> None:
    wanted = checksums.expected_of_archive(arrival)
    with open_plain(arrival.path) as stream:
        copied = _copied(stream, target, wanted)
    name = arrival.path.name
    copies.archive = SentArchive(name, copied.digests["sha256"], copied.bytes, target != NOWHERE)
    for checksum in wanted:
        if found := checksum.problem_with(copied.digests, f"{arrival.agency}/{name}"):
            copies.problems.append(found)


def _hash_unknown(arrival: Arrival, name: str, number: int, copies: Copies) -> None:
    with _opened(arrival, name) as stream:
        copied = _copied(stream, NOWHERE, [])
    copies.identity[name] = copied.digests["sha256"]
    # Its name may be a person's.
    copies.files.append(SentFile(f"file {number}, which no contract names", copied.digests["sha256"], copied.bytes))


def _copy_file(arrival: Arrival, one: SentName, target: Path, wanted: list[checksums.Checksum], copies: Copies) -> None:
    limit = one.contract.files.max_file_bytes
    with _opened(arrival, one.name) as stream:
        copied = _copied(stream, target, wanted, limit)
    if copied.bytes > limit:
        copies.problems.append(problem("file.too_large", one.name, detail=f"more than {limit} bytes"))
        wanted = []
    sha256, content_sha256 = copied.digests["sha256"], ""
    found = [checksum.problem_with(copied.digests, one.name) for checksum in wanted]
    copies.problems += [each for each in found if each]
    if one.packing == GZIP:
        try:
            content_sha256 = _content_sha256(target, copied.bytes, one)
        except UnreadableFileError as bad:
            copies.problems.append(problem(bad.rule_id, one.name, detail=bad.detail))
    copies.identity[one.plain_name] = content_sha256 or sha256
    copies.files.append(SentFile(one.name, sha256, copied.bytes, one.contract.table, content_sha256))


@contextmanager
def _opened(arrival: Arrival, name: str) -> Iterator[IO[bytes]]:
    """A file of an arrival; raises UnreadableFileError where its archive is damaged, also while it is read."""
    try:
        with arrival.open(name) as stream:
            yield stream
    except FileNotFoundError:
        raise
    except archives.UNREADABLE:
        if not arrival.is_archive:
            raise
        raise UnreadableFileError("zip.damaged") from None


def _content_sha256(path: Path, packed_bytes: int, one: SentName) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        content = Unpacked(stream, packed_bytes, one.contract.files)
        while block := content.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _copied(
    stream: IO[bytes], target: Path, wanted: list[checksums.Checksum], limit: int = MAX_UNPACKED_BYTES
) -> Copied:
    """One pass to the end of a stream, or to a little more than the limit."""
    algorithms = {"sha256", *(checksum.algorithm for checksum in wanted)}
    digests = {name: hashlib.new(name, usedforsecurity=False) for name in algorithms}
    size = 0
    with target.open("wb") as copy:
        while size <= limit and (block := stream.read(BLOCK)):
            for digest in digests.values():
                digest.update(block)
            size += len(block)
            copy.write(block)
    return Copied({name: digest.hexdigest() for name, digest in digests.items()}, size)
