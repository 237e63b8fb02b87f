"""Draft → provider review → final: what people said of a scorecard, kept beside the zones, only ever added to.

`<lake>/sign_offs/<number>.json`. A card is a draft until the county hands it to the provider; final when somebody says
so, and then it is kept whole: later releases show it as it was signed. A final card is never changed; it is restated,
which begins anew with a draft and a reason. Every step is an act of the audit log.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pipelines import numbered_files
from pipelines.audit import record_act, sealed_file
from pipelines.audit.reasons import shareable
from pipelines.errors import LakeError
from pipelines.lake import Lake
from pipelines.reports.scorecards.cards import Card, card_of

FOLDER = "sign_offs"

DRAFT, REVIEW, FINAL = "draft", "provider_review", "final"

TITLES = {DRAFT: "Draft", REVIEW: "In provider review", FINAL: "Final"}

STEPS: Mapping[str, tuple[str, str, str]] = {
    "review": (DRAFT, REVIEW, "scorecard_sent_to_review"),
    "return": (REVIEW, DRAFT, "scorecard_returned"),
    "final": (REVIEW, FINAL, "scorecard_made_final"),
    "restate": (FINAL, DRAFT, "scorecard_restated"),
}
"""Step → from which state to which, and the act that records it."""

WITH_REASON = ("return", "restate")
"""Steps back are explained."""

Key = tuple[str, str]
"""Provider id and quarter."""


@dataclass(frozen=True)
class SignOff:
    """Where a scorecard stands: its last step."""

    state: str = DRAFT
    by: str = ""
    on: str = ""
    reason: str = ""
    restatement: int = 0
    """How often it was restated."""
    card: Card | None = None
    """The card as it was signed, while it is final."""

    @property
    def title(self) -> str:
        """The state in words, with which restatement it is."""
        return TITLES[self.state] + (f", restatement {self.restatement}" if self.restatement else "")

    @property
    def text(self) -> str:
        """Who took it there, when and why."""
        if not self.by:
            return "Nobody has looked at it yet; its figures may change."
        said = f" Reason: {self.reason}." if self.reason else ""
        kept = " It is kept as it was signed." if self.state == FINAL else " Its figures may change."
        return f"By {self.by}, {self.on}.{said}{kept}"


NEW = SignOff()


def states(lake: Lake) -> dict[Key, SignOff]:
    """Provider and quarter → where its scorecard stands; those of which nobody said anything are left out.

    Raises:
        LakeError: a file is gone or cannot be read.
    """
    found: dict[Key, SignOff] = {}
    for _, path in numbered_files.files(lake.root / FOLDER):
        try:
            facts = json.loads(path.read_text(encoding="utf-8"))
            key = (facts["provider_id"], facts["quarter"])
            found[key] = _after(found.get(key, NEW), facts)
        except (OSError, ValueError, KeyError, TypeError):
            raise LakeError(f"{FOLDER}/{path.name} cannot be read; restore it from the backup") from None
    return found


def take(lake: Lake, step: str, cards: Sequence[Card], *, by: str, reason: str = "") -> list[SignOff]:
    """Take scorecards one step on, all or none, and record who did; returns where they stand then. Needs the lock.

    Args:
        step: `review`, `return`, `final` or `restate`.
        cards: the scorecards as they are seen now; kept when they become final.
        by: who takes the step.
        reason: why; needed for a step back.

    Raises:
        LakeError: the step does not follow from where a card stands, or the name or reason may not be shown.
    """
    known = states(lake)
    before = [known.get((card.provider_id, card.quarter), NEW) for card in cards]
    for card, now in zip(cards, before, strict=True):
        _refuse_out_of_turn(step, card, now)
    by, reason = shareable(by, "name"), shareable(reason) if reason or step in WITH_REASON else ""
    return [_taken(lake, step, card, now, by, reason) for card, now in zip(cards, before, strict=True)]


def _refuse_out_of_turn(step: str, card: Card, now: SignOff) -> None:
    begins = STEPS[step][0]
    if now.state != begins:
        raise LakeError(
            f"scorecard {card.provider_id} {card.quarter} is {TITLES[now.state].lower()}, and “{step}” begins from "
            f"{TITLES[begins].lower()}" + ("; a final scorecard is only restated" if now.state == FINAL else "")
        )


def _taken(lake: Lake, step: str, card: Card, now: SignOff, by: str, reason: str) -> SignOff:
    _, ends, act = STEPS[step]
    facts = {
        "provider_id": card.provider_id,
        "quarter": card.quarter,
        "step": step,
        "by": by,
        "reason": reason,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "release_id": card.release_id,
        "card": card.facts() if ends == FINAL else None,
    }
    folder = lake.root / FOLDER
    number = numbered_files.add(folder, json.dumps(facts, ensure_ascii=False, sort_keys=True))
    sealed = sealed_file(lake, folder / numbered_files.name_of(number))
    detail = {"release_id": card.release_id, "number": number, "files": sealed}
    record_act(lake, act=act, by=by, subject=f"{card.provider_id} {card.quarter}", reason=reason, detail=detail)
    return _after(now, facts)


def _after(before: SignOff, facts: Mapping[str, Any]) -> SignOff:
    step = facts["step"]
    return SignOff(
        state=STEPS[step][1],
        by=facts["by"],
        on=facts["at"][:10],
        reason=facts["reason"],
        restatement=before.restatement + (step == "restate"),
        card=card_of(facts["card"]) if facts["card"] else None,
    )
