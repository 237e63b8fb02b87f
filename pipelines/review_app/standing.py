"""How a pair stands after everything that was said of it. Pure functions over records.

    open        nobody's word stands
    waiting     one reviewer spoke, and a second is asked: much rests on it, the first was unsure, or it was drawn
                for the audit; the last of these is in force meanwhile
    disputed    two reviewers said different things; an adjudicator is asked
    settled     one word where one is enough, two that agree, or the adjudicator's

A record that takes another back makes the pair stand as if that one had never been said.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipelines.review_app.judgements import ADJUDICATION, TAKEN_BACK, Pair, Record

OPEN, WAITING, DISPUTED, SETTLED = "open", "waiting", "disputed", "settled"


@dataclass(frozen=True)
class Standing:
    """How a pair stands, and what the app holds of it: same, different, unsure, or None while nothing is in force."""

    status: str
    outcome: str | None
    words: tuple[Record, ...]
    """The judgements that stand, in order."""

    @property
    def reviewers(self) -> frozenset[str]:
        """Whose words stand."""
        return frozenset(one.by for one in self.words)

    @property
    def blind(self) -> tuple[Record, ...]:
        """The judgements that were made without knowing of others."""
        return tuple(one for one in self.words if one.stage != ADJUDICATION)


NOTHING_SAID = Standing(OPEN, None, ())


def standing(records: Iterable[Record]) -> Standing:
    """How the pair of these records stands; they are all its records, in order."""
    told = list(records)
    taken = {one.takes_back for one in told if one.code == TAKEN_BACK}
    words = tuple(one for one in told if one.code != TAKEN_BACK and one.number not in taken)
    return Standing(*_judged(words), words)


def by_pair(records: Iterable[Record]) -> dict[Pair, list[Record]]:
    """The records of each pair, in order."""
    found: dict[Pair, list[Record]] = {}
    for one in records:
        found.setdefault(one.pair, []).append(one)
    return found


def _judged(words: Sequence[Record]) -> tuple[str, str | None]:
    adjudicated = [one for one in words if one.stage == ADJUDICATION]
    if adjudicated:
        return SETTLED, adjudicated[-1].code
    if not words:
        return OPEN, None
    first = words[0]
    decides_alone = first.code != "unsure" and not any(one.wants_second for one in words)
    if len(words) == 1:
        if not decides_alone:
            return WAITING, None
        return (WAITING if first.is_audit else SETTLED), first.code
    if len({one.code for one in words}) == 1:
        return SETTLED, first.code
    return DISPUTED, (first.code if decides_alone else None)
