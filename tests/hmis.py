"""Tiny HMIS exports, in the columns of HUD's fiscal years 2024 and 2026, and the county that takes them.

A row is given by the columns that matter; what HUD requires beside them is filled in.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from pipelines import sql, validate
from pipelines.ingest import take_deliveries
from pipelines.lake import Lake
from pipelines.standardise.current import open_current
from pipelines.validate import Receipt, validate_deliveries
from schemas.data_contract import DataContracts, load_contracts

CONTRACTS = load_contracts()
FILES = {
    "Export": "export",
    "Organization": "organization",
    "Project": "project",
    "Funder": "funder",
    "Client": "client",
    "Enrollment": "enrollment",
    "Exit": "exit",
    "Services": "services",
}
STAMPS = {"DateCreated": "2026-01-01 08:00:00", "DateUpdated": "2026-01-01 08:00:00", "UserID": "u1", "ExportID": "x1"}
USUAL = {
    "Export": {
        "ExportID": "x1",
        "SourceType": "1",
        "ExportDate": "2026-11-01 02:00:00",
        "ExportStartDate": "2020-01-01",
        "ExportEndDate": "2026-10-31",
        "SoftwareName": "Open HMIS",
        "CSVVersion": "2026 v1.0",
        "ExportPeriodType": "3",
        "ExportDirective": "2",
        "HashStatus": "1",
        "ImplementationID": "mirada",
    },
    "Organization": {"OrganizationName": "An organisation", "VictimServiceProvider": "0"},
    "Project": {
        "OrganizationID": "o1",
        "ProjectName": "A project",
        "OperatingStartDate": "2015-01-01",
        "ContinuumProject": "1",
        "ProjectType": "3",
    },
    "Funder": {"Funder": "46", "GrantID": "g", "StartDate": "2020-01-01"},
    "Client": {
        "FirstName": "Ada",
        "LastName": "Alder",
        "NameDataQuality": "1",
        "SSN": "123456789",
        "SSNDataQuality": "1",
        "DOB": "1980-01-02",
        "DOBDataQuality": "1",
        "VeteranStatus": "0",
        **dict.fromkeys(("AmIndAKNative", "Asian", "BlackAfAmerican", "MidEastNAfrican", "NativeHIPacific"), "0"),
        "White": "1",
    },
    "Enrollment": {"EntryDate": "2025-01-01", "HouseholdID": "h1", "RelationshipToHoH": "1", "DisablingCondition": "1"},
    "Exit": {"ExitDate": "2026-02-01", "Destination": "410"},
    "Services": {"DateProvided": "2025-02-01", "RecordType": "200", "TypeProvided": "200"},
}
FLAGS = ("Woman", "Man", "NonBinary", "CulturallySpecific", "Transgender", "Questioning", "DifferentIdentity")
CLIENT_2024 = (*FLAGS, "GenderNone", "DifferentIdentityText", "HispanicLatinaeo")
ENROLLMENT_2024 = (
    "SexualOrientation",
    "SexualOrientationOther",
    "TranslationNeeded",
    "PreferredLanguage",
    "PreferredLanguageDifferent",
)
Row = dict[str, str]


@dataclass
class Export:
    """The files of one export: file name without ending → rows."""

    export: Row = field(default_factory=dict)
    organizations: list[Row] = field(default_factory=lambda: [{"OrganizationID": "o1"}])
    projects: list[Row] = field(default_factory=list)
    funders: list[Row] = field(default_factory=list)
    clients: list[Row] = field(default_factory=list)
    enrollments: list[Row] = field(default_factory=list)
    exits: list[Row] = field(default_factory=list)
    services: list[Row] = field(default_factory=list)

    def texts(self) -> dict[str, str]:
        """File name → its text."""
        is_2024 = self.export.get("CSVVersion", "").startswith("2024")
        rows = {
            "Export": [self.export],
            "Organization": self.organizations,
            "Project": self.projects,
            "Funder": self.funders,
            "Client": self.clients,
            "Enrollment": self.enrollments,
            "Exit": self.exits,
            "Services": self.services,
        }
        return {f"{name}.csv": _text(name, given, is_2024) for name, given in rows.items()}


def columns(name: str, is_2024: bool) -> list[str]:
    """HUD's columns of a file in a version of the format."""
    contract = CONTRACTS.get("hmis", FILES[name])
    assert contract is not None
    names = list(contract.column_names)
    if is_2024 and name == "Client":
        return [one for one in names if one not in ("Sex", "HispanicLatinao")] + list(CLIENT_2024)
    if is_2024 and name == "Enrollment":
        return [one for one in names if one != "MentalHealthConsultation"] + list(ENROLLMENT_2024)
    return names


def _text(name: str, rows: list[Row], is_2024: bool) -> str:
    header = columns(name, is_2024)
    ethnicity = {"HispanicLatinaeo" if is_2024 else "HispanicLatinao": "0"} if name == "Client" else {}
    lines = [",".join(header)]
    for row in rows:
        full = {**STAMPS, **USUAL[name], **ethnicity, **row}
        assert set(row) <= set(header), f"{name} has no {set(row) - set(header)}"
        lines.append(",".join(full.get(column, "") for column in header))
    return "\n".join(lines) + "\n"


def enrolled(client: str, project: str, **more: str) -> Row:
    """An enrollment named after its client and project."""
    return {"EnrollmentID": f"{client}-{project}", "PersonalID": client, "ProjectID": project, **more}


def exited(client: str, project: str, on: str = "2026-02-01", **more: str) -> Row:
    """The exit of that enrollment."""
    name = f"{client}-{project}"
    return {"ExitID": f"x{name}", "EnrollmentID": name, "PersonalID": client, "ExitDate": on, **more}


def people(*names: str, **more: str) -> list[Row]:
    """Clients of these numbers."""
    return [{"PersonalID": name, **more} for name in names]


def projects(*names: str) -> list[Row]:
    """Projects of these numbers."""
    return [{"ProjectID": name} for name in names]


@dataclass
class Hmis:
    """A county that only has an HMIS."""

    root: Path

    @property
    def lake(self) -> Lake:
        """Its lake."""
        return Lake(self.root / "lake")

    @property
    def contracts(self) -> DataContracts:
        """The shipped contracts."""
        return CONTRACTS

    def deliver(self, name: str, export: Export) -> None:
        """Put an export into the landing folder."""
        folder = self.root / "landing" / "hmis" / name
        folder.mkdir(parents=True)
        for file, text in export.texts().items():
            (folder / file).write_text(text, encoding="utf-8")

    def run(self) -> list[Receipt]:
        """Take and validate what lies there."""
        take_deliveries(self.lake, self.root / "landing", CONTRACTS)
        return validate_deliveries(self.lake, CONTRACTS)

    def in_force(self, table: str, column: str) -> list[str]:
        """The values of a column among the rows in force, sorted."""
        with sql.connect(self.lake.spill) as connection:
            open_current(connection, self.lake, CONTRACTS, validate.accepted_deliveries(self.lake))
            rows = connection.execute(f'select "{column}"::varchar from current.hmis_{table} order by 1').fetchall()
        return [row[0] for row in rows]
