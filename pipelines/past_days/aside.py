"""A lake beside the lake, with what the lake knew of deliveries on a day; gone when it is done with.

It lies in `past_days/.work`, on the lake's own protected volume. Deliveries are linked, not copied: they are written
once and never changed.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from pipelines.lake import PAST_DAYS, Lake
from pipelines.person_index.update import latest_version, version_folder

WORK = ".work"

DELIVERED = ("raw", "validated", "quarantine")
"""Zones of deliveries; a stage reads those that are accepted, up to its day."""

SAID = ("keys", "decisions", "review", "disclosure/opt_outs", "linked/model")
"""What people said, keys and the pinned model: as of today, for a past day is computed with what is known today."""


def past_days_folder(lake: Lake) -> Path:
    """Where releases of past days lie, a folder a day; beside the zones, and never read by a run."""
    return lake.root / PAST_DAYS


def stands_at(lake: Lake) -> date | None:
    """The day that the names of persons stand at; None before the first run."""
    version = latest_version(lake)
    return _as_of(version_folder(lake, version)) if version else None


@contextmanager
def set_aside(lake: Lake, day: date) -> Iterator[Lake]:
    """A lake as of a day, removed at the end. The caller holds the lake's lock."""
    aside = Lake(past_days_folder(lake) / WORK)
    shutil.rmtree(aside.root, ignore_errors=True)
    aside.root.mkdir(parents=True, mode=0o700)
    try:
        for name in DELIVERED:
            _copy(lake, aside, name, os.link)
        for name in SAID:
            _copy(lake, aside, name, shutil.copy2)
        _copy_index(lake, aside, day)
        _copy_memory(lake, aside, day)
        yield aside
    finally:
        shutil.rmtree(aside.root, ignore_errors=True)


def _copy(lake: Lake, aside: Lake, name: str, how: Callable[[str, str], object]) -> None:
    if (lake.root / name).is_dir():
        shutil.copytree(lake.root / name, aside.root / name, copy_function=how)


def _copy_index(lake: Lake, aside: Lake, day: date) -> None:
    """Versions of the index up to the day: a person is called what it was called then."""
    for number in range(1, latest_version(lake) + 1):
        folder = version_folder(lake, number)
        if _as_of(folder) > day:
            return
        shutil.copytree(folder, version_folder(aside, number))


def _copy_memory(lake: Lake, aside: Lake, day: date) -> None:
    """What releases told up to the day: small changes are withheld as they were."""
    for folder in sorted((lake.root / "disclosure").glob("[0-9]*_*")):
        name = folder.name.partition("_")[2]
        if name[:10] <= day.isoformat():
            shutil.copytree(folder, aside.root / "disclosure" / folder.name)


def _as_of(version: Path) -> date:
    return date.fromisoformat(json.loads((version / "version.json").read_text(encoding="utf-8"))["as_of"])
