"""What a run leaves for the next: arrays by place, the pairs it scored, and what tied its clients together.

Belongs here: reading and writing that state, and nothing that decides. It may be thrown away at any time: the next run
is a full one then, and comes to the same result. It is valid only if it was made with the same model, rules and code.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

import linkage_rules
from linkage_rules.bundle import Bundle
from pipelines.lake import Lake, new_folder, replacing
from pipelines.link.decisions import Ties
from pipelines.link.keys import Depths
from pipelines.link.links import Links
from pipelines.link.parts import Hashes
from pipelines.link.places import Array, Identities, Numbers
from pipelines.places import COUNTY


@dataclass(frozen=True)
class Components:
    """Clients that anything ties to another, ascending, and the smallest client of the component of each."""

    client_keys: Numbers
    labels: Numbers


@dataclass(frozen=True)
class Memory:
    """One run's state. Arrays are by place unless their class says otherwise."""

    identities: Identities
    parts: Mapping[str, Hashes]
    """By expression."""
    depths: Mapping[str, Depths]
    """By rule."""
    limits: Mapping[str, int]
    """By rule: how many identities a block might hold."""
    traits: Mapping[str, Array]
    links: Links
    components: Components
    ties: Ties


def fingerprint(bundle: Bundle, doublings: int, rules: Sequence[str]) -> str:
    """Changes with anything that a score, a guard or a key depends on besides the identities."""
    facts = {
        "bundle": bundle.sha256,
        "thresholds": asdict(bundle.thresholds),
        "doublings": doublings,
        "rules": list(rules),
        "code": _code_sha256(),
        "splink": metadata.version("splink"),
        "duckdb": metadata.version("duckdb"),
        "scipy": metadata.version("scipy"),
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


GARBLED = (OSError, ValueError, KeyError, TypeError, AttributeError)
"""What reading state raises that was cut off, or written by something else."""


def recall(lake: Lake, now: str) -> Memory | None:
    """What the last run left; None if there is nothing, or it is of another model, other rules or other code."""
    try:
        return _recalled(lake, now)
    except GARBLED:  # a full run comes to the same
        return None


def _recalled(lake: Lake, now: str) -> Memory | None:
    if not _note(lake).exists():
        return None
    note = json.loads(_note(lake).read_text(encoding="utf-8"))
    if note.get("fingerprint") != now or not lake.has("linked", "clusters"):
        return None
    arrays = _Arrays({name: np.load(_folder(lake) / file, mmap_mode="r") for name, file in note["arrays"].items()})
    must, cannot = (frozenset((left, right) for left, right in note[kind]) for kind in ("must", "cannot"))
    return Memory(
        identities=Identities(**arrays.of("identities")),
        parts=arrays.of("parts"),
        depths=arrays.of("depths"),
        limits=note["limits"],
        traits=arrays.of("traits"),
        links=Links(**arrays.of("links")),
        components=Components(**arrays.of("components")),
        ties=Ties(must, cannot, set_aside=0),
    )


def forget(lake: Lake) -> None:
    """Say that linked/ is being rewritten; whoever dies meanwhile leaves a state that nobody trusts."""
    _note(lake).unlink(missing_ok=True)


def remember(lake: Lake, memory: Memory, now: str) -> None:
    """Write the arrays, then the note that makes linked/ a state to build on."""
    shutil.rmtree(_folder(lake), ignore_errors=True)
    files: dict[str, str] = {}
    with new_folder(_folder(lake)) as staged:
        for name, values in _named_arrays(memory).items():
            files[name] = f"{len(files):03d}.npy"
            np.save(staged / files[name], values)
    ties = {"must": sorted(memory.ties.must), "cannot": sorted(memory.ties.cannot)}
    note = {"fingerprint": now, "limits": dict(memory.limits), **ties, "arrays": files}
    with replacing(_note(lake)) as staged:
        staged.write_text(json.dumps(note) + "\n", encoding="utf-8")


class _Arrays:
    """Arrays named `group/name`."""

    def __init__(self, arrays: Mapping[str, Array]) -> None:
        self._arrays = arrays

    def of(self, group: str) -> dict[str, Any]:
        """The arrays of a group, by name."""
        return {
            name.partition("/")[2]: values for name, values in self._arrays.items() if name.partition("/")[0] == group
        }


def _named_arrays(memory: Memory) -> dict[str, Array]:
    groups: dict[str, Mapping[str, Array]] = {
        "identities": vars(memory.identities),
        "parts": memory.parts,
        "depths": memory.depths,
        "traits": memory.traits,
        "links": vars(memory.links),
        "components": vars(memory.components),
    }
    return {f"{group}/{name}": values for group, arrays in groups.items() for name, values in arrays.items()}


def _folder(lake: Lake) -> Path:
    return lake.zone("linked") / "remembered"


def _note(lake: Lake) -> Path:
    return lake.zone("linked") / "remembered.json"


def _code_sha256() -> str:
    own = COUNTY / "linkage_rules"
    folders = {Path(str(linkage_rules.__file__)).parent: None, Path(__file__).parent: None, own: None}
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix in (".py", ".sql", ".csv", ".yaml") and "bundles" not in path.parts:
                digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
