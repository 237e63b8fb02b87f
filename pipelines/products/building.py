"""Build a recipient's product from the latest release: lawful, under its own keys, whole or absent, and measured.

The same inputs give the same build: a second one finds it there. A de-identified product whose groups are too small is
held: nothing of it is written, the build before it stays current, and `held.json` says how to mend it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq

from pipelines.audit import record_act
from pipelines.code_version import code_sha256, folder_sha256
from pipelines.consent import choices_sha256
from pipelines.errors import ReleaseError
from pipelines.lake import Lake, new_folder
from pipelines.outcomes import Measure
from pipelines.products import papers, store
from pipelines.products.anonymity import Anonymity, in_small_groups, measured
from pipelines.products.basis import Grounds, grounds
from pipelines.products.contents import Tables, contents
from pipelines.products.definition import KEY_COLUMN, Product
from pipelines.products.keys import RecipientKey, open_key
from pipelines.products.law import Law
from pipelines.products.page import PAGE, page
from pipelines.products.people import people_of
from pipelines.publish.latest import PRODUCT, latest_release
from pipelines.publish.person_keys import open_key_ring
from pipelines.publish.published_contracts import PublishedTable
from pipelines.publish.verify import read_manifest, verify_release
from pipelines.spreadsheets import csv_gz
from schemas.data_contract import DataContracts


@dataclass(frozen=True)
class Rulebook:
    """What a product is judged and drawn by, beside the lake."""

    contracts: DataContracts
    law: Law
    measures: Mapping[str, Measure]
    published: Mapping[str, PublishedTable]


@dataclass(frozen=True)
class BuildReport:
    """What a build came to: counts and names, never rows."""

    product_id: str
    build_id: str
    folder: Path
    is_new: bool
    is_held: bool
    rows: Mapping[str, int]
    anonymity: Anonymity | None


def build(lake: Lake, product: Product, rulebook: Rulebook, *, by: str, on: date) -> BuildReport:
    """Build a product and make it the current one. Needs the lake's lock.

    Args:
        by: who builds it.
        on: today, by which the agreement and consents have expired or not.

    Raises:
        ReleaseError: the law does not let it be built (every clause is named), or there is no whole release.
    """
    store.sweep(lake, product.id)
    allowed = grounds(product, rulebook.contracts, rulebook.law, rulebook.measures, on)
    release = _release(lake)
    key = open_key(lake, product.recipient, product.project) if product.has_persons else None
    inputs = _inputs(lake, product, rulebook, release, key, on)
    build_id = _build_id(inputs)
    folder = store.build_folder(lake, product.id, build_id)
    tables = _tables(lake, product, rulebook, allowed, release, key, on)
    tables, anonymity = _measured(product, rulebook.law, tables)
    rows = {name: table.height for name, table in tables.items()}
    if anonymity is not None and not anonymity.holds:
        store.hold(lake, product.id, {"build_id": build_id, "anonymity": anonymity.as_json()})
        record_act(lake, act="product_held", by=by, subject=product.id, detail={"build_id": build_id})
        return BuildReport(product.id, build_id, folder, False, True, rows, anonymity)
    is_new = not folder.exists()
    if is_new:
        _write(folder, product, rulebook, allowed, inputs, tables, anonymity)
    store.promote(lake, product.id, build_id)
    if is_new:
        detail = {"build_id": build_id, "release_id": release.name, "key": key.fingerprint if key else None}
        record_act(lake, act="product_built", by=by, subject=product.id, detail=detail)
    return BuildReport(product.id, build_id, folder, is_new, False, rows, anonymity)


def verify_build(folder: Path) -> list[str]:
    """Every way in which a build differs from its manifest; nothing, if it is whole."""
    told = store.read_manifest(folder)["files"]
    there = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    there.pop(store.MANIFEST, None)
    faults = [f"{name}: missing" for name in sorted(told.keys() - there.keys())]
    faults += [f"{name}: not in the manifest" for name in sorted(there.keys() - told.keys())]
    return faults + [
        f"{name}: its bytes are not those that were built"
        for name in sorted(told.keys() & there.keys())
        if hashlib.sha256(there[name].read_bytes()).hexdigest() != told[name]["sha256"]
    ]


def _release(lake: Lake) -> Path:
    release = latest_release(lake)
    if release is None:
        raise ReleaseError("nothing was released yet; run `countylink run` first")
    if faults := verify_release(release).faults:
        raise ReleaseError(f"release {release.name} is damaged ({faults[0]}); products are made of whole releases only")
    return release


def _inputs(
    lake: Lake, product: Product, rulebook: Rulebook, release: Path, key: RecipientKey | None, on: date
) -> dict[str, Any]:
    return {
        "release_id": release.name,
        "product_sha256": hashlib.sha256(product.path.read_bytes()).hexdigest(),
        "law_sha256": folder_sha256(rulebook.law.folder),
        "code_sha256": code_sha256(),
        "consent_id": open_key_ring(lake, PRODUCT).sealed(choices_sha256(lake, on)),
        "key_fingerprint": key.fingerprint if key else None,
    }


def _build_id(inputs: Mapping[str, Any]) -> str:
    canonical = json.dumps({"format": papers.FORMAT, **inputs}, sort_keys=True)
    return f"{inputs['release_id'][:10]}-{hashlib.sha256(canonical.encode()).hexdigest()[:12]}"


def _tables(
    lake: Lake,
    product: Product,
    rulebook: Rulebook,
    allowed: Grounds,
    release: Path,
    key: RecipientKey | None,
    on: date,
) -> Tables:
    if key is None:
        return contents(product, allowed, rulebook.law, release, None)
    people = people_of(
        lake,
        read_manifest(release)["inputs"]["person_index_version"],
        key,
        on,
        greatest_shift=rulebook.law.rules.greatest_shift_days,
        with_places="zip3" in product.tables.get("persons", ()),
    )
    return contents(product, allowed, rulebook.law, release, people)


def _measured(product: Product, law: Law, tables: Tables) -> tuple[Tables, Anonymity | None]:
    """The tables and their measure; without persons in small groups, if the product lets so many be left out."""
    terms, floors = product.de_identification, law.rules.floors
    if terms is None or "persons" not in tables:
        return tables, None
    persons = tables["persons"]
    is_small = in_small_groups(persons, terms, floors)
    if 0 < is_small.sum() <= terms.leave_out_share * persons.height:
        kept = persons.filter(~is_small)
        tables = {name: rows.join(kept, on=KEY_COLUMN, how="semi") for name, rows in tables.items()}
    return tables, measured(tables["persons"], terms, floors)


def _write(
    folder: Path,
    product: Product,
    rulebook: Rulebook,
    allowed: Grounds,
    inputs: Mapping[str, Any],
    tables: Tables,
    anonymity: Anonymity | None,
) -> None:
    method = product.de_identification.method if product.de_identification else None
    measure = {"anonymity": anonymity.as_json()} if anonymity else {}
    with new_folder(folder) as staged:
        for name, rows in tables.items():
            _write_table(staged, name, rows)
        (staged / papers.NOTICE).write_text(papers.notice(product, allowed, rulebook.law), encoding="utf-8")
        told = papers.dictionary(tables, rulebook.published, rulebook.law, method)
        (staged / papers.DICTIONARY).write_text(told, encoding="utf-8")
        drawn = page(product, allowed, rulebook.law, rulebook.published, inputs, tables, anonymity)
        (staged / PAGE).write_text(drawn, encoding="utf-8")
        document = papers.manifest(product, allowed, {**inputs, **measure}, tables, staged)
        (staged / store.MANIFEST).write_text(papers.as_text(document), encoding="utf-8")


def _write_table(folder: Path, name: str, rows: pl.DataFrame) -> None:
    """Plain, checked, reproducible Parquet, and the same rows as CSV in which no cell is a formula."""
    plain = rows.to_arrow(compat_level=pl.CompatLevel.oldest())
    pq.write_table(
        plain,
        folder / f"{name}.parquet",
        compression="zstd",
        write_page_checksum=True,
        data_page_version="1.0",
        version="2.6",
    )
    (folder / f"{name}.csv.gz").write_bytes(csv_gz(rows.columns, rows.iter_rows()))
