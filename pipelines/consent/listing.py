"""A list of choices as it is handed in: CSV with a header, one choice a line. Errors name lines, never clients."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from pipelines.consent.choices import CHOICES, Choice
from pipelines.errors import LakeError

NEEDED = ("agency", "client_id", "choice_code", "stated_on")
COLUMNS = (*NEEDED, "recipient", "expires_on")


def read_choices(file: Path, agencies: tuple[str, ...]) -> list[Choice]:
    """The choices of a CSV file with the columns `COLUMNS`; the last two may be missing.

    Raises:
        LakeError: the file or a line cannot be read; the text names the line and the mend.
    """
    with file.open(newline="", encoding="utf-8-sig") as text:
        reader = csv.DictReader(text)
        columns = set(reader.fieldnames or ())
        if strange := columns.symmetric_difference(NEEDED) - {"recipient", "expires_on"}:
            raise LakeError(f"{file.name}: columns {', '.join(sorted(strange))} are missing or not understood")
        return [_choice(row, line, file.name, agencies) for line, row in enumerate(reader, start=2)]


def _choice(row: Mapping[str, str | None], line: int, file: str, agencies: tuple[str, ...]) -> Choice:
    cells = {name: (row.get(name) or "").strip() for name in COLUMNS}
    for fault in _faults(cells, agencies):
        raise LakeError(f"{file} line {line}: {fault}")
    return Choice(
        agency=cells["agency"],
        client_id=cells["client_id"],
        choice_code=cells["choice_code"],
        stated_on=date.fromisoformat(cells["stated_on"]),
        recipient=cells["recipient"],
        expires_on=date.fromisoformat(cells["expires_on"]) if cells["expires_on"] else None,
    )


def _faults(cells: Mapping[str, str], agencies: tuple[str, ...]) -> Iterator[str]:
    if cells["agency"] not in agencies:
        yield f"agency must be one of {', '.join(agencies)}"
    if not cells["client_id"]:
        yield "client_id is empty; say whose choice it is, as the agency knows the client"
    if cells["choice_code"] not in CHOICES:
        yield f"choice_code must be one of {', '.join(CHOICES)}"
    if cells["choice_code"] == "consent" and not cells["recipient"]:
        yield "a consent names its recipient (42 CFR 2.31(a)(4)); fill in recipient"
    if cells["choice_code"] in ("opt_out", "opt_in") and cells["recipient"]:
        yield "an opt-out is from everything that leaves; empty the recipient"
    for name in ("stated_on", "expires_on"):
        if (cells[name] or name == "stated_on") and not _is_day(cells[name]):
            yield f"{name} must be a day such as 2026-11-22"


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
