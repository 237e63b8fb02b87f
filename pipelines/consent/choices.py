"""What clients chose, kept for good in `<lake>/decisions/consent/`, a file a list, numbered from 1 without a gap.

Grain of the store: one choice of one client. Nothing in it is changed or removed, but by the deletion of the client
(`pipelines/deletion`). The choice in force is the one stated last; of two stated on one day, the one recorded last.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pipelines import numbered_files
from pipelines.audit import record_act, sealed_file
from pipelines.errors import LakeError
from pipelines.lake import Lake

FORMAT = "countylink-consent-1"

CHOICES = ("opt_out", "opt_in", "consent", "revoke")
"""`opt_out` keeps the person out of all that leaves, `opt_in` takes that back. `consent` is a written consent to a
disclosure that the law allows only with one, `revoke` takes it back."""

SCOPES = ("all", "part2")
"""What a choice is about: everything that leaves (opt_out, opt_in), or records of substance use programmes under 42
CFR Part 2 (consent, revoke)."""

SCOPE_OF = {"opt_out": "all", "opt_in": "all", "consent": "part2", "revoke": "part2"}


@dataclass(frozen=True)
class Choice:
    """What one client chose. `recipient` is whom a consent names (42 CFR 2.31(a)(4)); empty for choices about all."""

    agency: str
    client_id: str
    choice_code: str
    stated_on: date
    recipient: str = ""
    expires_on: date | None = None
    recorded_by: str = ""
    number: int = 0
    """The list it was recorded in; 0 before it is recorded."""

    @property
    def scope(self) -> str:
        """What the choice is about."""
        return SCOPE_OF[self.choice_code]

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        days = {"stated_on": self.stated_on, "expires_on": self.expires_on}
        return asdict(self) | {name: day.isoformat() if day else None for name, day in days.items()}


def consent_folder(lake: Lake) -> Path:
    """Where choices lie: beside the zones, for no run owns them."""
    return lake.root / "decisions" / "consent"


def record(lake: Lake, choices: Sequence[Choice], by: str, source_sha256: str = "") -> int:
    """Add a list of choices durably and return its number.

    `source_sha256`: of the file that it came in, so that the same file is not taken twice.

    Raises:
        LakeError: the list is empty, nobody is named, or an earlier list is damaged or gone.
    """
    if not choices or not by.strip():
        raise LakeError("a list of choices needs at least one choice, and who records it")
    recorded(lake)
    rows = [
        {k: v for k, v in (one.as_json() | {"recorded_by": by.strip()}).items() if k != "number"} for one in choices
    ]
    source = {"source_sha256": source_sha256} if source_sha256 else {}
    text = json.dumps({"format": FORMAT, **source, "choices": rows}, indent=1, ensure_ascii=False)
    number = numbered_files.add(consent_folder(lake), text)
    files = sealed_file(lake, consent_folder(lake) / numbered_files.name_of(number))
    detail = {"choices": len(choices), "files": files}
    record_act(lake, act="consent_recorded", by=by, subject=f"list {number}", detail=detail)
    return number


def recorded(lake: Lake) -> list[Choice]:
    """Every choice that was ever recorded, in order.

    Raises:
        LakeError: a list is gone or cannot be read; a lost opt-out would silently let a person out.
    """
    return [one for number, path in numbered_files.files(consent_folder(lake)) for one in _read(path, number)]


def sources(lake: Lake) -> set[str]:
    """SHA-256 of every file that was taken in as a list."""
    documents = (json.loads(path.read_text(encoding="utf-8")) for _, path in numbered_files.files(consent_folder(lake)))
    return {document["source_sha256"] for document in documents if "source_sha256" in document}


def in_force(choices: Iterable[Choice], on: date) -> list[Choice]:
    """The last choice of each client, scope and recipient; without those that have expired by a day.

    A choice counts as soon as it is recorded, also for a run of an earlier day.
    """
    ordered = sorted(enumerate(choices), key=lambda placed: (placed[1].stated_on, placed[0]))
    latest = {(one.agency, one.client_id, one.scope, one.recipient): one for _, one in ordered}
    return [latest[key] for key in sorted(latest) if not _has_expired(latest[key], on)]


def _has_expired(choice: Choice, on: date) -> bool:
    return choice.expires_on is not None and choice.expires_on < on


def _read(path: Path, number: int) -> list[Choice]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["format"] != FORMAT:
            raise ValueError
        return [_choice(row, number) for row in document["choices"]]
    except (OSError, ValueError, KeyError, TypeError):
        raise LakeError(f"decisions/consent/{path.name} cannot be read; restore it from the backup") from None


def _choice(row: dict[str, Any], number: int) -> Choice:
    expires = row["expires_on"]
    days = {"stated_on": date.fromisoformat(row["stated_on"]), "expires_on": expires and date.fromisoformat(expires)}
    return Choice(**row | days, number=number)
