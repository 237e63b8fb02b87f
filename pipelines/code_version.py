"""Which code this is: a hash of the source that decides what comes out. Releases name it; what is kept rests on it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from pipelines.lake import file_sha256
from pipelines.places import COUNTY, SHIPPED

CODE_PACKAGES = ("pipelines", "schemas", "linkage_rules")
"""The source that decides what is in a release."""

CODE_SUFFIXES = (".py", ".sql", ".yaml", ".csv", ".json", ".html", ".md", ".css")


def code_sha256(root: Path = SHIPPED, county: Path = COUNTY) -> str:
    """SHA-256 over the source that decides what is in a release, and the county's own linkage rules."""
    parts = "\n".join(folder_sha256(root / package) for package in CODE_PACKAGES)
    if county != root:
        parts += "\n" + folder_sha256(county / "linkage_rules")
    return hashlib.sha256(parts.encode()).hexdigest()


def folder_sha256(folder: Path, suffixes: tuple[str, ...] = CODE_SUFFIXES) -> str:
    """SHA-256 over the names and contents of a folder's files of certain kinds; caches and hidden files left out."""
    digest = hashlib.sha256()
    for path in _sources(folder, suffixes):
        digest.update(f"{path.relative_to(folder).as_posix()}\n{file_sha256(path)}\n".encode())
    return digest.hexdigest()


def _sources(folder: Path, suffixes: tuple[str, ...]) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        inner = path.relative_to(folder).parts
        if path.suffix in suffixes and not any(part.startswith((".", "__pycache__")) for part in inner):
            yield path
