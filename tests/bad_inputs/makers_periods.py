"""Deliveries that only several of them show: sent again, corrected, late, missing."""

from __future__ import annotations

from pipelines import sql
from pipelines.standardise.current import open_current
from pipelines.validate import accepted_deliveries, read_differences, timeline_problems
from tests.intake import PATIENT_HEADER, VISIT_HEADER, County, patient

GOOD = {"patient.csv": PATIENT_HEADER + patient("p1")}
RENAMED = {"patient.csv": PATIENT_HEADER + patient("p1", "Birch", updated_at="2026-10-02 08:00:00")}


def in_force(county: County, table: str, column: str) -> list[str]:
    """The values of a column among the rows in force."""
    with sql.connect(county.lake.spill) as connection:
        open_current(connection, county.lake, county.contracts(), accepted_deliveries(county.lake))
        rows = connection.execute(f'select "{column}"::varchar from current.clinic_{table} order by 1').fetchall()
    return [row[0] for row in rows]


def folder_and_zip(county: County) -> None:
    county.deliver(GOOD)
    county.deliver_zip(GOOD)


def taken_once(county: County) -> None:
    assert len(accepted_deliveries(county.lake)) == 1


def sent_again_later(county: County) -> None:
    county.deliver(GOOD, "2026-11-01")
    county.deliver(RENAMED, "2026-11-02")
    county.deliver(GOOD, "2026-11-03")


def older_after_newer(county: County) -> None:
    county.deliver(RENAMED, "2026-11-02")
    county.run()
    county.deliver(GOOD, "2026-11-01")


def the_newer_name_stands(county: County) -> None:
    assert in_force(county, "patient", "last_name") == ["Birch"]


def corrected(county: County) -> None:
    county.deliver(GOOD)
    county.deliver(RENAMED, "2026-11-01.r2")


def the_correction_is_counted(county: County) -> None:
    the_newer_name_stands(county)
    (_, correction) = accepted_deliveries(county.lake)
    (difference,) = read_differences(county.lake, correction)
    assert (difference.added, difference.removed, difference.changed) == (0, 0, 1)
    assert difference.changed_cells == {"last_name": 1, "updated_at": 1}


def month(number: int) -> dict[str, str]:
    """A delivery of one visit in a month of 2026."""
    return {**GOOD, "visit.csv": VISIT_HEADER + f"v{number},p1,2026-{number:02}-03,\n"}


def older_month_after_newer(county: County) -> None:
    county.deliver(month(10), "2026-10-31")
    county.run()
    county.deliver(month(9), "2026-09-30")


def both_months_stand(county: County) -> None:
    assert in_force(county, "visit", "visit_id") == ["v10", "v9"]
    assert timeline_problems(county.contracts(), accepted_deliveries(county.lake)) == []


def a_month_left_out(county: County) -> None:
    county.deliver(month(8), "2026-08-31")
    county.deliver(month(10), "2026-10-31")


def the_gap_is_told(county: County) -> None:
    (problem,) = timeline_problems(county.contracts(), accepted_deliveries(county.lake))
    assert (problem.rule_id, problem.file) == ("period.missing", "clinic/visit.csv")
    assert "2026-09-01 to 2026-09-30" in problem.mend


def sent_twice_a_month(county: County) -> None:
    county.deliver(GOOD, "2026-11-01")
    county.deliver(RENAMED, "2026-11-20")


def the_overlap_is_told(county: County) -> None:
    (problem,) = timeline_problems(county.contracts(), accepted_deliveries(county.lake))
    assert problem.rule_id == "period.overlap"
