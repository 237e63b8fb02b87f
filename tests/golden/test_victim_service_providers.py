"""Organisations that serve victims of violence may not be in HMIS: nothing of them reaches later stages."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from pipelines import standardise
from tests.hmis import Export, Hmis, enrolled, exited, people

REFUSED = {"OrganizationID": "o9", "VictimServiceProvider": "1"}
FOUR_CLIENTS = ("1", "2", "3", "4")


@pytest.fixture
def hmis(tmp_path: Path) -> Hmis:
    return Hmis(tmp_path)


def mixed(**shelter: str) -> Export:
    """Clients 1 and 4 in project A, 2 in A and in V, 3 in V alone; V is of the refused organisation."""
    return Export(
        organizations=[{"OrganizationID": "o1"}, {**REFUSED, **shelter}],
        projects=[{"ProjectID": "A"}, {"ProjectID": "V", "OrganizationID": "o9"}],
        funders=[{"FunderID": "fV", "ProjectID": "V"}],
        clients=people(*FOUR_CLIENTS),
        enrollments=[
            enrolled("1", "A"),
            enrolled("2", "A"),
            enrolled("2", "V"),
            enrolled("3", "V"),
            enrolled("4", "A"),
        ],
        exits=[exited("3", "V"), exited("1", "A")],
        services=[{"ServicesID": "s", "EnrollmentID": "2-V", "PersonalID": "2"}],
    )


def test_the_organisation_and_all_under_it_are_refused_and_the_rest_goes_on(hmis: Hmis) -> None:
    hmis.deliver("2026-11-01", mixed())
    (receipt,) = hmis.run()
    assert receipt.status == "accepted"
    quarantined = {table: counts.quarantined for table, counts in receipt.tables.items() if counts.quarantined}
    assert quarantined == {
        "organization": 1, "project": 1, "funder": 1, "client": 1, "enrollment": 2, "exit": 1, "services": 1,
    }  # fmt: skip
    assert all(one.rows_in == one.accepted + one.quarantined + one.superseded for one in receipt.tables.values())
    assert hmis.in_force("client", "PersonalID") == ["1", "2", "4"]
    assert hmis.in_force("enrollment", "EnrollmentID") == ["1-A", "2-A", "4-A"]
    assert hmis.in_force("services", "ServicesID") == []
    assert receipt.told.refused == {"project": ("V",)}
    assert {problem.rule_id for problem in receipt.warnings} >= {"victim_service_provider"}


def test_the_quarantine_tells_line_rule_and_law(hmis: Hmis) -> None:
    hmis.deliver("2026-11-01", mixed())
    (receipt,) = hmis.run()
    rows = pl.read_parquet(hmis.lake.zone("quarantine") / "hmis" / receipt.delivery_id / "enrollment.parquet")
    assert rows.select("_file_name", "_line_number", "column_name", "rule_id").rows() == [
        ("Enrollment.csv", 4, "ProjectID", "victim_service_provider"),
        ("Enrollment.csv", 5, "ProjectID", "victim_service_provider"),
    ]
    assert rows["mend"].str.contains("69 FR 45888").all()


def test_a_change_set_that_does_not_name_the_organisation_brings_nobody_of_it(hmis: Hmis) -> None:
    change = Export(export={"ExportDirective": "1"}, organizations=[], projects=[], clients=people("7", "8"),
                    enrollments=[enrolled("7", "V"), enrolled("8", "A")])  # fmt: skip
    hmis.deliver("2026-11-01", mixed())
    hmis.deliver("2026-11-02", change)
    hmis.run()
    assert hmis.in_force("enrollment", "EnrollmentID") == ["1-A", "2-A", "4-A", "8-A"]
    assert hmis.in_force("client", "PersonalID") == ["1", "2", "4", "8"]


def test_an_organisation_found_to_be_one_is_forgotten_and_one_cleared_comes_back(hmis: Hmis) -> None:
    hmis.deliver("2026-11-01", mixed(VictimServiceProvider="0"))
    hmis.deliver("2026-11-02", mixed())
    hmis.run()
    assert hmis.in_force("client", "PersonalID") == ["1", "2", "4"]
    hmis.deliver("2026-11-03", mixed(VictimServiceProvider="0"))
    hmis.run()
    assert hmis.in_force("client", "PersonalID") == list(FOUR_CLIENTS)


def test_nothing_of_them_reaches_the_standard_zone(hmis: Hmis) -> None:
    hmis.deliver("2026-11-01", mixed())
    hmis.run()
    standardise.standardise(hmis.lake, hmis.contracts)
    clients = pl.read_parquet(hmis.lake.path("standard", "clients"))
    assert sorted(clients["client_id"].to_list()) == ["1", "2", "4"]
    told = "".join(str(pl.read_parquet(path).rows()) for path in hmis.lake.zone("standard").glob("*.parquet"))
    assert "2-V" not in told
    assert "3-V" not in told
