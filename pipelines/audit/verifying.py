"""Whether the audit log is what was written: no act edited, removed, put elsewhere or cut off, no sealed file changed.

The chain shows edits, gaps and changed order by itself. That the newest acts were cut off, or that somebody wrote the
whole chain anew, shows against heads that were noted elsewhere: `head.json`, the catalogue entry of every release, and
what somebody wrote down.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pipelines.audit.act import BEGINNING, Act, Head, is_intact, parsed
from pipelines.audit.log import FOLDER, HEAD, LOG, head_path, log_path
from pipelines.lake import Lake, file_sha256


@dataclass(frozen=True)
class AuditVerification:
    """What was looked at, and every fault that was found."""

    head: Head
    sealed_files: int
    heads: int
    """How many noted heads it was held against."""
    faults: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """Whether nothing was found."""
        return not self.faults


def verify_audit(lake: Lake, noted: Mapping[str, Head] | None = None) -> AuditVerification:
    """Hold the log against its own chain, the heads that were noted, and the files that it seals.

    Args:
        noted: where a head was noted → the head, such as the catalogue of releases.
    """
    chain = list(_lines(lake))
    known = {**_noted_beside(lake), **(noted or {})}
    acts = [act for act in chain if isinstance(act, Act)]
    faults = [one for one in chain if isinstance(one, str)]
    faults += [*_chain_faults(acts)] if not faults else []
    faults += [*_head_faults(acts, known)]
    sealed = _sealed(acts)
    faults += [*_file_faults(lake, sealed)]
    last = Head(acts[-1].number, acts[-1].sha256) if acts else BEGINNING
    return AuditVerification(last, len(sealed), len(known), tuple(faults))


def _lines(lake: Lake) -> Iterator[Act | str]:
    if not log_path(lake).exists():
        return
    with log_path(lake).open("rb") as log:
        for number, line in enumerate(log, start=1):
            try:
                yield parsed(line)
            except (ValueError, KeyError, TypeError):
                yield f"line {number} is not an act as this log writes them"


def _chain_faults(acts: Iterable[Act]) -> Iterator[str]:
    before = BEGINNING
    for line, act in enumerate(acts, start=1):
        if not is_intact(act):
            yield f"act {line} was changed after it was written"
        elif act.number != line or act.previous_sha256 != before.sha256:
            yield f"act {line} does not follow the one before it: acts were removed, added or put elsewhere"
        before = Head(line, act.sha256)


def _noted_beside(lake: Lake) -> dict[str, Head]:
    path = head_path(lake)
    if not path.exists():
        return {f"{FOLDER}/{HEAD}": Head(-1, "")} if log_path(lake).exists() else {}
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return {f"{FOLDER}/{HEAD}": Head(int(told["acts"]), str(told["sha256"]))}
    except (OSError, ValueError, KeyError, TypeError):
        return {f"{FOLDER}/{HEAD}": Head(-1, "")}


def _head_faults(acts: list[Act], noted: Mapping[str, Head]) -> Iterator[str]:
    hashes = [BEGINNING.sha256, *(act.sha256 for act in acts)]
    for place, one in sorted(noted.items()):
        if one.acts < 0:
            yield f"{place} is missing or cannot be read"
        elif one.acts >= len(hashes):
            yield f"{place} knows {one.acts} acts, {FOLDER}/{LOG} holds {len(acts)}: the newest were cut off"
        elif hashes[one.acts] != one.sha256:
            yield f"{place} knows another act {one.acts} than {FOLDER}/{LOG}: the log was written anew"


def _sealed(acts: Iterable[Act]) -> dict[str, str | None]:
    """By path, the hash that the last act about it left."""
    return {path: sha256 for act in acts for path, sha256 in act.files.items()}


def _file_faults(lake: Lake, sealed: Mapping[str, str | None]) -> Iterator[str]:
    for name, sha256 in sorted(sealed.items()):
        path = lake.root / name
        if sha256 is None and path.exists():
            yield f"{name} was removed, and is there again"
        elif sha256 is not None and not path.exists():
            yield f"{name} is gone, and no act says so"
        elif sha256 is not None and file_sha256(path) != sha256:
            yield f"{name} is not as the log sealed it"
