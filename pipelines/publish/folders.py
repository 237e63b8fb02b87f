"""Where a product's releases lie, and what stands beside them.

published/outcomes/releases/<id>/     readable: whole, passed the audit gate, never changed
published/outcomes/candidates/<id>/   written whole, not (yet) readable: held, or in the gate
published/outcomes/withdrawn/<id>/    taken back; kept as evidence until it is erased
published/outcomes/catalogue/<id>.json  what became of it
published/outcomes/latest             symlink to the release to read
"""

from __future__ import annotations

from pathlib import Path

from pipelines.errors import ReleaseError
from pipelines.lake import Lake, fsync

PRODUCT = "outcomes"

STAGED = ".*.staged"
"""What `pipelines.lake.new_folder` and `latest.py` call things that are not finished."""


def product_folder(lake: Lake) -> Path:
    """Where everything of the product lives."""
    return lake.zone("published") / PRODUCT


def release_folder(lake: Lake, release_id: str) -> Path:
    """Where a readable release lives, whether or not it is there."""
    return product_folder(lake) / "releases" / release_id


def candidate_folder(lake: Lake, release_id: str) -> Path:
    """Where a release lies until the gate or somebody lets it out."""
    return product_folder(lake) / "candidates" / release_id


def withdrawn_folder(lake: Lake, release_id: str) -> Path:
    """Where a release lies that was taken back."""
    return product_folder(lake) / "withdrawn" / release_id


def written_folder(lake: Lake, release_id: str) -> Path:
    """Where a release lies, whatever became of it.

    Raises:
        ReleaseError: the lake holds no folder of it.
    """
    for place in (release_folder, candidate_folder, withdrawn_folder):
        folder = place(lake, release_id)
        if release_id and "/" not in release_id and folder.is_dir():
            return folder
    raise ReleaseError(f"the lake holds no folder of release {release_id}; `countylink releases` names them")


def move(source: Path, target: Path) -> None:
    """Give a folder another place in the same file system, in one step and durably."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    source.rename(target)
    fsync(target.parent)
    fsync(source.parent)
