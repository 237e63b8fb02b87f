"""The queue is ordered by the chance of an error times what rests on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import duckdb
import pytest

from pipelines import sql
from pipelines.review_app.queue import NO_STAKES, PACKAGE, Queued, queue_of
from pipelines.review_app.terms import load_terms

TERMS = replace(load_terms(), least_stake_usd=1, measure_row_usd=25, most_chance_wrong_apart=0.5)

LINKS = """
create table linked.links (
    identity_id_l bigint, identity_id_r bigint, client_key_l bigint, client_key_r bigint, match_weight double,
    match_key varchar, guard varchar
)
"""


@pytest.fixture
def lake() -> Iterator[duckdb.DuckDBPyConnection]:
    """Clients 1 to 9, each a person of its own, and no link."""
    with sql.connect() as connection:
        for schema in ("linked", "person_index", "work", "outcomes", "terms", "contracts"):
            connection.execute(f"create schema {schema}")
        connection.execute(LINKS)
        connection.execute(NO_STAKES)
        connection.execute(
            "create table person_index.person_of_client as select key as client_key, 'a' as agency, "
            "key::varchar as client_id, key + 100 as person_id from range(1, 10) as t (key)"
        )
        yield connection


def link(lake: duckdb.DuckDBPyConnection, one: int, other: int, weight: float, guard: str | None = None) -> None:
    lake.execute(
        "insert into linked.links values (?, ?, ?, ?, ?, 'same_ssn', ?)",
        [one * 10, other * 10, one, other, weight, guard],
    )


def together(lake: duckdb.DuckDBPyConnection, *clients: int) -> None:
    lake.execute(
        "update person_index.person_of_client set person_id = ? where client_key in (select unnest(?))",
        [clients[0] + 100, list(clients)],
    )


def stake(lake: duckdb.DuckDBPyConnection, client: int, paid: float, rows: int = 0) -> None:
    lake.execute("insert into work.stakes values (?, ?, ?)", [client + 100, paid, rows])


def queue(lake: duckdb.DuckDBPyConnection) -> list[Queued]:
    sql.create(lake, "work", PACKAGE, "spoken_pairs")
    return queue_of(lake, TERMS)


def pairs(lake: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    return [(one.client_id_l, one.client_id_r) for one in queue(lake)]


def test_a_pair_that_is_together_is_wrong_with_the_chance_against_it(lake) -> None:
    together(lake, 1, 2)
    link(lake, 1, 2, 3)  # odds of 8 to 1
    (one,) = queue(lake)
    assert (one.is_together, one.chance_wrong, one.stake_usd) == (True, pytest.approx(1 / 9), 1)


def test_a_pair_that_is_apart_is_wrong_with_the_chance_for_it_at_most_even(lake) -> None:
    link(lake, 1, 2, -3)
    link(lake, 3, 4, 12, "two_ids_of_one_kind")
    assert {one.client_id_l: one.chance_wrong for one in queue(lake)} == {"1": pytest.approx(1 / 9), "3": 0.5}


def test_two_who_hang_together_over_a_third_are_no_doubtful_pair(lake) -> None:
    together(lake, 1, 2, 3)
    link(lake, 1, 3, -4)
    link(lake, 1, 2, 20)
    link(lake, 2, 3, 5)
    (over_two, direct) = sorted(queue(lake), key=lambda one: one.client_id_l)
    assert (over_two.client_id_l, over_two.client_id_r) == ("1", "3")
    assert over_two.chance_wrong == pytest.approx(direct.chance_wrong) == pytest.approx(1 / 33), "the weaker end speaks"


def test_the_best_pair_of_identities_speaks_for_two_clients(lake) -> None:
    link(lake, 1, 2, -5)
    lake.execute("insert into linked.links values (21, 11, 2, 1, -1, 'same_birth_date', null)")
    (one,) = queue(lake)
    assert (one.match_weight, one.match_key, one.identity_id_l) == (-1, "same_birth_date", 21)


def test_a_pair_on_which_a_payment_rests_comes_before_one_of_even_odds_on_which_nothing_does(lake) -> None:
    link(lake, 1, 2, 0)
    link(lake, 3, 4, -6)  # 1 in 65
    link(lake, 5, 6, 0)
    stake(lake, 4, 9500.0, 1)
    stake(lake, 6, 0.0, 2)
    assert pairs(lake) == [("3", "4"), ("5", "6"), ("1", "2")]
    values = [one.value_usd for one in queue(lake)]
    assert values == pytest.approx([9525 / 65, 25.0, 0.5])


def test_the_stakes_of_one_person_count_once_those_of_two_both(lake) -> None:
    together(lake, 1, 2)
    link(lake, 1, 2, 0)
    link(lake, 3, 4, 0)
    for client in (1, 3, 4):
        stake(lake, client, 100.0)
    assert {one.client_id_l: one.stake_usd for one in queue(lake)} == {"1": 100, "3": 200}


def test_what_is_as_good_as_sure_is_not_asked_about(lake) -> None:
    together(lake, 1, 2)
    link(lake, 1, 2, 11)
    link(lake, 3, 4, -11)
    assert queue(lake) == []


def test_a_missed_unit_is_at_stake_as_an_earned_one_is_and_several_units_are_all(lake) -> None:
    lake.execute("drop table work.stakes")
    lake.execute(
        "create table contracts.payments_by_threshold as select * from (values "
        "('jir', 'housed', 'base', 4.0, 400.0), ('jir', 'housed', 'loose', 1.0, 1.0), "
        "('jir', 'never', 'base', 0.0, 0.0)"
        ") as t (contract_id, clause_id, scenario_code, quantity, earned_usd)"
    )
    lake.execute(
        "create table terms.clauses as select 'jir' as contract_id, 'housed' as clause_id, 'm' as measure_id, "
        "null::varchar as program_code, date '2025-01-01' as starts_on, date '2025-12-31' as ends_on"
    )
    lake.execute(
        "create table outcomes.person_measures as select 'm' as measure_id, 'JIR' as program_code, person_id, "
        "index_on, status_code, numerator from (values (1, date '2025-02-01', 'met', 3.0), "
        "(2, date '2025-02-01', 'not_met', 0.0), (3, date '2026-02-01', 'met', 1.0), "
        "(4, date '2025-02-01', 'unknown', 0.0)) as t (person_id, index_on, status_code, numerator)"
    )
    sql.create(lake, "work", PACKAGE, "unit_prices")
    sql.create(lake, "work", PACKAGE, "stakes")
    found = lake.execute("from work.stakes order by person_id").fetchall()
    assert found == [(1, 300.0, 1), (2, 100.0, 1), (3, 0.0, 1)], "the term of the contract, and what is known, count"
