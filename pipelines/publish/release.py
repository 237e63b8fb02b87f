"""Write a release: staged, audited against its contracts, sealed with a manifest, then made the latest in one step."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines import sql
from pipelines.consent import choices_sha256
from pipelines.errors import ReleaseError
from pipelines.lake import Lake, new_folder
from pipelines.link.ties import decisions_sha256
from pipelines.person_index.update import latest_version
from pipelines.publish import latest, manifest
from pipelines.publish.companions import write_companions
from pipelines.publish.person_keys import KeyRing, open_key_ring
from pipelines.publish.published_contracts import PublishedTable, fingerprint, load_published_contracts
from pipelines.publish.sources import Sources, sources_of
from pipelines.publish.tables import release_tables
from pipelines.publish.verify import read_manifest, table_faults, verify_release
from pipelines.review import labels_sha256
from pipelines.validate import Receipt, accepted_deliveries
from schemas.data_contract import DataContracts

OUTCOME_SUFFIXES = (".yaml", ".csv", ".sql")


@dataclass(frozen=True)
class PublishReport:
    """What a publication came to: counts and names, never rows."""

    release_id: str
    release: Path
    is_new: bool
    is_latest: bool
    rows: Mapping[str, int]
    stale_agencies: tuple[str, ...]


def publish(
    lake: Lake,
    *,
    contracts: DataContracts,
    outcome_contracts: Path,
    bundle_version: str,
    as_of: date,
    held: Sequence[Receipt],
    draw: Callable[[Path], object] | None = None,
    model_card: str = "",
) -> PublishReport:
    """Publish what the lake holds, unless the same inputs were published before.

    Args:
        lake: has every zone up to `contracts/`; the caller holds its lock.
        contracts: the data contracts that the run used.
        outcome_contracts: folder of outcomes contracts and measure definitions.
        bundle_version: name and fingerprint of the linkage bundle.
        as_of: the run's date.
        held: receipts of the deliveries that are held.
        model_card: text of the linkage bundle's model card; it leaves with the release.
        draw: makes further files (the report) inside the release before it is sealed, from its tables and manifest.

    Raises:
        ReleaseError: a table breaks its contract, the key is unusable, or an earlier release is damaged; nothing of
            the new release remains, and `latest` stays as it was.
    """
    latest.sweep(lake)
    keys = open_key_ring(lake, latest.PRODUCT)
    sources = sources_of(contracts, as_of, accepted_deliveries(lake, as_of), held)
    inputs = _inputs(lake, contracts, outcome_contracts, bundle_version, sources, keys)
    release = latest.release_folder(lake, inputs.release_id)
    is_new = not release.exists()
    if is_new:
        _write(lake, release, inputs, sources, keys, draw, model_card)
    else:
        _refuse_damaged(release)
    is_latest = _promote_unless_older(lake, release, as_of)
    rows = read_manifest(release)["rows"]
    return PublishReport(inputs.release_id, release, is_new, is_latest, rows, tuple(sources.stale_agencies))


def _inputs(
    lake: Lake, contracts: DataContracts, outcome_contracts: Path, bundle: str, sources: Sources, keys: KeyRing
) -> manifest.Inputs:
    return manifest.Inputs(
        as_of=sources.as_of,
        deliveries=tuple(receipt.delivery_id for receipt in sources.accepted),
        held_deliveries=tuple(receipt.delivery_id for receipt in sources.held),
        contracts=contracts.sha256,
        outcome_contracts=manifest.folder_sha256(outcome_contracts, OUTCOME_SUFFIXES),
        published_contracts=fingerprint(),
        code=manifest.code_sha256(),
        bundle=bundle,
        decisions=keys.sealed(decisions_sha256(lake)),
        labels=keys.sealed(labels_sha256(lake)),
        consent=keys.sealed(choices_sha256(lake, sources.as_of)),
        person_index=person_index_sha256(lake),
        person_index_version=latest_version(lake),
        key_id=keys.key_id,
    )


def person_index_sha256(lake: Lake) -> str:
    """SHA-256 over which client is which person, whatever the file's bytes are."""
    digest = hashlib.sha256()
    with sql.connect(lake.spill) as connection:
        sql.open_views(connection, lake, [("person_index", "person_of_client")])
        columns = connection.sql(
            "select client_key, person_id from person_index.person_of_client order by client_key"
        ).fetchnumpy()
    for name in ("client_key", "person_id"):
        digest.update(columns[name].astype("<i8").tobytes())
    return digest.hexdigest()


def _refuse_damaged(release: Path) -> None:
    found = verify_release(release)
    if not found.is_whole:
        raise ReleaseError(
            f"release {release.name} is damaged ({'; '.join(found.faults[:3])}). Move its folder away and run again: "
            "the same inputs give the same bytes."
        )


def _promote_unless_older(lake: Lake, release: Path, as_of: date) -> bool:
    """A run for a past date adds a release but does not take readers back in time."""
    current = latest.latest_release(lake)
    if current is not None and read_manifest(current)["inputs"]["as_of"] > as_of.isoformat():
        return False
    latest.promote(release)
    return True


def _write(
    lake: Lake,
    release: Path,
    inputs: manifest.Inputs,
    sources: Sources,
    keys: KeyRing,
    draw: Callable[[Path], object] | None,
    model_card: str,
) -> None:
    contracts = load_published_contracts()
    tables = release_tables(lake, contracts, keys, inputs.as_of, sources)
    with new_folder(release) as staged:
        for name, rows in tables.items():
            _write_table(staged / f"{name}.parquet", rows)
        _audit(staged, contracts, tables)
        write_companions(staged, contracts, inputs, model_card)
        for _ in range(2):  # the report is drawn from tables and manifest; then the manifest seals the report as well
            told = manifest.manifest(inputs, tables, staged, sources.stale, _data_through(tables["data_through"]))
            manifest.write_json(staged / manifest.MANIFEST, told)
            if draw is not None:
                draw(staged)
                draw = None


def _write_table(path: Path, rows: pa.Table) -> None:
    """Plain, checked, reproducible Parquet: v1 pages for the widest reach, a checksum in every page."""
    pq.write_table(rows, path, compression="zstd", write_page_checksum=True, data_page_version="1.0", version="2.6")


def _audit(staged: Path, contracts: Mapping[str, PublishedTable], tables: Mapping[str, pa.Table]) -> None:
    faults = [
        fault
        for name, contract in contracts.items()
        for fault in table_faults(staged / f"{name}.parquet", contract, tables[name].num_rows)
    ]
    if faults:
        raise ReleaseError("the release breaks its published contracts, so it was not published: " + "; ".join(faults))


def _data_through(rows: pa.Table) -> dict[str, str | None]:
    return {
        row["agency"]: None if row["data_through_on"] is None else row["data_through_on"].isoformat()
        for row in rows.to_pylist()
    }
