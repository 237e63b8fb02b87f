"""What a figure says, in plain sentences that claim no more than its interval does."""

from __future__ import annotations

from collections.abc import Iterator

from pipelines.reports import wording
from pipelines.reports.scorecards.figures import Figure, Told

WITHHELD = "Withheld: it counts 1 to 10 people, or would give such a count back."
NOBODY = "Nobody was counted in this quarter."
"""What is said where there is nothing to say."""

GOOD, BAD, OPEN = "good", "bad", "open"
"""What a figure is beside another: better or worse by more than chance explains, or not told apart from it."""


def readings(figure: Figure) -> list[str]:
    """The sentences of a figure: what it is; then beside target, peers and last quarter."""
    return list(_sentences(figure))


def _sentences(figure: Figure) -> Iterator[str]:
    own = figure.own
    if own is None:
        yield NOBODY
        return
    if own.estimate is None:
        yield WITHHELD if own.suppressed else NOBODY
        return
    yield _what_it_is(figure, own)
    for sentence in (_beside_target(figure, own), _beside_peers(figure, own), _beside_last_quarter(figure, own)):
        if sentence:
            yield sentence
    if own.unknown:
        yield f"For {wording.count(own.unknown)} further people nobody can tell: they could not be linked."


def _what_it_is(figure: Figure, own: Told) -> str:
    if figure.kind == "count":
        said = f"{wording.count(own.estimate)} {figure.noun}."
        return f"{said} By chance alone it could have been {_interval(own)}." if own.has_interval else said
    if figure.kind == "rate":
        of = f"{wording.count(own.numerator)} {figure.noun} in {own.person_time:,.0f} months of membership"
    else:
        of = f"{wording.count(own.numerator)} of {wording.count(own.n)} {figure.noun}"
    between = f"; with chance allowed for, between {_interval(own, ' and ')}" if own.has_interval else ""
    return f"{of}: {_number(own, own.estimate)}{between}."


def verdict_on_target(figure: Figure) -> str:
    """Whether the whole interval lies on one side of the target."""
    own, target = figure.own, figure.target
    if own is None or target is None or own.lower is None or own.upper is None or not figure.better:
        return ""
    if figure.better == "more":
        return GOOD if own.lower >= target else BAD if own.upper < target else OPEN
    return GOOD if own.upper <= target else BAD if own.lower > target else OPEN


def _beside_target(figure: Figure, own: Told) -> str:
    target = _number(own, figure.target)
    side = "at least" if figure.better == "more" else "at most"
    return {
        GOOD: f"It reaches the target of {side} {target}.",
        BAD: f"It misses the target of {side} {target} by more than chance explains.",
        OPEN: f"It cannot be told apart from the target of {side} {target}: the interval holds both sides.",
    }.get(verdict_on_target(figure), "")


def verdict_on_peers(figure: Figure) -> str:
    """Whether it lies outside the 95 % limits that its size allows; on which side."""
    own, limits = figure.own, figure.limits
    if own is None or own.estimate is None or limits is None or not figure.better:
        return ""
    if limits.low_95 <= own.estimate <= limits.high_95:
        return OPEN
    return GOOD if (own.estimate > limits.high_95) == (figure.better == "more") else BAD


def _beside_peers(figure: Figure, own: Told) -> str:
    peers, verdict = figure.peers, verdict_on_peers(figure)
    if peers is None or peers.estimate is None:
        return ""
    together = f"all providers together ({_number(peers, peers.estimate)})"
    if not verdict:
        return f"All providers together: {_number(peers, peers.estimate)}." if figure.kind != "count" else ""
    if verdict == OPEN:
        return f"For its size it is like {together}: it lies within the limits of chance."
    assert figure.limits is not None and own.estimate is not None
    far = not figure.limits.low_998 <= own.estimate <= figure.limits.high_998
    sure = "99.8" if far else "95"
    better = "better" if verdict == GOOD else "worse"
    return f"It is {better} than {together}, beyond the {sure} % limits for its size."


def verdict_on_last_quarter(figure: Figure) -> str:
    """Whether its interval and that of last quarter lie apart; on which side."""
    own, before = figure.own, figure.before
    if own is None or before is None or not figure.better:
        return ""
    if own.lower is None or own.upper is None or before.lower is None or before.upper is None:
        return ""
    if own.lower <= before.upper and before.lower <= own.upper:
        return OPEN
    return GOOD if (own.lower > before.upper) == (figure.better == "more") else BAD


def _beside_last_quarter(figure: Figure, own: Told) -> str:
    before, verdict = figure.before, verdict_on_last_quarter(figure)
    if before is None or before.estimate is None or not verdict:
        return ""
    was = f"{before.period} ({_number(before, before.estimate)})"
    if verdict == OPEN:
        return f"Beside {was} nothing can be said to have changed: the intervals overlap."
    return f"It is {'better' if verdict == GOOD else 'worse'} than in {was}, by more than chance explains."


def _number(row: Told, value: float | None) -> str:
    return wording.estimate({"estimate": value, "suppressed": False, "kind": row.kind})


def _interval(row: Told, joined: str = " to ") -> str:
    return f"{_number(row, row.lower)}{joined}{_number(row, row.upper)}"
