"""Who was eligible as of a month, and what became of them: from nothing that came later."""

from __future__ import annotations

import copy
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipelines.underwriting import Evidence
from pipelines.underwriting.evidence import gathered
from tests.sql.tables import Tables
from tests.unit.underwriting_cases import ASSUMPTIONS, small_case

EPISODES = ("custody", "homelessness", "psychiatric_emergency", "inpatient", "partnership", "placements", "persons")

CUSTODY = """
    person_id | started_on | ended_on
    1         | 2022-01-10 | 2022-01-12
    1         | 2023-05-01 | 2023-05-02
    2         | 2023-03-31 | 2023-04-02
    2         | 2024-03-31 | 2024-04-02
    3         | 2023-04-01 | 2023-04-02
"""
CUSTODY_AS_KNOWN_IN_JUNE_2023 = """
    person_id | started_on | ended_on
    1         | 2022-01-10 | 2022-01-12
    1         | 2023-05-01 | 2023-05-02
    2         | 2023-03-31 |
    3         | 2023-04-01 | 2023-04-02
"""
"""What came after has not happened yet, and who is inside has no end."""

PERSONS = """
    person_id | died_on
    1         |
    2         |
    3         |
"""

CRITERIA = [{"episodes": "custody", "at_least": 1, "within_months": 12}]


def evidence(
    tables: Tables, folder: Path, through: str, criteria: list[dict[str, Any]] | None = None, needs: str = "all"
) -> Evidence:
    assumptions = copy.deepcopy(ASSUMPTIONS)
    assumptions["enrolment"]["eligibility"] = {
        "needs": needs,
        "criteria": criteria or CRITERIA,
        "treatment": "placement",
        "source": "s",
    }
    for table in EPISODES:
        if not tables.select(f"select 1 from information_schema.tables where table_name = '{table}'"):
            tables.given(f"episodes.{table}")
    tables.given("outcomes.person_measures")
    agencies = ("sheriff", "hmis", "health", "mental_health")
    tables.connection.execute("create schema if not exists standard; create schema if not exists person_index")
    rows = ", ".join(f"('{agency}', '{through}'::date)" for agency in agencies)
    tables.connection.execute(
        f"create or replace table standard.data_through as from (values {rows}) as t (agency, data_through_on)"
    )
    tables.connection.execute(
        "create or replace table person_index.linkage_by_group as select 'agency_pair' as cut_code, "
        "'fhsp+sheriff' as cut_value, null::double as labelled_recall, 0.9::double as expected_recall, "
        "0.95::double as labelled_precision, 0.99::double as expected_precision"
    )
    return gathered(tables.connection, small_case(folder, assumptions=assumptions))


def months_of(tables: Tables, person_id: int) -> list[str]:
    return [str(row[0])[:7] for row in tables.select(f"""
        select month_on from work.eligible_months where person_id = {person_id}""")]  # fmt: skip


def test_an_episode_counts_from_the_month_after_it_began(tables: Tables, tmp_path: Path) -> None:
    tables.given("episodes.custody", CUSTODY)
    tables.given("episodes.persons", PERSONS)
    evidence(tables, tmp_path, "2024-06-30")
    assert months_of(tables, 2)[0] == "2023-04"
    # in custody from the first of April on: on that day nobody knew yet
    assert months_of(tables, 3)[0] == "2023-05"


def test_what_happens_later_changes_no_earlier_month(tables: Tables, tmp_path: Path) -> None:
    tables.given("episodes.persons", PERSONS)
    tables.given("episodes.custody", CUSTODY)
    evidence(tables, tmp_path, "2024-06-30")
    later = tables.select("select * from work.eligible_months where month_on <= '2023-06-01'")
    tables.given("episodes.custody", CUSTODY_AS_KNOWN_IN_JUNE_2023)
    evidence(tables, tmp_path, "2023-06-30")
    assert tables.select("select * from work.eligible_months where month_on <= '2023-06-01'") == later


def test_a_spell_counts_until_a_year_after_its_end(tables: Tables, tmp_path: Path) -> None:
    tables.given("episodes.custody", CUSTODY)
    tables.given("episodes.persons", PERSONS)
    evidence(tables, tmp_path, "2024-06-30")
    # out on 2 May 2023: on 1 May 2024 that is not yet a year ago, on 1 June it is
    assert (months_of(tables, 1)[-1], months_of(tables, 3)[-1]) == ("2024-05", "2024-04")


@pytest.mark.parametrize(("needs", "expected"), [("all", []), ("any", ["2023-06", "2024-05"])])
def test_all_or_any_of_the_criteria_must_hold(tables: Tables, tmp_path: Path, needs: str, expected: list[str]) -> None:
    tables.given("episodes.custody", CUSTODY)
    tables.given("episodes.persons", PERSONS)
    criteria = [*CRITERIA, {"episodes": "psychiatric_emergency", "at_least": 2, "within_months": 6}]
    evidence(tables, tmp_path, "2024-06-30", criteria, needs)
    months = months_of(tables, 1)
    assert ([months[0], months[-1]] if months else []) == expected


def test_the_dead_are_eligible_until_they_die(tables: Tables, tmp_path: Path) -> None:
    tables.given("episodes.custody", CUSTODY)
    tables.given("episodes.persons", PERSONS.replace("3         |", "3         | 2023-07-15"))
    evidence(tables, tmp_path, "2024-06-30")
    assert months_of(tables, 3) == ["2023-05", "2023-06", "2023-07"]


MONTH_BY_MONTH = """
    with holding as (
        select m.month_on, e.person_id, c.criterion
        from work.months as m
        cross join terms.criteria as c
        inner join work.events as e
            on c.kind = e.kind and m.month_on > e.started_on
            and (e.until_on is null or e.until_on > m.month_on - to_months(c.within_months))
        group by m.month_on, e.person_id, c.criterion, c.at_least
        having count(*) >= c.at_least
    )

    select h.month_on, h.person_id
    from holding as h inner join episodes.persons as p using (person_id)
    where p.died_on is null or p.died_on >= h.month_on
    group by h.month_on, h.person_id
    having count(*) >= {needed}
"""
"""What eligibility means, looked at month by month: right, and far too slow for a county."""


@pytest.mark.parametrize("needed", [1, 2, 3])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_eligible_months_are_those_that_a_look_at_every_month_finds(tables: Tables, needed: int, seed: int) -> None:
    tables.connection.execute(f"""
        create schema work; create schema terms; create schema if not exists episodes;
        create table work.months as select unnest(
            generate_series(timestamp '2023-01-01', timestamp '2025-12-01', interval 1 month))::date as month_on;
        create table terms.criteria as from (values ('custody', 1, 2, 12), ('inpatient', 2, 1, 6), ('custody', 3, 1, 1))
            as t (kind, criterion, at_least, within_months);
        create table work.events as
            select i % 12 as person_id, if(hash(i, {seed}) % 3 = 0, 'inpatient', 'custody') as kind,
                date '2021-06-01' + (hash(i, {seed} + 10) % 1700)::integer as started_on,
                case when hash(i, {seed} + 20) % 9 > 0 then started_on + 1 + (hash(i, {seed} + 30) % 95)::integer end
                    as until_on
            from range(90) as t (i)
            union all
            select i % 12, 'custody', (date '2022-01-31' + to_months(i::integer))::date,
                (date '2022-03-01' + to_months(i::integer))::date
            from range(24) as t (i);
        create or replace table episodes.persons as
            select i as person_id, case i when 3 then date '2024-05-01' when 4 then date '2024-04-30' end as died_on
            from range(12) as t (i);
    """)
    found = tables.rows("pipelines.underwriting", "eligible_months", "month_on, person_id", needed=needed)
    assert found == tables.select(MONTH_BY_MONTH.format(needed=needed))
    assert found


def test_the_flow_leaves_out_the_first_month_in_which_everybody_is_new(tables: Tables, tmp_path: Path) -> None:
    tables.given("episodes.custody", CUSTODY)
    tables.given("episodes.persons", PERSONS)
    flow = evidence(tables, tmp_path, "2023-06-30").flow
    # the records begin on 10 January 2022, so the first month with a year behind it is February 2023
    assert [(str(row["month_on"])[:7], row["eligible"], row["newly_eligible"]) for row in flow] == [
        ("2023-03", 0, 0),
        ("2023-04", 1, 1),
        ("2023-05", 2, 1),
        ("2023-06", 3, 1),
    ]


def follow_up(tables: Tables, person_id: int, months: int = 12) -> tuple[Any, ...]:
    (row,) = tables.select(f"""
        select before_units, before_starts, after_units, after_starts, is_untreated from work.follow_up
        where person_id = {person_id} and months = {months} and kind = 'custody'""")
    return row


def test_days_are_counted_on_their_side_of_the_first_eligible_day(tables: Tables, tmp_path: Path) -> None:
    tables.given("episodes.custody", CUSTODY)
    tables.given("episodes.persons", PERSONS)
    evidence(tables, tmp_path, "2024-06-30")
    # eligible from 1 April 2023: 31 March before it, 1 and 2 April after it; 31 March 2024 is the year's last day
    assert follow_up(tables, 2) == (1, 1, 3, 1, True)
    # eligible from 1 June 2023: two days in May before it, nothing after
    assert follow_up(tables, 1) == (2, 1, 0, 0, True)


def test_who_is_placed_within_the_window_is_no_untreated_follow_up(tables: Tables, tmp_path: Path) -> None:
    tables.given("episodes.custody", CUSTODY)
    tables.given("episodes.persons", PERSONS)
    tables.given("episodes.placements", "person_id | placed_on\n1 | 2023-08-01\n3 | 2024-05-01")
    evidence(tables, tmp_path, "2024-06-30")
    assert (follow_up(tables, 1)[-1], follow_up(tables, 3)[-1]) == (False, True)


def test_a_window_that_is_not_over_a_death_and_an_unlinkable_person_give_no_row(tables: Tables, tmp_path: Path) -> None:
    tables.given("episodes.custody", CUSTODY)
    tables.given(
        "episodes.persons", "person_id | died_on | is_linkable\n1 |  | true\n2 | 2023-12-01 | true\n3 |  | false"
    )
    evidence(tables, tmp_path, "2024-05-30")
    assert tables.select("select distinct person_id from work.follow_up") == []
    evidence(tables, tmp_path, "2024-05-31")
    assert tables.select("select distinct person_id from work.follow_up") == [(1,)]


def test_before_is_unknown_where_the_records_do_not_reach_back(tables: Tables, tmp_path: Path) -> None:
    tables.given("episodes.custody", CUSTODY)
    tables.given("episodes.persons", PERSONS)
    found = evidence(tables, tmp_path, "2025-06-30")
    assert follow_up(tables, 2, 24)[:2] == (None, None)
    (row,) = [one for one in found.baselines if (one["kind"], one["months"]) == ("custody", 24)]
    assert (row["persons"], row["persons_with_before"]) == (3, 0)


def test_reviewed_figures_of_the_linkage_go_before_expected_ones(tables: Tables, tmp_path: Path) -> None:
    assumptions = {**copy.deepcopy(ASSUMPTIONS)}
    assumptions["linkage"]["agency_pair"] = "fhsp+sheriff"
    tables.given("episodes.persons")
    evidence(tables, tmp_path, "2024-06-30")
    found = gathered(tables.connection, small_case(tmp_path, assumptions=assumptions))
    assert (found.recall, found.precision) == (0.9, 0.95)


def test_without_an_agency_nothing_is_said_of_the_people(tables: Tables, tmp_path: Path) -> None:
    tables.given("episodes.custody", CUSTODY)
    tables.given("episodes.persons", PERSONS)
    found = evidence(tables, tmp_path, "2024-06-30")
    assert found.observed_through_on == date(2024, 6, 30)
    tables.connection.execute("delete from standard.data_through where agency = 'sheriff'")
    assumptions = copy.deepcopy(ASSUMPTIONS)
    assumptions["enrolment"]["eligibility"] = {"needs": "all", "criteria": CRITERIA, "treatment": "placement",
                                               "source": "s"}  # fmt: skip
    assert gathered(tables.connection, small_case(tmp_path, assumptions=assumptions)).flow == ()
