"""Zip archives from outside, looked at before a byte is unpacked."""

from __future__ import annotations

import stat
import zipfile
import zlib
from pathlib import Path

from pipelines.ingest.problems import Problem, problem

MAX_RATIO = 250
"""Unpacked to packed. A sparse HMIS export packs about 30 to 1; a zip bomb a thousand to one and more."""

RATIO_MATTERS_FROM = 64 * 2**20
"""Small archives may pack as well as they like."""

MAX_UNPACKED_BYTES = 256 * 2**30
"""Beyond any county's nightly extract; a statement of size, so that the volume is not filled by mistake."""

ENCRYPTED = 0x1
ARCHIVE_SUFFIXES = (".zip", ".gz", ".7z", ".tar", ".rar", ".bz2", ".xz")

UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError)
"""What reading a damaged archive raises."""


def look(path: Path) -> tuple[list[str], list[Problem]]:
    """The names of an archive's files, sorted, and why it must not be unpacked, if so."""
    label = f"{path.parent.name}/{path.name}"
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except UNREADABLE:
        return [], [problem("zip.damaged", label)]
    rules = sorted({rule for member in members for rule in _faults(member)} | _size_faults(members))
    names = sorted(member.filename for member in members)
    if len({name.casefold() for name in names}) < len(names):
        rules.append("delivery.same_file_twice")
    return ([], [problem(rule, label) for rule in rules]) if rules else (_wanted(names), [])


def _wanted(names: list[str]) -> list[str]:
    return [name for name in names if not name.startswith(".")]


def _faults(member: zipfile.ZipInfo) -> list[str]:
    name, faults = member.filename, []
    if member.is_dir() or "/" in name or "\\" in name or name in (".", "..") or ":" in name:
        faults.append("zip.not_flat")
    mode = member.external_attr >> 16
    if mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        faults.append("zip.not_flat")
    if member.flag_bits & ENCRYPTED:
        faults.append("zip.encrypted")
    if name.lower().endswith(ARCHIVE_SUFFIXES):
        faults.append("zip.nested")
    return faults


def _size_faults(members: list[zipfile.ZipInfo]) -> set[str]:
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if unpacked > MAX_UNPACKED_BYTES or (unpacked > RATIO_MATTERS_FROM and unpacked > MAX_RATIO * max(packed, 1)):
        return {"zip.too_large"}
    return set()
