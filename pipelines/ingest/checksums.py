"""Checksums that came beside files: `<file>.sha256`, `<file>.md5`, and lists as `sha256sum` and `md5sum` write them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipelines.ingest.landing import Arrival
from pipelines.ingest.plain_files import open_plain
from pipelines.ingest.problems import Problem, UnreadableFileError, problem
from pipelines.ingest.sent_names import CHECKSUM_LISTS, CHECKSUMS

MAX_BYTES = 2**20
"""Of a checksum file; a list of a thousand files has a tenth of that."""

LINE = re.compile(
    r"(?P<digest>[0-9A-Fa-f]{32,64})(?: [ *](?P<name>.+))?|[A-Z0-9]+ \((?P<bsd>.+)\) = (?P<after>[0-9A-Fa-f]+)"
)
DIGITS = {"sha256": 64, "md5": 32}


@dataclass(frozen=True)
class Checksum:
    """What a file's digest ought to be."""

    algorithm: str
    digest: str
    """Hexadecimal, lower case; empty when the checksum file names none."""

    def problem_with(self, digests: dict[str, str], name: str) -> Problem | None:
        """Why a file with these digests is not the one that was meant, if so."""
        if not self.digest:
            return problem("file.checksum_unreadable", name)
        return None if digests[self.algorithm] == self.digest else problem("file.checksum_mismatch", name)


def expected(arrival: Arrival, names: list[str]) -> dict[str, list[Checksum]]:
    """The checksums that came with a delivery, by the name of the file they are of."""
    found: dict[str, list[Checksum]] = {name: [] for name in names}
    by_folded = {name.casefold(): name for name in names}
    for companion in arrival.companions():
        folded = companion.casefold()
        if folded in CHECKSUM_LISTS:
            for name, digest in _listed(_text(arrival, companion), CHECKSUM_LISTS[folded]).items():
                if name.casefold() in by_folded:
                    found[by_folded[name.casefold()]].append(Checksum(CHECKSUM_LISTS[folded], digest))
        for suffix, algorithm in CHECKSUMS.items():
            name = folded.removesuffix(suffix)
            if name != folded and name in by_folded:
                found[by_folded[name]].append(_single(_text(arrival, companion), algorithm))
    return found


def expected_of_archive(arrival: Arrival) -> list[Checksum]:
    """The checksums that lie beside an archive."""
    found = []
    for suffix, algorithm in CHECKSUMS.items():
        path = arrival.beside(suffix)
        if path.is_file() and not path.is_symlink():
            with open_plain(path) as stream:
                found.append(_single(_decoded(stream.read(MAX_BYTES)), algorithm))
    return found


def _text(arrival: Arrival, companion: str) -> str:
    try:
        with arrival.open(companion) as stream:
            return _decoded(stream.read(MAX_BYTES))
    except UnreadableFileError:
        return ""


def _decoded(content: bytes) -> str:
    return content.decode("utf-8-sig", "replace")


def _single(text: str, algorithm: str) -> Checksum:
    """The first digest in a checksum file of one file."""
    digests = [digest for _, digest in _lines(text) if len(digest) == DIGITS[algorithm]]
    return Checksum(algorithm, digests[0] if digests else "")


def _listed(text: str, algorithm: str) -> dict[str, str]:
    return {name: digest for name, digest in _lines(text) if name and len(digest) == DIGITS[algorithm]}


def _lines(text: str) -> list[tuple[str, str]]:
    matches = [LINE.fullmatch(line.strip()) for line in text.splitlines()]
    return [
        ((match["name"] or match["bsd"] or "").strip().removeprefix("./"), (match["digest"] or match["after"]).lower())
        for match in matches
        if match
    ]
