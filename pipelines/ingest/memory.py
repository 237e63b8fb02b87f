"""What earlier looks at the landing folder saw, so that what did not change is not read again every night.

Kept as `raw/.looked_at.json`: for each delivery in the landing folder a fingerprint of its files' sizes, times and
inodes, and the id it was taken under. It holds no name of a file. Whoever removes it loses nothing but time.

The limit: a file that was changed without a trace in size, times of modification and change, and inode passes for the
old one until a run looks at everything (`Looking.everything`).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path

from pipelines.ingest.landing import Arrival
from pipelines.lake import Lake, replacing

FILE = ".looked_at.json"


@dataclass
class Memory:
    """Fingerprint and delivery id by what a delivery is called in the landing folder."""

    path: Path
    seen: dict[str, tuple[str, str]] = field(default_factory=dict)
    now: dict[str, tuple[str, str]] = field(default_factory=dict)

    def known(self, arrival: Arrival, fingerprint: str) -> str | None:
        """The id under which a delivery was taken, if nothing about it changed since."""
        before = self.seen.get(arrival.label)
        return before[1] if before and before[0] == fingerprint else None

    def note(self, arrival: Arrival, fingerprint: str, delivery_id: str) -> None:
        """Remember a delivery as it is now."""
        self.now[arrival.label] = (fingerprint, delivery_id)

    def keep(self) -> None:
        """Write down what this look saw; what lies no longer there is forgotten."""
        if self.now == self.seen:
            return
        with replacing(self.path) as staged:
            staged.write_text(json.dumps(self.now, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def remembered(lake: Lake) -> Memory:
    """What the last look saw; nothing, if that cannot be read."""
    path = lake.zone("raw") / FILE
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return Memory(path, {label: (str(seen[0]), str(seen[1])) for label, seen in found.items()})
    except (OSError, ValueError, AttributeError, LookupError, TypeError):
        return Memory(path)


def fingerprint(arrival: Arrival, reading: str) -> str:
    """Changes when one of a delivery's files changes, or how it would be read."""
    listing = "".join(f"{name}\0{times}\n" for name, times in sorted(arrival.states()))
    beside = [arrival.beside(suffix) for suffix in (".sha256", ".md5")] if arrival.is_archive else []
    listing += "".join(f"{path.suffix}{path.lstat().st_mtime_ns}" for path in beside if path.exists())
    return hashlib.sha256(f"{reading}\n{listing}".encode(errors="surrogateescape")).hexdigest()
