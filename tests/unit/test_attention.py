"""A provider learns of its own clients by its own ids, in a file that it alone can open, and no more than it may."""

from __future__ import annotations

import csv
import io
import tarfile
from datetime import date
from pathlib import Path

import duckdb
import pyrage
import pytest
from pyrage import x25519

from pipelines.audit import acts
from pipelines.consent.choices import Choice, record
from pipelines.errors import ContractError
from pipelines.lake import Lake
from pipelines.outcomes import load_measures
from pipelines.reports.attention import provider_keys, write_sealed_list
from pipelines.reports.attention.lists import opened
from pipelines.reports.attention.terms import attention_terms
from pipelines.reports.scorecards.terms import scorecard_terms

ON = date(2026, 11, 1)
RETAINED, JAILED = "fsp_retention_6_months", "jail_bed_days_per_1000_member_months"

TABLES = {
    "outcomes.person_measures": f"""
        select * from (values
            ('{RETAINED}', 1, 'P1', '2026Q3', 'not_met', 0.0),
            ('{RETAINED}', 2, 'P1', '2026Q3', 'met', 1.0),
            ('{RETAINED}', 3, 'P1', '2026Q2', 'not_met', 0.0),
            ('{JAILED}', 1, 'P1', '2026Q3', 'met', 12.0),
            ('{JAILED}', 2, 'P1', '2026Q3', 'met', 0.0),
            ('{JAILED}', 4, 'P2', '2026Q3', 'met', 3.0),
            ('{JAILED}', 5, 'P1', '2026Q3', 'met', 2.0)
        ) as t (measure_id, person_id, provider_id, period, status_code, numerator)""",
    "standard.partnerships": """
        select *, 'mental_health' as agency from (values (10, 'P1'), (11, 'P1'), (20, 'P1'), (30, 'P1'), (40, 'P2'),
            (50, 'P1'), (60, 'P1'), (70, 'P1')) as t (client_key, provider_id)""",
    "standard.tenancies": "select 99::bigint as client_key, 'fhsp' as agency, 'F1' as provider_id",
    "standard.clients": """
        select *, 'mental_health' as agency from (values
            (10, 'C10', null), (11, 'C11', null), (20, 'C20', null), (30, 'C30', null), (40, 'C40', null),
            (50, 'C50', null), (60, 'C60', 'hashed_identifiers'), (70, 'C70', 'no_usable_name')
        ) as t (client_key, client_id, unlinkable_reason)""",
    "person_index.person_of_client": """
        select *, 'mental_health' as agency, 'C' || client_key as client_id from (values
            (10, 1), (11, 1), (20, 2), (30, 3), (40, 4), (50, 5), (60, 6), (70, 7)) as t (client_key, person_id)""",
    "episodes.persons": """
        select * from (values (1, true, 'mental_health,sheriff'), (2, true, 'mental_health'), (3, true, 'x'),
            (4, true, 'x'), (5, true, 'x'), (6, false, 'mental_health'), (7, false, 'mental_health')
        ) as t (person_id, is_linkable, agencies)""",
}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Person 1 has two clients and was in jail; 5 opted out; nobody can link 6 and 7."""
    lake = Lake(tmp_path / "lake")
    with duckdb.connect() as connection:
        for name, rows in TABLES.items():
            lake.write(*name.split("."), connection.sql(rows))  # type: ignore[call-arg]
    return lake


def opened_lists(lake: Lake, folder: Path, provider: str = "P1") -> dict[str, list[dict[str, str]]]:
    """The lists of a provider, as it reads them with its own key."""
    identity = x25519.Identity.generate()
    with opened(lake, ON) as connection:
        made = write_sealed_list(connection, lake, provider, "2026Q3", str(identity.to_public()), folder, "ada")
    content = pyrage.decrypt(made.path.read_bytes(), [identity])
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        texts = {one.name: (tar.extractfile(one) or io.BytesIO()).read().decode() for one in tar.getmembers()}
    return {name: list(csv.DictReader(io.StringIO(text))) for name, text in texts.items()}


def test_clients_behind_the_figures_are_named_by_the_providers_own_ids(lake: Lake, tmp_path: Path) -> None:
    rows = opened_lists(lake, tmp_path)["attention.csv"]
    assert [(row["client_ids"], row["heading"]) for row in rows] == [
        ("C10 C11", "Fewer days in jail"),
        ("C10 C11", "Retention, 6 months"),
        ("C50", "Fewer days in jail"),
    ]


def test_of_another_agencys_records_neither_number_nor_day_is_told(lake: Lake, tmp_path: Path) -> None:
    jailed = opened_lists(lake, tmp_path)["attention.csv"][0]
    assert jailed["what_to_do"] == "Was in jail in this quarter; plan the release and the first appointment after it."
    assert "12" not in "".join(jailed.values())


def test_who_opted_out_is_in_no_list(lake: Lake, tmp_path: Path) -> None:
    record(lake, [Choice("mental_health", one, "opt_out", date(2026, 10, 1)) for one in ("C50", "C60")], by="ada")
    found = opened_lists(lake, tmp_path)
    assert "C50" not in {row["client_ids"] for row in found["attention.csv"]}
    assert [row["client_id"] for row in found["unlinked.csv"]] == ["C70"]


def test_unlinked_clients_come_with_the_field_to_correct(lake: Lake, tmp_path: Path) -> None:
    rows = opened_lists(lake, tmp_path)["unlinked.csv"]
    assert [(row["client_id"], row["reason_code"]) for row in rows] == [
        ("C60", "hashed_identifiers"),
        ("C70", "no_usable_name"),
    ]
    assert rows[1]["mend"].endswith("correct first_name and last_name.")


def test_another_provider_gets_its_own_clients_only(lake: Lake, tmp_path: Path) -> None:
    found = opened_lists(lake, tmp_path, "P2")
    assert [row["client_ids"] for row in found["attention.csv"]] == ["C40"]
    assert found["unlinked.csv"] == []


def test_a_list_is_an_act_before_it_is_a_file_and_tells_nobody_without_the_key(lake: Lake, tmp_path: Path) -> None:
    opened_lists(lake, tmp_path)
    act = list(acts(lake))[-1]
    assert (act.act, act.by, act.subject) == ("provider_clients_listed", "ada", "P1 2026Q3")
    assert dict(act.detail) == {"attention": 3, "unlinked": 2}
    sealed = tmp_path / "P1_2026Q3.tar.age"
    assert sealed.stat().st_mode & 0o077 == 0
    assert b"C10" not in sealed.read_bytes()
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(sealed.read_bytes(), [x25519.Identity.generate()])


def test_a_key_that_is_none_is_refused_by_the_name_of_its_provider(tmp_path: Path) -> None:
    keys = tmp_path / "keys.yaml"
    keys.write_text('"7001": ssh-rsa AAAA\n')
    with pytest.raises(ContractError, match="7001 has no age public key"):
        provider_keys(keys)
    assert provider_keys() == {}


def test_every_reason_why_a_client_is_not_linked_has_a_mend_and_every_text_its_measure() -> None:
    reasons = {"no_identity_record", "hashed_identifiers", "no_usable_name", "nothing_beside_the_name", "no_person",
               "unlinkable"}  # fmt: skip
    assert set(attention_terms()["unlinked"]) == reasons
    known = {one.id for one in load_measures()}
    assert set(attention_terms()["measures"]) <= {one.measure for one in scorecard_terms().figures} <= known
