"""Which release is the latest: a symlink, replaced in one step, and what a killed run left behind.

Order of a publication: write → audit → fsync files → fsync folder → rename → fsync parent → symlink beside → replace →
fsync. Killed anywhere, `latest` points at a whole release; the next run promotes or sweeps what is left.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from pipelines.lake import Lake, fsync

PRODUCT = "outcomes"

STAGED = ".*.staged"
"""What `pipelines.lake.new_folder` and this module call things that are not finished."""


def product_folder(lake: Lake) -> Path:
    """Where the releases of the product live."""
    return lake.zone("published") / PRODUCT


def release_folder(lake: Lake, release_id: str) -> Path:
    """Where a release lives, whether or not it is there yet."""
    return product_folder(lake) / "releases" / release_id


def latest_release(lake: Lake) -> Path | None:
    """The folder of the latest release, or None before the first."""
    link = product_folder(lake) / "latest"
    return link.resolve() if link.exists() else None


def promote(release: Path) -> bool:
    """Make a whole release the latest; returns whether it was not so already."""
    product = release.parent.parent
    link = product / "latest"
    target = Path("releases") / release.name
    if link.is_symlink() and link.readlink() == target:
        return False
    staged = product / f".latest.{os.getpid()}.staged"
    staged.unlink(missing_ok=True)
    staged.symlink_to(target)
    staged.replace(link)
    fsync(product)
    return True


def sweep(lake: Lake) -> int:
    """Remove what killed runs left unfinished; returns how many. Only the holder of the lake's lock may call this."""
    product = product_folder(lake)
    left = [*product.glob(STAGED), *(product / "releases").glob(STAGED)]
    for path in left:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    return len(left)
