import pytest

from tests.sql.tables import Tables

PACKAGE = "pipelines.standardise"


def given(tables: Tables, **texts: str) -> None:
    names = (
        "health_encounter",
        "health_encounter_diagnosis",
        "mental_health_crisis_encounter",
        "mental_health_service",
    )
    for name in names:
        tables.given(f"current.{name}", texts.get(name, ""))


def given_encounter(tables: Tables, kind: str, diagnosis: str, revenue_codes: str = "") -> None:
    # the separator of revenue codes is also that of literal rows
    given(
        tables,
        health_encounter=f"""
        encounter_id | mrn | encounter_type_code | admitted_at         | discharged_at       | principal_diagnosis_code
        E1           | 1   | {kind}              | 2024-03-01 10:00:00 | 2024-03-03 10:00:00 | {diagnosis}
        """,
    )
    tables.connection.execute("update current.health_encounter set revenue_codes = ?", [revenue_codes])


@pytest.mark.parametrize("diagnosis", ["F200", "F329", "F609", "X780XXA", "T1491XA", "T39012A", "T4392XA", "T71"])
def test_an_emergency_department_visit_counts_by_its_principal_diagnosis(tables: Tables, diagnosis: str) -> None:
    given_encounter(tables, "ED", diagnosis)
    found = tables.rows(PACKAGE, "psychiatric_emergency_contacts", "rule_code")
    assert found == ([] if diagnosis == "T71" else [("health_ed_psychiatric",)])


@pytest.mark.parametrize("diagnosis", ["F1020", "F0390", "F840", "T39011A", "T43021A", "R45851", "S0001"])
def test_substance_use_dementia_accidents_and_ideation_do_not_count(tables: Tables, diagnosis: str) -> None:
    given_encounter(tables, "ED", diagnosis)
    assert tables.rows(PACKAGE, "psychiatric_emergency_contacts", "rule_code") == []


def test_a_psychiatric_emergency_service_counts_whatever_its_diagnosis(tables: Tables) -> None:
    given_encounter(tables, "PES", "S0001")
    assert tables.rows(PACKAGE, "psychiatric_emergency_contacts", "rule_code") == [("health_pes",)]


def test_an_admission_through_the_emergency_department_counts_from_its_arrival(tables: Tables) -> None:
    given_encounter(tables, "IP", "F200", "0124|0450")
    assert tables.rows(PACKAGE, "psychiatric_emergency_contacts", "rule_code, ended_at") == [
        ("health_ed_psychiatric", "2024-03-01 10:00:00")
    ]
    given_encounter(tables, "IP", "F200", "0124|0300")
    assert tables.rows(PACKAGE, "psychiatric_emergency_contacts", "rule_code") == []


def test_the_first_listed_diagnosis_stands_in_for_a_missing_principal_one(tables: Tables) -> None:
    given(
        tables,
        health_encounter="""
        encounter_id | mrn | encounter_type_code | admitted_at
        E1           | 1   | ED                  | 2024-03-01 10:00:00
        E2           | 1   | ED                  | 2024-04-01 10:00:00
        """,
        health_encounter_diagnosis="""
        encounter_id | sequence_number | diagnosis_code
        E1           | 1               | F259
        E1           | 2               | S0001
        E2           | 1               | S0001
        E2           | 2               | F259
        """,
    )
    assert tables.rows(PACKAGE, "psychiatric_emergency_contacts", "contact_id, ended_at") == [("E1", None)]


def test_crisis_stabilization_counts_by_mode_and_service_function(tables: Tables) -> None:
    given(
        tables,
        mental_health_crisis_encounter="""
        crisis_id | client_id | arrived_at          | departed_at         | mode_code | service_function_code
        C1        | 1         | 2024-03-01 10:00:00 | 2024-03-01 20:00:00 | 10        | 20
        C2        | 1         | 2024-04-01 10:00:00 | 2024-04-01 20:00:00 | 10        | 25
        C3        | 1         | 2024-05-01 10:00:00 | 2024-05-01 20:00:00 | 15        | 70
        """,
        mental_health_service="""
        service_id | client_id | served_on  | mode_code | service_function_code
        S1         | 1         | 2024-06-01 | 10        | 24
        S2         | 1         | 2024-06-02 | 10        | 85
        """,
    )
    assert tables.rows(PACKAGE, "psychiatric_emergency_contacts", "contact_id, rule_code, started_at") == [
        ("C1", "csu_emergency", "2024-03-01 10:00:00"),
        ("C2", "csu_urgent_care", "2024-04-01 10:00:00"),
        ("S1", "csu_emergency", "2024-06-01 00:00:00"),
    ]
