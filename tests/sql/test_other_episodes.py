"""Which records are one tenancy, one visit, one stay, one partnership, one death."""

from typing import Any

from pipelines.episodes.build import episode_rules
from tests.sql.tables import Tables

PACKAGE = "pipelines.episodes"


def people(tables: Tables, *pairs: tuple[int, int]) -> None:
    lines = "\n".join(f"{client} | {person} | sheriff" for client, person in pairs or ((1, 1),))
    tables.given("person_index.person_of_client", f"client_key | person_id | agency\n{lines}")


def merged(tables: Tables, members: str, episodes: str, columns: str) -> list[tuple[Any, ...]]:
    tables.connection.execute("create schema if not exists members")
    tables.rows(PACKAGE, members, "episode_id", **episode_rules().get(members, {}))
    tables.connection.execute(f"create or replace table members.{members} as from selected")
    return tables.rows(PACKAGE, episodes, columns)


def test_a_move_to_another_unit_within_a_week_keeps_the_tenancy(tables: Tables) -> None:
    people(tables)
    tables.given(
        "standard.tenancies",
        """
        client_key | tenancy_id | program_code | housed_from_on | housed_to_on | exit_kind
        1          | T1         | JIR          | 2024-01-01     | 2024-02-22   | transfer
        1          | T2         | JIR          | 2024-02-29     | 2024-06-01   | transfer
        1          | T3         | JIR          | 2024-06-09     |              | open
        1          | T4         | JIR          |                |              | open
        """,
    )
    columns = "started_on, ended_on, exit_kind, unit_count"
    assert merged(tables, "tenancy_spells", "tenancy", columns) == [
        ("2024-01-01", "2024-06-01", "transfer", 2),
        ("2024-06-09", None, "open", 1),
    ]
    assert tables.rows(PACKAGE, "placements", "person_id, program_code, placed_on") == [(1, "JIR", "2024-01-01")]


def test_one_home_seen_by_two_systems_is_one_tenancy_under_the_first_programme(tables: Tables) -> None:
    people(tables, (1, 9), (2, 9))
    tables.given(
        "standard.tenancies",
        """
        client_key | agency | tenancy_id | program_code | housed_from_on | housed_to_on | exit_kind
        1          | hmis   | E1         | HMIS_PSH     | 2024-01-01     | 2024-06-03   | unknown
        2          | fhsp   | T1         | JIR          | 2024-01-03     | 2024-06-03   | permanent
        """,
    )
    columns = "person_id, program_code, started_on, ended_on, exit_kind, source_count"
    assert merged(tables, "tenancy_spells", "tenancy", columns) == [
        (9, "JIR", "2024-01-01", "2024-06-03", "permanent", 2)
    ]
    assert tables.rows(PACKAGE, "placements", "program_code, placed_on") == [("JIR", "2024-01-03")]


def test_another_home_in_hmis_is_a_placement_of_its_own(tables: Tables) -> None:
    people(tables)
    tables.given(
        "standard.tenancies",
        """
        client_key | agency | tenancy_id | program_code | housed_from_on | housed_to_on | exit_kind
        1          | hmis   | E1         | HMIS_PSH     | 2022-01-01     | 2022-06-03   | homeless
        1          | fhsp   | T1         | JIR          | 2024-01-03     |              | open
        """,
    )
    merged(tables, "tenancy_spells", "tenancy", "episode_id")
    assert tables.rows(PACKAGE, "placements", "program_code, placed_on") == [
        ("HMIS_PSH", "2022-01-01"),
        ("JIR", "2024-01-03"),
    ]


def test_contacts_at_most_24_hours_apart_are_one_visit_across_agencies(tables: Tables) -> None:
    people(tables)
    tables.given(
        "standard.psychiatric_emergency_contacts",
        """
        client_key | agency        | contact_id | started_at          | ended_at            | rule_code
        1          | health        | E1         | 2024-01-01 08:00:00 | 2024-01-01 20:00:00 | health_pes
        1          | mental_health | C1         | 2024-01-01 09:00:00 |                     | csu_emergency
        1          | mental_health | C2         | 2024-01-02 20:00:00 | 2024-01-03 01:00:00 | csu_emergency
        1          | health        | E2         | 2024-01-04 01:00:01 | 2024-01-04 02:00:00 | health_pes
        """,
    )
    columns = "started_at, ended_at, contact_count, agencies"
    assert merged(tables, "psychiatric_emergency_contacts", "psychiatric_emergency", columns) == [
        ("2024-01-01 08:00:00", "2024-01-03 01:00:00", 3, "health,mental_health"),
        ("2024-01-04 01:00:01", "2024-01-04 02:00:00", 1, "health"),
    ]


def test_urgent_care_counts_where_the_rules_say_so(tables: Tables) -> None:
    people(tables)
    tables.given(
        "standard.psychiatric_emergency_contacts",
        """
        client_key | contact_id | started_at          | rule_code
        1          | U1         | 2024-05-01 00:00:00 | csu_urgent_care
        1          | C1         | 2024-06-01 00:00:00 | csu_emergency
        """,
    )
    for rules, visits in ((["csu_emergency", "csu_urgent_care"], 2), (["csu_emergency"], 1)):
        name = "psychiatric_emergency_contacts"
        found = tables.rows("pipelines.episodes", name, "episode_id", max_gap_hours=24, rule_codes=rules)
        assert len(found) == visits


def test_a_transfer_by_the_next_day_is_the_same_stay_and_another_class_is_another_stay(tables: Tables) -> None:
    people(tables)
    tables.given(
        "standard.inpatient_stays",
        """
        client_key | stay_id | facility_class_code | admitted_on | discharged_on
        1          | S1      | acute_psychiatric   | 2024-01-01  | 2024-01-05
        1          | S2      | acute_psychiatric   | 2024-01-06  | 2024-01-09
        1          | S3      | acute_psychiatric   | 2024-01-11  |
        1          | S4      | state_hospital      | 2024-01-09  | 2024-03-01
        """,
    )
    columns = "facility_class_code, admitted_on, discharged_on"
    assert merged(tables, "inpatient_stays", "inpatient", columns) == [
        ("acute_psychiatric", "2024-01-01", "2024-01-09"),
        ("acute_psychiatric", "2024-01-11", None),
        ("state_hospital", "2024-01-09", "2024-03-01"),
    ]


def test_a_partnership_re_established_within_365_days_goes_on(tables: Tables) -> None:
    people(tables, (1, 1), (2, 2))
    tables.given(
        "standard.partnerships",
        """
        client_key | enrollment_id | provider_id | started_on | ended_on   | discontinuation_reason_code
        1          | F1            | P1          | 2022-01-01 | 2022-03-01 | LOST_CONTACT
        1          | F2            | P2          | 2023-03-01 |            |
        2          | F3            | P1          | 2022-01-01 | 2022-03-01 | LOST_CONTACT
        2          | F4            | P1          | 2023-03-02 |            |
        """,
    )
    columns = "person_id, provider_id, last_provider_id, started_on, ended_on, enrollment_count"
    assert merged(tables, "partnership_enrollments", "partnership", columns) == [
        (1, "P1", "P2", "2022-01-01", None, 2),
        (2, "P1", "P1", "2022-01-01", "2022-03-01", 1),
        (2, "P1", "P1", "2023-03-02", None, 1),
    ]


def test_a_day_in_two_partnerships_belongs_to_the_one_that_started_last(tables: Tables) -> None:
    people(tables)
    tables.given(
        "standard.partnerships",
        """
        client_key | enrollment_id | provider_id | started_on | ended_on
        1          | F1            | P1          | 2024-01-01 |
        1          | F2            | P2          | 2024-02-01 | 2024-03-01
        1          | F3            | P3          | 2024-04-01 | 2024-04-01
        """,
    )
    tables.given("members.deaths", "person_id | died_on\n 1 | 2024-06-01")
    merged(tables, "partnership_enrollments", "partnership", "episode_id")
    assert tables.rows(PACKAGE, "partnership_spans", "provider_id, started_on, ended_on") == [
        ("P1", "2024-01-01", "2024-02-01"),
        ("P1", "2024-03-01", "2024-06-01"),
        ("P2", "2024-02-01", "2024-03-01"),
    ]


def test_an_enrolment_entered_twice_is_one_and_the_closed_copy_closes_it(tables: Tables) -> None:
    people(tables, (1, 5), (2, 5))
    tables.given(
        "standard.homeless_enrollments",
        """
        client_key | enrollment_id | project_id | project_type_code | entry_on   | exit_on    | destination_code
        1          | E1            | p          | 0                 | 2024-01-01 |            |
        2          | E2            | p          | 0                 | 2024-01-01 | 2024-02-01 | 410
        2          | E3            | p          | 0                 | 2024-01-02 |            |
        """,
    )
    columns = "person_id, project_group_code, entry_on, exit_on, destination_code, source_count"
    assert tables.rows(PACKAGE, "homelessness", columns) == [
        (5, "ES", "2024-01-01", "2024-02-01", 410, 2),
        (5, "ES", "2024-01-02", None, None, 1),
    ]


def test_of_several_dates_of_death_the_most_trusted_source_is_believed(tables: Tables) -> None:
    people(tables, (1, 5), (2, 5))
    tables.given(
        "standard.deaths",
        """
        client_key | record_id | death_source_code | died_on
        1          | X1        | hmis_exit         | 2024-01-10
        2          | C1        | client_record     | 2024-01-08
        """,
    )
    columns = "person_id, died_on, death_source_code, earliest_died_on, latest_died_on, source_count"
    assert tables.rows(PACKAGE, "deaths", columns) == [
        (5, "2024-01-08", "client_record", "2024-01-08", "2024-01-10", 2)
    ]


def test_a_person_is_linkable_when_any_client_is(tables: Tables) -> None:
    people(tables, (1, 5), (2, 5), (3, 6), (4, 7))
    tables.given("standard.clients", "client_key | is_linkable\n 1 | false\n 2 | true\n 3 | false")
    tables.given("members.deaths", "person_id | died_on\n 6 | 2024-01-01")
    tables.connection.execute("create schema if not exists members")
    assert tables.rows(PACKAGE, "persons", "person_id, client_count, is_linkable, died_on") == [
        (5, 2, True, None),
        (6, 1, False, "2024-01-01"),
        (7, 1, False, None),
    ]
