"""Write a release, audit it, and let it out: whole or absent, and held where somebody has to look first.

write → audit → publish: a candidate is staged, checked against contracts and tie-outs, and sealed; the audit gate holds
it against the latest release; then it is let out and made the latest in one step, or waits (`standing.py`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines import contracts as contracts_stage
from pipelines import sql
from pipelines.audit import record_act
from pipelines.code_version import code_sha256, folder_sha256
from pipelines.consent import choices_sha256
from pipelines.errors import ReleaseError
from pipelines.lake import Lake, file_sha256, new_folder
from pipelines.link.ties import decisions_sha256
from pipelines.person_index.update import latest_version
from pipelines.publish import catalogue, latest, manifest, standing
from pipelines.publish.collecting import rare_collections
from pipelines.publish.companions import write_companions
from pipelines.publish.copies import Copies
from pipelines.publish.dictionary import write_dictionary
from pipelines.publish.disclosure.audit import told_faults
from pipelines.publish.disclosure.memory import remember
from pipelines.publish.disclosure.model import load_model
from pipelines.publish.disclosure.opt_outs import opt_outs_sha256
from pipelines.publish.folders import candidate_folder, release_folder
from pipelines.publish.gate import findings, lake_faults, tie_out_faults
from pipelines.publish.key_rotation import refuse_unknown_key
from pipelines.publish.person_keys import KeyRing, open_key_ring
from pipelines.publish.published_contracts import PublishedTable, fingerprint, load_published_contracts
from pipelines.publish.row_groups import write_pieces, write_table
from pipelines.publish.sources import Sources, sources_of
from pipelines.publish.tables import AUDIT, ReleaseTables, release_tables
from pipelines.publish.verify import found_whole, read_manifest, table_faults, verify_release
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
    status: str = catalogue.PUBLISHED
    """`published`; `held` until somebody has looked; `dropped` or `withdrawn` by somebody, for just these inputs."""
    findings: int = 0
    """How many figures hold it."""


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
    standing.adopt(lake)
    keys = open_key_ring(lake, latest.PRODUCT)
    refuse_unknown_key(lake, keys)
    sources = sources_of(contracts, as_of, accepted_deliveries(lake, as_of), held)
    inputs = _inputs(lake, contracts, outcome_contracts, bundle_version, sources, keys)
    entry = catalogue.entry_of(lake, inputs.release_id)
    if entry is not None and entry.status in catalogue.FINAL:
        return _ended(lake, entry, sources)
    is_new = not _is_written(lake, inputs.release_id)
    if is_new:
        candidate = candidate_folder(lake, inputs.release_id)
        with rare_collections():
            _write(lake, candidate, inputs, sources, keys, draw, model_card, outcome_contracts)
    else:
        _refuse_damaged(_written(lake, inputs.release_id))
    _through_the_gate(lake, inputs.release_id)
    contracts_stage.keep(lake, inputs.release_id, outcome_contracts)
    return _report(lake, inputs.release_id, is_new, sources)


def _is_written(lake: Lake, release_id: str) -> bool:
    return _written(lake, release_id).exists()


def _written(lake: Lake, release_id: str) -> Path:
    """Where a release lies: among the readable ones, or else among the candidates."""
    readable = release_folder(lake, release_id)
    return readable if readable.exists() else candidate_folder(lake, release_id)


def _through_the_gate(lake: Lake, release_id: str) -> None:
    """Let a candidate out, or hold it, seen from the newest release that is no later than itself."""
    candidate = candidate_folder(lake, release_id)
    if not candidate.exists():
        standing.stand_again(lake, release_id)
        return
    as_of = date.fromisoformat(read_manifest(candidate)["inputs"]["as_of"])
    found = findings(candidate, latest.newest_release(lake, up_to=as_of))
    if found:
        standing.hold(lake, release_id, [one.as_json() for one in found])
    else:
        standing.let_out(lake, release_id)


def _report(lake: Lake, release_id: str, is_new: bool, sources: Sources) -> PublishReport:
    entry = catalogue.known_entry(lake, release_id)
    folder = _written(lake, release_id)
    return PublishReport(
        release_id=release_id,
        release=folder,
        is_new=is_new,
        is_latest=latest.latest_release(lake) == folder.resolve(),
        rows=read_manifest(folder)["rows"],
        stale_agencies=tuple(sources.stale_agencies),
        status=entry.status,
        findings=len(entry.findings) if entry.status == catalogue.HELD else 0,
    )


def _ended(lake: Lake, entry: catalogue.Entry, sources: Sources) -> PublishReport:
    """What is told of inputs whose release somebody dropped or took back."""
    folder = release_folder(lake, entry.release_id)
    return PublishReport(entry.release_id, folder, False, False, {}, tuple(sources.stale_agencies), entry.status)


def _inputs(
    lake: Lake, contracts: DataContracts, outcome_contracts: Path, bundle: str, sources: Sources, keys: KeyRing
) -> manifest.Inputs:
    return manifest.Inputs(
        as_of=sources.as_of,
        deliveries=tuple(receipt.delivery_id for receipt in sources.accepted),
        held_deliveries=tuple(receipt.delivery_id for receipt in sources.held),
        contracts=contracts.sha256,
        outcome_contracts=folder_sha256(outcome_contracts, OUTCOME_SUFFIXES),
        published_contracts=fingerprint(),
        disclosure=opt_outs_sha256(lake),
        code=code_sha256(),
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


def _write(
    lake: Lake,
    release: Path,
    inputs: manifest.Inputs,
    sources: Sources,
    keys: KeyRing,
    draw: Callable[[Path], object] | None,
    model_card: str,
    outcome_contracts: Path,
) -> None:
    contracts = load_published_contracts()
    _refuse(lake_faults(lake), "what it is drawn from does not tie out")
    with new_folder(release) as staged, Copies(staged) as copies:

        def write(one: PublishedTable, pieces: Iterator[pa.Table]) -> int:
            rows = write_pieces(staged / f"{one.name}.parquet", one.arrow_schema, pieces)
            copies.begin(one.name)
            return rows

        made = release_tables(
            lake,
            contracts,
            keys,
            inputs.as_of,
            sources,
            inputs.release_id,
            catalogue.never_let_out(lake),
            write=write,
        )
        used = {"release_id": inputs.release_id}
        record_act(lake, act="key_used", by=standing.GATE, subject=keys.key_id, detail=used)
        for name, rows in made.tables.items():
            write_table(staged / f"{name}.parquet", rows)
            copies.begin(name)
        _refuse(_contract_faults(staged, contracts, made.rows), "it breaks its published contracts")
        _refuse(tie_out_faults(staged), "its tables do not tie out")
        _refuse(told_faults(staged), "it would tell of a few people")
        _seal(staged, copies, contracts, made, inputs, sources, draw, model_card, outcome_contracts)
        aggregates = (made.true, made.told, load_model(), made.said)
        remember(lake, inputs.release_id, inputs.as_of, made.earlier, *aggregates)


def _seal(
    staged: Path,
    copies: Copies,
    contracts: Mapping[str, PublishedTable],
    made: ReleaseTables,
    inputs: manifest.Inputs,
    sources: Sources,
    draw: Callable[[Path], object] | None,
    model_card: str,
    outcome_contracts: Path,
) -> None:
    """Write what explains the tables, draw the pages from them, and put the hash of every file into the manifest."""
    through = _data_through(pq.read_table(staged / "data_through.parquet"))
    write_companions(staged, contracts, inputs, model_card, outcome_contracts)
    write_dictionary(staged, contracts, inputs, sources, through)

    def told(files: Mapping[str, Any]) -> dict[str, Any]:
        return manifest.manifest(inputs, made.rows, made.tables[AUDIT], files, sources.stale, through)

    if draw is not None:  # pages are drawn from tables and manifest; then the manifest seals the pages as well
        manifest.write_json(staged / manifest.MANIFEST, told({}))
        draw(staged)
    copies.finish(contracts)
    manifest.write_json(staged / manifest.MANIFEST, told(manifest.file_facts(staged)))
    manifest.write_sums(staged)


def _contract_faults(staged: Path, contracts: Mapping[str, PublishedTable], rows: Mapping[str, int]) -> list[str]:
    faults = []
    for name, contract in contracts.items():
        path = staged / f"{name}.parquet"
        found = [*table_faults(path, contract, rows[name])]
        if not found:
            found_whole(file_sha256(path), contract, rows[name])
        faults += found
    return faults


def _refuse(faults: Sequence[str], what: str) -> None:
    if faults:
        raise ReleaseError(f"the release was not published: {what}: " + "; ".join(faults))


def _data_through(rows: pa.Table) -> dict[str, str | None]:
    return {
        row["agency"]: None if row["data_through_on"] is None else row["data_through_on"].isoformat()
        for row in rows.to_pylist()
    }
