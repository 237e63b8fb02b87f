"""HMIS exports of fiscal years 2024 and 2026 in one lake, and those of no year that is accepted."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from tests.hmis import CLIENT_2024, Export, Hmis, enrolled, people, projects

FLAGS_2024 = {
    "one woman": ({"Woman": "1", "Man": "0"}, "0"),
    "one man, the other flags empty": ({"Man": "1"}, "1"),
    "both": ({"Woman": "1", "Man": "1"}, "99"),
    "a woman and transgender": ({"Woman": "1", "Transgender": "1"}, "99"),
    "neither": ({"Woman": "0", "Man": "0", "NonBinary": "1"}, "99"),
    "would not say": ({"GenderNone": "9"}, "9"),
    "was not asked": ({"Woman": "0", "GenderNone": "99"}, "99"),
    "nothing": ({}, None),
    "a flag that is none": ({"Woman": "7"}, "99"),
}
UNDECIDED = 4
"""Of these, how many have flags that do not decide: several, another, or none that can be read."""


@pytest.fixture
def hmis(tmp_path: Path) -> Hmis:
    return Hmis(tmp_path)


def of_2024(**export: str) -> Export:
    clients = [{"PersonalID": f"p{i}", **flags} for i, (flags, _) in enumerate(FLAGS_2024.values())]
    clients[0] |= {"HispanicLatinaeo": "1"}
    return Export(
        export={"CSVVersion": "2024 v1.7", **export},
        projects=projects("A"),
        clients=clients,
        enrollments=[enrolled(row["PersonalID"], "A", PreferredLanguage="367") for row in clients],
    )


def test_gender_flags_of_2024_become_sex_where_they_decide_it(hmis: Hmis) -> None:
    hmis.deliver("2025-06-01", of_2024(ExportEndDate="2025-05-31"))
    (receipt,) = hmis.run()
    assert (receipt.status, receipt.told.version) == ("accepted", "2024 v1.7")
    clients = pl.read_parquet(receipt.path(hmis.lake, "client")).sort("PersonalID")
    assert clients["Sex"].cast(pl.String).to_list() == [sex for _, sex in FLAGS_2024.values()]
    assert clients["HispanicLatinao"].to_list()[:2] == [1, 0]
    assert not set(clients.columns) & set(CLIENT_2024)
    assert "MentalHealthConsultation" in pl.read_parquet_schema(receipt.path(hmis.lake, "enrollment"))
    told = {problem.rule_id: problem.mend for problem in receipt.warnings}
    assert told["version.undecided"].startswith(f"{UNDECIDED} rows were given 99")
    assert "PreferredLanguage" in told["version.converted"]
    assert str(receipt.data_through) == "2025-05-31"


def test_what_was_sent_stays_as_it_was_sent(hmis: Hmis) -> None:
    hmis.deliver("2025-06-01", of_2024())
    (receipt,) = hmis.run()
    raw = hmis.lake.zone("raw") / "hmis" / receipt.delivery_id
    assert "Woman" in pl.read_parquet_schema(raw / "client.parquet")
    assert not [path for path in receipt.folder(hmis.lake).rglob("*") if "converted" in path.name]


def test_both_years_stand_in_one_lake(hmis: Hmis) -> None:
    hmis.deliver("2025-06-01", of_2024())
    hmis.deliver("2026-11-01", Export(projects=projects("B"), clients=people("q", Sex="1"),
                                      enrollments=[enrolled("q", "B")]))  # fmt: skip
    assert {receipt.status for receipt in hmis.run()} == {"accepted"}
    assert hmis.in_force("client", "PersonalID") == [f"p{i}" for i in range(len(FLAGS_2024))] + ["q"]
    assert hmis.in_force("export", "CSVVersion") == ["2024 v1.7", "2026 v1.0"]


@pytest.mark.parametrize("version", ["2024 v1.7", "2026 v1"])
def test_hashed_exports_of_either_year_are_counted_and_never_linked(hmis: Hmis, version: str) -> None:
    hashed = {"FirstName": "a" * 32, "LastName": "b" * 32, "SSN": "c" * 32}
    export = {"CSVVersion": version, "HashStatus": "4"}
    hmis.deliver("2026-11-01", Export(export=export, projects=projects("A"), clients=people("1", **hashed),
                                      enrollments=[enrolled("1", "A")]))  # fmt: skip
    (receipt,) = hmis.run()
    assert (receipt.status, receipt.is_hashed, receipt.tables["client"].accepted) == ("accepted", True, 1)


@pytest.mark.parametrize("version", ["2022 v1.3", "2026 v2.0", "2026", "FY2026", ""], ids=repr)
def test_an_export_of_no_accepted_version_is_held_and_told_which_are(hmis: Hmis, version: str) -> None:
    hmis.deliver("2026-11-01", Export(export={"CSVVersion": version}, projects=projects("A"), clients=people("1"),
                                      enrollments=[enrolled("1", "A")]))  # fmt: skip
    (receipt,) = hmis.run()
    (problem,) = receipt.held
    assert problem.rule_id == ("version.not_accepted" if version else "version.not_told")
    assert (problem.file, problem.column) == ("Export.csv", "CSVVersion")
    assert "2026 v1, 2026 v1.x, 2024 v1, 2024 v1.x" in problem.mend


def test_columns_of_another_year_than_the_export_says_hold_it(hmis: Hmis) -> None:
    texts = Export(projects=projects("A"), clients=people("1"), enrollments=[enrolled("1", "A")]).texts()
    folder = hmis.root / "landing" / "hmis" / "2026-11-01"
    folder.mkdir(parents=True)
    for file, text in texts.items():
        (folder / file).write_text(text.replace("2026 v1.0", "2024 v1.0"), encoding="utf-8")
    (receipt,) = hmis.run()
    assert receipt.status == "held"
    told = {(problem.rule_id, problem.column) for problem in receipt.held}
    assert {("version.other_columns", "Sex"), ("column.missing", "Woman")} <= told
