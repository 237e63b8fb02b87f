"""A folder of numbered files that only ever grows: what people said, kept for good.

`<number>.json`, from 1 without a gap, each made whole or not at all and readable by its owner alone. Two who add at
once get two numbers. Nothing here knows what the files say.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from pipelines.errors import LakeError
from pipelines.lake import fsync

FILES = "[0-9]" * 8 + ".json"


def add(folder: Path, text: str) -> int:
    """Add a file durably and return its number."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    staged = _staged(folder, text)
    try:
        return _numbered(folder, staged)
    finally:
        staged.unlink(missing_ok=True)
        fsync(folder)


def files(folder: Path) -> list[tuple[int, Path]]:
    """Every file with its number, in order.

    Raises:
        LakeError: a file is gone.
    """
    numbers = sorted(int(path.stem) for path in folder.glob(FILES))
    missing = sorted(set(range(1, max(numbers, default=0) + 1)) - set(numbers))
    if missing:
        place = f"{folder.name}/{name_of(missing[0])}"
        raise LakeError(f"{place} is gone; restore it from the backup, nothing else knows of it")
    return [(number, folder / name_of(number)) for number in numbers]


def name_of(number: int) -> str:
    """The name of the file with a number."""
    return f"{number:08d}.json"


def _staged(folder: Path, text: str) -> Path:
    path = folder / f".{secrets.token_hex(8)}.staged"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    return path


def _numbered(folder: Path, staged: Path) -> int:
    """Give a complete file the next free number: a hard link is made whole, or refused where the number is taken."""
    while True:
        number = max((int(path.stem) for path in folder.glob(FILES)), default=0) + 1
        try:
            os.link(staged, folder / name_of(number))
        except FileExistsError:
            continue
        return number
