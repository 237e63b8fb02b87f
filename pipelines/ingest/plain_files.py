"""Opening what lies in the landing folder, and nothing else: no link is followed, no pipe or device waited for."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from pipelines.ingest.problems import UnreadableFileError


def is_plain(path: Path) -> bool:
    """Whether a path is a regular file itself, and no link to one."""
    return stat.S_ISREG(path.lstat().st_mode)


@contextmanager
def open_plain(path: Path) -> Iterator[IO[bytes]]:
    """The bytes of a regular file; raises UnreadableFileError if it is anything else by now, without waiting for it."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        raise
    except OSError:
        raise UnreadableFileError("delivery.not_a_file") from None
    with os.fdopen(descriptor, "rb") as stream:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise UnreadableFileError("delivery.not_a_file")
        yield stream


def state(path: Path) -> tuple[int, ...]:
    """What changes when a file is written to or replaced: size, times of change, inode."""
    seen = path.lstat()
    return seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns, seen.st_ino
