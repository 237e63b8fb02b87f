from tests.sql.tables import Tables

PACKAGE = "pipelines.standardise"
COLUMNS = "tenancy_id, program_code, housed_from_on, housed_to_on, exit_kind"


def given(tables: Tables, **texts: str) -> None:
    names = ("fhsp_tenancy", "hmis_enrollment", "hmis_exit", "hmis_project", "hmis_funder")
    for name in names:
        tables.given(f"current.{name}", texts.get(name, ""))


PROJECTS = """
    ProjectID | OrganizationID | ProjectType
    psh       | org            | 3
    jir       | org            | 3
    shelter   | org            | 0
    rrh       | org            | 13
"""
FUNDERS = """
    FunderID | ProjectID | Funder
    F1       | psh       | 2
    F2       | jir       | 46
    F3       | jir       | 35
"""


def test_a_pool_tenancy_is_housed_from_its_move_in_and_not_from_its_lease(tables: Tables) -> None:
    given(
        tables,
        fhsp_tenancy="""
        tenancy_id | client_id | program_code | lease_started_on | moved_in_on | moved_out_on | move_out_reason_code
        T1         | 1         | JIR          | 2024-01-01       | 2024-01-15  |              |
        T2         | 2         | FHSP         | 2024-01-01       |             |              |
        T3         | 3         | ODR          | 2024-01-01       | 2024-01-02  | 2024-02-29   | EVICTION
        T4         | 4         | ODR          | 2024-01-01       | 2024-01-02  | 2024-02-29   |
        """,
    )
    assert tables.rows(PACKAGE, "tenancies", COLUMNS) == [
        ("T1", "JIR", "2024-01-15", None, "open"),
        ("T2", "FHSP", None, None, "open"),
        ("T3", "ODR", "2024-01-02", "2024-02-29", "eviction"),
        ("T4", "ODR", "2024-01-02", "2024-02-29", "unknown"),
    ]


def test_permanent_supportive_housing_counts_and_rapid_rehousing_and_shelters_do_not(tables: Tables) -> None:
    given(
        tables,
        hmis_project=PROJECTS,
        hmis_funder=FUNDERS,
        hmis_enrollment="""
        EnrollmentID | PersonalID | ProjectID | HouseholdID | EntryDate  | MoveInDate
        E1           | 1          | psh       | H1          | 2024-01-01 | 2024-02-01
        E2           | 2          | jir       | H2          | 2024-01-01 | 2024-02-01
        E3           | 3          | shelter   | H3          | 2024-01-01 | 2024-02-01
        E4           | 4          | rrh       | H4          | 2024-01-01 | 2024-02-01
        """,
    )
    assert tables.rows(PACKAGE, "tenancies", "tenancy_id, program_code, housed_from_on") == [
        ("E1", "HMIS_PSH", "2024-02-01"),
        ("E2", "JIR", "2024-02-01"),
    ]


def test_a_move_in_outside_the_enrolment_is_no_move_in(tables: Tables) -> None:
    given(
        tables,
        hmis_project=PROJECTS,
        hmis_enrollment="""
        EnrollmentID | PersonalID | ProjectID | HouseholdID | EntryDate  | MoveInDate
        E1           | 1          | psh       | H1          | 2024-01-02 | 2024-01-01
        E2           | 2          | psh       | H2          | 2024-01-01 | 2024-03-02
        E3           | 3          | psh       | H3          | 2024-01-01 | 2024-03-01
        """,
        hmis_exit="""
        ExitID | EnrollmentID | ExitDate   | Destination
        X2     | E2           | 2024-03-01 | 410
        X3     | E3           | 2024-03-01 | 24
        """,
    )
    assert tables.rows(PACKAGE, "tenancies", "tenancy_id, housed_from_on, exit_kind") == [
        ("E1", None, "open"),
        ("E2", None, "permanent"),
        ("E3", "2024-03-01", "deceased"),
    ]


def test_members_of_a_household_move_in_with_its_head_or_on_their_entry_when_it_is_later(tables: Tables) -> None:
    given(
        tables,
        hmis_project=PROJECTS,
        hmis_enrollment="""
        EnrollmentID | PersonalID | ProjectID | HouseholdID | RelationshipToHoH | EntryDate  | MoveInDate
        E1           | 1          | psh       | H1          | 1                 | 2024-01-01 | 2024-02-01
        E2           | 2          | psh       | H1          | 2                 | 2024-01-01 |
        E3           | 3          | psh       | H1          | 3                 | 2024-05-01 |
        """,
    )
    assert tables.rows(PACKAGE, "tenancies", "tenancy_id, housed_from_on") == [
        ("E1", "2024-02-01"),
        ("E2", "2024-02-01"),
        ("E3", "2024-05-01"),
    ]


def test_a_household_that_never_moved_in_is_not_housed(tables: Tables) -> None:
    given(
        tables,
        hmis_project=PROJECTS,
        hmis_enrollment="""
        EnrollmentID | PersonalID | ProjectID | HouseholdID | RelationshipToHoH | EntryDate  | MoveInDate
        E1           | 1          | psh       | H1          | 1                 | 2024-01-01 |
        E2           | 2          | psh       | H1          | 2                 | 2024-01-01 |
        """,
    )
    assert tables.rows(PACKAGE, "tenancies", "tenancy_id, housed_from_on") == [("E1", None), ("E2", None)]
