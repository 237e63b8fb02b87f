"""A client's choice is kept, counts from the moment it is recorded, and names nobody when it cannot be read."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from pipelines.cli import main
from pipelines.consent import Choice, choices_sha256, in_force, open_choices, people_out, people_with_consent, recorded
from pipelines.consent.choices import record
from pipelines.consent.listing import read_choices
from pipelines.errors import LakeError
from pipelines.lake import Lake

AGENCIES = ("health", "sheriff")
DAY = date(2026, 11, 22)
OUT = Choice("sheriff", "S1", "opt_out", DAY)


def listed(tmp_path: Path, *lines: str) -> Path:
    file = tmp_path / "choices.csv"
    file.write_text("\n".join(["agency,client_id,choice_code,stated_on,recipient,expires_on", *lines]) + "\n")
    return file


def test_a_list_is_read_with_its_recipients_and_days(tmp_path: Path) -> None:
    file = listed(tmp_path, "sheriff,S1,opt_out,2026-11-22,,", "health, H1 ,consent,2026-11-01,ucla,2027-10-31")
    assert read_choices(file, AGENCIES) == [
        OUT,
        Choice("health", "H1", "consent", date(2026, 11, 1), "ucla", date(2027, 10, 31)),
    ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("police,Quolm,opt_out,2026-11-22,,", "line 2: agency must be one of health, sheriff"),
        ("health,,opt_out,2026-11-22,,", "line 2: client_id is empty"),
        ("health,Quolm,maybe,2026-11-22,,", "line 2: choice_code must be one of opt_out"),
        ("health,Quolm,consent,2026-11-22,,", r"line 2: a consent names its recipient \(42 CFR 2\.31"),
        ("health,Quolm,opt_out,2026-11-22,ucla,", "line 2: an opt-out is from everything"),
        ("health,Quolm,opt_out,22.11.2026,,", "line 2: stated_on must be a day"),
    ],
)
def test_a_line_that_cannot_be_read_is_told_by_its_number_and_not_by_its_client(
    tmp_path: Path, line: str, said: str
) -> None:
    with pytest.raises(LakeError, match=said) as refused:
        read_choices(listed(tmp_path, line), AGENCIES)
    assert "Quolm" not in str(refused.value)


def test_the_choice_in_force_is_the_one_stated_last_and_then_the_one_recorded_last() -> None:
    back = Choice("sheriff", "S1", "opt_in", DAY)
    earlier = Choice("sheriff", "S1", "opt_out", date(2026, 1, 1))
    assert in_force([OUT, back], DAY) == [back]
    assert in_force([back, OUT, earlier], DAY) == [OUT]


def test_a_consent_for_one_recipient_is_none_for_another_and_ends() -> None:
    ucla = Choice("health", "H1", "consent", DAY, "ucla", date(2026, 12, 31))
    rand = Choice("health", "H1", "revoke", DAY, "rand")
    assert in_force([ucla, rand], DAY) == [rand, ucla]
    assert in_force([ucla, rand], date(2027, 1, 1)) == [rand]


def test_a_person_is_out_by_any_client_and_consents_by_none_that_took_it_back(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    record(
        lake, [OUT, Choice("health", "H2", "consent", DAY, "ucla"), Choice("health", "H3", "revoke", DAY, "ucla")], "c"
    )
    with duckdb.connect() as connection:
        connection.execute("create schema person_index")
        connection.execute(
            "create table person_index.person_of_client as from (values ('sheriff', 'S1', 1), ('health', 'H1', 1), "
            "('health', 'H2', 2), ('health', 'H2b', 3), ('health', 'H3', 3)) t (agency, client_id, person_id)"
        )
        assert open_choices(connection, lake, DAY) == 3
        assert people_out(connection).fetchall() == [(1,)]
        assert people_with_consent(connection, "ucla").fetchall() == [(2,)]
        assert people_with_consent(connection, "rand").fetchall() == []


def test_a_lost_list_stops_everything_that_leaves(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    for _ in range(2):
        record(lake, [OUT], "clerk")
    before = choices_sha256(lake, DAY)
    (tmp_path / "decisions/consent/00000001.json").unlink()
    with pytest.raises(LakeError, match="restore it from the backup"):
        recorded(lake)
    assert before != choices_sha256(Lake(tmp_path / "other"), DAY)


def test_choices_are_taken_in_and_shown_by_commands(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    lake.mkdir()
    file = listed(tmp_path, "sheriff,S1,opt_out,2026-11-22,,")
    added = CliRunner().invoke(main, ["consent", "add", "--lake", str(lake), "--file", str(file), "--by", "clerk"])
    assert (added.exit_code, "1 choices recorded as list 1" in added.output) == (0, True), added.output
    assert "S1" not in added.output
    shown = CliRunner().invoke(main, ["consent", "list", "--lake", str(lake)])
    assert "sheriff:S1 · opt_out · 2026-11-22 · list 1" in shown.output


def test_lists_that_agencies_put_into_a_folder_are_taken_once_and_a_bad_one_keeps_no_other_out(tmp_path: Path) -> None:
    lake, inbox = tmp_path / "lake", tmp_path / "inbox"
    lake.mkdir(mode=0o700)
    inbox.mkdir()
    listed(inbox, "sheriff,S1,opt_out,2026-11-22,,").rename(inbox / "sheriff_20261122.csv")
    listed(inbox, "health,Quolm,maybe,2026-11-22,,").rename(inbox / "health_20261122.csv")
    listed(inbox, "health,H1,opt_out,2026-11-22,,").rename(inbox / "late.csv.part")
    take = ["consent", "take", "--lake", str(lake), "--from", str(inbox), "--by", "nightly job"]
    first, again = (CliRunner().invoke(main, take) for _ in range(2))
    assert "1 choices in 1 lists recorded; 0 lists were known" in first.output
    assert "health_20261122.csv line 2: choice_code must be one of" in first.output
    assert "Quolm" not in first.output
    assert (first.exit_code, again.exit_code) == (1, 1), "a list that cannot be read is told every night"
    assert "0 choices in 0 lists recorded; 1 lists were known" in again.output
    assert [(one.client_id, one.recorded_by) for one in recorded(Lake(lake))] == [("S1", "nightly job")]
