"""Who said that a table leaves as it is: two people, by name and with a reason, kept for good.

`<lake>/disclosure/opt_outs/<number>.json`, and an act in the audit log for each. The last word on a table holds; a
table of which nobody said anything is controlled.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pipelines import numbered_files
from pipelines.audit import record_act, sealed_file, shareable
from pipelines.errors import LakeError
from pipelines.lake import Lake
from pipelines.publish.disclosure.model import load_model

FORMAT = "countylink-disclosure-opt-out-1"


@dataclass(frozen=True)
class OptOut:
    """That two people took a table out of disclosure control, or put it back."""

    table: str
    is_out: bool
    by: str
    approved_by: str
    reason: str
    said_at: datetime

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self) | {"said_at": self.said_at.isoformat()}


def opt_out(
    lake: Lake, table: str, *, by: str, approved_by: str, reason: str, at: datetime, is_out: bool = True
) -> OptOut:
    """Take a table out of disclosure control, or put it back, from the next release on.

    Raises:
        LakeError: there is no such table, a name or the reason is missing, or one person would approve themselves.
    """
    if table not in load_model().tables:
        raise LakeError(f"{table} is no table under disclosure control; they are {', '.join(load_model().tables)}")
    said = OptOut(table, is_out, shareable(by, "name"), shareable(approved_by, "name"), shareable(reason), at)
    if _person(said.by) == _person(said.approved_by):
        raise LakeError("a table leaves without disclosure control only if a second person agrees; name another one")
    number = numbered_files.add(_folder(lake), json.dumps({"format": FORMAT, **said.as_json()}, indent=1))
    sealed = sealed_file(lake, _folder(lake) / numbered_files.name_of(number))
    detail = {"approved_by": said.approved_by, "is_out": is_out, "files": sealed}
    record_act(lake, act="disclosure_opted_out", by=said.by, subject=table, reason=said.reason, detail=detail)
    return said


def opt_outs(lake: Lake) -> list[OptOut]:
    """Everything that was ever said, oldest first."""
    return [_read(path) for _, path in numbered_files.files(_folder(lake))]


def opted_out(lake: Lake) -> frozenset[str]:
    """The tables that are told as they are."""
    last = {said.table: said.is_out for said in opt_outs(lake)}
    return frozenset(table for table, is_out in last.items() if is_out)


def opt_outs_sha256(lake: Lake) -> str:
    """SHA-256 over the tables that are told as they are; a release is a function of it."""
    return hashlib.sha256(json.dumps(sorted(opted_out(lake))).encode()).hexdigest()


def _folder(lake: Lake) -> Path:
    return lake.root / "disclosure" / "opt_outs"


def _person(name: str) -> str:
    """A name without what two spellings of it differ by."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def _read(path: Path) -> OptOut:
    document = json.loads(path.read_text(encoding="utf-8"))
    kept = {name: value for name, value in document.items() if name != "format"}
    return OptOut(**kept | {"said_at": datetime.fromisoformat(document["said_at"])})
