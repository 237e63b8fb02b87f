"""The macros `return_kinds` and `jail_returns`, on index days that no measure made."""

from tests.sql.tables import Tables

INDEX_DAYS = """
    create or replace table index_days as
    select
        1::bigint as person_id, null::varchar as provider_id, null::varchar as program_code, cohort as period,
        cohort, index_on::date as index_on, true as is_linkable, died_on::date as died_on,
        observed_on::date as observed_through_on
    from (values {rows}) as t (cohort, index_on, died_on, observed_on)
"""
CALL = "jail_returns('index_kinds', {technical}, false, false, false, false, {counted})"
KINDS = "create or replace table index_kinds as from return_kinds('index_days', 'episodes.custody', 12)"


def judged(
    tables: Tables, rows: str, custody: str, columns: str, technical: bool = True, counted: str = "qualifying"
) -> list[tuple]:
    tables.connection.execute(INDEX_DAYS.format(rows=rows))
    tables.given("episodes.custody", custody)
    tables.connection.execute(KINDS)
    return tables.select(f"select {columns} from {CALL.format(technical=technical, counted=repr(counted))}")


def test_each_index_day_of_a_person_is_judged_by_its_own_window(tables: Tables) -> None:
    days = "('2022', '2022-01-10', null, '2025-01-01'), ('2023', '2023-01-10', null, '2025-01-01')"
    custody = "person_id | started_on\n 1 | 2023-01-10"
    assert judged(tables, days, custody, "period, window_end_on, status_code, numerator") == [
        ("2022", "2023-01-10", "met", 1.0),
        ("2023", "2024-01-10", "not_met", 0.0),
    ]


def test_a_day_that_is_the_index_of_two_cohorts_is_judged_in_both(tables: Tables) -> None:
    days = "('FHSP', '2022-01-10', null, '2025-01-01'), ('JIR', '2022-01-10', null, '2025-01-01')"
    custody = "person_id | started_on | is_felony\n 1 | 2022-02-01 | true\n 1 | 2022-03-01 | false"
    flags = "return_any,return_felony,return_new_offense"
    assert judged(tables, days, custody, "period, flags") == [("FHSP", flags), ("JIR", flags)]


def test_the_switches_of_the_caller_decide_what_qualifies(tables: Tables) -> None:
    days = "('JIR', '2022-01-10', null, '2025-01-01')"
    custody = "person_id | started_on | is_technical\n 1 | 2022-02-01 | true"
    assert judged(tables, days, custody, "status_code", technical=True) == [("met",)]
    assert judged(tables, days, custody, "status_code", technical=False) == [("not_met",)]


def test_a_variant_counts_one_kind_of_return(tables: Tables) -> None:
    days = "('JIR', '2022-01-10', null, '2025-01-01')"
    custody = """
        person_id | started_on | is_felony | is_technical | is_court_return
        1         | 2022-02-01 | false     | true         | false
        1         | 2022-03-01 | true      | false        | {court}
    """
    kinds = ("any", "qualifying", "felony", "new_offense", "technical_only")

    def met(court: str) -> list[str]:
        rows = custody.format(court=court)
        return [kind for kind in kinds if judged(tables, days, rows, "status_code", counted=kind) == [("met",)]]

    assert met("false") == ["any", "qualifying", "felony", "new_offense"]
    # a felony of an ordered return to court does not qualify: what is left is the violation, and it was not alone
    assert met("true") == ["any", "qualifying"]
    assert judged(tables, days, custody.format(court="true"), "status_code", False, "any") == [("met",)]


def test_violations_alone_are_shown_apart(tables: Tables) -> None:
    days = "('JIR', '2022-01-10', null, '2025-01-01')"
    custody = "person_id | started_on | is_technical\n 1 | 2022-02-01 | true"
    assert judged(tables, days, custody, "status_code", False, "technical_only") == [("met",)]
    assert judged(tables, days, "", "status_code", False, "technical_only") == [("not_met",)]


def test_death_excludes_before_maturity_is_asked(tables: Tables) -> None:
    days = "('A', '2022-01-10', '2022-02-01', '2022-06-01'), ('B', '2022-01-10', null, '2022-06-01')"
    assert judged(tables, days, "", "period, status_code") == [("A", "excluded"), ("B", "immature")]
