from tests.sql.tables import Tables

PACKAGE = "pipelines.standardise"


def test_inpatient_stays_come_from_mental_health_and_from_psychiatric_beds(tables: Tables) -> None:
    tables.given(
        "current.mental_health_inpatient_stay",
        """
        stay_id | client_id | facility_type_code | admitted_on | discharged_on
        S1      | 1         | phf                | 2024-01-01  | 2024-01-09
        S2      | 1         | state_hospital     | 2024-02-01  |
        """,
    )
    tables.given(
        "current.health_encounter",
        """
        encounter_id | mrn | encounter_type_code | admitted_at         | discharged_at       | revenue_codes
        E1           | 1   | IP                  | 2024-03-01 10:00:00 | 2024-03-03 10:00:00 | 0124
        E2           | 1   | IP                  | 2024-03-01 10:00:00 | 2024-03-03 10:00:00 | 0120
        E3           | 1   | ED                  | 2024-03-01 10:00:00 | 2024-03-03 10:00:00 | 0124
        """,
    )
    assert tables.rows(PACKAGE, "inpatient_stays", "stay_id, facility_class_code, admitted_on, discharged_on") == [
        ("E1", "acute_psychiatric", "2024-03-01", "2024-03-03"),
        ("S1", "acute_psychiatric", "2024-01-01", "2024-01-09"),
        ("S2", "state_hospital", "2024-02-01", None),
    ]


def test_a_death_is_told_by_six_kinds_of_record(tables: Tables) -> None:
    tables.given("current.mental_health_client", "client_id | died_on\n 1 | 2024-01-01\n 2 |")
    tables.given(
        "current.health_encounter",
        """
        encounter_id | mrn | discharged_at       | discharge_status_code
        E1           | 1   | 2024-01-02 23:59:00 | 20
        E2           | 1   | 2024-01-02 23:59:00 | 01
        """,
    )
    tables.given("current.sheriff_booking", "booking_number | main_number\n B1 | 1\n B2 | 1")
    tables.given(
        "current.sheriff_release",
        """
        booking_number | released_at         | release_reason_code
        B1             | 2024-01-03 08:00:00 | DEATH
        B2             | 2024-01-03 08:00:00 | BOND
        """,
    )
    tables.given(
        "current.mental_health_fsp_enrollment",
        """
        enrollment_id | client_id | partnership_ended_on | discontinuation_reason_code
        F1            | 1         | 2024-01-04           | DECEASED
        F2            | 1         | 2024-01-04           | MET_GOALS
        """,
    )
    tables.given(
        "current.fhsp_tenancy",
        """
        tenancy_id | client_id | moved_out_on | move_out_reason_code
        T1         | 1         | 2024-01-05   | DECEASED
        """,
    )
    tables.given("current.hmis_enrollment", "EnrollmentID | PersonalID\n H1 | 1")
    tables.given("current.hmis_exit", "ExitID | EnrollmentID | ExitDate | Destination\n X1 | H1 | 2024-01-06 | 24")
    assert tables.rows(PACKAGE, "deaths", "death_source_code, died_on") == [
        ("client_record", "2024-01-01"),
        ("hmis_exit", "2024-01-06"),
        ("hospital_discharge", "2024-01-02"),
        ("jail_release", "2024-01-03"),
        ("partnership_end", "2024-01-04"),
        ("tenancy_end", "2024-01-05"),
    ]


def test_data_goes_through_what_is_reported_and_never_past_the_delivery(tables: Tables) -> None:
    tables.given(
        "current.delivery_status",
        """
        agency  | latest_as_of_on | latest_delivery_id | reported_through_on
        fhsp    | 2026-11-01      | d1                 | 2026-10-31
        hmis    | 2026-11-01      | d2                 | 2026-12-31
        sheriff | 2026-11-01      | d3                 |
        """,
    )
    assert tables.rows(PACKAGE, "data_through", "agency, data_through_on") == [
        ("fhsp", "2026-10-31"),
        ("hmis", "2026-11-01"),
        ("sheriff", "2026-11-01"),
    ]


def test_residential_settings_come_from_assessments_and_key_events(tables: Tables) -> None:
    tables.given(
        "current.mental_health_fsp_quarterly",
        """
        assessment_id | client_id | assessed_on | residential_setting_code
        A1            | 1         | 2024-01-01  | jail
        A2            | 1         | 2024-01-01  |
        """,
    )
    tables.given(
        "current.mental_health_fsp_key_event",
        """
        key_event_id | client_id | event_on   | event_type_code | residential_setting_code
        K1           | 1         | 2024-02-01 | RESIDENTIAL     | sro_leased
        K2           | 1         | 2024-02-01 | ARREST          | jail
        """,
    )
    assert tables.rows(PACKAGE, "residential_settings", "setting_id, residential_setting_code") == [
        ("A1", "jail"),
        ("K1", "sro_leased"),
    ]


def test_enrolments_of_every_project_type_are_kept(tables: Tables) -> None:
    tables.given("current.hmis_project", "ProjectID | ProjectType\n p | 4")
    tables.given(
        "current.hmis_enrollment",
        """
        EnrollmentID | PersonalID | ProjectID | HouseholdID | EntryDate  | RelationshipToHoH | MoveInDate
        E1           | 1          | p         | H1          | 2024-01-01 | 1                 |
        E2           | 2          | gone      | H2          | 2024-01-01 | 1                 | 2024-01-05
        E3           | 3          | gone      | H2          | 2024-01-09 | 3                 |
        """,
    )
    tables.given("current.hmis_exit", "ExitID | EnrollmentID | ExitDate | Destination\n X1 | E1 | 2024-02-01 | 410")
    columns = "enrollment_id, project_type_code, is_head, move_in_on, exit_on, destination_code"
    assert tables.rows(PACKAGE, "homeless_enrollments", columns) == [
        ("E1", 4, True, None, "2024-02-01", 410),
        ("E2", None, True, "2024-01-05", None, None),
        ("E3", None, False, "2024-01-09", None, None),
    ]


def test_partnerships_and_services_keep_their_provider(tables: Tables) -> None:
    tables.given(
        "current.mental_health_fsp_enrollment",
        """
        enrollment_id | client_id | provider_id | partnership_started_on | focal_justice_flag
        F1            | 1         | P1          | 2024-01-01             | Y
        F2            | 1         | P1          |                        | Y
        """,
    )
    tables.given(
        "current.mental_health_service", "service_id | client_id | provider_id | served_on\n S1 | 1 | P1 | 2024-01-01"
    )
    tables.given("current.mental_health_provider", "provider_id | service_area_code\n P1 | SPA4")
    assert tables.rows(PACKAGE, "partnerships", "enrollment_id, provider_id, focal_justice, focal_crisis") == [
        ("F1", "P1", True, False)
    ]
    assert tables.rows(PACKAGE, "mental_health_services", "service_id, provider_id") == [("S1", "P1")]
    assert tables.rows(PACKAGE, "providers", "provider_id, service_area_code") == [("P1", "SPA4")]
