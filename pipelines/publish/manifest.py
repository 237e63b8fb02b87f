"""The manifest of a release: what it was made from, what is in it, and the SHA-256 of every byte.

No clock and no path stands in it, so that the same inputs give the same bytes. The release id is a hash of the inputs
alone: it is known before anything is written, and a second run over the same inputs finds its release already there.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipelines.lake import file_sha256
from pipelines.publish.disclosure.model import load_model

MANIFEST = "manifest.json"

SUMS = "SHA256SUMS"
"""The hash of every file, the manifest's as well, as `sha256sum --check` reads it: a reader needs nothing of ours."""

FORMAT = "countylink-release-2"
"""Version of the release layout; part of every release id."""


@dataclass(frozen=True)
class Inputs:
    """Everything that a release is a function of, each as a fingerprint."""

    as_of: date
    deliveries: tuple[str, ...]
    held_deliveries: tuple[str, ...]
    contracts: str
    outcome_contracts: str
    published_contracts: str
    disclosure: str
    """Which tables are told as they are, because two people said so."""
    code: str
    bundle: str
    decisions: str
    """Under the key of the release: a plain hash of two client ids could be guessed."""
    labels: str
    """Reviewers' labels that are kept, under the same key."""
    consent: str
    """Choices of clients in force, under the same key."""
    person_index: str
    person_index_version: int
    key_id: str

    @property
    def release_id(self) -> str:
        """`<as-of>-<12 hex digits of the inputs' hash>`; sorts by as-of date.

        Which version of the index it is takes no part: a decision taken back leads to a new version with the index of
        an old one, and so to the release there was.
        """
        content = {name: value for name, value in self.as_json().items() if name != "person_index_version"}
        canonical = json.dumps({"format": FORMAT, **content}, sort_keys=True)
        return f"{self.as_of.isoformat()}-{hashlib.sha256(canonical.encode()).hexdigest()[:12]}"

    def as_json(self) -> dict[str, Any]:
        """The inputs as the manifest shows them."""
        return {
            "as_of": self.as_of.isoformat(),
            "deliveries": sorted(self.deliveries),
            "held_deliveries": sorted(self.held_deliveries),
            "data_contracts_sha256": self.contracts,
            "outcome_contracts_sha256": self.outcome_contracts,
            "published_contracts_sha256": self.published_contracts,
            "disclosure_opt_outs_sha256": self.disclosure,
            "code_sha256": self.code,
            "linkage_bundle": self.bundle,
            "decisions_id": self.decisions,
            "review_labels_id": self.labels,
            "consent_id": self.consent,
            "person_index_sha256": self.person_index,
            "person_index_version": self.person_index_version,
            "person_key_id": self.key_id,
        }


def manifest(
    inputs: Inputs,
    rows: Mapping[str, int],
    disclosure: pa.Table,
    files: Mapping[str, Any],
    stale_sources: list[dict[str, Any]],
    data_through: Mapping[str, str | None],
) -> dict[str, Any]:
    """The manifest of a release; `rows`: of each table, how many it has; `files`: what `file_facts` tells of them."""
    return {
        "format": FORMAT,
        "product": "outcomes",
        "release_id": inputs.release_id,
        "inputs": inputs.as_json(),
        "stale_sources": stale_sources,
        "data_through": dict(data_through),
        "disclosure": _disclosure(disclosure),
        "rows": dict(sorted(rows.items())),
        "files": dict(files),
    }


def file_facts(folder: Path) -> dict[str, dict[str, Any]]:
    """Size and SHA-256 of every file of a staged release, after the last was written."""
    return {
        name: {"bytes": (folder / name).stat().st_size, "sha256": file_sha256(folder / name)}
        for name in files_of(folder)
    }


def _disclosure(audit: pa.Table) -> dict[str, Any]:
    methods = {row["table_name"]: row["method_code"] for row in audit.to_pylist()}
    return {
        "min_cell": load_model().rules.min_cell,
        "zeros": "shown",
        "complementary": "over all sums of all tables, and over all releases that stand",
        "methods": methods,
    }


def write_json(path: Path, document: Mapping[str, Any]) -> None:
    """Write JSON that is the same for the same content."""
    path.write_text(json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")


def files_of(folder: Path) -> list[str]:
    """Every file of a release but its manifest and `SHA256SUMS`, as sorted relative names."""
    names = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())
    return sorted(name for name in names if name not in (MANIFEST, SUMS))


def sums(folder: Path, hashes: Mapping[str, str]) -> str:
    """What `SHA256SUMS` holds, from the hashes that the manifest tells and the manifest's own."""
    every = {**hashes, MANIFEST: file_sha256(folder / MANIFEST)}
    return "".join(f"{every[name]}  {name}\n" for name in sorted(every))


def write_sums(folder: Path) -> None:
    """Write `SHA256SUMS`, the last file of a release."""
    told = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["files"]
    text = sums(folder, {name: facts["sha256"] for name, facts in told.items()})
    (folder / SUMS).write_text(text, encoding="utf-8")
