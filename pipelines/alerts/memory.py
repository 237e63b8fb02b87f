"""What was told already: so that the same trouble is not told every night, and a bad hour does not flood anybody."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from pipelines.alerts.notice import Notice
from pipelines.lake import replacing

HOUR = timedelta(hours=1)

FILE = "told.json"


@dataclass
class Memory:
    """When each trouble was last told, and when alerts were sent in the last hour."""

    told: dict[str, datetime] = field(default_factory=dict)
    sent: list[datetime] = field(default_factory=list)
    failure: str = ""
    """Why the last alert did not go through; empty once one did."""

    def forget_mended(self, looked_at: Collection[str], troubles: Collection[str]) -> None:
        """Forget what was looked at and is no trouble any more: if it comes back, it is told at once."""
        gone = [key for key in self.told if key.partition(": ")[2] in looked_at and key not in troubles]
        for key in gone:
            del self.told[key]

    def new(self, notices: Sequence[Notice], now: datetime, repeat_after: timedelta) -> list[Notice]:
        """Those that were not told, or so long ago that they are told again; each once."""
        every = {one.key: one for one in notices}
        return [one for key, one in every.items() if key not in self.told or now - self.told[key] >= repeat_after]

    def allowed(self, now: datetime, most_per_hour: int) -> int:
        """How many may still be sent in this hour."""
        self.sent = [at for at in self.sent if now - at < HOUR]
        return max(most_per_hour - len(self.sent), 0)

    def note(self, notices: Sequence[Notice], now: datetime) -> None:
        """Remember what was told; each took a place in the hour."""
        self.told |= {one.key: now for one in notices}
        self.sent += [now] * len(notices)


def load(folder: Path) -> Memory:
    """What is remembered in a folder; nothing before the first alert."""
    path = folder / FILE
    if not path.exists():
        return Memory()
    stated = json.loads(path.read_text(encoding="utf-8"))
    return Memory(
        {key: datetime.fromisoformat(at) for key, at in stated["told"].items()},
        [datetime.fromisoformat(at) for at in stated["sent"]],
        stated["failure"],
    )


def save(folder: Path, memory: Memory) -> None:
    """Write the memory, whole or not at all."""
    stated = {
        "told": {key: at.isoformat() for key, at in sorted(memory.told.items())},
        "sent": [at.isoformat() for at in memory.sent],
        "failure": memory.failure,
    }
    with replacing(folder / FILE) as staged:
        staged.write_text(json.dumps(stated, indent=1) + "\n", encoding="utf-8")
