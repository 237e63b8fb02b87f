"""Where products lie: `<lake>/products/<id>/builds/<build id>/`, with `current`, and `held.json` if one waits."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

from pipelines.errors import ReleaseError
from pipelines.lake import Lake, fsync, replacing

MANIFEST, HELD, CURRENT = "manifest.json", "held.json", "current"


def product_folder(lake: Lake, product_id: str) -> Path:
    """Everything of one product."""
    return lake.root / "products" / product_id


def build_folder(lake: Lake, product_id: str, build_id: str) -> Path:
    """One build, whether or not it is there yet."""
    return product_folder(lake, product_id) / "builds" / build_id


def current_build(lake: Lake, product_id: str) -> Path | None:
    """The build that the recipient gets, or None before the first and after a withdrawal."""
    link = product_folder(lake, product_id) / CURRENT
    return link.resolve() if link.exists() else None


def builds(lake: Lake, product_id: str = "*") -> list[Path]:
    """Every build of a product, or of all of them."""
    return sorted(path.parent for path in (lake.root / "products").glob(f"{product_id}/builds/*/{MANIFEST}"))


def promote(lake: Lake, product_id: str, build_id: str) -> None:
    """Make a whole build the current one, in one step; what waited before waits no longer."""
    folder = product_folder(lake, product_id)
    staged = folder / f".{CURRENT}.{os.getpid()}.staged"
    staged.unlink(missing_ok=True)
    staged.symlink_to(Path("builds") / build_id)
    staged.replace(folder / CURRENT)
    (folder / HELD).unlink(missing_ok=True)
    fsync(folder)


def hold(lake: Lake, product_id: str, report: dict[str, Any]) -> Path:
    """Leave beside a product why its newest build is not the current one: counts only."""
    path = product_folder(lake, product_id) / HELD
    with replacing(path) as staged:
        staged.write_text(json.dumps(report, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return path


def withdraw_builds(lake: Lake, product_id: str, reason_code: str) -> int:
    """Take every build of a product away, with a tombstone for each; returns how many. Needs the lock."""
    found = builds(lake, product_id)
    for build in found:
        tombstone = build.with_name(f"{build.name}.withdrawn.json")
        with replacing(tombstone) as staged:
            staged.write_text(json.dumps({"build_id": build.name, "reason_code": reason_code}) + "\n", encoding="utf-8")
        shutil.rmtree(build)
    (product_folder(lake, product_id) / CURRENT).unlink(missing_ok=True)
    return len(found)


def read_manifest(build: Path) -> dict[str, Any]:
    """The manifest of a build."""
    try:
        document: dict[str, Any] = json.loads((build / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise ReleaseError(f"{build.name} has no readable {MANIFEST}; build the product again") from None
    return document


def sweep(lake: Lake, product_id: str) -> None:
    """Remove what a killed build left unfinished. Needs the lock."""
    folder = product_folder(lake, product_id)
    for path in [*folder.glob(".*.staged"), *(folder / "builds").glob(".*.staged")]:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
