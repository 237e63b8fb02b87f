"""Send what is new over every wire; a wire that fails does not keep the others from sending."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from pipelines.alerts import memory
from pipelines.alerts.notice import Message, Notice, message
from pipelines.alerts.settings import AlertSettings
from pipelines.alerts.wires import post, send_mail
from pipelines.errors import AlertError, CountylinkError


@dataclass(frozen=True)
class Sent:
    """What a look came to: told now, known already, and beyond the hour's limit."""

    told: int
    known: int
    withheld: int


def send(
    settings: AlertSettings,
    folder: Path,
    notices: Sequence[Notice],
    now: datetime,
    looked_at: Collection[str] = (),
) -> Sent:
    """Tell what is new in one message.

    Args:
        settings: wires and limits.
        folder: where it is remembered what was told.
        notices: every trouble there is.
        now: the time of the look.
        looked_at: subjects that were looked at; those without a trouble are mended.

    Raises:
        AlertError: at least one wire failed. Nothing is remembered as told then, so the next look tries again.
    """
    known = memory.load(folder)
    known.forget_mended(looked_at, {one.key for one in notices})
    due = known.new(notices, now, settings.repeat_after)
    places = known.allowed(now, settings.most_per_hour)
    if due and places and settings.tells_anybody:
        told_now = message(due[:places], settings.titles, settings.ui, max(len(due) - places, 0))
        try:
            over_every_wire(settings, told_now)
        except AlertError as error:
            known.failure = f"{now:%Y-%m-%d %H:%M} {error}"
            memory.save(folder, known)
            raise
        known.failure = ""
        known.note(due[:places], now)
    memory.save(folder, known)
    told = min(len(due), places) if settings.tells_anybody else 0
    return Sent(told=told, known=len(notices) - len(due), withheld=len(due) - told)


def over_every_wire(settings: AlertSettings, told: Message) -> None:
    """Send a message over every wire there is.

    Raises:
        AlertError: some did not go through; the others did.
    """
    wires: list[Callable[[], None]] = [partial(post, hook, told) for hook in settings.webhooks]
    if settings.mail is not None:
        wires.append(partial(send_mail, settings.mail, told))
    if failed := [fault for wire in wires if (fault := _fault(wire))]:
        raise AlertError("; ".join(failed))


def _fault(wire: Callable[[], None]) -> str:
    try:
        wire()
    except CountylinkError as error:
        return str(error)
    return ""
