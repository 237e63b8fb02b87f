"""From how a pair stands to the decision that the next run keeps to.

A decision is recorded whenever what the app holds of a pair has another effect than the decision in force. Where the
app holds nothing any longer, or others spoke after the last word that it rests on, what they said is said again, by
whoever took the word back; where nothing stood, `unsure` leaves the pair to the model. Nothing is erased: the store
tells each step.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from pipelines.lake import Lake
from pipelines.link.decision_store import Decision, decision, in_force, record, recorded
from pipelines.review_app.judgements import TAKEN_BACK, Pair, Record
from pipelines.review_app.reasons import in_words
from pipelines.review_app.standing import Standing, by_pair, standing

EVIDENCE = "judgement"
"""The key of a decision's evidence that names the record it follows from: by it the app's decisions are known."""

UNSURE = "unsure"


def effect(code: str | None) -> str | None:
    """What a decision does to the linkage: same joins, different parts, anything else leaves it to the model."""
    return code if code in ("same", "different") else None


def follow(lake: Lake, records: Sequence[Record]) -> int | None:
    """Record the decision that follows from all records of one pair, if one does; returns its batch."""
    last, now = records[-1], standing(records)
    said = [one for one in recorded(lake) if one.clients == last.pair]
    held = _held(now, said)
    if effect(held) == effect(_code_in_force(said)):
        return None
    return record(lake, [_decision(last, now, held or UNSURE)])


def follow_up(lake: Lake, records: Iterable[Record]) -> int:
    """Record decisions that a killed app still owes; returns how many. A later word of others stays as it is."""
    said = by_clients(recorded(lake))
    owing = 0
    for pair, own in by_pair(records).items():
        decided = said.get(pair, [])
        followed = max((int(one.evidence.get(EVIDENCE, 0)) for one in decided), default=0)
        is_overtaken = any(EVIDENCE not in one.evidence and one.decided_at > own[-1].at for one in decided)
        if own[-1].number > followed and not is_overtaken:
            owing += follow(lake, own) is not None
    return owing


def by_clients(decisions: Iterable[Decision]) -> dict[Pair, list[Decision]]:
    """The decisions of each pair, in the order of recording."""
    found: dict[Pair, list[Decision]] = {}
    for one in decisions:
        found.setdefault(one.clients, []).append(one)
    return found


def _held(now: Standing, said: Sequence[Decision]) -> str | None:
    """What is to be in force: the app's outcome, unless others spoke since; without one, what others said."""
    others = in_force(one for one in said if EVIDENCE not in one.evidence)
    if now.outcome is None or (others and others[0].decided_at > _spoken_at(now)):
        return others[0].decision_code if others else None
    return now.outcome


def _spoken_at(now: Standing) -> datetime:
    """When the app's outcome was last said by a word that stands."""
    return max(one.at for one in now.words if one.code == now.outcome)


def _code_in_force(said: Sequence[Decision]) -> str | None:
    return next((one.decision_code for one in in_force(said)), None)


def _decision(last: Record, now: Standing, code: str) -> Decision:
    speaking = [one for one in now.words if one.code == code] or list(now.words)
    by = ", ".join(sorted({one.by for one in speaking})) if now.outcome is not None else last.by
    evidence = {**last.evidence, EVIDENCE: last.number}
    return decision(*last.pair, code, by, last.at, _reason(last, now, speaking), evidence)


def _reason(last: Record, now: Standing, speaking: Sequence[Record]) -> str:
    if now.outcome is None:
        return f"{'takes back' if last.code == TAKEN_BACK else 'after'} judgement {last.takes_back or last.number}"
    words = [in_words(one.code, one.reason_codes, one.reason) for one in speaking]
    return " / ".join(dict.fromkeys(filter(None, words))) or f"judgement {last.number}"
