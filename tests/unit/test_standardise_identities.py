"""From an agency's rows to identities and clients, by linkage roles alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
import yaml

from linkage_rules import normalisation
from pipelines import sql
from pipelines.errors import LakeError
from pipelines.lake import Lake
from pipelines.standardise import load_macros
from pipelines.standardise.identities import make_identities, refuse_shared_keys, write_identities
from pipelines.standardise.rules_sql import load_rule_tables
from pipelines.standardise.sources import open_client_sources, open_identity_sources
from schemas.clients import Clients
from schemas.data_contract import SHIPPED_ROOT, DataContracts, load_contracts
from schemas.identities import Identities


@pytest.fixture(scope="module")
def contracts() -> DataContracts:
    return load_contracts()


def open_current(
    connection: duckdb.DuckDBPyConnection, contracts: DataContracts, rows: dict[str, Sequence[dict[str, Any]]]
) -> None:
    """`current.<agency>_<table>` of every contract, empty but for the given rows (values as text); all are in force."""
    for schema in ("current", "delivered"):
        connection.execute(f"create schema {schema}")
    for contract in contracts.all():
        name = f"{contract.agency}_{contract.table}"
        given = rows.get(name, [])
        columns = {column: [row.get(column) for row in given] for column in (*contract.column_names, "_delivery_id")}
        frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
        connection.register("given", frame.to_arrow())
        connection.execute(f'create table current."{name}" as from given')
        connection.execute(f'create view delivered."{name}" as from current."{name}"')
        connection.unregister("given")


def standardise(
    tmp_path: Path, contracts: DataContracts, rows: dict[str, Sequence[dict[str, Any]]]
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    connection = sql.connect(places=[tmp_path])
    open_current(connection, contracts, rows)
    load_macros(connection)
    open_identity_sources(connection, contracts)
    open_client_sources(connection, contracts)
    lake = Lake(tmp_path)
    write_identities(connection, lake)
    connection.close()
    read = [pl.read_parquet(lake.path("standard", table)) for table in ("identities", "clients", "placeholder_counts")]
    return read[0], read[1], read[2]


PERSON = {
    "main_number": "M1",
    "sid": "A12345678",
    "last_name": "De La Cruz Jr",
    "first_name": "Bob",
    "birth_date": "1980-12-31",
    "ssn": "139476997",
    "sex_code": "M",
    "race_code": "H",
    "address_line": "31 Main Street Apt 4",
    "zip_code": "90001",
    "phone": "(213) 555-1212",
}


def test_an_alias_is_a_second_identity_with_what_the_client_table_knows(tmp_path, contracts) -> None:
    alias = {"alias_id": "1", "main_number": "M1", "last_name": "Smith", "first_name": "Robert"}
    identities, clients, _ = standardise(tmp_path, contracts, {"sheriff_person": [PERSON], "sheriff_alias": [alias]})
    assert identities.height == 2
    assert set(identities["last_name"]) == {"DELACRUZ", "SMITH"}
    assert identities["ssn"].to_list() == ["139476997"] * 2
    assert identities["address"].to_list() == ["31 MAIN ST"] * 2
    assert clients.select("agency", "client_id", "sex_code", "race_ethnicity_code", "identity_count").rows() == [
        ("sheriff", "M1", "M", "hispanic", 2)
    ]


def test_a_person_row_becomes_one_way_of_writing(tmp_path, contracts) -> None:
    identities, clients, _ = standardise(tmp_path, contracts, {"sheriff_person": [PERSON]})
    row = identities.row(0, named=True)
    assert row["generation"] == "JR"
    assert "ROBERT" in row["first_roots"]
    assert row["shared_ids"] == ["sid:A12345678"]
    assert (row["birth_year"], row["birth_month"], row["birth_day"]) == (1980, 12, 31)
    assert (row["phone"], row["unit"], row["zip5"]) == ("2135551212", "4", "90001")
    Identities.validate(identities)
    Clients.validate(clients)


def test_a_jane_doe_and_a_name_alone_are_not_linkable_and_say_why(tmp_path, contracts) -> None:
    doe = PERSON | {
        "main_number": "M2",
        "first_name": "Jane",
        "last_name": "Doe",
        "phone": None,
        "ssn": None,
        "sid": None,
        "address_line": "TRANSIENT",
    }
    alone = {"main_number": "M3", "first_name": "Ann", "last_name": "Lee"}
    identities, clients, counts = standardise(tmp_path, contracts, {"sheriff_person": [doe, alone]})
    assert identities["last_name"].to_list() == ["LEE"], "a name in full is looked at, and linked where it is rare"
    reasons = dict(clients.select("client_id", "unlinkable_reason").rows())
    assert reasons == {"M2": "no_usable_name", "M3": "nothing_beside_the_name"}
    assert ("sheriff", "first_name", "doe", 1) in counts.rows()
    assert ("sheriff", "address_line", "no_fixed_address", 1) in counts.rows()


def test_an_address_with_many_surnames_is_no_household(tmp_path, contracts) -> None:
    crowd = [
        {
            "main_number": f"M{n}",
            "first_name": "Ann",
            "last_name": f"Lee{chr(65 + n)}",
            "address_line": "9 Long Hall Rd",
        }
        for n in range(normalisation.placeholders().crowded_surnames)
    ]
    family = [{"main_number": "F", "first_name": "Bo", "last_name": "Oak", "address_line": "31 Main St"}]
    identities, _, counts = standardise(tmp_path, contracts, {"sheriff_person": [*crowd, *family]})
    assert identities["address"].drop_nulls().to_list() == ["31 MAIN ST"]
    assert ("sheriff", "address_line", "crowded", len(crowd)) in counts.rows()


def test_a_number_of_many_surnames_is_nobodys(tmp_path, contracts) -> None:
    lent_to = normalisation.placeholders().lent_to
    lent = [
        {"main_number": f"M{n}", "last_name": f"{chr(65 + n)}ortega", "birth_date": "1980-12-31", "ssn": "139-47-6997"}
        for n in range(lent_to)
    ]
    own = [
        {"main_number": f"N{n}", "last_name": "Oak", "birth_date": "1980-12-31", "ssn": "528914411"}
        for n in range(lent_to)
    ]
    identities, _, counts = standardise(tmp_path, contracts, {"sheriff_person": [*lent, *own]})
    assert identities["ssn"].drop_nulls().unique().to_list() == ["528914411"], "seen often is not lent"
    assert ("sheriff", "ssn", "shared_by_many", lent_to) in counts.rows()


def test_clients_of_a_hashed_delivery_are_counted_and_not_linkable(tmp_path, contracts) -> None:
    client = {
        "PersonalID": "P1",
        "FirstName": "9f86d081",
        "LastName": "a3c2f0aa",
        "DOB": "1980-01-02",
        "_delivery_id": "d1",
    }
    export = {"ExportID": "1", "HashStatus": "4", "_delivery_id": "d1"}
    identities, clients, _ = standardise(tmp_path, contracts, {"hmis_client": [client], "hmis_export": [export]})
    assert identities.height == 0
    assert clients.select("client_id", "is_linkable", "unlinkable_reason").rows() == [
        ("P1", False, "hashed_identifiers")
    ]


def test_clients_of_a_plain_delivery_are_linkable(tmp_path, contracts) -> None:
    client = {
        "PersonalID": "P1",
        "FirstName": "Ann",
        "LastName": "Lee",
        "DOB": "1980-01-02",
        "_delivery_id": "d1",
        "White": "1",
        "Sex": "0",
    }
    export = {"ExportID": "1", "HashStatus": "1", "_delivery_id": "d1"}
    identities, clients, _ = standardise(tmp_path, contracts, {"hmis_client": [client], "hmis_export": [export]})
    assert identities["shared_ids"].to_list() == [["hmis_personal_id:P1"]] or identities["shared_ids"].to_list() == [[]]
    assert clients.select("is_linkable", "sex_code", "race_ethnicity_code").rows() == [(True, "F", "white")]


BOOKINGS = [{"main_number": number, "booking_number": f"B{number}"} for number in ("M1", "M2", " M2 ", None)]


def test_whom_only_bookings_name_is_a_client_of_whom_no_record_tells(tmp_path, contracts) -> None:
    _, clients, _ = standardise(tmp_path, contracts, {"sheriff_person": [PERSON], "sheriff_booking": BOOKINGS})
    found = clients.sort("client_id").select("agency", "client_id", "is_linkable", "unlinkable_reason").rows()
    assert found == [("sheriff", "M1", True, None), ("sheriff", "M2", False, "no_identity_record")]
    assert Clients.validate(clients) is not None


def test_a_booking_that_is_no_longer_in_force_makes_no_client(contracts) -> None:
    connection = sql.connect()
    open_current(connection, contracts, {"sheriff_person": [PERSON], "sheriff_booking": BOOKINGS})
    connection.execute("create table every as from current.sheriff_booking")
    connection.execute("create or replace view delivered.sheriff_booking as from every")
    connection.execute("delete from current.sheriff_booking where trim(main_number) = 'M2'")
    load_macros(connection)
    open_client_sources(connection, contracts)
    named = connection.execute("select client_id from linkage.client_sources order by client_id").fetchall()
    assert named == [("M1",)]


def test_a_merged_record_points_at_the_one_it_went_into(tmp_path, contracts) -> None:
    kept = {"mrn": "1", "first_name": "Ann", "last_name": "Lee", "birth_date": "1980-01-02"}
    merged = kept | {"mrn": "2", "merged_into_mrn": "1"}
    _, clients, _ = standardise(tmp_path, contracts, {"health_patient": [kept, merged]})
    keys = dict(clients.select("client_id", "client_key").rows())
    into = dict(clients.select("client_id", "merged_into_client_key").rows())
    assert into == {"1": None, "2": keys["1"]}


def test_a_fifth_agency_is_its_contract_alone(tmp_path) -> None:
    root = _with_probation(tmp_path / "contracts")
    row = {"case_no": "77", "surname": "LEE, ANN MARIE", "born": "1980-01-02", "last4": "6997", "state_id": "A12345678"}
    identities, clients, _ = standardise(tmp_path / "lake", load_contracts(root), {"probation_case": [row]})
    found = identities.row(0, named=True)
    assert (found["first_name"], found["middle_name"], found["last_name"]) == ("ANN", "MARIE", "LEE")
    assert (found["ssn_last4"], found["shared_ids"]) == ("6997", ["sid:A12345678"])
    assert clients.select("agency", "client_id", "is_linkable").rows() == [("probation", "77", True)]


def _with_probation(root: Path) -> Path:
    """A folder of contracts with one agency, made by renaming columns of a shipped contract."""
    contract = yaml.safe_load((SHIPPED_ROOT / "incoming" / "sheriff" / "person.odcs.yaml").read_text(encoding="utf-8"))
    table = contract["schema"][0]
    roles = {
        "client_id": "case_no",
        "last_name": "surname",
        "birth_date": "born",
        "ssn": "last4",
        "shared_id:sid": "state_id",
    }
    kept = []
    for column in table["properties"]:
        role = _custom(column, "linkageRole")
        if role in roles:
            column["name"] = roles[role]
            if role == "last_name":
                _set_custom(column, "linkageRole", "full_name")
            if role == "ssn":
                _set_custom(column, "linkageRole", "ssn_last4")
            kept.append(column)
        elif column["name"] in ("updated_at", "record_action"):
            kept.append(column)
    table["properties"] = kept
    table["name"] = "case"
    for part in (contract, table):
        part["customProperties"] = [p for p in part.get("customProperties", []) if p["property"] != "rowRules"]
    contract["id"] = contract["id"].replace("sheriff", "probation").replace("person", "case")
    text = yaml.safe_dump(contract, sort_keys=False).replace("main_number", "case_no")
    target = root / "incoming" / "probation" / "case.odcs.yaml"
    target.parent.mkdir(parents=True)
    target.write_text(text, encoding="utf-8")
    return root


def _custom(column: dict[str, Any], name: str) -> Any:
    return next((p["value"] for p in column.get("customProperties", []) if p["property"] == name), None)


def _set_custom(column: dict[str, Any], name: str, value: str) -> None:
    for entry in column["customProperties"]:
        if entry["property"] == name:
            entry["value"] = value


UNTOLD = ("name_suffix", "ssn", "ssn_last4", "sex_code", "phone", "address_line", "city", "zip_code")
"""Columns of linkage.identity_sources that these rows leave empty."""


@pytest.mark.parametrize(
    ("first_name", "last_name", "full_name", "names"),
    [
        ("Sir", "Baronet", "Sir Charles Saxton, 1st Baronet", ("CHARLES", None, "SAXTON")),
        ("Charles", "Saxton", "Sir Carl John Saxon", ("CHARLES", "JOHN", "SAXTON")),
        ("Charles", None, "Charles Saxton", ("CHARLES", None, None)),
        (None, None, "Saxton, Dr. Charles", ("CHARLES", None, "SAXTON")),
        ("Sir", "Saxton", None, (None, None, "SAXTON")),
    ],
)
def test_a_whole_name_fills_what_is_empty_or_holds_a_title_only(first_name, last_name, full_name, names) -> None:
    connection = sql.connect()
    connection.execute("create schema standard")
    load_macros(connection)
    load_rule_tables(connection)
    columns = {"agency": "health", "client_id": "1", "first_name": first_name, "last_name": last_name}
    columns |= {"full_name": full_name, "birth_date": "1980-05-17", "middle_name": None} | dict.fromkeys(UNTOLD)
    listed = ", ".join(f"${name}::varchar as {name}" for name in columns)
    connection.execute(
        f"create table linkage.identity_sources as select {listed}, client_key(agency, client_id) as client_key, "
        "true as is_primary, true as is_plain, "
        "[]::varchar[] as given_ids, []::varchar[] as own_ids",
        columns,
    )
    make_identities(connection)
    found = connection.execute("select first_name, middle_name, last_name from standard.identities").fetchall()
    assert found == [names]


def test_two_clients_of_one_key_stop_the_stage() -> None:
    connection = sql.connect()
    connection.execute("create schema linkage")
    connection.execute(
        "create table linkage.client_sources as select *, 7 as client_key, null::varchar as sex_code, []::varchar[] "
        "as race_codes, null::date as birth_on, null::varchar as merged_into_client_id, null::date as died_on, "
        "true as is_primary, true as is_plain, true as is_identity "
        "from (values ('health', '1'), ('hmis', '1'), ('hmis', '1')) t(agency, client_id)"
    )
    load_macros(connection)
    sql.create(connection, "linkage", "pipelines.standardise", "described_clients")
    with pytest.raises(LakeError, match="1 clients share a client key"):
        refuse_shared_keys(connection)
