"""What each reviewer said of each pair, kept for good in `<lake>/decisions/judgements/`.

Grain: a record, one file each, numbered from 1 without a gap (`numbered_files`): a judgement, or a record that takes an
earlier one back. Nothing is changed or removed; a deletion puts a number in place of the client and takes the note out,
as it does with decisions, beside which these lie. What follows from the records of a pair is in `standing.py`, how it
becomes a decision in `deciding.py`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from pipelines import numbered_files
from pipelines.audit import record_act, sealed_file
from pipelines.errors import LakeError
from pipelines.lake import Lake
from pipelines.link.decision_store import CODES, Client, store_folder

FORMAT = "countylink-judgements-1"

TAKEN_BACK = "taken_back"
"""The code of a record that takes an earlier one back."""

BLIND, ADJUDICATION = "blind", "adjudication"
"""Judged without knowing what anybody said of it; judged with both words on the table."""

Pair = tuple[Client, Client]


@dataclass(frozen=True)
class Record:
    """One thing that one reviewer said. `at` is UTC; sides are ordered, smaller first."""

    agency_l: str
    client_id_l: str
    agency_r: str
    client_id_r: str
    code: str
    """same, different, unsure, or taken_back."""
    by: str
    at: datetime
    stage: str = BLIND
    reason_codes: tuple[str, ...] = ()
    reason: str = ""
    """The reviewer's own words; may name a person."""
    looks: tuple[str, ...] = ()
    """What was opened before it was said: `waterfall`, `persons`."""
    wants_second: bool = False
    """Whether so much rests on the pair that one reviewer does not decide it."""
    is_audit: bool = False
    """Whether the pair is in the sample that a second reviewer looks at although one has decided."""
    takes_back: int = 0
    """The number of the record that this one takes back."""
    evidence: Mapping[str, Any] = field(default_factory=dict)
    """What the linkage knew then: weight, rule, guard, model, what was together, what rested on it. No names."""
    number: int = 0
    """Of the file; 0 before it is kept."""

    @property
    def pair(self) -> Pair:
        """Both clients, smaller first."""
        return (self.agency_l, self.client_id_l), (self.agency_r, self.client_id_r)


Remembered = dict[int, tuple[tuple[int, int], Record]]
"""Number → when and which file it was, and the record that was read from it."""


def judgements_folder(lake: Lake) -> Path:
    """Where the records lie."""
    return store_folder(lake) / "judgements"


def keep(lake: Lake, record: Record) -> int:
    """Add a record durably, seal it in the audit log, and return its number.

    Raises:
        LakeError: it is not well formed, or an earlier record is gone.
    """
    if record.code not in (*CODES, TAKEN_BACK) or (record.code == TAKEN_BACK) != bool(record.takes_back):
        raise LakeError("a record is a judgement, or takes one back")
    row = {name: value for name, value in asdict(record).items() if name != "number"}
    document = {"format": FORMAT, "judgements": [row | {"at": record.at.isoformat()}]}
    folder = judgements_folder(lake)
    numbered_files.files(folder)
    number = numbered_files.add(folder, json.dumps(document, indent=1, ensure_ascii=False))
    act = "judgement_taken_back" if record.code == TAKEN_BACK else "judgement_recorded"
    detail = {"code": record.code, "stage": record.stage, "looks": list(record.looks)}
    sealed = sealed_file(lake, folder / numbered_files.name_of(number))
    record_act(lake, act=act, by=record.by, subject=f"judgement {number}", detail=detail | {"files": sealed})
    return number


def kept(lake: Lake, known: Remembered | None = None) -> list[Record]:
    """Every record, in order.

    Args:
        known: what was read before; only files that changed since are read, and it is brought up to date.

    Raises:
        LakeError: a record is gone, or cannot be read.
    """
    known = {} if known is None else known
    return [_remembered(known, number, path) for number, path in numbered_files.files(judgements_folder(lake))]


def _remembered(known: Remembered, number: int, path: Path) -> Record:
    facts = path.stat()
    stamp = (facts.st_mtime_ns, facts.st_ino)
    if number not in known or known[number][0] != stamp:
        known[number] = (stamp, read_record(path, number))
    return known[number][1]


def read_record(path: Path, number: int) -> Record:
    """One record as it was kept; LakeError if it cannot be read."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["format"] != FORMAT:
            raise ValueError
        (row,) = document["judgements"]
        lists = {name: tuple(row[name]) for name in ("reason_codes", "looks")}
        return Record(**row | lists | {"at": datetime.fromisoformat(row["at"]), "number": number})
    except (ValueError, KeyError, TypeError):
        raise LakeError(f"decisions/judgements/{path.name} cannot be read; restore it from the backup") from None
