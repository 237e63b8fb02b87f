"""Whether all of a delivery is there yet. What is not complete waits; nothing is said against it."""

from __future__ import annotations

from dataclasses import dataclass, field
from time import time

from pipelines.ingest.checksums import expected, expected_of_archive
from pipelines.ingest.landing import Arrival
from pipelines.ingest.sent_names import DONE, SentName

NANOSECONDS = 10**9


@dataclass(frozen=True)
class Looking:
    """How a run looks at the landing folder."""

    settle_seconds: float = 0.0
    """A delivery without a marker waits until none of its files has changed for so long."""
    everything: bool = False
    """Read every file again, though nothing about it changed since the last look: for a weekly run."""
    now: float = field(default_factory=time)
    """Seconds since the epoch, by the clock that stamps the landing folder's files."""


def waits(arrival: Arrival, sent: list[SentName], looking: Looking, *, is_readable: bool) -> bool:
    """Whether something of a delivery may still come; of one that is not readable, only its settling."""
    if arrival.is_marked_done:
        return False
    states = arrival.states()
    latest = max((times[2] for _, times in states), default=0)
    if looking.now - latest / NANOSECONDS < looking.settle_seconds:
        return True
    return is_readable and (not states or _lacks_something(arrival, sent))


def _lacks_something(arrival: Arrival, sent: list[SentName]) -> bool:
    return any(_lacks_its_marker(arrival, one) for one in sent) or bool(lacking_checksums(arrival, sent))


def lacking_checksums(arrival: Arrival, sent: list[SentName]) -> list[str]:
    """Files whose contract demands a checksum, and which have none."""
    if arrival.is_archive and expected_of_archive(arrival):
        return []
    needing = [one.name for one in sent if one.contract.files.checksum == "required"]
    found = expected(arrival, needing) if needing else {}
    return [name for name in needing if not found[name]]


def _lacks_its_marker(arrival: Arrival, one: SentName) -> bool:
    if one.contract.files.done_marker != "required":
        return False
    markers = [] if arrival.is_archive else [name for name in arrival.companions() if name.endswith(DONE)]
    return f"{one.name}{DONE}" not in markers
