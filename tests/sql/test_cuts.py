"""By what results are cut, and who cannot be told."""

from pathlib import Path

from pipelines import sql
from tests.sql.tables import Tables

CHECKOUT = Path(__file__).parents[2]

PACKAGE = "pipelines.outcomes"


def given(tables: Tables, clients: str, homes: str = "") -> None:
    tables.given("outcomes.person_measures", "person_id | index_on\n 1 | 2024-02-28")
    tables.given("person_index.person_of_client", "client_key | person_id\n 11 | 1\n 12 | 1\n 13 | 1\n 21 | 2")
    tables.given("standard.clients", f"client_key | birth_on | sex_code | race_ethnicity_code\n{clients}")
    tables.given("standard.identities", f"client_key | zip5\n{homes}")


def test_a_person_is_what_most_of_the_clients_say_and_ties_go_to_the_smallest(tables: Tables) -> None:
    given(
        tables,
        """
        11 | 1990-02-28 | F | black
        12 | 1990-02-28 | M | unknown
        13 | 1990-12-01 |   | unknown
        21 | 1950-01-01 | M | white
        """,
        "11 | 90210\n 12 | 90012\n 13 | 90012\n 13 | SW1A",
    )
    found = tables.rows(PACKAGE, "person_attributes", "person_id, birth_on, sex, race_ethnicity, service_area")
    assert found == [(1, "1990-02-28", "F", "black", "zip3_900")]


def test_where_nobody_says_anything_the_value_is_unknown(tables: Tables) -> None:
    given(tables, "11 | | | unknown\n 12 | | | unknown\n 13 | | | unknown")
    columns = "birth_on, sex, race_ethnicity, service_area"
    assert tables.rows(PACKAGE, "person_attributes", columns) == [(None, "unknown", "unknown", "unknown")]


def test_the_longest_prefix_of_the_countys_file_names_the_area(tables: Tables) -> None:
    given(tables, "11 | | | unknown", "11 | 90210")
    tables.connection.execute("insert into code_sets.zip_service_areas values ('902', 'SPA4'), ('90210', 'SPA5')")
    assert tables.rows(PACKAGE, "person_attributes", "service_area") == [("SPA5",)]


def given_rows(tables: Tables) -> None:
    """Rows of person 1, born on 1998-02-28, around a birthday."""
    connection = tables.connection
    tables.given(
        "outcomes.person_measures",
        """
        measure_id | person_id | program_code | provider_id | index_on   | status_code | numerator | flags
        m          | 1         | JIR          | P1          | 2024-02-27 | met         | 1         |
        m          | 1         | JIR          | P1          | 2024-02-28 | not_met     | 0         |
        m          | 1         | JIR          | P1          | 2024-02-29 | excluded    | 0         | died,moved
        m          | 1         | JIR          | P1          | 2024-04-01 | excluded    | 0         | other
        """,
    )
    connection.execute("update outcomes.person_measures set flags = '' where flags is null")
    connection.execute("create schema cuts; create schema definitions")
    connection.execute(
        "create table cuts.person_attributes as select 1::bigint as person_id, date '1998-02-28' as birth_on, "
        "'F' as sex, 'white' as race_ethnicity, 'SPA1' as service_area"
    )
    connection.execute(
        "create table definitions.measures as select 0 as measure_number, 'm' as measure_id, 'proportion' as kind"
    )
    connection.execute(
        "create table definitions.exclusions as from (values ('m', 'moved', 0), ('m', 'died', 1)) "
        "as t (measure_id, reason_code, reason_rank)"
    )
    connection.execute(f"create view cuts.counted_rows as {sql.text(PACKAGE, 'counted_rows')}")


def test_age_is_in_whole_years_on_the_index_day_and_exclusions_go_by_the_first_reason(tables: Tables) -> None:
    given_rows(tables)
    columns = "age_group, sex, status_code, reason_code, is_counted, person_rows"
    assert tables.rows(PACKAGE, "cells_by_person", columns) == [
        ("adult", "F", "excluded", "moved", False, 1),
        ("adult", "F", "excluded", "unstated", False, 1),
        ("adult", "F", "not_met", None, True, 1),
        ("tay", "F", "met", None, True, 1),
    ]


def test_rows_are_summed_by_programme_provider_and_quarter_of_the_index_day(tables: Tables) -> None:
    given_rows(tables)
    columns = "program_code, provider_id, quarter_on::date, status_code, reason_code, numerator::double"
    assert tables.rows(PACKAGE, "cells_by_place", columns) == [
        ("JIR", "P1", "2024-01-01", "excluded", "moved", 0.0),
        ("JIR", "P1", "2024-01-01", "met", None, 1.0),
        ("JIR", "P1", "2024-01-01", "not_met", None, 0.0),
        ("JIR", "P1", "2024-04-01", "excluded", "unstated", 0.0),
    ]


def test_a_person_of_whom_nothing_is_known_is_in_a_group_of_its_own(tables: Tables) -> None:
    given_rows(tables)
    tables.connection.execute("delete from cuts.person_attributes")
    columns = "distinct age_group, sex, race_ethnicity, service_area"
    assert tables.rows(PACKAGE, "cells_by_person", columns) == [("unknown", "unknown", "unknown", "unknown")]


def test_an_unlinkable_client_is_unknown_and_one_found_nowhere_else_is_not(tables: Tables) -> None:
    tables.given(
        "standard.partnerships",
        "client_key | agency | provider_id\n 1 | mental_health | P1\n 2 | mental_health | P1\n"
        "3 | mental_health | P1\n 4 | mental_health | P2\n 5 | mental_health | P2",
    )
    tables.given("standard.tenancies")
    tables.given(
        "standard.clients",
        "client_key | is_linkable | unlinkable_reason\n 1 | true |\n 2 | true |\n 3 | false | no_usable_name\n"
        "4 | true |\n 5 | false | hashed_identifiers",
    )
    tables.given("person_index.person_of_client", "client_key | person_id\n 1 | 1\n 2 | 2\n 3 | 3\n 5 | 5")
    tables.given(
        "episodes.persons",
        "person_id | is_linkable | agencies\n 1 | true | mental_health,sheriff\n 2 | true | mental_health\n"
        "3 | false | mental_health\n 5 | true | mental_health,sheriff",
    )
    assert tables.rows(PACKAGE, "unknown_client_list", "provider_id, client_key, reason_code, is_unknown") == [
        ("P1", 2, "no_other_agency", False),
        ("P1", 3, "no_usable_name", True),
        ("P2", 4, "no_person", True),
    ]


def test_every_zip_code_of_the_synthetic_county_lies_in_one_of_eight_planning_areas(tables: Tables) -> None:
    towns = f"read_csv('{CHECKOUT / 'synthetic/data/cities.csv'}', all_varchar = true)"
    joined = f"{towns} as t left join code_sets.zip_service_areas as a on t.zip_code = a.zip_prefix"
    assert tables.select(f"select count(*) from {joined} where a.service_area_code is null") == [(0,)]
    assert tables.select(f"select count(distinct a.service_area_code) from {joined}") == [(8,)]
    assert (
        tables.select(f"select t.city from {joined} group by t.city having count(distinct a.service_area_code) > 1")
        == []
    )
