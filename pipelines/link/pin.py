"""Which linkage model a lake is linked with. It is pinned by a copy, and changed only by a migration.

    linked/model/pin.json                 version and sha256 of the pinned bundle, and which bundle it took over from
    linked/model/bundles/<sha256[:12]>/   its copy: a bundle that is shipped anew, or edited, changes nothing here

The copy lies in an identified zone: term frequencies are names.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

from linkage_rules.bundle import Bundle, load_bundle
from pipelines.errors import ModelError
from pipelines.lake import Lake, new_folder, replacing


@dataclass(frozen=True)
class Pin:
    """The bundle that a lake is linked with; `replaced` is the sha256 of the one before it, or empty."""

    version: str
    sha256: str
    replaced: str = ""


def read_pin(lake: Lake) -> Pin | None:
    """The lake's pin; None before its first run."""
    path = _folder(lake) / "pin.json"
    return Pin(**json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None


def bundle_of(lake: Lake, offered: Bundle, *, is_named: bool) -> Bundle:
    """The bundle that the lake is linked with: the pinned one, or the first that is offered, which is then pinned.

    Args:
        lake: the lake; the caller holds its lock.
        offered: the bundle that the run was given.
        is_named: whether somebody named it; a bundle that was merely shipped waits in silence for its migration.

    Raises:
        ModelError: another bundle than the pinned one was named.
    """
    told = read_pin(lake)
    if told is None:
        return pin(lake, offered)
    if is_named and offered.sha256 != told.sha256:
        raise ModelError(
            f"the lake is linked with model {told.version} ({told.sha256[:12]}), not with the named "
            f"{offered.version} ({offered.sha256[:12]}). Look at what would change with `countylink migrate-model "
            "--bundle …`, switch with its --switch, or run without --bundle"
        )
    return pinned(lake, told)


def pinned(lake: Lake, told: Pin) -> Bundle:
    """The lake's copy of the pinned bundle; ModelError if a byte of it was changed."""
    return load_bundle(_copy_of(lake, told.sha256))


def is_waiting(lake: Lake, offered: Bundle) -> bool:
    """Whether another bundle than the pinned one is offered: it waits for a migration."""
    told = read_pin(lake)
    return told is not None and told.sha256 != offered.sha256


def pin(lake: Lake, bundle: Bundle) -> Bundle:
    """Pin a bundle: copy it into the lake, then name it; returns the copy."""
    before = read_pin(lake)
    copy = _copy_of(lake, bundle.sha256)
    if not copy.exists():
        with new_folder(copy) as staged:
            _copy(bundle.folder, staged)
    found = load_bundle(copy)
    told = Pin(bundle.version, bundle.sha256, before.sha256 if before else "")
    with replacing(_folder(lake) / "pin.json") as staged_pin:
        staged_pin.write_text(json.dumps(asdict(told), indent=2) + "\n", encoding="utf-8")
    return found


def _copy(source: Path, target: Path) -> None:
    """Copy the contents of files and nothing of their modes: what we make is private."""
    for path in sorted(path for path in source.rglob("*") if path.is_file()):
        to = target / path.relative_to(source)
        to.parent.mkdir(mode=0o700, exist_ok=True)
        shutil.copyfile(path, to)


def _folder(lake: Lake) -> Path:
    return lake.zone("linked") / "model"


def _copy_of(lake: Lake, sha256: str) -> Path:
    return _folder(lake) / "bundles" / sha256[:12]
