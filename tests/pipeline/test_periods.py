"""Deliveries of any agency, by contract alone: periods, change sets sent again, corrections, gaps."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from pipelines import sql
from pipelines.errors import ContractError
from pipelines.standardise.current import open_current
from pipelines.validate import accepted_deliveries, read_differences, timeline_problems, validate_deliveries
from tests.intake import PATIENT, PATIENT_HEADER, VISIT, VISIT_HEADER, County, county, patient

FULL = "{{property: semantics, value: full}}"
BY_MONTH = VISIT.replace(
    FULL,
    "{{property: semantics, value: period}}\n      - {{property: period, value: {{column: started_on, unit: month}}}}",
)
BY_WARD = (
    VISIT.replace(FULL, FULL + "\n      - {{property: scope, value: {{column: ward_id}}}}")
    .replace(
        "      - {{name: started_on",
        "      - {{name: ward_id, description: the ward, logicalType: string, required: true, classification: none}}\n"
        "      - {{name: started_on",
    )
)  # fmt: skip
WARD_HEADER = "visit_id,patient_id,ward_id,started_on,ended_on\n"


def in_force(made: County, table: str, column: str) -> list[str]:
    contracts = made.contracts()
    with sql.connect(made.lake.spill) as connection:
        open_current(connection, made.lake, contracts, accepted_deliveries(made.lake))
        query = f'select "{column}"::varchar from current.clinic_{table} order by 1'
        return [row[0] for row in connection.execute(query).fetchall()]


def visits(*rows: tuple[str, str]) -> str:
    """A visit file: number and first day of each."""
    return VISIT_HEADER + "".join(f"{visit},p1,{day},\n" for visit, day in rows)


def patients(*names: str) -> dict[str, str]:
    return {"patient.csv": PATIENT_HEADER + "".join(patient(name) for name in names)}


@pytest.fixture
def monthly(tmp_path: Path) -> County:
    made = county(tmp_path)
    made.write_contract("visit", BY_MONTH)
    return made


OCTOBER = {**patients("p1"), "visit.csv": visits(("v1", "2026-10-03"), ("v2", "2026-10-09"))}
OCTOBER_AGAIN = {**patients("p2"), "visit.csv": visits(("v2", "2026-10-10"), ("v3", "2026-10-31"))}
DECEMBER = {**patients("p3"), "visit.csv": visits(("v7", "2026-12-01"))}


def test_a_later_delivery_of_a_month_replaces_that_month_and_no_other_in_any_order(tmp_path: Path) -> None:
    sent = [("2026-12-02", DECEMBER), ("2026-10-31", OCTOBER_AGAIN), ("2026-10-15", OCTOBER)]
    for number, order in enumerate(itertools.permutations(sent)):
        (tmp_path / str(number)).mkdir()
        made = county(tmp_path / str(number))
        made.write_contract("visit", BY_MONTH)
        for name, files in order:
            made.deliver(files, name)
            made.run()
        assert in_force(made, "visit", "visit_id") == ["v2", "v3", "v7"]
        assert in_force(made, "visit", "started_on") == ["2026-10-10", "2026-10-31", "2026-12-01"]
        (_, corrected, _) = validate_deliveries(made.lake, made.contracts())
        (difference,) = [one for one in read_differences(made.lake, corrected) if one.table == "visit"]
        assert (difference.added, difference.removed, difference.changed) == (1, 1, 1)
        assert difference.changed_cells == {"started_on": 1}
        told = timeline_problems(made.contracts(), accepted_deliveries(made.lake))
        assert [(one.rule_id, one.file) for one in told] == [("period.missing", "clinic/visit.csv")]
        assert "2026-11-01 to 2026-11-30" in told[0].mend


def test_a_row_of_another_month_is_quarantined(monthly: County) -> None:
    monthly.deliver({**patients("p1"), "visit.csv": visits(("v1", "2026-10-31"), ("v2", "2026-11-01"))}, "2026-10-15")
    (receipt,) = monthly.run()
    assert (receipt.tables["visit"].accepted, receipt.tables["visit"].quarantined) == (1, 1)
    assert monthly.quarantine("visit") == [(3, "started_on", "outside_period")]


def test_a_change_set_sent_again_under_a_later_date_changes_nothing(tmp_path: Path) -> None:
    made = county(tmp_path)
    first = {"patient.csv": PATIENT_HEADER + patient("p1", "Alder") + patient("p2", "Birch")}
    second = {"patient.csv": PATIENT_HEADER + patient("p1", "Cedar", updated_at="2026-10-02 08:00:00")}
    made.deliver(first, "2026-11-01")
    made.deliver(second, "2026-11-02")
    made.deliver(first, "2026-11-03")
    assert len({receipt.told.content for receipt in made.run()}) == 2
    assert in_force(made, "patient", "last_name") == ["Birch", "Cedar"]


def test_a_change_set_in_two_files_or_two_deliveries_is_the_same_as_in_one(tmp_path: Path) -> None:
    rows = [patient(f"p{i}", updated_at=f"2026-10-0{i} 08:00:00") for i in (1, 2, 3)]
    ways = {
        "one": [("2026-11-03", {"patient.csv": PATIENT_HEADER + "".join(rows)})],
        "two_files": [("2026-11-03", {"patient.csv": PATIENT_HEADER + rows[2],
                                      "patient.part2.csv": PATIENT_HEADER + rows[0] + rows[1]})],
        "two_deliveries": [("2026-11-02", {"patient.csv": PATIENT_HEADER + rows[1]}),
                           ("2026-11-03", {"patient.csv": PATIENT_HEADER + rows[2] + rows[0]})],
    }  # fmt: skip
    found = []
    for way, deliveries in ways.items():
        (tmp_path / way).mkdir()
        made = county(tmp_path / way)
        for name, files in deliveries:
            made.deliver(files, name)
        made.run()
        found.append(in_force(made, "patient", "updated_at"))
    assert found[0] == found[1] == found[2]
    assert len(found[0]) == 3


def test_a_correction_supersedes_and_tells_counts_but_no_value(tmp_path: Path) -> None:
    made = county(tmp_path)
    made.deliver({"patient.csv": PATIENT_HEADER + patient("p1") + patient("p2") + patient("p3")})
    corrected = patient("p1") + patient("p2", "Birch", ssn="987654321") + patient("p4")
    made.deliver({"patient.csv": PATIENT_HEADER + corrected}, "2026-11-01.r2")
    before, after = made.run()
    assert in_force(made, "patient", "patient_id") == ["p1", "p2", "p4"]
    (difference,) = read_differences(made.lake, after)
    assert difference.against == before.delivery_id
    assert (difference.rows_before, difference.rows_after) == (3, 3)
    assert (difference.added, difference.removed, difference.changed) == (1, 1, 1)
    assert difference.changed_cells == {"last_name": 1, "ssn": 1}
    text = (after.folder(made.lake) / "differences.json").read_text(encoding="utf-8")
    assert not [value for value in ("Birch", "Alder", "987654321", "p4") if value in text]
    assert read_differences(made.lake, before) == ()


def test_who_is_absent_from_a_snapshot_of_one_ward_stays_in_the_other(tmp_path: Path) -> None:
    made = county(tmp_path)
    made.write_contract("visit", BY_WARD)
    day = "2026-10-03,\n"
    north_and_south = f"v1,p1,north,{day}v2,p1,north,{day}v3,p1,south,{day}"
    made.deliver({**patients("p1"), "visit.csv": WARD_HEADER + north_and_south}, "2026-11-01")
    made.deliver({**patients("p2"), "visit.csv": WARD_HEADER + f"v1,p1,north,{day}"}, "2026-11-02")
    made.run()
    assert in_force(made, "visit", "visit_id") == ["v1", "v3"]


DAILY = PATIENT.replace(
    "{{property: semantics, value: delta}}",
    "{{property: semantics, value: delta}}\n      - {{property: period, value: {{unit: month}}}}",
)


def test_two_change_sets_of_one_period_are_told(tmp_path: Path) -> None:
    made = county(tmp_path)
    made.write_contract("patient", DAILY)
    made.deliver(patients("p1"), "2026-11-01")
    made.deliver(patients("p2"), "2026-11-20")
    problems = timeline_problems(made.contracts(), made.run())
    assert [one.rule_id for one in problems] == ["period.overlap"]
    assert "2026-11-01 to 2026-11-30" in problems[0].mend


VERSIONED = VISIT.replace(FULL, FULL + "\n      - {{property: versionBy, value: {{table: visit, column: patient_id}}}}")


@pytest.mark.parametrize(("version", "status"), [("1.4", "accepted"), ("1.0.2", "accepted"), ("2.0.0", "held")])
def test_a_delivery_of_another_major_version_of_its_contract_is_held(version: str, status: str, tmp_path: Path) -> None:
    made = county(tmp_path)
    made.write_contract("visit", VERSIONED)
    made.deliver({**patients("p1"), "visit.csv": VISIT_HEADER + f"v1,{version},2026-10-03,\n"})
    (receipt,) = made.run()
    assert receipt.status == status
    assert [problem.rule_id for problem in receipt.held] == (["version.not_accepted"] if status == "held" else [])


MALFORMED = {
    "a period without a column": ("{{column: started_on, unit: month}}", "{{unit: month}}",
                                  "period is missing or has no column"),
    "a unit that is none": ("unit: month", "unit: week", "period.unit must be one of day, month, quarter, year"),
    "a column that may be empty": ("column: started_on,", "column: ended_on,", "never set aside"),
    "a key that nothing reads": ("unit: month", "unit: month, from: x", "period.from is not understood"),
}  # fmt: skip


def test_persons_are_no_units_for_receipts_list_them(tmp_path: Path) -> None:
    made = county(tmp_path)
    made.write_contract("visit", BY_WARD.replace("{{column: ward_id}}", "{{column: patient_id}}"))
    with pytest.raises(ContractError, match=r"scope\.column names patient_id, which tells who somebody is"):
        made.contracts()


@pytest.mark.parametrize("case", MALFORMED, ids=str)
def test_malformed_terms_are_told_with_file_field_and_mend(case: str, tmp_path: Path) -> None:
    was, becomes, told = MALFORMED[case]
    assert was in BY_MONTH
    made = county(tmp_path)
    made.write_contract("visit", BY_MONTH.replace(was, becomes))
    with pytest.raises(ContractError, match=r"clinic/visit\.odcs\.yaml") as problem:
        made.contracts()
    assert told in str(problem.value)
