"""Nights of a clinic whose last delivery is unlike those before it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from pipelines.publish.sources import sources_of
from pipelines.validate import receipts
from tests.intake import PATIENT_HEADER, VISIT, VISIT_HEADER, County, patient

ONE_PATIENT = PATIENT_HEADER + patient("p1")
LAST_COLUMN = "      - {{name: ended_on, description: last day, logicalType: date, classification: none}}\n"
PROVIDER = "      - {{name: provider_id, description: who saw them, logicalType: string, classification: none}}\n"


def collapse(county: County) -> None:
    _nights(county, (80, 80, 80, 39))


def jump(county: County) -> None:
    _nights(county, (80, 80, 80, 321))


def small_collapse(county: County) -> None:
    _nights(county, (49, 49, 49, 20))


def first(county: County) -> None:
    _nights(county, (80, 80, 39))


def no_breaker_looked(county: County) -> None:
    """The receipt says so of every table."""
    assert {one.without_baseline for one in receipts(county.lake)} == {("patient", "visit")}


def provider_gone(county: County) -> None:
    county.write_contract("visit", VISIT.replace(LAST_COLUMN, LAST_COLUMN + PROVIDER))
    county.add_terms("visit", {"breakers": {"segments": [{"column": "provider_id"}]}})
    for day in (1, 2, 3, 4):
        providers = ["P1"] * 30 + ["P2"] * 50 if day < 4 else ["P2"] * 80
        rows = [f"v{i},p1,2026-01-02,,{provider}" for i, provider in enumerate(providers)]
        _deliver(county, day, VISIT_HEADER.strip() + ",provider_id\n" + "\n".join(rows) + "\n")


def month_gone(county: County) -> None:
    for day in (1, 2, 3, 4):
        months = ["2026-01"] * 30 + ["2026-02"] * 50 if day < 4 else ["2026-02"] * 80
        rows = [f"v{i},p1,{month}-02," for i, month in enumerate(months)]
        _deliver(county, day, VISIT_HEADER + "\n".join(rows) + "\n")


def column_empty(county: County) -> None:
    for day in (1, 2, 3, 4):
        ended = "2026-01-03" if day < 4 else ""
        rows = [f"v{i},p1,2026-01-02,{ended}" for i in range(120)]
        _deliver(county, day, VISIT_HEADER + "\n".join(rows) + "\n")


def codes_swapped(county: County) -> None:
    for day in (1, 2, 3, 4):
        most, least = ("F", "M") if day < 4 else ("M", "F")
        rows = [patient(f"p{i}", sex_code=most if i % 4 else least) for i in range(120)]
        county.deliver({"patient.csv": PATIENT_HEADER + "".join(rows)}, name=f"2026-11-{day:02d}")


def late(county: County) -> None:
    county.deliver({"patient.csv": ONE_PATIENT})


def the_agency_is_stale(county: County) -> None:
    """Two days allowed (36 hours after the end of the day): on the third the agency is stale."""
    accepted = receipts(county.lake)
    stale = [sources_of(county.contracts(), date(2026, 11, day), accepted, []).stale_agencies for day in (3, 4)]
    assert stale == [[], ["clinic"]]


def _nights(county: County, counts: Iterable[int]) -> None:
    for day, rows in enumerate(counts, 1):
        _deliver(county, day, VISIT_HEADER + "".join(f"v{i},p1,2026-01-02,\n" for i in range(rows)))


def _deliver(county: County, day: int, visits: str) -> None:
    county.deliver({"patient.csv": ONE_PATIENT, "visit.csv": visits}, name=f"2026-11-{day:02d}")
