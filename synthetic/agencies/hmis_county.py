"""HMIS files about the county as a whole: export, organisations, projects, funders. Written once a night."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from synthetic.agencies.extract import dates
from synthetic.agencies.hmis_rows import hud_columns, hud_frame
from synthetic.agencies.stays import projects
from synthetic.names import read_data
from synthetic.tables import only, text, texts
from synthetic.times import EPOCH, FIRST_AS_OF, HISTORY_START, SECONDS_A_DAY, Ints, Texts, cut_at, day_number

OPENED = day_number(2012, 7, 1)


def export_id(night: int) -> str:
    """The number of a night's export."""
    return f"{60_000 + night}"


def county_files(night: int) -> dict[str, pl.DataFrame]:
    """The four files of a night."""
    return {"Export": _export(night), "Organization": _organizations(), "Project": _projects(), "Funder": _funders()}


def _export(night: int) -> pl.DataFrame:
    values = {
        "ExportID": export_id(night),
        "SourceType": "1",
        "SourceID": "CA-699",
        "SourceName": "Mirada County CoC",
        "ExportDate": str(np.datetime64(cut_at(night), "s")).replace("T", " "),
        "ExportStartDate": _day(HISTORY_START),
        "ExportEndDate": _day(FIRST_AS_OF + night - 1),
        "SoftwareName": "Open HMIS",
        "SoftwareVersion": "11.4",
        "CSVVersion": "2026 v1.0",
        "ExportPeriodType": "3",
        "ExportDirective": "2",
        "HashStatus": "1",
        "ImplementationID": "mirada-hmis",
    }
    return pl.DataFrame({name: [values.get(name)] for name in hud_columns("Export")})


def _day(number: int) -> str:
    return date.fromordinal(EPOCH.toordinal() + number).isoformat()


def _organizations() -> pl.DataFrame:
    listed = read_data("hmis_organizations")
    columns = [
        listed["organization_id"].alias("OrganizationID"),
        listed["organization_name"].alias("OrganizationName"),
        text("VictimServiceProvider", _same("0", len(listed))),
    ]
    return hud_frame("Organization", columns, *_founding(len(listed)))


def _projects() -> pl.DataFrame:
    listed = projects()
    columns = [
        listed["project_id"].alias("ProjectID"),
        listed["organization_id"].alias("OrganizationID"),
        listed["project_name"].alias("ProjectName"),
        dates("OperatingStartDate", np.full(len(listed), OPENED)),
        text("ContinuumProject", _same("1", len(listed))),
        listed["project_type"].alias("ProjectType"),
        listed["housing_type"].alias("HousingType"),
        text("RRHSubType", only(texts(listed["project_type"]) == "13", "2")),
        text("ResidentialAffiliation", _same(None, len(listed))),
        text("TargetPopulation", _same("4", len(listed))),
    ]
    return hud_frame("Project", columns, *_founding(len(listed)))


def _funders() -> pl.DataFrame:
    """One grant per project; Just-in-Reach projects carry 35, HUD: Pay for Success."""
    listed = projects()
    local = only(texts(listed["funder"]) == "46", "County General Fund")
    columns = [
        (listed["project_id"].cast(pl.Int64) + 7000).cast(pl.String).alias("FunderID"),
        listed["project_id"].alias("ProjectID"),
        listed["funder"].alias("Funder"),
        text("OtherFunder", local),
        ("G-" + listed["project_id"]).alias("GrantID"),
        dates("StartDate", np.full(len(listed), OPENED)),
    ]
    return hud_frame("Funder", columns, *_founding(len(listed)))


def _same(value: str | None, size: int) -> Texts:
    return np.full(size, value, dtype=object)


def _founding(size: int) -> tuple[Ints, Ints]:
    created = np.full(size, OPENED * SECONDS_A_DAY + 36_000, dtype=np.int64)
    return created, created + 900 * SECONDS_A_DAY
