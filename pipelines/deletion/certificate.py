"""The end of a deletion: history renamed, every byte searched, and a certificate that anybody may read."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipelines.audit import record_act, sealed_file, shareable
from pipelines.deletion.beyond import not_reached
from pipelines.deletion.erasing import Erasure, build_name
from pipelines.deletion.pending import pending_path
from pipelines.deletion.proving import Search, search
from pipelines.deletion.renaming import rename_in_history
from pipelines.errors import LakeError
from pipelines.lake import Lake, replacing
from pipelines.products.store import builds


@dataclass(frozen=True)
class Certificate:
    """What was deleted, and that nothing of it is left: counts, never who it was."""

    number: int
    clients: int
    deleted_at: datetime
    by: str
    approved_by: str
    reason: str
    rows: Mapping[str, int]
    """Rows, or releases and products, by zone and table."""
    search: Search
    not_reached: Sequence[Mapping[str, Any]] = ()
    """What is left to be done elsewhere: what, its ids, and what to do."""

    def as_json(self) -> dict[str, Any]:
        """Plain values, with what a deletion does not reach."""
        return {
            "number": self.number,
            "clients": self.clients,
            "deleted_at": self.deleted_at.isoformat(timespec="seconds"),
            "by": self.by,
            "approved_by": self.approved_by,
            "reason": self.reason,
            "rows": dict(self.rows),
            "searched": {"values": self.search.values, "files": self.search.files, "bytes": self.search.bytes},
            "found": len(self.search.found_in),
            "not_reached": [dict(one) for one in self.not_reached],
        }


def conclude(lake: Lake, erasure: Erasure, *, by: str, approved_by: str, reason: str) -> Certificate:
    """Finish a deletion after a run made the derived zones anew. Needs the lock.

    Raises:
        LakeError: a value of the clients is still there; the files are named, and no certificate is given.
    """
    reason = shareable(reason)
    rows = Counter({name: count for name, count in erasure.rows.items() if count})
    rows["person_index"] = rename_in_history(lake, erasure)
    found = search(lake, erasure.values)
    if found.found_in:
        raise LakeError(
            f"deletion {erasure.number} is not complete: values of the client are still in "
            f"{', '.join(found.found_in[:5])}; remove these files by hand if no run makes them, then run "
            "`countylink delete --resume`"
        )
    pending_path(lake).unlink(missing_ok=True)
    left = not_reached(lake, erasure.beyond, {build_name(build) for build in builds(lake)}, erasure.begun_at)
    at = datetime.now(UTC)
    certificate = Certificate(
        erasure.number, len(erasure.clients), at, by, approved_by, reason, dict(rows), found, left
    )
    path = certificate_path(lake, erasure.number)
    with replacing(path) as staged:
        staged.touch(mode=0o600)
        staged.write_text(json.dumps(certificate.as_json(), indent=1, sort_keys=True) + "\n", encoding="utf-8")
    _tell(lake, erasure, certificate, path)
    return certificate


def certificate_path(lake: Lake, number: int) -> Path:
    """Where the certificate of a deletion lies."""
    return lake.root / "forgotten" / "certificates" / f"{number:08d}.json"


def _tell(lake: Lake, erasure: Erasure, certificate: Certificate, path: Path) -> None:
    """Seal the certificate, and what of the decisions was rewritten: their earlier bytes hold no more."""
    files: dict[str, str | None] = {}
    for one in [path, *sorted(erasure.rewritten)]:
        files |= sealed_file(lake, one)
    detail = {"clients": certificate.clients, "approved_by": certificate.approved_by, "files": files}
    subject = f"deletion {erasure.number}"
    record_act(lake, act="client_deleted", by=certificate.by, subject=subject, reason=certificate.reason, detail=detail)
