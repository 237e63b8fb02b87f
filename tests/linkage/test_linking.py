"""The whole stage on a handful of clients, with the shipped model."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from linkage_rules.bundle import shipped_bundle
from pipelines import sql
from pipelines.lake import Lake
from pipelines.link import link
from pipelines.link.table import open_table
from tests.linkage.records import write_records

ANN = {
    "first_name": "Ann",
    "middle_name": "Marie",
    "last_name": "Quistgaard",
    "dob": "1980-12-05",
    "ssn": "139-47-6997",
    "sex": "F",
}
BEN = {"first_name": "Benedict", "last_name": "Okonkwo", "dob": "1961-03-22", "ssn": "528-91-4411", "sex": "M"}
PEOPLE: list[dict[str, Any]] = [
    ANN | {"source": "sheriff", "source_record_id": "1"},
    ANN | {"source": "health", "source_record_id": "2", "last_name": "Quistgard", "ssn": None},
    ANN | {"source": "hmis", "source_record_id": "3", "first_name": "Annie", "ssn": "XXX-XX-6997"},
    BEN | {"source": "sheriff", "source_record_id": "4"},
    BEN | {"source": "health", "source_record_id": "5", "dob": "1961-03-23"},
    {"source": "hmis", "source_record_id": "6", "first_name": "Jane", "last_name": "Doe", "dob": "1980-12-05"},
]


def lake_of(folder: Path, records: Sequence[Mapping[str, Any]]) -> Lake:
    """A lake that has been standardised: identities and clients of these records."""
    connection = sql.connect(places=[folder])
    folder.mkdir(parents=True)
    open_table(connection, write_records(folder / "records.parquet", records))
    lake = Lake(folder)
    for table in ("identities", "clients"):
        lake.write("standard", table, connection.sql(f"from standard.{table}"))
    connection.close()
    return lake


def persons(lake: Lake) -> set[frozenset[str]]:
    """Who is together, by record id."""
    clusters = pl.read_parquet(lake.path("linked", "clusters")).join(
        pl.read_parquet(lake.path("standard", "clients")), on="client_key"
    )
    return {frozenset(group) for group in clusters.group_by("cluster_id").agg("client_id")["client_id"].to_list()}


def decided(folder: Path, left: tuple[str, str], right: tuple[str, str], code: str) -> Path:
    path = folder / "decisions.parquet"
    pl.DataFrame(
        {
            "agency_l": [left[0]],
            "client_id_l": [left[1]],
            "agency_r": [right[0]],
            "client_id_r": [right[1]],
            "decision_code": [code],
        }
    ).write_parquet(path)
    return path


def test_records_of_one_person_come_together_and_a_jane_doe_stays_alone(tmp_path) -> None:
    lake = lake_of(tmp_path / "lake", PEOPLE)
    report = link(lake, shipped_bundle())
    assert persons(lake) == {frozenset("123"), frozenset("45"), frozenset("6")}
    assert (report.clients, report.linkable_clients, report.clusters, report.largest_cluster) == (6, 5, 3, 3)


SURNAMES = (
    "Abara", "Bellweather", "Chukwu", "Delgadillo", "Eriksen", "Fontaine", "Guzikowski", "Hashimoto", "Ingersoll",
    "Jaramillo", "Kowalczyk", "Lindqvist",
)  # fmt: skip


def test_people_who_share_one_number_and_have_no_first_names_are_not_one_person(tmp_path) -> None:
    people = [
        {
            "last_name": f"{surname}{place}",
            "dob": f"{1950 + 4 * place}-0{1 + place % 9}-1{place % 9}",
            "ssn": "139-47-6997",
        }
        for place, surname in enumerate(SURNAMES)
    ]
    lake = lake_of(tmp_path / "lake", people)
    assert link(lake, shipped_bundle()).largest_cluster == 1


def test_three_people_who_share_one_number_and_have_no_first_names_are_not_one_person(tmp_path) -> None:
    people = [
        {"last_name": surname, "dob": dob, "ssn": "139-47-6997"}
        for surname, dob in (("Abara", "1950-01-12"), ("Chukwu", "1974-10-25"), ("Fontaine", "1988-06-07"))
    ]
    lake = lake_of(tmp_path / "lake", people)
    assert link(lake, shipped_bundle()).largest_cluster == 1


SEEN_OFTEN = {"last_name": "Quistgaard", "dob": "1980-12-05", "address": "31 Main St"}


def seen(*names: tuple[str, str | None]) -> list[dict[str, Any]]:
    """Records of one surname, birth date and home, with these given names and sexes."""
    return [SEEN_OFTEN | {"first_name": first, "sex": sex} for first, sex in names]


def test_one_wrong_name_and_sex_among_many_records_tears_nobody_apart(tmp_path) -> None:
    lake = lake_of(tmp_path / "lake", seen(("Ann", "F"), ("Roderick", "M"), *[("Ann", None)] * 3))
    report = link(lake, shipped_bundle())
    assert persons(lake) == {frozenset("01234")}
    assert (report.forbidden_pairs, report.overruled_pairs) == (0, 1)


def test_two_numbers_and_two_names_are_no_slip_and_never_overruled(tmp_path) -> None:
    """Twins of like names, each with a number of its own, beside three records that could be either's."""
    twins = [
        SEEN_OFTEN | {"phone": "2135550101", "first_name": first, "ssn": ssn}
        for first, ssn in (("Carla", "139-47-6997"), ("Carlo", "528-91-4411"), *[("Carl", None)] * 3)
    ]
    lake = lake_of(tmp_path / "lake", twins)
    report = link(lake, shipped_bundle())
    assert persons(lake) == {frozenset("1"), frozenset("0234")}
    assert (report.forbidden_pairs, report.overruled_pairs) == (1, 0)


def test_brother_and_sister_seen_twice_each_are_two(tmp_path) -> None:
    lake = lake_of(tmp_path / "lake", seen(*[("Ann", "F")] * 2, *[("Roderick", "M")] * 2))
    report = link(lake, shipped_bundle())
    assert persons(lake) == {frozenset("01"), frozenset("23")}
    assert (report.forbidden_pairs, report.overruled_pairs) == (4, 0)


def test_every_client_has_exactly_one_row_and_its_cluster_is_its_smallest_key(tmp_path) -> None:
    lake = lake_of(tmp_path / "lake", PEOPLE)
    link(lake, shipped_bundle())
    clusters = pl.read_parquet(lake.path("linked", "clusters"))
    assert clusters["client_key"].is_unique().all()
    assert clusters.height == 6
    smallest = clusters.group_by("cluster_id").agg(pl.col("client_key").min())
    assert (smallest["cluster_id"] == smallest["client_key"]).all()


def test_links_are_in_one_orientation_with_the_rule_that_met_them(tmp_path) -> None:
    lake = lake_of(tmp_path / "lake", PEOPLE)
    link(lake, shipped_bundle())
    links = pl.read_parquet(lake.path("linked", "links"))
    assert (links["identity_id_l"] < links["identity_id_r"]).all()
    assert links.select("identity_id_l", "identity_id_r").is_unique().all()
    assert set(links["match_key"]) <= {"same_ssn", "same_birth_date", "same_last_four_and_birth_year", "same_component"}


def test_the_order_of_rows_changes_no_byte(tmp_path) -> None:
    shuffled = list(PEOPLE)
    random.Random(7).shuffle(shuffled)
    one, other = lake_of(tmp_path / "one", PEOPLE), lake_of(tmp_path / "other", shuffled)
    for lake in (one, other):
        link(lake, shipped_bundle())
    for table in ("links", "clusters"):
        assert one.path("linked", table).read_bytes() == other.path("linked", table).read_bytes()


def test_a_reviewer_keeps_two_apart_whom_the_model_would_join(tmp_path) -> None:
    lake = lake_of(tmp_path / "lake", PEOPLE)
    report = link(lake, shipped_bundle(), decided(tmp_path, ("sheriff", "4"), ("health", "5"), "different"))
    assert frozenset("4") in persons(lake) and frozenset("5") in persons(lake)
    assert report.cannot_links == 1


def test_a_reviewer_joins_two_whom_the_model_would_not(tmp_path) -> None:
    lake = lake_of(tmp_path / "lake", PEOPLE)
    report = link(lake, shipped_bundle(), decided(tmp_path, ("sheriff", "4"), ("hmis", "6"), "same"))
    assert frozenset("456") in persons(lake)
    assert report.must_links == 1


def test_an_unsure_reviewer_changes_nothing(tmp_path) -> None:
    lake = lake_of(tmp_path / "lake", PEOPLE)
    report = link(lake, shipped_bundle(), decided(tmp_path, ("sheriff", "4"), ("health", "5"), "unsure"))
    assert frozenset("45") in persons(lake)
    assert (report.must_links, report.cannot_links) == (0, 0)


def test_no_clients_are_no_clusters(tmp_path) -> None:
    lake = lake_of(tmp_path / "lake", [])
    report = link(lake, shipped_bundle())
    assert (report.clients, report.clusters) == (0, 0)


def test_linking_says_nothing_of_anybody(tmp_path, capfd, caplog) -> None:
    caplog.set_level("DEBUG")
    link(lake_of(tmp_path / "lake", PEOPLE), shipped_bundle())
    said = "".join(capfd.readouterr()) + caplog.text
    assert not any(value in said.upper() for value in ("QUISTG", "OKONKWO", "139476997", "6997"))
