"""Who said that a delivery which a circuit breaker held is right, kept for good in `<lake>/decisions/holds/`.

Grain of the store: one release of one hold; nothing in it is ever changed or removed, and no run writes or clears it.
A delivery's id is made of what it holds, so a release is for exactly that content: mended or sent anew, it is judged
anew. Reasons are people's own words, so the folder is as confidential as the identified zones.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pipelines import numbered_files
from pipelines.audit import record_act, sealed_file
from pipelines.errors import LakeError
from pipelines.lake import Lake
from pipelines.validate.breakers import PREFIX
from pipelines.validate.receipts import FILE, Receipt, read_receipt, receipts

FORMAT = "countylink-hold-release-1"


@dataclass(frozen=True)
class HoldRelease:
    """That somebody looked at a held delivery and said that it is right. `released_at` is UTC."""

    delivery_id: str
    released_by: str
    released_at: datetime
    reason: str
    rules: tuple[str, ...]
    """The breakers that had tripped then; those that trip later are released with them, for the content is the same."""
    number: int = 0
    """Its place in the store; 0 before it is recorded."""

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self) | {"released_at": self.released_at.isoformat(), "rules": list(self.rules)}


def holds_folder(lake: Lake) -> Path:
    """Where releases lie: beside the zones, for no run owns them."""
    return lake.root / "decisions" / "holds"


def releases(lake: Lake) -> list[HoldRelease]:
    """Every release that was ever recorded, in order.

    Raises:
        LakeError: one is gone or cannot be read; without it a delivery would silently be held again.
    """
    return [_read(path, number) for number, path in numbered_files.files(holds_folder(lake))]


def release_hold(lake: Lake, delivery_id: str, by: str, reason: str, at: datetime) -> HoldRelease:
    """Record that a held delivery is right; the next run takes it in.

    Raises:
        LakeError: the delivery is unknown, not held, held for a rule that nobody can release, or who, why or when is
            missing.
    """
    if not by.strip() or not reason.strip():
        raise LakeError("a release needs who releases and why")
    if at.utcoffset() != timedelta(0):
        raise LakeError("the time of a release is stated in UTC, such as 2026-11-21T09:30:00+00:00")
    receipt = _receipt(lake, delivery_id)
    rules = _releasable(receipt, releases(lake))
    release = HoldRelease(delivery_id, by.strip(), at.astimezone(UTC), reason.strip(), rules)
    said = {name: value for name, value in release.as_json().items() if name != "number"}
    text = json.dumps({"format": FORMAT, **said}, indent=1, ensure_ascii=False)
    number = numbered_files.add(holds_folder(lake), text)
    sealed = sealed_file(lake, holds_folder(lake) / numbered_files.name_of(number))
    detail = {"rules": list(rules), "files": sealed}
    record_act(lake, act="hold_released", by=by, subject=delivery_id, reason=reason, detail=detail)
    return HoldRelease(**asdict(release) | {"number": number})


def held_by_breakers(lake: Lake) -> list[Receipt]:
    """Deliveries that wait for a release or for a better delivery: held by breakers alone, and not released yet."""
    released = {one.delivery_id for one in releases(lake)}
    return [one for one in receipts(lake) if is_releasable(one) and one.delivery_id not in released]


def is_releasable(receipt: Receipt) -> bool:
    """Whether breakers, and nothing else, hold the delivery."""
    return not receipt.is_accepted and all(reason.rule_id.startswith(PREFIX) for reason in receipt.held)


def _receipt(lake: Lake, delivery_id: str) -> Receipt:
    found = [
        path
        for path in lake.zone("validated").glob(f"*/*/{FILE}")
        if path.parent.name == delivery_id and not delivery_id.startswith(".")
    ]
    if not found:
        raise LakeError(
            "there is no such delivery in this lake; `countylink release-hold --list` names those that wait"
        )
    return read_receipt(found[0])


def _releasable(receipt: Receipt, recorded: Sequence[HoldRelease]) -> tuple[str, ...]:
    if any(one.delivery_id == receipt.delivery_id for one in recorded):
        raise LakeError(f"{receipt.delivery_id} was released already")
    if receipt.is_accepted:
        raise LakeError(f"{receipt.delivery_id} is not held")
    format_rules = sorted({one.rule_id for one in receipt.held if not one.rule_id.startswith(PREFIX)})
    if format_rules:
        raise LakeError(
            f"{receipt.delivery_id} is held for {', '.join(format_rules)}; only what a circuit breaker holds can be "
            "released, for what breaks the contract would be read wrongly: ask the agency for a better delivery"
        )
    return tuple(sorted({one.rule_id for one in receipt.held}))


def _read(path: Path, number: int) -> HoldRelease:
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
        if facts.pop("format") != FORMAT:
            raise ValueError
        facts |= {"released_at": datetime.fromisoformat(facts["released_at"]), "rules": tuple(facts["rules"])}
        return HoldRelease(**facts, number=number)
    except (OSError, ValueError, KeyError, TypeError):
        raise LakeError(f"decisions/holds/{path.name} cannot be read; restore it from the backup") from None
