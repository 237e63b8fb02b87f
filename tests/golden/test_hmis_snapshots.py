"""What an HMIS export may delete, and what it may not, on exports of a few rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hmis import Export, Hmis, enrolled, exited, people, projects


@pytest.fixture
def hmis(tmp_path: Path) -> Hmis:
    return Hmis(tmp_path)


BOTH_PROJECTS = Export(
    projects=projects("A", "B"),
    funders=[{"FunderID": "fA", "ProjectID": "A"}, {"FunderID": "fB", "ProjectID": "B"}],
    clients=people("1", "2", "3"),
    enrollments=[enrolled("1", "A"), enrolled("2", "A"), enrolled("3", "B")],
    exits=[exited("3", "B")],
    services=[{"ServicesID": "s2", "EnrollmentID": "2-A", "PersonalID": "2"},
              {"ServicesID": "s3", "EnrollmentID": "3-B", "PersonalID": "3"}],
)  # fmt: skip
ONLY_A_WITHOUT_2 = Export(projects=projects("A"), clients=people("1"), enrollments=[enrolled("1", "A")])


def test_who_is_absent_from_a_snapshot_of_one_project_is_not_deleted_from_another(hmis: Hmis) -> None:
    hmis.deliver("2026-11-01", BOTH_PROJECTS)
    hmis.deliver("2026-11-02", ONLY_A_WITHOUT_2)
    assert {receipt.status for receipt in hmis.run()} == {"accepted"}
    assert hmis.in_force("enrollment", "EnrollmentID") == ["1-A", "3-B"]
    assert hmis.in_force("client", "PersonalID") == ["1", "3"]
    assert hmis.in_force("project", "ProjectID") == ["A", "B"]
    assert hmis.in_force("exit", "ExitID") == ["x3-B"]
    assert hmis.in_force("services", "ServicesID") == ["s3"]
    assert hmis.in_force("funder", "FunderID") == ["fB"]
    assert hmis.in_force("organization", "OrganizationID") == ["o1"]


def test_a_snapshot_that_comes_late_overwrites_nothing_newer(hmis: Hmis) -> None:
    hmis.deliver("2026-11-02", ONLY_A_WITHOUT_2)
    hmis.run()
    hmis.deliver("2026-11-01", BOTH_PROJECTS)
    hmis.run()
    assert hmis.in_force("enrollment", "EnrollmentID") == ["1-A", "3-B"]
    assert hmis.in_force("client", "PersonalID") == ["1", "3"]


def test_a_stay_that_ended_before_the_window_is_not_deleted_by_its_absence(hmis: Hmis) -> None:
    long_ago = Export(
        projects=projects("A"),
        clients=people("1", "2"),
        enrollments=[enrolled("1", "A", EntryDate="2021-01-01"), enrolled("2", "A", EntryDate="2021-01-01")],
        exits=[exited("1", "A", "2022-05-01")],
    )
    recent = Export(export={"ExportStartDate": "2025-01-01"}, projects=projects("A"), clients=people("9"),
                    enrollments=[enrolled("9", "A")])  # fmt: skip
    hmis.deliver("2026-11-01", long_ago)
    hmis.deliver("2026-11-02", recent)
    hmis.run()
    assert hmis.in_force("enrollment", "EnrollmentID") == ["1-A", "9-A"]  # 2 was still there in 2025, and is not told
    assert hmis.in_force("client", "PersonalID") == ["1", "9"]
    assert hmis.in_force("exit", "ExitID") == ["x1-A"]


@pytest.mark.parametrize("selected", [{"ExportDirective": "1"}, {"ExportPeriodType": "1"}], ids=str)
def test_a_delta_and_a_selection_of_what_changed_add_and_delete_nothing_by_absence(
    hmis: Hmis, selected: dict[str, str]
) -> None:
    gone = {"DateDeleted": "2026-11-01 09:00:00"}
    change = Export(
        export=selected,
        projects=projects("A"),
        clients=people("4"),
        enrollments=[enrolled("4", "A"), enrolled("2", "A", **gone)],
    )
    hmis.deliver("2026-11-01", BOTH_PROJECTS)
    hmis.deliver("2026-11-02", change)
    (_, receipt) = hmis.run()
    assert receipt.told.semantics["enrollment"] == "delta"
    assert hmis.in_force("enrollment", "EnrollmentID") == ["1-A", "3-B", "4-A"]
    assert hmis.in_force("client", "PersonalID") == ["1", "2", "3", "4"]


def test_a_full_export_after_deltas_counts_for_its_projects_only(hmis: Hmis) -> None:
    delta = Export(export={"ExportDirective": "1"}, projects=projects("A", "B"), clients=people("4", "5"),
                   enrollments=[enrolled("4", "A"), enrolled("5", "B")])  # fmt: skip
    hmis.deliver("2026-11-01", BOTH_PROJECTS)
    hmis.deliver("2026-11-02", delta)
    hmis.deliver("2026-11-03", ONLY_A_WITHOUT_2)
    hmis.run()
    assert hmis.in_force("enrollment", "EnrollmentID") == ["1-A", "3-B", "5-B"]
    assert hmis.in_force("client", "PersonalID") == ["1", "3", "5"]


@pytest.mark.parametrize(
    ("said", "column"),
    [({"ExportDirective": "3"}, "ExportDirective"), ({"ExportPeriodType": "2"}, "ExportPeriodType")],
    ids=str,
)
def test_an_export_that_does_not_say_what_it_is_is_held(hmis: Hmis, said: dict[str, str], column: str) -> None:
    hmis.deliver("2026-11-01", Export(export=said, projects=projects("A"), clients=people("1"),
                                      enrollments=[enrolled("1", "A")]))  # fmt: skip
    (receipt,) = hmis.run()
    assert receipt.status == "held"
    assert column in {problem.column for problem in receipt.held if problem.rule_id == "semantics.not_understood"}


def test_a_corrected_snapshot_replaces_what_it_speaks_of_on_the_same_day(hmis: Hmis) -> None:
    hmis.deliver("2026-11-01", BOTH_PROJECTS)
    hmis.deliver("2026-11-01.r2", ONLY_A_WITHOUT_2)
    hmis.run()
    assert hmis.in_force("enrollment", "EnrollmentID") == ["1-A", "3-B"]


def test_one_newest_export_that_covers_all_is_read_without_looking_at_the_others(hmis: Hmis) -> None:
    hmis.deliver("2026-11-01", ONLY_A_WITHOUT_2)
    hmis.deliver("2026-11-02", BOTH_PROJECTS)
    old, _ = hmis.run()
    for path in old.folder(hmis.lake).glob("[c-e]*.parquet"):
        path.write_bytes(b"not looked at")
    (hmis.lake.zone("validated") / "hmis" / old.delivery_id / "export.parquet").unlink()
    assert hmis.in_force("enrollment", "EnrollmentID") == ["1-A", "2-A", "3-B"]
    assert hmis.in_force("client", "PersonalID") == ["1", "2", "3"]
