"""A county of one small agency, `clinic`, given by contracts alone: what intake's tests deliver to.

Not among the shipped agencies on purpose: whatever works here works for any agency that somebody writes contracts for.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from pipelines.ingest import Delivery, IngestReport, deliveries, take_deliveries
from pipelines.lake import Lake
from pipelines.validate import Receipt, validate_deliveries
from schemas.data_contract import DataContracts, load_contracts

PATIENT_HEADER = "patient_id,last_name,birth_date,ssn,sex_code,visit_count,fee_usd,updated_at,record_action\n"
VISIT_HEADER = "visit_id,patient_id,started_on,ended_on\n"

TERMS = """
apiVersion: v3.1.0
kind: DataContract
id: clinic.{table}
name: "Clinic: {table}"
version: 1.0.0
status: active
team: {{name: "team:clinic"}}
support: [{{channel: clinic-steward}}]
slaProperties:
  - {{property: frequency, value: 1, unit: d, schedule: "0 2 * * *"}}
  - {{property: latency, value: 36, unit: h}}
customProperties:
  - {{property: legalBasis, value: a test}}
  - {{property: agreementId, value: NONE}}
  - {{property: accessTier, value: identified}}
  - {{property: retentionDays, value: 1}}
"""

PATIENT = (
    TERMS
    + """
schema:
  - name: patient
    dataGranularityDescription: one row per patient
    properties:
      - name: patient_id
        description: the clinic's number
        logicalType: string
        logicalTypeOptions: {{maxLength: 12}}
        required: true
        primaryKey: true
        classification: direct_identifier
        customProperties:
          - {{property: linkageRole, value: client_id}}
          - {{property: aliases, value: [PatientNumber]}}
      - name: last_name
        description: family name
        logicalType: string
        classification: direct_identifier
        customProperties: [{{property: linkageRole, value: last_name}}]
      - name: birth_date
        description: birth date
        logicalType: date
        logicalTypeOptions: {{minimum: "1850-01-01"}}
        classification: quasi_identifier
        customProperties:
          - {{property: linkageRole, value: birth_date}}
          - {{property: nullTokens, value: ["0000-00-00"]}}
          - {{property: dateFormats, value: ["%Y-%m-%d", "%d.%m.%Y"]}}
      - name: ssn
        description: social security number
        logicalType: string
        logicalTypeOptions: {{maxLength: 9, pattern: "^[0-9]{{9}}$"}}
        classification: direct_identifier
        customProperties:
          - {{property: linkageRole, value: ssn}}
          - {{property: whenBroken, value: cell}}
      - name: sex_code
        description: sex
        logicalType: string
        classification: quasi_identifier
        customProperties:
          - {{property: linkageRole, value: sex}}
          - {{property: codes, value: {{"F": female, "M": male, "U": unknown}}}}
          - {{property: standardCodes, value: {{"F": "F", "M": "M", "U": null}}}}
      - name: visit_count
        description: visits
        logicalType: integer
        logicalTypeOptions: {{minimum: 0, maximum: 999}}
        classification: none
      - name: fee_usd
        description: fee
        logicalType: number
        classification: none
        customProperties: [{{property: optional, value: true}}]
      - name: updated_at
        description: last change
        logicalType: timestamp
        required: true
        classification: none
      - name: record_action
        description: what the row does
        logicalType: string
        required: true
        classification: none
        customProperties: [{{property: codes, value: {{"U": upsert, "D": delete}}}}]
    customProperties:
      - {{property: fileNames, value: [patient.csv]}}
      - {{property: semantics, value: delta}}
      - {{property: newestBy, value: updated_at}}
      - {{property: deleteMarker, value: {{column: record_action, values: [D]}}}}
      - {{property: requiredTable, value: true}}
      - {{property: maxBadRowShare, value: 0.5}}
      - {{property: badRowsTolerated, value: 1}}
      - {{property: dataThrough, value: {{lagDays: 1}}}}
      - property: rowRules
        value: [{{id: born_in_the_future, kind: not_in_future, later: birth_date, mend: send the true birth date}}]
"""
)

VISIT = (
    TERMS
    + """
schema:
  - name: visit
    dataGranularityDescription: one row per visit
    properties:
      - {{name: visit_id, description: the visit, logicalType: string, required: true, primaryKey: true,
         classification: none}}
      - {{name: patient_id, description: whose, logicalType: string, required: true, classification: direct_identifier,
         customProperties: [{{property: linkageRole, value: client_id}}]}}
      - {{name: started_on, description: first day, logicalType: date, required: true, classification: none}}
      - {{name: ended_on, description: last day, logicalType: date, classification: none}}
    relationships: [{{from: visit.patient_id, to: patient.patient_id}}]
    customProperties:
      - {{property: fileNames, value: [visit.csv]}}
      - {{property: semantics, value: full}}
      - {{property: requiredTable, value: false}}
      - {{property: mayBeEmpty, value: false}}
      - {{property: maxBadRowShare, value: 0.5}}
      - {{property: badRowsTolerated, value: 1}}
      - {{property: dataThrough, value: {{lagDays: 0}}}}
      - property: rowRules
        value:
          - {{id: ended_before_started, kind: not_before, earlier: started_on, later: ended_on, mend: send true days}}
"""
)


@dataclass
class County:
    """A landing folder, a lake and contracts in a temporary folder."""

    root: Path

    @property
    def lake(self) -> Lake:
        return Lake(self.root / "lake")

    @property
    def landing(self) -> Path:
        return self.root / "landing"

    def contracts(self) -> DataContracts:
        return load_contracts(self.root / "contracts")

    def write_contract(self, table: str, text: str) -> None:
        folder = self.root / "contracts" / "incoming" / "clinic"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{table}.odcs.yaml").write_text(text.format(table=table), encoding="utf-8")

    def add_terms(self, table: str, terms: Mapping[str, Any]) -> None:
        """Add table properties to a contract, or change them."""
        path = self.root / "contracts" / "incoming" / "clinic" / f"{table}.odcs.yaml"
        contract = yaml.safe_load(path.read_text(encoding="utf-8"))
        (described,) = contract["schema"]
        kept = [one for one in described["customProperties"] if one["property"] not in terms]
        described["customProperties"] = kept + [{"property": name, "value": value} for name, value in terms.items()]
        path.write_text(yaml.safe_dump(contract, sort_keys=False), encoding="utf-8")

    def deliver(self, files: Mapping[str, str | bytes], name: str = "2026-11-01", agency: str = "clinic") -> Path:
        folder = self.landing / agency / name
        folder.mkdir(parents=True, exist_ok=True)
        for file, content in files.items():
            (folder / file).write_bytes(content if isinstance(content, bytes) else content.encode())
        return folder

    def deliver_zip(self, files: Mapping[str, str | bytes], name: str = "2026-11-01", agency: str = "clinic") -> Path:
        (self.landing / agency).mkdir(parents=True, exist_ok=True)
        path = self.landing / agency / f"{name}.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for file, content in files.items():
                archive.writestr(file, content)
        return path

    def take(self) -> IngestReport:
        return take_deliveries(self.lake, self.landing, self.contracts())

    def taken(self) -> tuple[Delivery, ...]:
        """Every delivery in raw."""
        return deliveries(self.lake)

    def run(self) -> list[Receipt]:
        self.take()
        return validate_deliveries(self.lake, self.contracts())

    def raw(self, table: str, delivery_id: str | None = None) -> pl.DataFrame:
        (path,) = self.lake.zone("raw").glob(f"*/{delivery_id or '*'}/{table}.parquet")
        return pl.read_parquet(path)

    def validated(self, table: str) -> pl.DataFrame:
        (path,) = self.lake.zone("validated").glob(f"*/*/{table}.parquet")
        return pl.read_parquet(path)

    def quarantine(self, table: str) -> list[tuple[int, str, str]]:
        """Line, column and rule of every broken rule."""
        paths = list(self.lake.zone("quarantine").glob(f"*/*/{table}.parquet"))
        if not paths:
            return []
        return pl.read_parquet(paths).select("_line_number", "column_name", "rule_id").rows()


def county(root: Path) -> County:
    """A county whose clinic sends patients (delta) and, if it likes, visits (full)."""
    made = County(root)
    made.write_contract("patient", PATIENT)
    made.write_contract("visit", VISIT)
    made.landing.mkdir()
    return made


def patient(
    patient_id: str = "p1",
    last_name: str = "Alder",
    birth_date: str = "1980-01-02",
    ssn: str = "123456789",
    sex_code: str = "F",
    visit_count: str = "3",
    fee_usd: str = "10.50",
    updated_at: str = "2026-10-01 08:00:00",
    record_action: str = "U",
) -> str:
    """One row of patient.csv."""
    cells = (patient_id, last_name, birth_date, ssn, sex_code, visit_count, fee_usd, updated_at, record_action)
    return ",".join(cells) + "\n"


AS_OF = date(2026, 11, 1)
