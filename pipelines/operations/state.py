"""The form of a lake, by number: an older program refuses a newer lake, and a newer one upgrades an older lake.

`<lake>/state.json` says `state_version`, the number, and `program`, the version that wrote it. The number goes up
whenever a program leaves something that the one before would read wrongly, or needs something that the one before did
not leave (docs/adr/0021). A lake from before this file was written is of the first form.
"""

from __future__ import annotations

import json
import tomllib
from functools import cache
from pathlib import Path

from pipelines.errors import LakeError
from pipelines.lake import ZONES, Lake, replacing
from pipelines.sql import CHECKOUT

FILE = "state.json"

UNNUMBERED = 1
"""The form of a lake that was made before forms were numbered."""

STATE_VERSION = 2
"""The form that this program reads and writes; what each number means stands in `upgrades.py`."""


def state_version(lake: Lake) -> int:
    """The number of a lake's form; the current one for a lake in which nothing was written yet.

    Raises:
        LakeError: the file that says it cannot be read.
    """
    path = lake.root / FILE
    if not path.exists():
        return UNNUMBERED if _holds_anything(lake) else STATE_VERSION
    try:
        return int(json.loads(path.read_text(encoding="utf-8"))["state_version"])
    except (OSError, ValueError, KeyError, TypeError):
        raise LakeError(f"{FILE} of the lake cannot be read; restore it from the backup") from None


def write_state(lake: Lake, version: int = STATE_VERSION) -> None:
    """Say which form a lake is in, durably."""
    with replacing(lake.root / FILE) as staged:
        told = {"state_version": version, "program": program_version()}
        staged.write_text(json.dumps(told, sort_keys=True) + "\n", encoding="utf-8")


def refuse_newer(lake: Lake) -> None:
    """LakeError for a lake that a newer program wrote: this one would read it wrongly, and must not even look."""
    version = state_version(lake)
    if version > STATE_VERSION:
        raise LakeError(
            f"the lake is in form {version}, written by Countylink {_written_by(lake)}; this is Countylink "
            f"{program_version()}, which knows forms up to {STATE_VERSION}. Install the newer program again, or "
            "restore the backup that was made before the upgrade (countylink restore)"
        )


def settle(lake: Lake) -> None:
    """Let a lake be written to: a new one gets its number, one in another form is refused. Needs the lock.

    Raises:
        LakeError: the lake is in an older or a newer form; the text says what to do.
    """
    refuse_newer(lake)
    version = state_version(lake)
    if version < STATE_VERSION:
        raise LakeError(
            f"the lake is in form {version}, and this program writes form {STATE_VERSION}. Back it up, then upgrade "
            "it: countylink backup --lake LAKE --to FOLDER; countylink upgrade --lake LAKE --by NAME"
        )
    if not (lake.root / FILE).exists():
        write_state(lake)


@cache
def program_version() -> str:
    """The version of this program, as `pyproject.toml` states it; the program runs from its checkout."""
    stated = tomllib.loads((Path(CHECKOUT) / "pyproject.toml").read_text(encoding="utf-8"))
    return str(stated["project"]["version"])


def _written_by(lake: Lake) -> str:
    return str(json.loads((lake.root / FILE).read_text(encoding="utf-8")).get("program", "of a later version"))


def _holds_anything(lake: Lake) -> bool:
    return any(next(lake.zone(name).iterdir(), None) for name in ZONES if lake.zone(name).is_dir())
