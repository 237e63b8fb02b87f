"""The pages of one pair: both clients beside each other, what may be opened of them, and the answer."""

from __future__ import annotations

import time

from starlette.responses import RedirectResponse, Response

from pipelines.audit import record_act
from pipelines.errors import LakeError
from pipelines.review import explain_pair
from pipelines.review_app.calls import HOUR, Call, NotAllowedError
from pipelines.review_app.desk import Item
from pipelines.review_app.leases import Lease
from pipelines.review_app.looking import bundle_of_lake, identities_of, persons_of
from pipelines.review_app.reasons import in_words, reasons
from pipelines.review_app.sides import FIELDS, fields_of, missing_of
from pipelines.review_app.standing import DISPUTED

LOOKS = ("waterfall", "persons")
"""What is shown on asking only: either tells what the linkage made of the pair."""


def take_next(call: Call) -> Response:
    """Put the next pair on the user's table."""
    lease = call.services.desk.next_for(call.signed_in, call.now, disputed=call.field("queue") == "disputed")
    return RedirectResponse(f"/pair/{lease.pair_id}" if lease else "/?none=1", status_code=303)


def show(call: Call) -> Response:
    """The pair on the user's table; any other id leads home."""
    held = _held(call)
    return _drawn(call, *held) if held else RedirectResponse("/?gone=1", status_code=303)


def open_more(call: Call) -> Response:
    """Open the waterfall or the whole persons; that it was opened stands with the judgement."""
    held, what = _held(call), call.field("what")
    if held is None or what not in LOOKS:
        return RedirectResponse("/?gone=1", status_code=303)
    call.services.desk.leases.opened(held[0], what)
    return RedirectResponse(f"/pair/{held[1].pair_id}#{what}", status_code=303)


def judge(call: Call) -> Response:
    """Keep the answer, and go on to the next pair; an answer that lacks something is asked for again."""
    held, code, note = _held(call), call.field("code"), call.field("note")
    if held is None:
        return RedirectResponse("/?gone=1", status_code=303)
    chosen = list(call.form.get(f"reason_{code}", ()))
    is_disputed = held[1].standing.status == DISPUTED
    try:
        call.services.desk.judge(call.signed_in, held[1].pair_id, code, chosen, note, call.now)
    except LakeError as error:
        return _drawn(call, *held, told=str(error), code=code, chosen=chosen, note=note)
    lease = call.services.desk.next_for(call.signed_in, call.now, disputed=is_disputed)
    return RedirectResponse(f"/pair/{lease.pair_id}?recorded=1" if lease else "/?recorded=1", status_code=303)


def give_back(call: Call) -> Response:
    """Let somebody else have the pair."""
    call.services.desk.leases.give_back(call.signed_in.name)
    return RedirectResponse("/", status_code=303)


def take_back(call: Call) -> Response:
    """Take back one's own word, and have the pair again."""
    lease = call.services.desk.take_back(call.signed_in, int(call.request.path_params["number"]), call.now)
    return RedirectResponse(f"/pair/{lease.pair_id}?taken_back=1" if lease else "/?freed=1", status_code=303)


def _held(call: Call) -> tuple[Lease, Item] | None:
    held = call.services.desk.on_table(call.signed_in, call.now)
    return held if held and held[1].pair_id == call.request.path_params["pair_id"] else None


def _drawn(
    call: Call,
    lease: Lease,
    item: Item,
    told: str = "",
    code: str = "",
    chosen: list[str] | None = None,
    note: str = "",
) -> Response:
    _record_look(call, lease, item)
    pair = item.queued.pair
    known = identities_of(call.services.lake, pair)
    if not all(known.values()):
        call.services.desk.leases.give_back(call.signed_in.name)
        raise LakeError("one of the two is not known any longer; take the next pair")
    explained = persons = None
    if "waterfall" in lease.looks:
        explained = explain_pair(call.services.lake, bundle_of_lake(call.services.lake), *pair)
    if "persons" in lease.looks:
        persons = persons_of(call.services.lake, pair)
    return call.page(
        "pair.html",
        422 if told else 200,
        pair_id=item.pair_id,
        clients=pair,
        fields=fields_of(*(known[client] for client in pair)),
        missing=missing_of(*(known[client] for client in pair)),
        explained=explained,
        persons=persons,
        labels=list(FIELDS.values()),
        words=_words(item) if item.standing.status == DISPUTED else [],
        reasons=reasons(),
        told=told,
        code=code,
        chosen=chosen or [],
        note=note,
        notice=_notice(call),
        note_most=call.services.terms.note_most_characters,
    )


def _record_look(call: Call, lease: Lease, item: Item) -> None:
    """Who looks at whom, before anything is shown."""
    user, terms = call.signed_in, call.services.terms
    if not call.services.limits.allows(f"looks {user.name}", terms.looks_an_hour, HOUR, time.monotonic()):
        raise NotAllowedError(429, "You looked at more pairs than an hour of careful work holds. Go on in a while.")
    subject = " ".join(":".join(client) for client in item.queued.pair)
    act = "review_persons_shown" if "persons" in lease.looks else "review_pair_shown"
    record_act(call.services.lake, act=act, by=user.name, subject=subject, detail={"opened": list(lease.looks)})


def _words(item: Item) -> list[tuple[str, str, str]]:
    """What the reviewers said who differ, without their names: their place, answer and reasons."""
    return [
        (place, word.code, in_words(word.code, word.reason_codes, word.reason))
        for place, word in zip(("First", "Second"), item.standing.blind, strict=False)
    ]


def _notice(call: Call) -> str:
    said = {
        "recorded": "Recorded. Here is the next pair.",
        "taken_back": "Taken back. Here is the pair again.",
    }
    return next((text for name, text in said.items() if name in call.request.query_params), "")
