"""How far reviewers agree: Cohen's kappa over pairs that two judged blind, and what the audit of single ones found.

Kappa is the agreement beyond that of chance: (observed - expected) / (1 - expected), where chance gives each of the
two the shares in which they used same, different and unsure. Its standard error is the large-sample one of Fleiss,
Cohen and Everitt (1969, Psychological Bulletin 72:323). Adjudicators know both words and do not enter.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipelines.intervals import NOTHING, Z_95, Estimate, wilson
from pipelines.link.decision_store import CODES
from pipelines.review_app.standing import Standing

Both = tuple[str, str]
"""What the first and the second reviewer said."""


@dataclass(frozen=True)
class Agreement:
    """Of pairs that two judged blind."""

    pairs: int
    agreed: int
    kappa: Estimate
    table: tuple[tuple[int, ...], ...]
    """Rows: the first's word; columns: the second's; both in the order same, different, unsure."""


@dataclass(frozen=True)
class Audit:
    """Of pairs that one decided alone and another was shown blind."""

    drawn: int
    looked_at: int
    confirmed: Estimate
    """The share of those looked at again to whom the second said the same."""


def agreement(said: Sequence[Both], least_pairs: int) -> Agreement:
    """Kappa with its 95 % interval; none below `least_pairs`, or where everybody always says one thing."""
    table = tuple(tuple(sum(both == (one, other) for both in said) for other in CODES) for one in CODES)
    agreed = sum(one == other for one, other in said)
    enough = len(said) >= least_pairs
    return Agreement(len(said), agreed, kappa(table) if enough else NOTHING, table)


def kappa(table: Sequence[Sequence[int]]) -> Estimate:
    """Cohen's kappa of a square table of counts."""
    n = sum(map(sum, table))
    size = range(len(table))
    rows = [sum(table[i]) / n for i in size] if n else []
    columns = [sum(table[i][j] for i in size) / n for j in size] if n else []
    expected = sum(one * other for one, other in zip(rows, columns, strict=True))
    if not n or expected >= 1:
        return NOTHING
    observed = sum(table[i][i] for i in size) / n
    value = (observed - expected) / (1 - expected)
    diagonal = sum(table[i][i] / n * ((1 - expected) - (rows[i] + columns[i]) * (1 - observed)) ** 2 for i in size)
    off = sum(table[i][j] / n * (columns[i] + rows[j]) ** 2 for i in size for j in size if i != j)
    variance = diagonal + (1 - observed) ** 2 * off - (observed * expected - 2 * expected + observed) ** 2
    half = Z_95 * math.sqrt(max(variance, 0.0) / n) / (1 - expected) ** 2
    return Estimate(value, max(-1.0, value - half), min(1.0, value + half))


def judged_twice(stand: Iterable[Standing]) -> list[Both]:
    """What the first two said of each pair that two judged blind."""
    return [(one.blind[0].code, one.blind[1].code) for one in stand if len(one.blind) > 1]


def by_reviewers(stand: Iterable[Standing]) -> dict[tuple[str, str], list[Both]]:
    """The same, for each two reviewers; the one whose name sorts first speaks first."""
    found: dict[tuple[str, str], list[Both]] = {}
    for one in stand:
        if len(one.blind) > 1:
            first, second = sorted(one.blind[:2], key=lambda word: word.by)
            found.setdefault((first.by, second.by), []).append((first.code, second.code))
    return found


def audit(stand: Iterable[Standing]) -> Audit:
    """What became of the pairs that were drawn for the audit."""
    drawn = [one for one in stand if one.blind and _is_audited(one)]
    again = [one for one in drawn if len(one.blind) > 1]
    confirmed = sum(one.blind[0].code == one.blind[1].code for one in again)
    return Audit(len(drawn), len(again), wilson(confirmed, len(again)))


def _is_audited(one: Standing) -> bool:
    first = one.blind[0]
    return first.is_audit and not first.wants_second and first.code != "unsure"
