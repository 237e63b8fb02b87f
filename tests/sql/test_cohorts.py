"""Whom an outcomes contract looks at, and how many of them another partition of the clients would change."""

from __future__ import annotations

import duckdb
import pytest

from pipelines import sql


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    opened = duckdb.connect()
    for schema in ("work", "terms", "outcomes", "contracts"):
        opened.execute(f"create schema {schema}")
    return opened


def effects(connection: duckdb.DuckDBPyConnection, before: dict, now: dict, members: dict[int, float]) -> dict:
    """The one row that `changed_members` gives for a cohort: person → what was paid for them."""
    for name, partition in (("before", before), ("now", now)):
        rows = ", ".join(f"({client}::bigint, {person}::bigint)" for client, person in partition.items())
        connection.execute(f"create table work.{name} as from (values {rows}) as t (client_key, person_id)")
    rows = ", ".join(
        f"('contract', 'jir', 'all', {person}::bigint, {paid}::double)" for person, paid in members.items()
    )
    connection.execute(
        f"create table work.memberships as from (values {rows}) as t (kind, code, part, person_id, paid_usd)"
    )
    found = sql.relation(connection, "pipelines.person_index", "changed_members")
    ((row),) = [dict(zip(found.columns, one, strict=True)) for one in found.fetchall()]
    return {name: value for name, value in row.items() if name not in ("kind", "code", "part")}


def test_members_whose_clients_stay_together_alone_are_unchanged(connection) -> None:
    same = {1: 10, 2: 10, 3: 20}
    assert effects(connection, same, same, {10: 5.0, 20: 7.0}) == {
        "members": 2, "members_now": 2, "changed": 0, "merged": 0, "split": 0, "replaced": 0,
        "paid_usd_of_changed": 0.0,
    }  # fmt: skip


def test_two_members_that_become_one_are_both_merged_and_one_has_another_id(connection) -> None:
    found = effects(connection, {1: 10, 2: 20, 3: 30}, {1: 10, 2: 10, 3: 30}, {10: 5.0, 20: 7.0, 30: 1.0})
    assert (found["members"], found["members_now"], found["merged"], found["replaced"]) == (3, 2, 2, 1)
    assert found["paid_usd_of_changed"] == 12.0


def test_a_member_joined_by_a_stranger_is_merged_and_keeps_its_id(connection) -> None:
    found = effects(connection, {1: 10, 2: 99}, {1: 10, 2: 10}, {10: 5.0})
    assert (found["members"], found["merged"], found["split"], found["replaced"]) == (1, 1, 0, 0)


def test_a_member_whose_clients_part_is_split_and_stands_for_two_afterwards(connection) -> None:
    found = effects(connection, {1: 10, 2: 10}, {1: 10, 2: 11}, {10: 5.0})
    assert (found["members_now"], found["changed"], found["split"], found["merged"]) == (2, 1, 1, 0)


def test_a_clause_looks_at_the_persons_of_its_measure_programme_and_term_whatever_became_of_them(connection) -> None:
    connection.execute("""
        create table outcomes.person_measures as select * from (values
            ('kept_6', 1::bigint, 'JIR', date '2024-01-01', 'met'), ('kept_6', 1, 'JIR', date '2024-02-01', 'not_met'),
            ('kept_6', 2, 'JIR', date '2024-01-01', 'immature'), ('kept_6', 3, 'OTHER', date '2024-01-01', 'met'),
            ('kept_6', 4, 'JIR', date '2019-01-01', 'met'), ('visits', 5, null, date '2024-01-01', 'met')
        ) as t (measure_id, person_id, program_code, index_on, status_code)""")
    connection.execute("""
        create table terms.clauses as select 'jir' as contract_id, clause_id, 'kept_6' as measure_id,
            'JIR' as program_code, date '2023-01-01' as starts_on, date '2025-01-01' as ends_on
        from (values ('half_year'), ('half_year_again')) as t (clause_id)""")
    connection.execute("""
        create table contracts.statement_lines as select 'jir' as contract_id, clause_id, person_id, 100.5 as amount_usd
        from (values ('half_year', 1::bigint), ('half_year', 1), ('half_year', null)) as t (clause_id, person_id)""")
    rows = sorted(sql.relation(connection, "pipelines.contracts", "cohort_members").fetchall())
    assert rows == [
        ("contract", "jir", "all", 1, 201.0), ("contract", "jir", "all", 2, 0.0),
        ("contract", "jir", "half_year", 1, 201.0), ("contract", "jir", "half_year", 2, 0.0),
        ("contract", "jir", "half_year_again", 1, 0.0), ("contract", "jir", "half_year_again", 2, 0.0),
        ("measure", "kept_6", "all", 1, 0.0), ("measure", "kept_6", "all", 2, 0.0),
        ("measure", "kept_6", "all", 3, 0.0), ("measure", "kept_6", "all", 4, 0.0),
        ("measure", "visits", "all", 5, 0.0),
    ]  # fmt: skip
