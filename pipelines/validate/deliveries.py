"""Every delivery in `raw` against its contracts: accepted, or held with its reasons.

A delivery that was checked under the same contracts is not checked again; when a contract changes, it is.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from pipelines.errors import LakeError
from pipelines.ingest import Delivery, Problem, deliveries
from pipelines.ingest.delivery import FILE as DELIVERY_FILE
from pipelines.lake import Lake, new_folder
from pipelines.validate import conversions
from pipelines.validate.across import judge_across
from pipelines.validate.baseline import profile_of, write_profile
from pipelines.validate.columns import header_problems
from pipelines.validate.differences import write_differences
from pipelines.validate.gate import Gate, Verdict
from pipelines.validate.quarantine import write_ledger
from pipelines.validate.receipts import ACCEPTED, FILE, HELD, Receipt, read_receipt, write_receipt
from pipelines.validate.tables import SUPERSEDED, TableResult, quarantine_rows, validate_table
from pipelines.validate.telling import changed_types, worth_a_word
from pipelines.validate.told import (
    Told,
    as_told,
    content_of,
    data_through,
    says_hashed,
    semantics_told,
    strays_told,
    units_told,
    window_told,
)
from pipelines.validate.versions import version_of
from pipelines.validate.victims import take_out_refused
from pipelines.validate.weighing import weigh
from schemas.data_contract import DataContract, DataContracts
from schemas.from_contract import prove_that_checks_run

VALIDATOR_VERSION = 3
"""Raised when the same rows under the same contract would be judged otherwise: deliveries are then checked again."""


def validate_deliveries(lake: Lake, contracts: DataContracts) -> list[Receipt]:
    """Check every delivery of an agency with contracts; receipts sorted by agency, as-of date, revision and id."""
    prove_that_checks_run()
    _sweep(lake)
    gate = Gate.of(lake, contracts)
    judged = []
    for delivery in deliveries(lake):
        if delivery.agency in contracts.agencies:
            judged.append(_validated(lake, delivery, contracts, gate))
            gate.remember(judged[-1])
    write_differences(lake, contracts, judged)
    write_ledger(lake, contracts, judged)
    return judged


def _validated(lake: Lake, delivery: Delivery, contracts: DataContracts, gate: Gate) -> Receipt:
    checked_under = _checked_under(lake, delivery, contracts)
    target = lake.zone("validated") / delivery.agency / delivery.delivery_id
    if (target / FILE).exists():
        receipt = read_receipt(target / FILE)
        kept = gate.kept(receipt, delivery) if receipt.checked_under == checked_under else None
        if kept is not None:
            return kept
    shutil.rmtree(target, ignore_errors=True)
    judged = _Judged(lake, delivery, contracts, checked_under, gate)
    with new_folder(target) as folder:
        receipt = judged.into(folder)
        judged.write_quarantine()
        write_receipt(receipt, folder)
    return receipt


def _checked_under(lake: Lake, delivery: Delivery, contracts: DataContracts) -> str:
    digest = hashlib.sha256(f"{VALIDATOR_VERSION} {contracts.agency_sha256(delivery.agency)}\n".encode())
    digest.update((delivery.folder(lake) / DELIVERY_FILE).read_bytes())
    return digest.hexdigest()


@dataclass
class _Judged:
    """One delivery while it is checked."""

    lake: Lake
    delivery: Delivery
    contracts: DataContracts
    checked_under: str
    gate: Gate
    held: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    results: dict[str, TableResult] = field(default_factory=dict)
    told: Told = field(default_factory=Told)
    verdict: Verdict | None = None
    """What the circuit breakers say; None when the form of the delivery holds it."""

    def into(self, folder: Path) -> Receipt:
        """Check every table, leave the accepted rows in `folder`, and say what became of the delivery."""
        self.held += self.delivery.problems
        self.warnings += self.delivery.warnings
        contracts = self.contracts.of(self.delivery.agency)
        is_understood = self._in_its_version(folder)
        is_hashed = says_hashed(self.delivery.folder(self.lake), contracts)
        for contract in contracts if is_understood else ():
            self._table(contract, folder, is_hashed)
        semantics, not_understood = semantics_told(folder, contracts)
        self.held += not_understood
        self._across(folder, as_told(self.contracts, semantics))
        for contract in contracts:
            if contract.table in self.results:
                held, warnings = weigh(contract, self.results[contract.table], semantics[contract.table], self.delivery)
                self.held += held
                self.warnings += warnings
        self._what_it_tells(folder, semantics)
        through = None
        if not self.held:
            through = data_through(folder, contracts, self.delivery.as_of)
        if not self.held:
            self._pass_breakers(folder)
        if self.held:
            through = None
            for path in folder.glob("*.parquet"):
                path.unlink()
            shutil.rmtree(folder / SUPERSEDED, ignore_errors=True)
        shutil.rmtree(folder / conversions.FOLDER, ignore_errors=True)
        return self._receipt(is_hashed, through)

    def _in_its_version(self, folder: Path) -> bool:
        """Whether the delivery is in a version that is accepted; if it needs a conversion, its tables are those."""
        version = version_of(self.lake, self.delivery, self.contracts)
        self.told = replace(self.told, version=version.told, content=content_of(self.delivery))
        if version.held:
            self.held.append(version.held)
        if version.conversion:
            target = folder / conversions.FOLDER
            made = conversions.convert(self.lake, self.delivery, version.conversion, self.contracts, target)
            self.delivery = made.delivery
            self.held += made.held
            self.warnings += made.warnings
            return not made.held
        return version.held is None

    def _what_it_tells(self, folder: Path, semantics: Mapping[str, str]) -> None:
        """Take out what must not have been sent, and note of which units and days the rest speaks."""
        contracts = self.contracts.of(self.delivery.agency)
        refused = take_out_refused(folder, contracts, self.results)
        self.results = refused.results
        self.warnings += refused.warnings
        starts_on, ends_on = window_told(folder, contracts)
        units = units_told(folder, contracts, refused.units)
        self.told = replace(
            self.told,
            semantics=semantics,
            starts_on=starts_on,
            ends_on=ends_on,
            units=units,
            refused=refused.units,
            strays=strays_told(folder, contracts, units),
        )

    def _pass_breakers(self, folder: Path) -> None:
        told = as_told(self.contracts, self.told.semantics).of(self.delivery.agency)
        profile = profile_of(folder, told)
        write_profile(profile, folder)
        self.verdict = self.gate.verdict(self.delivery, profile)
        self.held += self.verdict.held
        self.warnings += self.verdict.warnings

    def _table(self, contract: DataContract, folder: Path, is_hashed: bool) -> None:
        if contract.table not in self.delivery.tables:
            if contract.required_table and not self._is_unread():
                self._hold("table.missing", contract.file_names[0], "send the file; a header alone says no rows")
            return
        held, warnings = header_problems(self.delivery, contract)
        self.held += held
        self.warnings += warnings
        if held or not self._is_read(contract.table):
            return
        target = folder / f"{contract.table}.parquet"
        result = validate_table(self.lake, self.delivery, contract, target, is_hashed=is_hashed)
        self.results[contract.table] = result

    def _across(self, folder: Path, contracts: DataContracts) -> None:
        """Judge the rows that were read by each other, within their table and between tables."""
        as_of, agency = self.delivery.as_of, self.delivery.agency
        self.results, warnings = judge_across(folder, as_of, contracts, agency, self.results)
        for table, result in self.results.items():
            contract = contracts.get(agency, table)
            if contract is not None:
                self.held += changed_types(contract, result)
                warnings += worth_a_word(contract, result)
        self.warnings += warnings

    def _is_read(self, table: str) -> bool:
        """Whether ingest could read the table; if it could not, it has said why."""
        path = self.delivery.folder(self.lake) / f"{table}.parquet"
        if not path.exists() and not self.delivery.problems:
            raise LakeError(f"{self.delivery.delivery_id}: {table} is missing from raw; restore the raw zone")
        return path.exists()

    def _is_unread(self) -> bool:
        """Whether the delivery could not be looked into at all: which files it lacks is then not known."""
        return bool(self.delivery.problems) and not self.delivery.tables

    def _hold(self, rule_id: str, file: str, mend: str) -> None:
        self.held.append(Problem(rule_id, file, "", mend))

    def _receipt(self, is_hashed: bool, through: date | None) -> Receipt:
        tables = {table: result.counts for table, result in sorted(self.results.items())}
        return Receipt(
            delivery_id=self.delivery.delivery_id,
            agency=self.delivery.agency,
            as_of=self.delivery.as_of,
            revision=self.delivery.revision,
            status=HELD if self.held else ACCEPTED,
            is_hashed=is_hashed,
            data_through=through,
            tables=tables,
            held=tuple(self.held),
            warnings=tuple(self.warnings),
            checked_under=self.checked_under,
            told=self.told,
            without_baseline=self.verdict.without_baseline if self.verdict else (),
            gated_under=self.verdict.gated_under if self.verdict else "",
        )

    def write_quarantine(self) -> None:
        """Write what the agency gets back, whether the delivery is held or not."""
        target = self.lake.zone("quarantine") / self.delivery.agency / self.delivery.delivery_id
        shutil.rmtree(target, ignore_errors=True)
        broken = {table: result for table, result in self.results.items() if len(result.broken)}
        if not broken:
            return
        with new_folder(target) as folder:
            for table, result in sorted(broken.items()):
                contract = self.contracts.get(self.delivery.agency, table)
                if contract is None:
                    raise LakeError(f"{self.delivery.delivery_id}: {table} has lost its contract during the run")
                rows = quarantine_rows(self.delivery.delivery_id, result, contract)
                rows.write_parquet(folder / f"{table}.parquet", compression="zstd")


def _sweep(lake: Lake) -> None:
    """Remove what a run that was killed left half-written."""
    for zone in ("validated", "quarantine"):
        for leftover in lake.zone(zone).glob("*/.*.staged"):
            shutil.rmtree(leftover, ignore_errors=True)
    for leftover in lake.zone("quarantine").glob(".*.staged"):
        leftover.unlink()
