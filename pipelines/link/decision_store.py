"""What reviewers said of pairs of clients, kept for good in `<lake>/decisions/`.

Grain of the store: one said decision; nothing in it is ever changed or removed. A batch is one file,
`decisions/<number>.json`, numbered from 1 without a gap, made whole or not at all, readable by its owner alone. No run
writes here, and none clears it: decisions outlive re-runs, retraining and re-deliveries.

A pair's decision in force is the one said last (`decided_at`; said at the same moment: the one recorded last), whoever
said it; `unsure` takes back what was said before. Reasons are people's own words and may name a person, so the folder
is as confidential as the identified zones.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pipelines import numbered_files
from pipelines.audit import record_act, sealed_file
from pipelines.errors import LakeError
from pipelines.lake import Lake

CODES = ("same", "different", "unsure")
"""One person, two persons, or not to be said from what is known."""

FORMAT = "countylink-decisions-1"

Client = tuple[str, str]
"""Agency and client id."""


@dataclass(frozen=True)
class Decision:
    """What one reviewer said of one pair of clients. `decided_at` is UTC; sides are ordered, smaller first."""

    agency_l: str
    client_id_l: str
    agency_r: str
    client_id_r: str
    decision_code: str
    decided_by: str
    decided_at: datetime
    reason: str
    evidence: Mapping[str, Any] = field(default_factory=dict)
    """What the linkage knew then: match_weight (bits), match_key, guard, bundle_version, identity ids. No names."""
    number: int = 0
    """The batch it was recorded in; 0 before it is recorded."""

    @property
    def clients(self) -> tuple[Client, Client]:
        """Both clients, smaller first."""
        return (self.agency_l, self.client_id_l), (self.agency_r, self.client_id_r)

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self) | {"decided_at": self.decided_at.isoformat()}


def decision(
    one: Client, other: Client, code: str, by: str, at: datetime, reason: str, evidence: Mapping[str, Any] | None = None
) -> Decision:
    """A well-formed decision, its sides in order; LakeError says what is missing or wrong."""
    left, right = sorted((one, other))
    if left == right:
        raise LakeError("a decision is about two clients; the same client was named twice")
    if code not in CODES:
        raise LakeError(f"a decision is one of {', '.join(CODES)}")
    if not by.strip() or not reason.strip():
        raise LakeError("a decision needs who said it and why")
    if at.utcoffset() != timedelta(0):
        raise LakeError("the time of a decision is stated in UTC, such as 2026-11-21T09:30:00+00:00")
    return Decision(*left, *right, code, by.strip(), at.astimezone(UTC), reason.strip(), dict(evidence or {}))


def store_folder(lake: Lake) -> Path:
    """Where decisions lie: beside the zones, for no run owns them."""
    return lake.root / "decisions"


def record(lake: Lake, batch: Sequence[Decision]) -> int:
    """Add a batch durably and return its number; two who record at once get two numbers.

    Raises:
        LakeError: the batch is empty, or an earlier batch is damaged or gone.
    """
    if not batch:
        raise LakeError("there is no decision to record")
    recorded(lake)
    rows = [{name: value for name, value in one.as_json().items() if name != "number"} for one in batch]
    text = json.dumps({"format": FORMAT, "decisions": rows}, indent=1, ensure_ascii=False)
    number = numbered_files.add(store_folder(lake), text)
    _record_act(lake, number, batch)
    return number


def _record_act(lake: Lake, number: int, batch: Sequence[Decision]) -> None:
    """Who decided, and the hash of what was written; reasons and clients stay in the batch."""
    codes = Counter(one.decision_code for one in batch)
    sealed = sealed_file(lake, store_folder(lake) / numbered_files.name_of(number))
    record_act(
        lake,
        act="decisions_recorded",
        by=", ".join(sorted({one.decided_by for one in batch})),
        subject=f"decision batch {number}",
        detail={**codes, "files": sealed},
    )


def recorded(lake: Lake) -> list[Decision]:
    """Every decision that was ever said, in the order of recording.

    Raises:
        LakeError: a batch is gone, or cannot be read; a lost decision would silently part or join people.
    """
    batches = numbered_files.files(store_folder(lake))
    return [one for number, path in batches for one in _read(path, number)]


def in_force(decisions: Iterable[Decision]) -> list[Decision]:
    """The last decision of each pair, by pair; an `unsure` among them takes back what was said before."""
    ordered = sorted(enumerate(decisions), key=lambda placed: (placed[1].decided_at, placed[1].number, placed[0]))
    latest = {one.clients: one for _, one in ordered}
    return [latest[clients] for clients in sorted(latest)]


def _read(path: Path, number: int) -> list[Decision]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["format"] != FORMAT:
            raise ValueError
        return [
            Decision(**row | {"decided_at": datetime.fromisoformat(row["decided_at"]), "number": number})
            for row in document["decisions"]
        ]
    except (ValueError, KeyError, TypeError):
        raise LakeError(f"decisions/{path.name} cannot be read; restore it from the backup") from None
