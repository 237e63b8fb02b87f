"""Which release is the latest: a symlink, replaced in one step, and what a killed run left behind.

Order of a publication: write → fsync files → fsync folder → rename into candidates/ → fsync parent → audit gate →
rename into releases/ → fsync both → catalogue → symlink beside → replace → fsync. Killed anywhere, `latest` points at a
whole release; the next run takes up or sweeps what is left.
"""

from __future__ import annotations

import os
import shutil
from datetime import date
from pathlib import Path

from pipelines.lake import Lake, fsync
from pipelines.publish.catalogue import PUBLISHED, entries
from pipelines.publish.folders import PRODUCT, STAGED, product_folder, release_folder

__all__ = ["PRODUCT", "latest_release", "product_folder", "refresh", "release_folder", "sweep"]


def latest_release(lake: Lake) -> Path | None:
    """The folder of the latest release, or None before the first."""
    link = product_folder(lake) / "latest"
    return link.resolve() if link.exists() else None


def newest_release(lake: Lake, up_to: date | None = None) -> Path | None:
    """The folder of the newest release that is published and there, of those up to a day; None where there is none.

    Of two of one day, the one whose publication is the later act of the audit log: a clock that was set back takes no
    reader back.
    """
    readable = [one for one in entries(lake) if one.status == PUBLISHED and (up_to is None or one.as_of <= up_to)]
    there = [one for one in readable if release_folder(lake, one.release_id).exists()]
    newest = max(there, key=lambda one: (one.as_of, one.audit.acts), default=None)
    return release_folder(lake, newest.release_id) if newest else None


def refresh(lake: Lake) -> str | None:
    """Point `latest` at the newest release that is published; returns its id, or None where there is none."""
    newest = newest_release(lake)
    link = product_folder(lake) / "latest"
    if newest is None:
        link.unlink(missing_ok=True)
        return None
    _point(link, Path("releases") / newest.name)
    return newest.name


def _point(link: Path, target: Path) -> None:
    if link.is_symlink() and link.readlink() == target:
        return
    staged = link.with_name(f".latest.{os.getpid()}.staged")
    staged.unlink(missing_ok=True)
    staged.symlink_to(target)
    staged.replace(link)
    fsync(link.parent)


def sweep(lake: Lake) -> int:
    """Remove what killed runs left unfinished; returns how many. Only the holder of the lake's lock may call this."""
    product = product_folder(lake)
    places = (product, *(product / name for name in ("releases", "candidates", "catalogue")))
    left = [path for place in places for path in place.glob(STAGED)]
    for path in left:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    return len(left)
