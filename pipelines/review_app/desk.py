"""The desk: which pair goes to whom next, and what becomes of what they say. One desk a lake; any thread may ask.

Nothing here knows of the web. What it holds in memory is read anew when the lake's files change: after a night, a
deletion, a decision by command.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipelines.contracts.state import OUTCOME_CONTRACTS
from pipelines.errors import LakeError
from pipelines.key_files import make_key, read_key
from pipelines.lake import Lake
from pipelines.link.decision_store import in_force, recorded, store_folder
from pipelines.review_app import deciding, judgements
from pipelines.review_app.judgements import ADJUDICATION, BLIND, TAKEN_BACK, Pair, Record, judgements_folder
from pipelines.review_app.leases import Lease, Leases
from pipelines.review_app.queue import NEEDED, OUTCOMES, Queued, read_queue
from pipelines.review_app.reasons import refuse_unfit
from pipelines.review_app.standing import DISPUTED, NOTHING_SAID, OPEN, SETTLED, WAITING, Standing, by_pair, standing
from pipelines.review_app.state import State, app_folder
from pipelines.review_app.terms import Terms
from pipelines.review_app.users import ADJUDICATOR, User

ID_BYTES = 16
"""Of a pair's opaque id: 128 bits, so that nobody guesses one and no two pairs share one."""

TRIES = 3
"""How often the queue is read when a run replaces tables in the middle of it."""

Stamp = tuple[int, int, int]
"""When a file or folder changed, which it is, and of a folder how many it holds: clocks tick slower than files come."""

Signature = tuple[Stamp, ...]


@dataclass(frozen=True)
class Item:
    """A pair as the desk knows it."""

    pair_id: str
    queued: Queued
    standing: Standing

    def __repr__(self) -> str:
        return f"Item({self.pair_id})"


@dataclass(frozen=True)
class _Known:
    """What was read from the lake."""

    queue: dict[Pair, Queued]
    stand: dict[Pair, Standing]
    records: tuple[Record, ...]
    elsewhere: frozenset[Pair]
    """Pairs that are decided by others than the app."""


class Desk:
    """Queue, leases and judgements of a lake."""

    def __init__(self, lake: Lake, terms: Terms, state: State, outcome_contracts: Path = OUTCOME_CONTRACTS) -> None:
        self.lake, self.terms, self.outcome_contracts = lake, terms, outcome_contracts
        self.leases = Leases(state, terms)
        self._key = _open_key(app_folder(lake) / "pair_ids.key")
        self._lock = threading.RLock()
        self._queue: tuple[Signature, dict[Pair, Queued]] | None = None
        self._said: tuple[Signature, tuple[Record, ...], frozenset[Pair]] | None = None
        self._remembered: judgements.Remembered = {}
        self._ids: dict[Pair, str] = {}
        deciding.follow_up(lake, judgements.kept(lake, self._remembered))

    def pair_id(self, pair: Pair) -> str:
        """The opaque id of a pair: the same over restarts, and nothing to be read from it without the key."""
        if pair not in self._ids:
            self._ids[pair] = base64.urlsafe_b64encode(self._mac("pair", pair)[:ID_BYTES]).decode().rstrip("=")
        return self._ids[pair]

    def offers(self, user: User, *, disputed: bool = False) -> list[Item]:
        """The pairs that may go to a user, the one worth most first."""
        known = self._known()
        items = self._disputes(known) if disputed else self._undecided(known)
        return [one for one in items if user.name not in one.standing.reviewers]

    def open_pairs(self) -> list[Item]:
        """The pairs that anybody may still be asked about, disputed ones aside."""
        return self._undecided(self._known())

    def next_for(self, user: User, now: datetime, *, disputed: bool = False) -> Lease | None:
        """Put the first free pair on a user's table; None if there is none."""
        with self._lock:
            if disputed and user.role != ADJUDICATOR:
                raise LakeError("only adjudicators decide where reviewers differ")
            ids = (one.pair_id for one in self.offers(user, disputed=disputed))
            return self.leases.take_first(user.name, ids, now)

    def on_table(self, user: User, now: datetime) -> tuple[Lease, Item] | None:
        """The pair that a user has, if it still may be theirs."""
        lease = self.leases.held_by(user.name, now)
        if lease is None:
            return None
        items = [*self.offers(user), *(self.offers(user, disputed=True) if user.role == ADJUDICATOR else [])]
        found = next((one for one in items if one.pair_id == lease.pair_id), None)
        return (lease, found) if found else None

    def judge(self, user: User, pair_id: str, code: str, reasons: Sequence[str], note: str, now: datetime) -> Record:
        """Keep what a user says of the pair on their table, and let the decision follow.

        Raises:
            LakeError: the pair is not on their table, or the answer lacks a reason of its kind.
        """
        refuse_unfit(code, reasons)
        if len(note) > self.terms.note_most_characters:
            raise LakeError(f"a note has at most {self.terms.note_most_characters} characters")
        with self._lock:
            held = self.on_table(user, now)
            if held is None or held[1].pair_id != pair_id:
                raise LakeError("this pair is not on your table any longer, and nothing was recorded; take the next")
            lease, item = held
            record = self._record(item, user, code, reasons, note, lease.looks, now)
            self._keep(record)
            self.leases.give_back(user.name)
            return record

    def take_back(self, user: User, number: int, now: datetime) -> Lease | None:
        """Take back what a user said of a pair; the pair is put on their table again, unless somebody else has it.

        Raises:
            LakeError: there is no such word of theirs, or an adjudicator has built on it.
        """
        with self._lock:
            mine = next((one for one in self.words_of(user.name) if one.number == number), None)
            if mine is None:
                raise LakeError("there is no such word of yours that stands")
            adjudicated = [one for one in self.standing_of(mine.pair).words if one.stage == ADJUDICATION]
            if adjudicated and mine.stage != ADJUDICATION:
                raise LakeError("an adjudicator has decided on it since; ask them to take theirs back first")
            self._keep(
                Record(
                    *mine.pair[0], *mine.pair[1], TAKEN_BACK, user.name, now, stage=mine.stage, takes_back=number,
                    evidence=mine.evidence,
                )
            )  # fmt: skip
            return self.leases.take_first(user.name, [self.pair_id(mine.pair)], now)

    def words_of(self, name: str) -> list[Record]:
        """What a user said that stands, newest first."""
        stand = self._known().stand.values()
        return sorted((word for one in stand for word in one.words if word.by == name), key=lambda word: -word.number)

    def standing_of(self, pair: Pair) -> Standing:
        """How a pair stands."""
        return self._known().stand.get(pair, NOTHING_SAID)

    def standings(self) -> list[Standing]:
        """How every pair stands of which anything was ever said."""
        return list(self._known().stand.values())

    def records(self) -> tuple[Record, ...]:
        """Everything that was said, in order."""
        return self._known().records

    def _record(
        self, item: Item, user: User, code: str, reasons: Sequence[str], note: str, looks: Sequence[str], now: datetime
    ) -> Record:
        queued, pair = item.queued, item.queued.pair
        return Record(
            *pair[0], *pair[1], code, user.name, now,
            stage=ADJUDICATION if item.standing.status == DISPUTED else BLIND,
            reason_codes=tuple(reasons),
            reason=note,
            looks=tuple(looks),
            wants_second=queued.stake_usd >= self.terms.second_from_usd,
            is_audit=self._is_drawn(pair),
            evidence=queued.evidence,
        )  # fmt: skip

    def _keep(self, record: Record) -> None:
        judgements.keep(self.lake, record)
        kept = judgements.kept(self.lake, self._remembered)
        deciding.follow(self.lake, [one for one in kept if one.pair == record.pair])

    def _undecided(self, known: _Known) -> list[Item]:
        """Pairs that nobody judged, and those that wait for a second word; no reviewer can tell which is which."""
        found = [
            Item(self.pair_id(pair), queued, stand)
            for pair, queued in {**_asked_again(known), **known.queue}.items()
            if (stand := known.stand.get(pair, NOTHING_SAID)).status == WAITING
            or (stand.status == OPEN and pair not in known.elsewhere)
        ]
        return sorted(found, key=lambda one: (-one.queued.value_usd, one.pair_id))

    def _disputes(self, known: _Known) -> list[Item]:
        """Pairs of which two said different things."""
        everything = {**_asked_again(known), **known.queue}
        stand = {pair: one for pair, one in known.stand.items() if one.status == DISPUTED}
        found = [Item(self.pair_id(pair), everything[pair], one) for pair, one in stand.items() if pair in everything]
        return sorted(found, key=lambda one: (-one.queued.value_usd, one.pair_id))

    def _is_drawn(self, pair: Pair) -> bool:
        return int.from_bytes(self._mac("audit", pair)[:8]) < self.terms.audit_share * 2**64

    def _mac(self, purpose: str, pair: Pair) -> bytes:
        text = "\0".join((purpose, *pair[0], *pair[1]))
        return hmac.new(self._key, text.encode(), hashlib.sha256).digest()

    def _known(self) -> _Known:
        with self._lock:
            said = self._read_said()
            stand = {pair: standing(own) for pair, own in by_pair(said[1]).items()}
            return _Known(self._read_queue(), stand, said[1], said[2])

    def _read_queue(self) -> dict[Pair, Queued]:
        seen = self._signature_of_tables()
        if self._queue is None or self._queue[0] != seen:
            self._queue = _steady(self._signature_of_tables, self._queue_now)
        return self._queue[1]

    def _queue_now(self) -> dict[Pair, Queued]:
        return {one.pair: one for one in read_queue(self.lake, self.terms, self.outcome_contracts)}

    def _read_said(self) -> tuple[Signature, tuple[Record, ...], frozenset[Pair]]:
        seen = _signature([store_folder(self.lake), judgements_folder(self.lake)])
        if self._said is None or self._said[0] != seen:
            others = [one for one in recorded(self.lake) if deciding.EVIDENCE not in one.evidence]
            decided = frozenset(one.clients for one in in_force(others) if deciding.effect(one.decision_code))
            self._said = (seen, tuple(judgements.kept(self.lake, self._remembered)), decided)
        return self._said

    def _signature_of_tables(self) -> Signature:
        return _signature([self.lake.path(zone, table) for zone, table in (*NEEDED, *OUTCOMES)])


def _asked_again(known: _Known) -> dict[Pair, Queued]:
    """Pairs that are not settled, as they were when they were judged: a night may have taken them off the queue."""
    return {
        pair: Queued(*pair[0], *pair[1], **one.words[0].evidence)
        for pair, one in known.stand.items()
        if one.status not in (OPEN, SETTLED) and one.words[0].evidence
    }


def _steady(
    signature: Callable[[], Signature], read: Callable[[], dict[Pair, Queued]]
) -> tuple[Signature, dict[Pair, Queued]]:
    """What was read while nothing changed."""
    for _ in range(TRIES):
        before = signature()
        found = read()
        if signature() == before:
            return before, found
    raise LakeError("a run is replacing the lake's tables; wait until it has ended")


def _signature(paths: Sequence[Path]) -> Signature:
    return tuple(_stamp(path) for path in paths)


def _stamp(path: Path) -> Stamp:
    if not path.exists():
        return (0, 0, 0)
    facts = path.stat()
    return facts.st_mtime_ns, facts.st_ino, sum(1 for _ in path.iterdir()) if path.is_dir() else 0


def _open_key(path: Path) -> bytes:
    return read_key(path) if path.exists() else make_key(path)


def statuses(stand: Sequence[Standing]) -> Iterator[tuple[str, int]]:
    """How many pairs stand how."""
    for status in (OPEN, WAITING, DISPUTED, SETTLED):
        yield status, sum(one.status == status for one in stand)
