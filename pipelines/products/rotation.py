"""A recipient's key replaced by a new one, and the crosswalk that leads from the old names to the new.

A crosswalk undoes the break that a rotation makes, so it takes two people, and leaves only encrypted to the recipient.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipelines.audit import record_act
from pipelines.errors import ReleaseError
from pipelines.lake import Lake
from pipelines.products.definition import KEY_COLUMN, Product
from pipelines.products.encrypting import write_encrypted
from pipelines.products.keys import RecipientKey, key_numbered, key_numbers, new_key
from pipelines.products.store import builds, read_manifest
from pipelines.products.vault import vault_ids


@dataclass(frozen=True)
class Rotation:
    """What became of a rotation."""

    old: RecipientKey
    new: RecipientKey


def rotate(lake: Lake, product: Product, *, by: str, approved_by: str, reason: str) -> Rotation:
    """Put a new key in force; what was built keeps its names, and the next build has new ones. Needs the lock.

    Raises:
        ReleaseError: fewer than two people stand behind it, nobody says why, or there is no key yet.
    """
    refuse_one_person(by, approved_by, reason)
    numbers = key_numbers(lake, product.recipient, product.project)
    if not numbers:
        raise ReleaseError(f"{product.id} has no key yet; build it first")
    old = key_numbered(lake, product.recipient, product.project, numbers[-1])
    new = new_key(lake, product.recipient, product.project)
    detail = {"old": old.fingerprint, "new": new.fingerprint, "approved_by": approved_by.strip()}
    record_act(lake, act="key_rotated", by=by, subject=product.id, reason=reason, detail=detail)
    return Rotation(old, new)


def write_crosswalk(lake: Lake, product: Product, out: Path, *, by: str, approved_by: str, reason: str) -> int:
    """Write old and new names of the persons that the recipient holds, encrypted to it; returns how many.

    Those are the persons of every build with the key before, whether or not the product was built again since.

    Raises:
        ReleaseError: fewer than two people stand behind it, the key was never rotated, no build with the key before is
            left, or the product names no public key to encrypt to.
    """
    refuse_one_person(by, approved_by, reason)
    numbers = key_numbers(lake, product.recipient, product.project)
    if len(numbers) < 2:
        raise ReleaseError(f"the key of {product.id} was never rotated; there is nothing to lead from or to")
    old, new = (key_numbered(lake, product.recipient, product.project, one) for one in numbers[-2:])
    rows = _rows(lake, product, old, new)
    write_encrypted(_csv(rows), product, out)
    detail = {"old": old.fingerprint, "new": new.fingerprint, "approved_by": approved_by.strip(), "persons": len(rows)}
    record_act(lake, act="crosswalk_made", by=by, subject=product.id, reason=reason, detail=detail)
    return len(rows)


def refuse_one_person(by: str, approved_by: str, reason: str) -> None:
    """ReleaseError unless two different people stand behind an act, and say why."""
    if not by.strip() or not approved_by.strip() or not reason.strip():
        raise ReleaseError("say who does it, who approved it and why")
    if by.strip().casefold() == approved_by.strip().casefold():
        raise ReleaseError("a second person has to approve this; --approved-by names the same one as --by")


def _rows(lake: Lake, product: Product, old: RecipientKey, new: RecipientKey) -> list[tuple[str, str]]:
    held = _names_held(lake, product, old)
    named = ((old.person_key(one), new.person_key(one)) for one in vault_ids(lake, ()).values())
    return sorted((before, after) for before, after in named if before in held)


def _names_held(lake: Lake, product: Product, key: RecipientKey) -> set[str]:
    found = [
        build
        for build in builds(lake, product.id)
        if read_manifest(build)["inputs"]["key_fingerprint"] == key.fingerprint
    ]
    if not found:
        raise ReleaseError(
            f"no build of {product.id} with the key before is left; a crosswalk is of what the recipient holds"
        )
    tables = [pl.read_parquet(path) for build in found for path in build.glob("*.parquet")]
    return {name for rows in tables if KEY_COLUMN in rows.columns for name in rows[KEY_COLUMN].drop_nulls()}


def _csv(rows: list[tuple[str, str]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([("old_person_key", "new_person_key"), *rows])
    return text.getvalue().encode()
