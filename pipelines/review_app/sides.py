"""Two clients field by field, with what differs marked. Pure functions over their identities.

A client may have been seen with several values of a field; the two that are most alike are held against each other, and
all are shown. The marks are words, so that they do not rest on colour.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

FIELDS = {
    "first_name": "First name",
    "middle_name": "Middle name",
    "last_name": "Last name",
    "generation": "Generation",
    "birth_code": "Born on",
    "ssn": "SSN",
    "ssn_last4": "Last four of the SSN",
    "itin": "ITIN",
    "sex_code": "Sex",
    "phone": "Phone",
    "address": "Street",
    "unit": "Unit",
    "city": "City",
    "zip5": "ZIP code",
    "shared_ids": "Other ids",
}
"""Column of standard.identities → what reviewers call it, in the order in which they look."""

AGREES, CLOSE, DIFFERS, ONE_SIDE = "agrees", "close", "differs", "one side only"

ELSEWHERE = "in another field"
"""What is a first name here is a last name there."""

OTHER_KINDS = "other kinds"
"""Ids of different kinds say nothing of each other."""

ID_KINDS = {"cin": "Medi-Cal CIN", "sid": "state fingerprint no. (SID)", "hmis_personal_id": "HMIS client no."}
"""Namespace of a shared id → what reviewers call it; any other is told by its own name, without underscores."""

NAMES = ("first_name", "middle_name", "last_name")

CLOSE_FROM = 0.75
"""Share of like characters (Ratcliff and Obershelp) from which on two values are called close: one exchanged digit of a
date gives 0.88, one letter of a name of six 0.83, two unlike first names mostly below 0.6."""

WHOLE_PART = 4
"""Letters of a value that stands whole within another and is close to it: one of two surnames. Shorter is chance."""

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Piece:
    """Part of a value, and whether the other side has it there too."""

    text: str
    is_unlike: bool


@dataclass(frozen=True)
class Value:
    """One value in pieces."""

    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        """The whole value."""
        return "".join(piece.text for piece in self.pieces)


@dataclass(frozen=True)
class Field:
    """One field of both clients. The repr tells no value."""

    label: str
    mark: str
    sides: tuple[tuple[Value, ...], tuple[Value, ...]]

    def __repr__(self) -> str:
        return f"Field({self.label}, {self.mark})"


def fields_of(one: Iterable[Row], other: Iterable[Row]) -> list[Field]:
    """Every field that either client has a value of."""
    left, right = list(one), list(other)
    found = [
        Field(label, mark := mark_of(name, left, right), _sides(mark, values(left, name), values(right, name)))
        for name, label in FIELDS.items()
    ]
    return [one for one in found if any(one.sides)]


def missing_of(one: Iterable[Row], other: Iterable[Row]) -> list[str]:
    """What is known of neither."""
    left, right = list(one), list(other)
    return [label for name, label in FIELDS.items() if not values(left, name) and not values(right, name)]


def values(identities: Iterable[Row], name: str) -> list[str]:
    """The values of a field, each once, in the order of the identities."""
    told = (row.get(name) for row in identities)
    flat = [each for value in told for each in (value if isinstance(value, list) else [value])]
    return list(dict.fromkeys(_written(name, each) for each in flat if each not in (None, "")))


def mark_of(name: str, one: Sequence[Row], other: Sequence[Row]) -> str:
    """How a field of two clients stands: the most alike of their values speak."""
    mine, theirs = values(one, name), values(other, name)
    if not (mine and theirs):
        return ONE_SIDE
    if set(mine) & set(theirs):
        return AGREES
    if name == "shared_ids":
        return DIFFERS if _kinds(mine) & _kinds(theirs) else OTHER_KINDS
    if _are_close(mine, theirs) or (name in NAMES and _has_initial(mine, theirs)):
        return CLOSE
    return ELSEWHERE if name in NAMES and _is_elsewhere(name, one, other) else DIFFERS


def _is_elsewhere(name: str, one: Sequence[Row], other: Sequence[Row]) -> bool:
    """Whether a name of either side stands in another field of the other."""
    rest = [each for each in NAMES if each != name]
    return any(
        _are_close(values(own, name), [each for field in rest for each in values(against, field)])
        for own, against in ((one, other), (other, one))
    )


def _are_close(mine: Sequence[str], theirs: Sequence[str]) -> bool:
    return any(_likeness(a, b) >= CLOSE_FROM for a in mine for b in theirs)


def _has_initial(mine: Sequence[str], theirs: Sequence[str]) -> bool:
    """Whether one side has only the first letter of what the other has in full."""
    return any(min(len(a), len(b)) == 1 and a[0] == b[0] for a in mine for b in theirs)


def _kinds(ids: Iterable[str]) -> set[str]:
    return {one.rpartition(" ")[0] for one in ids}


def _sides(mark: str, mine: Sequence[str], theirs: Sequence[str]) -> tuple[tuple[Value, ...], tuple[Value, ...]]:
    """Both sides in pieces; what cannot be compared has nothing that is unlike."""
    if mark == OTHER_KINDS:
        return _marked(mine, ()), _marked(theirs, ())
    return _marked(mine, theirs), _marked(theirs, mine)


def _marked(own: Sequence[str], against: Sequence[str]) -> tuple[Value, ...]:
    """Each value held against the most alike of the other side."""
    if not against:
        return tuple(Value((Piece(value, False),)) for value in own)
    return tuple(Value(_pieces(value, _most_alike(value, against))) for value in own)


def _most_alike(value: str, others: Sequence[str]) -> str:
    return max(others, key=lambda other: _likeness(value, other))


def _pieces(value: str, nearest: str) -> tuple[Piece, ...]:
    if _has_initial([value], [nearest]):
        return (Piece(value[0], False), *([Piece(value[1:], True)] if value[1:] else []))
    if value == nearest or _likeness(value, nearest) < CLOSE_FROM:
        return (Piece(value, value != nearest),)
    steps = SequenceMatcher(None, value, nearest, autojunk=False).get_opcodes()
    return tuple(Piece(value[start:end], kind != "equal") for kind, start, end, _, _ in steps if end > start)


def _likeness(one: str, other: str) -> float:
    first, second = sorted((one, other), key=lambda text: (len(text), text))
    if len(first) >= WHOLE_PART and first in second:
        return 1.0
    # the ratio depends on the order
    return SequenceMatcher(None, first, second, autojunk=False).ratio()


def _written(name: str, value: Any) -> str:
    text = str(value)
    if name == "birth_code" and len(text) == 8:
        return f"{text[:4]}-{text[4:6]}-{text[6:]}"
    if name == "ssn" and len(text) == 9:
        return f"{text[:3]}-{text[3:5]}-{text[5:]}"
    if name == "shared_ids":
        kind, _, known = text.partition(":")
        return f"{ID_KINDS.get(kind, kind.replace('_', ' '))} {known}"
    return text
