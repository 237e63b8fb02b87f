"""What becomes of rows that no column by itself can judge: rules within a row, among rows, between tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.errors import ContractError
from pipelines.validate import Receipt
from tests.intake import PATIENT, PATIENT_HEADER, VISIT, County, county, patient

GOOD = PATIENT_HEADER + patient("p1", birth_date="1980-01-02") + patient("p2", birth_date="1990-05-05")
WHOLE = PATIENT.replace("semantics, value: delta", "semantics, value: full")
VISIT_HEADER = "visit_id,patient_id,started_on,ended_on\n"
RULES_START = "        value:\n          - {{id: ended"
RELATION = "{{from: visit.patient_id, to: patient.patient_id}}"


def visits(root: Path, rule: str, *rows: str, whole: bool = True) -> tuple[County, Receipt]:
    """A county whose visits are held to one more rule, and what became of its delivery."""
    made = county(root)
    made.write_contract("patient", WHOLE if whole else PATIENT)
    made.write_contract(
        "visit", VISIT.replace(RULES_START, f"        value:\n          - {rule}\n          - {{{{id: ended")
    )
    made.deliver({"patient.csv": GOOD, "visit.csv": VISIT_HEADER + "".join(f"{row}\n" for row in rows)})
    (receipt,) = made.run()
    return made, receipt


def told(receipt: Receipt) -> list[tuple[str, str, str]]:
    """Rule, column and the number of rows of every warning."""
    return [(one.rule_id, one.column, one.mend.split()[0]) for one in receipt.warnings]


REQUIRED = (
    "{{id: no_end, kind: required_when, column: ended_on, when: {{column: patient_id, values: [p1]}}, mend: send it}}"
)
EMPTY = "{{id: early_end, kind: empty_unless, column: ended_on, when: {{column: patient_id, values: [p1]}}, mend: x}}"
BIRTH = "{{id: before_birth, kind: not_before, earlier: patient.birth_date, later: started_on, mend: send true days}}"
OVERLAP = "{{id: two_at_once, kind: not_overlapping, of: [patient_id], from: started_on, to: ended_on, mend: send one}}"
REPEAT = "{{id: twice, kind: not_repeated, of: [patient_id, started_on], mend: send one}}"
ONE = "{{id: not_one, kind: exactly_one, of: [patient_id], when: {{column: visit_id, values: [v1]}}, mend: send one}}"


def test_a_value_that_another_column_calls_for_must_be_there(tmp_path: Path) -> None:
    made, _ = visits(tmp_path, REQUIRED, "v1,p1,2026-01-01,", "v2,p2,2026-01-01,", "v3,p1,2026-01-01,2026-01-02")
    assert made.quarantine("visit") == [(2, "ended_on", "no_end")]


def test_a_value_that_another_column_rules_out_may_not_be_there(tmp_path: Path) -> None:
    made, _ = visits(tmp_path, EMPTY, "v1,p1,2026-01-01,2026-01-02", "v2,p2,2026-01-01,2026-01-02", "v3,p2,2026-01-01,")
    assert made.quarantine("visit") == [(3, "ended_on", "early_end")]


def test_an_event_before_birth_is_quarantined_through_the_table_of_persons(tmp_path: Path) -> None:
    made, receipt = visits(
        tmp_path, BIRTH, "v1,p1,1979-12-31,", "v2,p1,1980-01-02,", "v3,p2,1980-01-02,", "v4,p2,2026-01-01,"
    )
    assert made.quarantine("visit") == [(2, "started_on", "before_birth"), (4, "started_on", "before_birth")]
    counts = receipt.tables["visit"]
    assert (counts.rows_in, counts.accepted, counts.quarantined) == (4, 2, 2)
    assert made.validated("visit")["visit_id"].to_list() == ["v2", "v4"]


def test_a_person_that_the_delivery_does_not_hold_has_no_birth_to_compare_with(tmp_path: Path) -> None:
    made, receipt = visits(tmp_path, BIRTH, "v1,p9,1930-01-01,", whole=False)
    assert (made.quarantine("visit"), told(receipt)) == ([], [])


def test_of_two_stays_at_once_the_one_made_later_is_quarantined(tmp_path: Path) -> None:
    stays = ("v1,p1,2026-01-01,2026-01-10", "v2,p1,2026-01-09,", "v3,p2,2026-01-09,", "v4,p1,2025-01-01,2026-01-01")
    made, _ = visits(tmp_path, OVERLAP, *stays)
    assert made.quarantine("visit") == [(3, "started_on", "two_at_once")]


def test_two_open_stays_overlap_and_two_that_meet_do_not(tmp_path: Path) -> None:
    stays = ("v1,p1,2026-01-01,", "v2,p1,2026-03-01,", "v3,p2,2026-01-01,2026-02-01", "v4,p2,2026-02-01,")
    made, _ = visits(tmp_path, OVERLAP, *stays)
    assert made.quarantine("visit") == [(3, "started_on", "two_at_once")]


def test_which_of_two_stays_is_refused_does_not_depend_on_their_order(tmp_path: Path) -> None:
    stays = ["v1,p1,2026-01-01,2026-01-10", "v2,p1,2026-01-09,", "v3,p1,2026-01-02,2026-01-03"]
    kept = []
    for i, rows in enumerate((stays, stays[::-1])):
        (tmp_path / str(i)).mkdir()
        made, _ = visits(tmp_path / str(i), OVERLAP, *rows, "v4,p2,2026-01-01,", "v5,p2,2025-01-01,2025-01-02")
        kept.append(sorted(made.validated("visit")["visit_id"]))
    assert kept == [["v1", "v4", "v5"]] * 2


def test_a_rule_that_warns_counts_its_rows_and_keeps_them(tmp_path: Path) -> None:
    rule = OVERLAP.replace("kind:", "action: warn, kind:")
    _, receipt = visits(tmp_path, rule, "v1,p1,2026-01-01,", "v2,p1,2026-03-01,")
    assert told(receipt) == [("two_at_once", "started_on", "1")]
    assert receipt.tables["visit"].accepted == 2
    within, receipt = visits(tmp_path / "row", REQUIRED.replace("kind:", "action: warn, kind:"), "v1,p1,2026-01-01,")
    assert told(receipt) == [("no_end", "ended_on", "1")]
    assert within.quarantine("visit") == []


def test_a_repeated_row_breaks_the_rule_and_its_first_does_not(tmp_path: Path) -> None:
    made, _ = visits(tmp_path, REPEAT, "v2,p1,2026-01-01,", "v1,p1,2026-01-01,", "v3,p1,2026-01-02,")
    assert made.quarantine("visit") == [(2, "patient_id", "twice")]


def test_a_group_without_exactly_one_of_a_kind_is_told_whole(tmp_path: Path) -> None:
    rule = ONE.replace("kind:", "action: warn, kind:")
    _, receipt = visits(
        tmp_path, rule, "v1,p1,2026-01-01,", "v2,p1,2026-01-02,", "v3,p2,2026-01-01,", "v4,p2,2026-01-02,"
    )
    assert told(receipt) == [("not_one", "patient_id", "2")]


def test_a_row_that_points_nowhere_is_quarantined_where_the_contract_says_so(tmp_path: Path) -> None:
    made = county(tmp_path)
    made.write_contract("patient", WHOLE)
    refused = RELATION[:-2] + ", customProperties: [{{property: whenBroken, value: row}}]}}"
    made.write_contract("visit", VISIT.replace(RELATION, refused))
    bad_patient = patient("p3", birth_date="2024-02-30")
    rows = "v1,p1,2026-01-01,\nv2,p9,2026-01-01,\nv3,p3,2026-01-01,\nv4,p2,2026-01-01,\n"
    made.deliver({"patient.csv": GOOD + bad_patient, "visit.csv": VISIT_HEADER + rows})
    (receipt,) = made.run()
    nowhere = ("patient_id", "reference.points_nowhere")
    assert made.quarantine("visit") == [(3, *nowhere), (4, *nowhere)]
    assert (receipt.status, receipt.tables["visit"].accepted) == ("accepted", 2)


def test_in_a_delta_a_row_that_points_nowhere_is_counted_at_most(tmp_path: Path) -> None:
    refused = RELATION[:-2] + ", customProperties: [{{property: whenBroken, value: row}}]}}"
    for text, expected in (
        (VISIT, []),
        (VISIT.replace(RELATION, refused), [("reference.points_nowhere", "patient_id", "1")]),
    ):
        made = county(tmp_path / str(len(expected)))
        made.write_contract("visit", text)
        made.deliver({"patient.csv": GOOD, "visit.csv": VISIT_HEADER + "v2,p9,2026-01-01,\n"})
        (receipt,) = made.run()
        assert (told(receipt), made.quarantine("visit")) == (expected, [])


def test_a_deletion_breaks_no_rule_over_rows(tmp_path: Path) -> None:
    made = county(tmp_path)
    made.deliver({"patient.csv": GOOD + patient("p3", birth_date="2030-01-01", record_action="D")})
    (receipt,) = made.run()
    assert receipt.tables["patient"].accepted == 3


def test_no_more_rows_than_agreed_share_a_value(tmp_path: Path) -> None:
    rule = "{{id: crowd, kind: at_most, of: [patient_id], most: 2, mend: send fewer}}"
    rows = ("v1,p1,2026-01-01,", "v2,p1,2026-01-02,", "v3,p2,2026-01-01,", "v4,p1,2026-01-03,", "v5,p2,2026-01-09,")
    made, _ = visits(tmp_path, rule, *rows, "v6,p3,2026-01-01,")
    assert [line for line, _, _ in made.quarantine("visit")] == [2, 3, 5]


def test_a_value_set_aside_by_a_rule_is_empty_and_its_row_stays(tmp_path: Path) -> None:
    made = county(tmp_path)
    days = {"kind": "not_before", "earlier": "started_on", "later": "ended_on", "action": "set_aside"}
    made.add_terms("visit", {"rowRules": [{"id": "ended_early", **days, "mend": "send true days"}]})
    rows = "v1,p1,2026-01-02,2026-01-01\nv2,p1,2026-01-02,2026-01-03\n"
    made.deliver({"patient.csv": GOOD, "visit.csv": VISIT_HEADER + rows})
    (receipt,) = made.run()
    assert (receipt.tables["visit"].values_set_aside, made.quarantine("visit")) == (1, [])
    assert [str(day) for day in made.validated("visit")["ended_on"]] == ["None", "2026-01-03"]
    assert told(receipt) == [("ended_early", "ended_on", "1")]


ILL_FORMED = {
    "an unknown kind": (REPEAT.replace("not_repeated", "never"), "kind must be one of"),
    "a field its kind lacks": (REPEAT.replace("mend:", "later: started_on, mend:"), "later is not understood"),
    "a missing field": (BIRTH.replace("later: started_on, ", ""), "later is missing"),
    "an unknown action": (REPEAT.replace("mend:", "action: ignore, mend:"), "one of quarantine, set_aside, warn"),
    "an unknown column": (BIRTH.replace("started_on", "began_on"), "names began_on, which is no column of this table"),
    "a table that no relationship leads to": (BIRTH.replace("patient.", "doctor."), "which is no column of doctor"),
    "a text compared as a day": (BIRTH.replace("birth_date", "last_name"), "neither date nor timestamp"),
    "an id with a point": (REPEAT.replace("twice", "a.b"), "id may hold no point"),
    "a condition without values": (ONE.replace(", values: [v1]", ""), "when must be written"),
    "a code that the column does not have": (
        ONE.replace("visit_id", "patient.sex_code"), "names a value that is no code of patient.sex_code"),
    "a rule told at another table": (BIRTH.replace("started_on", "patient.updated_at"), "of this table"),
    "a value set aside for what another row says": (
        BIRTH.replace("mend:", "action: set_aside, mend:"), "only where the row by itself shows"),
    "no number of rows": (
        REPEAT.replace("not_repeated", "at_most").replace("mend:", "most: few, mend:"), "whole number of rows"),
    "two rules of one id": (BIRTH.replace("before_birth", "ended_before_started"), "have an id twice"),
}  # fmt: skip


@pytest.mark.parametrize("case", ILL_FORMED, ids=str)
def test_an_ill_formed_rule_is_refused_with_its_field(case: str, tmp_path: Path) -> None:
    rule, complaint = ILL_FORMED[case]
    with pytest.raises(ContractError, match=complaint):
        visits(tmp_path, rule, "v1,p1,2026-01-01,")
