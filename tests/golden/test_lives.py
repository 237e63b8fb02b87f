"""Five hand-made lives, from the rows in force to the statement.

Ana    housed by Just-in-Reach on 2023-01-10 and still there; arrested on 2024-03-01
Ben    housed by Just-in-Reach on 2023-02-01, evicted on 2023-06-01; never in jail
Cyd    housed by Just-in-Reach on 2023-03-01; died on 2023-07-15
Dee    housed by Just-in-Reach on 2023-04-01 and still there; no usable identifiers
Eli    Full Service Partnership at clinic P1 from 2024-01-01; one crisis on 2024-02-10 that two agencies recorded
"""

from __future__ import annotations

import csv
import hashlib
import random
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner

from pipelines import contracts, episodes, outcomes
from pipelines.audit import acts
from pipelines.cli import main
from pipelines.contracts.dispute import looked_at
from pipelines.contracts.reimbursement import set_beside
from pipelines.lake import Lake
from pipelines.standardise.events import EVENTS, events
from schemas.episodes import EPISODE_TABLES
from schemas.events import EVENT_TABLES
from schemas.outcomes import CONTRACT_TABLES, OUTCOME_TABLES
from tests.sql.tables import Tables, shipped
from tests.unit.test_contracts_stage import MEASURES, SMALL, measured_by, write_contract

ROWS = {
    "fhsp_tenancy": """
        tenancy_id | client_id | program_code | provider_id | moved_in_on | moved_out_on | move_out_reason_code
        T1         | ana       | JIR          | H1          | 2023-01-10  |              |
        T2         | ben       | JIR          | H1          | 2023-02-01  | 2023-06-01   | EVICTION
        T3         | cyd       | JIR          | H1          | 2023-03-01  | 2023-07-15   | DECEASED
        T4         | dee       | JIR          | H2          | 2023-04-01  |              |
    """,
    "sheriff_booking": """
        booking_number | main_number | booked_at           | booking_type_code
        B1             | ana         | 2024-03-01 22:00:00 | NEW_ARREST
    """,
    "sheriff_release": """
        booking_number | released_at         | release_reason_code
        B1             | 2024-03-05 06:00:00 | OWN_RECOGNIZANCE
    """,
    "sheriff_charge": """
        charge_id | booking_number | offense_on | charge_class_code
        C1        | B1             | 2024-03-01 | MISDEMEANOR
        C2        | B1             | 2024-02-29 | FELONY
    """,
    "mental_health_fsp_enrollment": """
        enrollment_id | client_id | provider_id | partnership_started_on | focal_crisis_flag
        F1            | eli       | P1          | 2024-01-01             | Y
    """,
    "mental_health_service": """
        service_id | client_id | provider_id | served_on  | mode_code | service_function_code
        S1         | eli       | P1          | 2024-06-20 | 15        | 30
    """,
    "mental_health_crisis_encounter": """
        crisis_id | client_id | arrived_at          | departed_at         | mode_code | service_function_code
        X1        | eli       | 2024-02-10 21:00:00 | 2024-02-11 09:00:00 | 10        | 20
    """,
    "health_encounter": """
        encounter_id | mrn | encounter_type_code | admitted_at         | discharged_at       | principal_diagnosis_code
        E1           | eli | PES                 | 2024-02-10 20:30:00 | 2024-02-11 09:30:00 | F250
    """,
}
CLIENTS = (
    ("fhsp", "ana", 1, True),
    ("sheriff", "ana", 1, True),
    ("fhsp", "ben", 2, True),
    ("fhsp", "cyd", 3, True),
    ("fhsp", "dee", 4, False),
    ("mental_health", "eli", 5, True),
    ("health", "eli", 5, True),
)
AGENCIES = ("fhsp", "health", "hmis", "mental_health", "sheriff")


def run(
    folder: Path,
    shuffled_by: int | None = None,
    rows: Mapping[str, str] = ROWS,
    clients: Iterable[tuple[str, str, int, bool]] = CLIENTS,
) -> Lake:
    """The lives, through every stage from standardise to contracts."""
    lake, tables = Lake(folder), Tables(folder)
    for name in shipped():
        tables.given(f"current.{name}", shuffled(rows.get(name, ""), shuffled_by))
    status = "\n".join(f"{agency} | 2026-11-01 | d | 2026-10-31" for agency in AGENCIES)
    header = "agency | latest_as_of_on | latest_delivery_id | reported_through_on"
    tables.given("current.delivery_status", f"{header}\n{status}")
    events(tables.connection, lake)
    write_index(tables, lake, clients)
    episodes.build(lake)
    outcomes.measure(lake)
    contracts.state(lake)
    set_beside(lake)
    tables.connection.close()
    return lake


def write_index(tables: Tables, lake: Lake, clients: Iterable[tuple[str, str, int, bool]]) -> None:
    """Who is who: what standardise and person_index would have written."""
    tables.connection.execute(
        "create table people (agency varchar, client_id varchar, person_id bigint, is_linkable boolean)"
    )
    for client in clients:
        tables.connection.execute("insert into people values (?, ?, ?, ?)", list(client))
    keyed = "client_key(agency, client_id) as client_key"
    facts = """date '1990-02-28' as birth_on, 'F' as sex_code, 'black' as race_ethnicity_code, is_linkable,
        case when not is_linkable then 'no_usable_name' end as unlinkable_reason"""
    clients = tables.connection.sql(f"select {keyed}, agency, client_id, {facts} from people order by all")
    lake.write("standard", "clients", clients)
    homes = tables.connection.sql(f"select {keyed}, '90210' as zip5 from people where is_linkable order by all")
    lake.write("standard", "identities", homes)
    people = tables.connection.sql(f"select {keyed}, agency, client_id, person_id from people order by all")
    lake.write("person_index", "person_of_client", people)


def shuffled(text: str, seed: int | None) -> str:
    if seed is None or not text:
        return text
    header, *lines = text.strip().splitlines()
    random.Random(seed).shuffle(lines)
    return "\n".join([header, *lines])


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return run(tmp_path_factory.mktemp("lake"))


def rows(lake: Lake, zone: str, table: str, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        connection.execute(f"create view t as from '{lake.path(zone, table)}'")
        return connection.execute(query).fetchall()


def statuses(lake: Lake, measure: str) -> dict[int, str]:
    query = f"select person_id, status_code from t where measure_id = '{measure}'"
    return dict(rows(lake, "outcomes", "person_measures", query))


def test_housing_milestones(lake: Lake) -> None:
    assert statuses(lake, "housing_stability_6_months") == {1: "met", 2: "not_met", 3: "excluded", 4: "met"}
    assert statuses(lake, "housing_stability_12_months") == {1: "met", 2: "not_met", 3: "excluded", 4: "met"}


def test_jail_returns_within_24_months(lake: Lake) -> None:
    # Cyd died, Dee cannot be linked: neither is in the denominator, and neither is forgotten
    found = statuses(lake, "jail_return_after_placement_24_months")
    assert found == {1: "met", 2: "not_met", 3: "excluded", 4: "unknown"}
    query = (
        "select n, numerator, excluded, unknown, immature, estimate from t "
        "where measure_id = 'jail_return_after_placement_24_months' and cut_code = 'program'"
    )
    assert rows(lake, "outcomes", "measure_results", query) == [(2, 1.0, 1, 1, 0, 0.5)]


def test_jail_bed_days(lake: Lake) -> None:
    # Ana's arrest lies outside her first year; 1 to 5 March are five days for her release cohort's custody
    query = (
        "select sum(numerator) from t where measure_id = 'jail_bed_days_after_placement_12_months' "
        "and status_code <> 'unknown'"
    )
    assert rows(lake, "outcomes", "person_measures", query) == [(0.0,)]
    assert rows(lake, "episodes", "custody", "select ended_on - started_on + 1 from t") == [(5,)]


def test_one_crisis_that_two_agencies_recorded_is_one_visit(lake: Lake) -> None:
    query = (
        "select period, n, numerator, round(person_time * 30.4375), round(estimate, 1) from t "
        "where measure_id = 'psychiatric_emergency_visits_per_1000_member_months' and cut_code = 'provider' "
        "order by period limit 2"
    )
    # 91 days are 2.990 member-months: 1 / 2.990 × 1,000
    assert rows(lake, "outcomes", "measure_results", query) == [
        ("2024Q1", 1, 1.0, 91.0, 334.5),
        ("2024Q2", 1, 0.0, 91.0, 0.0),
    ]


def test_the_unfinished_quarter_is_immature(lake: Lake) -> None:
    query = (
        "select n, immature, estimate from t where cut_code = 'provider' and period = '2026Q4' "
        "and measure_id = 'psychiatric_emergency_visits_per_1000_member_months'"
    )
    assert rows(lake, "outcomes", "measure_results", query) == [(0, 1, None)]


def test_enrolment_and_retention(lake: Lake) -> None:
    assert statuses(lake, "fsp_enrolment") == {5: "met"}
    assert statuses(lake, "fsp_retention_6_months") == {5: "met"}
    assert statuses(lake, "fsp_retention_12_months") == {5: "not_met"}


def test_the_statement_pays_for_what_was_measured(lake: Lake) -> None:
    query = "select clause_id, count(*), sum(amount_usd)::varchar from t where contract_id = 'just_in_reach' group by 1"
    assert sorted(rows(lake, "contracts", "statement_lines", query)) == [
        ("housed_12_months", 2, "28500.00"),
        ("housed_6_months", 2, "19000.00"),
        ("no_jail_return_24_months", 1, "14250.00"),
    ]


def test_every_episode_is_traced_to_its_rows(lake: Lake) -> None:
    query = "select episode_kind, count(*), count(distinct episode_id) from t group by 1 order by 1"
    assert rows(lake, "episodes", "episode_sources", query) == [
        ("custody", 1, 1),
        ("partnership", 1, 1),
        ("psychiatric_emergency", 2, 1),
        ("tenancy", 4, 4),
    ]


@pytest.mark.parametrize(
    ("zone", "table"),
    [("standard", name) for name in EVENTS]
    + [("episodes", name) for name in EPISODE_TABLES]
    + [("outcomes", name) for name in OUTCOME_TABLES]
    + [("contracts", name) for name in CONTRACT_TABLES],
)
def test_every_table_is_what_its_schema_says(lake: Lake, zone: str, table: str) -> None:
    models = {
        "standard": EVENT_TABLES,
        "episodes": EPISODE_TABLES,
        "outcomes": OUTCOME_TABLES,
        "contracts": CONTRACT_TABLES,
    }
    with duckdb.connect() as connection:
        models[zone][table].validate(connection.sql(f"from '{lake.path(zone, table)}'").pl())


def test_a_second_run_on_rows_in_another_order_writes_the_same_bytes(lake: Lake, tmp_path: Path) -> None:
    again = run(tmp_path, shuffled_by=4)
    for zone in ("standard", "episodes", "outcomes", "contracts"):
        for path in sorted(lake.zone(zone).glob("*.parquet")):
            other = again.zone(zone) / path.name
            assert digest(other) == digest(path), f"{zone}/{path.name}"


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def disputed(lake: Lake, contract_id: str, provider: str) -> list[tuple[Any, ...]]:
    measures = {measure.id: measure for measure in outcomes.load_measures()}
    contract = contracts.read_outcome_contract(contracts.OUTCOME_CONTRACTS / f"{contract_id}.yaml", measures)
    table = contracts.dispute_rows(lake, contract, measures, provider, None)  # noqa: F841 (read by DuckDB)
    query = """
        select clause_id, client_ids, status_code, amount_usd::double, episode_kind, episode_agency, source_key,
            episode_from_on::varchar
        from table order by all
    """
    return duckdb.sql(query.replace("from table", 'from "table"')).fetchall()


def test_a_provider_sees_its_own_clients_rows_and_of_a_jail_stay_only_that_there_was_one(lake: Lake) -> None:
    rows_of_h1 = disputed(lake, "just_in_reach", "H1")
    assert {row[1] for row in rows_of_h1} == {"ana", "ben", "cyd"}
    assert ("housed_6_months", "ben", "not_met", 0.0, "tenancy", "fhsp", "T2", "2023-02-01") in rows_of_h1
    assert ("housed_6_months", "ana", "met", 9500.0, "tenancy", "fhsp", "T1", "2023-01-10") in rows_of_h1
    custody = [row for row in rows_of_h1 if row[4] == "custody"]
    assert custody == [("no_jail_return_24_months", "ana", "met", 0.0, "custody", "sheriff", None, None)]


def test_each_line_of_a_statement_names_the_rows_that_it_rests_on(lake: Lake, tmp_path: Path) -> None:
    out = tmp_path / "lines.csv"
    named = ["statement", "just_in_reach", "--lake", str(lake.root), "--period", "2023Q3", "--lines", str(out)]
    ran = CliRunner().invoke(main, named)
    assert ran.exit_code == 0, ran.output
    with out.open(encoding="utf-8", newline="") as file:
        (line,) = list(csv.DictReader(file))
    names = ("clause_id", "rule", "index_on", "earned_on", "amount_usd", "county_general_fund_usd", "source_rows")
    assert [line[name] for name in names] == [
        "housed_6_months",
        "housing_stability_6_months 1.1.0",
        "2023-01-10",
        "2023-07-10",
        "9500.00",
        "5890.00",
        "fhsp tenancy T1",
    ]
    assert out.stat().st_mode & 0o077 == 0
    assert list(acts(lake))[-1].act == "statement_lines_exported"


def test_days_of_one_tenancy_are_each_paid_once_in_a_dispute(lake: Lake, tmp_path: Path) -> None:
    """Rows of a person share the index day: each has the line of its own quarter beside it."""
    own = Lake(tmp_path / "lake")
    shutil.copytree(lake.root, own.root)
    (tmp_path / "contracts").mkdir()
    days = SMALL["clauses"][0] | {"unit": "day", "counts": "numerator", "price_usd": "1.00"}
    contract = SMALL | measured_by("payable_housing_days") | {"clauses": [days], "cap_usd": "100000.00"}
    path = write_contract(tmp_path / "contracts", contract)
    contracts.state(own, tmp_path / "contracts")
    read = contracts.read_outcome_contract(path, MEASURES)
    rows = contracts.dispute_rows(own, read, MEASURES, "H1", None).to_pylist()
    paid = {(row["client_ids"], row["statement_period"]): float(row["amount_usd"]) for row in rows}
    assert paid["ana", "2024Q1"] == 442.0
    assert paid["ana", "2024Q2"] == 91.0
    assert len({(row["client_ids"], row["window_end_on"], row["amount_usd"]) for row in rows}) == len(
        {(row["client_ids"], row["window_end_on"]) for row in rows}
    )


def test_a_provider_sees_nobody_elses_clients(lake: Lake) -> None:
    assert {row[1] for row in disputed(lake, "just_in_reach", "H2")} == {"dee"}
    assert disputed(lake, "just_in_reach", "P1") == []


@pytest.mark.parametrize("measure", outcomes.load_measures(), ids=lambda measure: measure.id)
def test_every_measure_tells_which_episodes_it_looks_at(measure: outcomes.Measure) -> None:
    assert looked_at(measure)


def test_unknown_clients_are_counted_by_provider_and_reason(lake: Lake) -> None:
    # Cyd, Ben and Dee are seen by no other agency; of the first two that is known
    assert rows(lake, "outcomes", "unknown_clients", "select * from t") == [
        ("fhsp", "H1", "no_other_agency", False, 2),
        ("fhsp", "H2", "no_usable_name", True, 1),
    ]


def test_a_result_says_why_people_were_excluded_and_how_they_were_linked(lake: Lake) -> None:
    query = (
        "select n, excluded, excluded_by_reason, link_version, data_through_on::varchar from t "
        "where measure_id = 'housing_stability_6_months' and cut_code = 'all'"
    )
    assert rows(lake, "outcomes", "measure_results", query) == [(3, 1, "died_in_window=1", "none", "2026-10-31")]


def test_every_cut_adds_up_to_the_whole(lake: Lake) -> None:
    query = (
        "select cut_code, cut_value, sum(n + excluded) from t where measure_id = 'housing_stability_6_months' "
        "and cut_code not in ('all', 'program', 'provider') group by all order by all"
    )
    assert rows(lake, "outcomes", "measure_results", query) == [
        ("age_group", "adult", 4),
        ("quarter", "2023Q1", 3),
        ("quarter", "2023Q2", 1),
        ("race_ethnicity", "black", 4),
        ("service_area", "unknown", 1),
        ("service_area", "zip3_902", 3),
        ("sex", "F", 4),
    ]


def test_tenancies_and_payable_days(lake: Lake) -> None:
    assert statuses(lake, "continuous_tenancy_3_months") == {1: "met", 2: "met", 3: "met", 4: "met"}
    assert statuses(lake, "continuous_tenancy_6_months") == {1: "met", 2: "not_met", 3: "excluded", 4: "met"}
    query = (
        "select person_id, period, numerator from t where measure_id = 'payable_housing_days' and numerator > 0 "
        "and period < '2024Q2' and status_code = 'met' order by all"
    )
    # Ana's first year is earned on 2024-01-09, and five days of March were spent in jail; Cyd's end was a planned exit
    assert rows(lake, "outcomes", "person_measures", query) == [
        (1, "2024Q1", 365.0 + 82.0 - 5.0),
        (3, "2023Q3", 136.0),
    ]


def test_measures_that_the_extracts_cannot_give_are_named(lake: Lake) -> None:
    found = rows(lake, "outcomes", "unavailable_measures", "select measure_id from t order by 1")
    assert ("jail_return_by_conviction_36_months",) in found
