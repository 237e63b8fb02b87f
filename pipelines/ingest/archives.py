"""Zip archives from outside, looked at before a byte is unpacked."""

from __future__ import annotations

import lzma
import stat
import struct
import zipfile
import zlib
from pathlib import Path

from pipelines.ingest.content import MAX_RATIO, RATIO_MATTERS_FROM
from pipelines.ingest.plain_files import open_plain
from pipelines.ingest.problems import Problem, UnreadableFileError, problem

MAX_MEMBERS = 1000
"""HMIS sends about thirty files."""

MAX_UNPACKED_BYTES = 256 * 2**30
"""Beyond any county's nightly extract; a statement of size, so that the volume is not filled by mistake."""

ENCRYPTED = 0x1
ARCHIVE_SUFFIXES = (".zip", ".gz", ".7z", ".tar", ".rar", ".bz2", ".xz")

UNREADABLE = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    RuntimeError,
    OSError,
    ValueError,
)
"""What reading a damaged archive raises; an unknown way of packing is a kind of RuntimeError too."""


def look(path: Path) -> tuple[list[str], list[Problem]]:
    """The names of an archive's files, sorted, and why it must not be unpacked, if so; nothing is unpacked for it."""
    label = f"{path.parent.name}/{path.name}"
    try:
        with open_plain(path) as stream, zipfile.ZipFile(stream) as archive:
            members = archive.infolist()
    except UnreadableFileError as bad:
        return [], [problem(bad.rule_id, label)]
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
    sizes = [(unpacked, packed), *((member.file_size, member.compress_size) for member in members)]
    is_dense = any(large > RATIO_MATTERS_FROM and large > MAX_RATIO * max(small, 1) for large, small in sizes)
    is_large = unpacked > MAX_UNPACKED_BYTES or len(members) > MAX_MEMBERS
    return {"zip.too_large"} if is_dense or is_large else set()
