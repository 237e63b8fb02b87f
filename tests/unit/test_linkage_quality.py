"""Linkage quality by group, on a handful of clients that can be counted by hand.

Clusters: {1 sheriff, 2 health, 3 hmis} by strong links 1-2 and 2-3, and {4 sheriff}, {5 health} with a doubtful link
between them that the cut did not take, {6 hmis} unlinkable.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow.parquet as pq
import pytest

from linkage_rules.thresholds import thresholds
from pipelines.defs.describe import column_descriptions
from pipelines.intervals import NOTHING, Estimate
from pipelines.lake import Lake
from pipelines.person_index import Labelled, assess
from pipelines.person_index.history import run_and_baseline, run_key
from pipelines.person_index.quality import expected_precision, expected_recall
from schemas.linkage_quality import ClientAttributes, LinkageFigures, LinkageRuns

LIMITS = replace(thresholds(), loose_weight=0.0, cut_weight=0.0)
"""Whatever is shipped, the weights below are told from nought."""

AS_OF = date(2026, 11, 1)

TABLES = {
    "standard.clients": """
        select * from (values
            (1::bigint, 'sheriff', 'black', 'F', date '1980-11-02', true),
            (2, 'health', 'black', 'F', date '1980-11-02', true),
            (3, 'hmis', 'unknown', null, date '2010-01-01', true),
            (4, 'sheriff', 'white', 'M', date '1900-01-01', true),
            (5, 'health', 'white', 'M', null, true), (6, 'hmis', 'white', 'M', date '1950-01-01', false)
        ) as t (client_key, agency, race_ethnicity_code, sex_code, birth_on, is_linkable)""",
    "standard.identities": """
        select * from (values (1, '123456789', '6789', null), (2, null, '6789', null), (2, null, null, null),
            (3, null, null, '912345678'), (4, null, null, null), (5, null, null, null)
        ) as t (client_key, ssn, ssn_last4, itin)""",
    "standard.homeless_enrollments": """
        select * from (values (3, 1, date '2026-01-01', null::date), (6, 1, date '2025-01-01', date '2025-02-01')
        ) as t (client_key, project_type_code, entry_on, exit_on)""",
    "standard.tenancies": """
        select 2 as client_key, date '2026-01-01' as housed_from_on, null::date as housed_to_on""",
    "standard.placeholder_counts": """
        select 'hmis' as agency, 'birth_date' as field_name, 'default' as placeholder_kind, 2 as value_count""",
    "linked.links": """
        select * from (values
            (1, 2, 1, 2, 20.0, 'same_ssn', null), (2, 3, 2, 3, 10.0, 'same_phone', null),
            (1, 3, 1, 3, -6.0, 'same_component', null), (4, 5, 4, 5, 1.0, 'same_phone', null),
            (4, 6, 1, 5, 9.0, 'same_ssn', 'junior_and_senior')
        ) as t (identity_id_l, identity_id_r, client_key_l, client_key_r, match_weight, match_key, guard)""",
    "linked.clusters": """
        select * from (values (1, 1, 8.0, 3), (2, 1, 8.0, 3), (3, 1, 8.0, 3), (4, 4, null, 1), (5, 5, null, 1),
            (6, 6, null, 1)) as t (client_key, cluster_id, confidence, client_count)""",
}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake(tmp_path)
    with duckdb.connect() as connection:
        for name, rows in TABLES.items():
            zone, table = name.split(".")
            lake.write(zone, table, connection.sql(rows))
    return lake


def groups(lake: Lake, **labels: Any) -> dict[tuple[str, str], dict[str, Any]]:
    assess(lake, AS_OF, {"deliveries": "a"}, "m1", LIMITS, **labels)
    rows = pq.read_table(lake.path("person_index", "linkage_by_group")).to_pylist()
    return {(row["cut_code"], row["cut_value"]): row for row in rows}


def test_a_client_is_linked_if_another_agency_knows_its_person(lake: Lake) -> None:
    found = groups(lake)
    counts = [found[key]["linked_clients"] for key in (("all", "all"), ("agency", "sheriff"), ("agency", "hmis"))]
    assert counts == [3, 1, 1]
    assert found["agency", "hmis"]["linkable_clients"] == 1, "who cannot be compared is not in the link rate"
    assert found["agency", "hmis"]["unlinkable_share"] == 0.5
    assert found["agency_pair", "health+sheriff"]["linked_clients"] == 2


def test_the_groups_are_what_the_clients_own_records_say(lake: Lake) -> None:
    groups(lake)
    rows = pq.read_table(lake.path("person_index", "client_attributes")).to_pylist()
    told = {row["client_key"]: (row["age_band"], row["housing_status"], row["ssn"]) for row in rows}
    assert told == {
        1: ("45-64", "unknown", "full"),
        2: ("45-64", "housed", "last_four"),
        3: ("00-17", "homeless", "taxpayer_number"),
        4: ("unknown", "unknown", "missing"),
        5: ("unknown", "unknown", "missing"),
        6: ("65+", "neither", "missing"),
    }


def test_a_weak_pair_of_one_person_is_believed_as_far_as_the_way_over_the_third(lake: Lake) -> None:
    strong, middling = 1 / (1 + 2**-20.0), 1 / (1 + 2**-10.0)
    right = strong + middling + strong * middling
    assert groups(lake)["all", "all"]["expected_precision"] == pytest.approx(right / 3, abs=1e-6)


def test_a_pair_left_apart_counts_as_missed_as_far_as_it_is_believed_but_not_if_a_guard_forbids_it(lake: Lake) -> None:
    found = groups(lake)["agency_pair", "health+sheriff"]
    right, missed = 1 / (1 + 2**-20.0), 1 / (1 + 2**-1.0)
    assert found["expected_recall"] == pytest.approx(right / (right + missed), abs=1e-6)


def test_doubtful_links_are_those_just_above_the_cut(lake: Lake) -> None:
    found = groups(lake)["all", "all"]
    assert (found["links"], found["doubtful_links"], found["doubtful_share"]) == (8, 2, 0.25)


def test_a_group_is_told_by_labels_where_there_are_some_else_by_the_model(lake: Lake) -> None:
    label = Labelled(40, 3, Estimate(0.9, 0.8, 0.95), NOTHING)
    found = groups(lake, labels=lambda _: {("agency", "sheriff"): label})
    sheriff, women = found["agency", "sheriff"], found["sex", "F"]
    assert (sheriff["labelled_pairs"], sheriff["labels_set_aside"], sheriff["labelled_precision_lower"]) == (40, 3, 0.8)
    assert (sheriff["precision_source"], sheriff["recall_source"]) == ("labels", "model")
    assert (women["labelled_precision"], women["precision_source"]) == (None, "model")
    assert found["age_band", "65+"]["precision_source"] is None, "neither labels nor a pair"


def test_labels_are_read_when_the_groups_of_the_clients_are_known(lake: Lake) -> None:
    seen: list[int] = []
    groups(lake, labels=lambda one: seen.append(one.has("person_index", "client_attributes")) or {})
    assert seen == [True]


def test_an_expectation_lies_in_its_interval_and_nothing_expects_nothing() -> None:
    found = expected_precision(100, 95.0, 4.0)
    assert found.lower < found.estimate == 0.95 < found.upper
    assert expected_precision(0, 0.0, 0.0) == Estimate(None, None, None)
    assert expected_recall(0.0, 0.0, 0.0, 0.0) == Estimate(None, None, None)
    assert expected_recall(90.0, 10.0, 5.0, 5.0).estimate == 0.9


def test_the_same_inputs_add_no_second_run(lake: Lake) -> None:
    one = assess(lake, AS_OF, {"deliveries": "a"}, "m1", LIMITS)
    before = lake.path("person_index", "linkage_runs").read_bytes()
    again = assess(lake, AS_OF, {"deliveries": "a"}, "m1", LIMITS)
    assert (one.runs, again.runs) == (1, 1)
    assert lake.path("person_index", "linkage_runs").read_bytes() == before


def test_a_run_is_held_against_the_one_before_it_and_the_first_against_nothing(lake: Lake) -> None:
    assess(lake, AS_OF, {"deliveries": "a"}, "m1", LIMITS)
    assert run_and_baseline(lake, run_key({"deliveries": "a"}))[1] is None
    lake.path("linked", "links").unlink()
    with duckdb.connect() as connection:
        lake.write("linked", "links", connection.sql(TABLES["linked.links"] + " where match_weight > 5"))
    assess(lake, AS_OF, {"deliveries": "b"}, "m1", LIMITS)
    now, before = run_and_baseline(lake, run_key({"deliveries": "b"}))
    assert now["links_by_weight"] == {"08": (2, None), "20": (1, None)}
    assert before and before["links_by_weight"] == {"00": (1, None), "08": (2, None), "20": (1, None)}
    assert run_and_baseline(lake, run_key({"deliveries": "a"}))[1] is None, "a repeat of the first run stays the first"


@pytest.mark.parametrize(
    ("table", "schema"),
    [("client_attributes", ClientAttributes), ("linkage_figures", LinkageFigures), ("linkage_runs", LinkageRuns)],
)
def test_the_tables_are_what_their_schemas_say(lake: Lake, table: str, schema: Any) -> None:
    groups(lake)
    rows = pl.read_parquet(lake.path("person_index", table))
    assert schema.validate(rows).height > 0


def test_every_column_of_the_quality_tables_has_its_meaning_in_the_ui(lake: Lake) -> None:
    groups(lake)
    for table in ("client_attributes", "linkage_by_group", "linkage_figures", "linkage_runs"):
        names = set(pq.read_schema(lake.path("person_index", table)).names)
        assert names == set(column_descriptions()[f"person_index/{table}"])
