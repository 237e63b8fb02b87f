"""The pages about the work: home, one's own words, progress and agreement, what decisions came to. They name nobody."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from starlette.responses import RedirectResponse, Response

from pipelines.intervals import Estimate
from pipelines.link.decision_store import CODES
from pipelines.review_app.agreement import agreement, audit, by_reviewers, judged_twice
from pipelines.review_app.calls import Call
from pipelines.review_app.changes import index_changes, pair_changes, released_changes
from pipelines.review_app.desk import statuses
from pipelines.review_app.judgements import TAKEN_BACK, Record
from pipelines.review_app.reasons import in_words
from pipelines.review_app.standing import SETTLED, WAITING
from pipelines.review_app.users import ADJUDICATOR, ADMINISTRATOR, JUDGES, REVIEWER

NOTICES = {
    "none": "There is nothing for you now. What others have on their table comes back if they do not decide.",
    "freed": "Taken back. Somebody else has the pair on their table now.",
    "gone": "That pair is not on your table any longer; nothing was recorded.",
    "recorded": "Recorded. There is no further pair for you now.",
}


@dataclass(frozen=True)
class Work:
    """What one user has said."""

    name: str
    judged: int
    taken_back: int
    opened: int
    """Judgements before which the waterfall or the whole persons were opened."""


def home(call: Call) -> Response:
    """What waits for this user. Supervisors go to the progress, administrators to the accounts."""
    user, desk = call.signed_in, call.services.desk
    if user.role == ADMINISTRATOR:
        return RedirectResponse("/accounts", status_code=303)
    if user.role not in JUDGES:
        return RedirectResponse("/progress", status_code=303)
    held = desk.on_table(user, call.now)
    return call.page(
        "home.html",
        waiting=len(desk.offers(user)),
        disputed=len(desk.offers(user, disputed=True)) if user.role == ADJUDICATOR else None,
        on_table=held[1].pair_id if held else None,
        said=len(desk.words_of(user.name)),
        lease_minutes=call.services.terms.lease_minutes,
        notice=next((text for name, text in NOTICES.items() if name in call.request.query_params), ""),
    )


def mine(call: Call) -> Response:
    """What this user said that stands, newest first, to be taken back."""
    words = call.services.desk.words_of(call.signed_in.name)
    return call.page("mine.html", words=[(one, in_words(one.code, one.reason_codes, one.reason)) for one in words])


def progress(call: Call) -> Response:
    """How far the work is, and how far reviewers agree. A reviewer sees their own row, not other people's."""
    desk, user = call.services.desk, call.signed_in
    stand, least = desk.standings(), call.services.terms.agreement_least_pairs
    queue = desk.open_pairs()
    works = works_of(desk.records())
    sees_all = user.role != REVIEWER
    return call.page(
        "progress.html",
        open_pairs=len(queue),
        open_usd=sum(one.queued.value_usd for one in queue),
        done_usd=sum(float(one.words[0].evidence.get("value_usd", 0)) for one in stand if one.words),
        statuses=dict(statuses(stand)),
        outcomes=Counter(one.outcome for one in stand if one.outcome and one.status == SETTLED),
        drawn=sum(one.status == WAITING and one.outcome is not None for one in stand),
        on_tables=desk.leases.taken(call.now),
        works=[one for one in works if sees_all or one.name == user.name],
        agreed=agreement(judged_twice(stand), least),
        audited=audit(stand),
        between=_between(stand, least) if sees_all else [],
        codes=CODES,
        least=least,
        percent=percent,
        decimal=decimal,
    )


def changes(call: Call) -> Response:
    """What the decisions came to."""
    lake = call.services.lake
    told = pair_changes(lake)
    return call.page(
        "changes.html",
        counts=Counter((one.decision_code, one.effect) for one in told),
        changes=told,
        versions=index_changes(lake),
        released=released_changes(lake),
    )


def works_of(records: tuple[Record, ...]) -> list[Work]:
    """What each user has said, by name."""
    found = []
    for name in sorted({one.by for one in records}):
        own = [one for one in records if one.by == name]
        said = [one for one in own if one.code != TAKEN_BACK]
        found.append(Work(name, len(said), len(own) - len(said), sum(bool(one.looks) for one in said)))
    return found


def percent(told: Estimate) -> str:
    """A share with its interval."""
    if told.estimate is None or told.lower is None or told.upper is None:
        return "–"
    return f"{told.estimate:.0%} ({told.lower:.0%} to {told.upper:.0%})"


def decimal(told: Estimate) -> str:
    """A kappa with its interval."""
    if told.estimate is None or told.lower is None or told.upper is None:
        return "–"
    return f"{told.estimate:.2f} ({told.lower:.2f} to {told.upper:.2f})"


def _between(stand: list[Any], least: int) -> list[tuple[str, str, Any]]:
    return [(*names, agreement(said, least)) for names, said in sorted(by_reviewers(stand).items())]
