"""What is told: one trouble, and a message of several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Notice:
    """One trouble: its kind, what it is about, and what to do. Codes of ours alone."""

    kind: str
    subject: str
    """What it is about, such as `no_delivery_is_held of deliveries/sheriff`."""
    mend: str
    run_id: str = ""

    @property
    def key(self) -> str:
        """By which the same trouble is known again in a later run."""
        return f"{self.kind}: {self.subject}"


@dataclass(frozen=True)
class Message:
    """What goes over the wire: a title, a text for people, and the same as JSON."""

    title: str
    text: str
    document: dict[str, Any]


def message(notices: Sequence[Notice], titles: dict[str, str], ui: str, withheld: int) -> Message:
    """One message of all that is new; `withheld` are those for which the hour has no place."""
    first = titles[notices[0].kind]
    more = f" (and {len(notices) - 1} more)" if len(notices) > 1 else ""
    blocks = [_block(one, titles[one.kind], ui) for one in notices]
    tail = [f"{withheld} further alerts are not sent this hour; they stand in {ui}."] if withheld else []
    document = {
        "title": f"Countylink: {first}{more}",
        "withheld": withheld,
        "alerts": [
            {"kind": one.kind, "title": titles[one.kind], "subject": one.subject, "mend": one.mend,
             "run": _link(one, ui)} for one in notices
        ],
    }  # fmt: skip
    return Message(f"Countylink: {first}{more}", "\n\n".join([*blocks, *tail]) + "\n", document)


def _block(notice: Notice, title: str, ui: str) -> str:
    link = _link(notice, ui)
    return "\n".join([f"{title}.", notice.subject, f"To do: {notice.mend}", *([f"Run: {link}"] if link else [])])


def _link(notice: Notice, ui: str) -> str:
    return f"{ui.rstrip('/')}/runs/{notice.run_id}" if notice.run_id else ""
