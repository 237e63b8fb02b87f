"""What counts as flicker, on a few clients over three nights."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from benchmarks.flicker import HERE, _row
from pipelines import sql

Night = dict[int, tuple[int, int]]
"""Client → (person, hash of how it was described)."""


def counted(nights: Sequence[Night], query: str) -> dict[str, int]:
    with duckdb.connect() as connection:
        connection.execute("create schema seen")
        connection.execute(
            "create table seen.clients (night int, client_key bigint, person_id bigint, described ubigint)"
        )
        connection.execute("create table seen.events (night int, event_code varchar, events bigint)")
        for night, clients in enumerate(nights):
            for client, (person, described) in clients.items():
                connection.execute("insert into seen.clients values (?, ?, ?, ?)", [night, client, person, described])
        return _row(connection, sql.text(HERE, query))


def test_a_new_client_that_joins_changes_nobody_who_was_known() -> None:
    found = counted([{1: (1, 0)}, {1: (1, 0), 2: (1, 0)}], "flicker_counts")
    assert (found["new_clients"], found["changed_persons"], found["changed_without_reason"]) == (1, 0, 0)


def test_persons_that_merge_over_a_new_client_have_a_reason() -> None:
    found = counted([{1: (1, 0), 2: (2, 0)}, {1: (1, 0), 2: (1, 0), 3: (1, 0)}], "flicker_counts")
    assert (found["changed_persons"], found["changed_without_reason"], found["renamed_persons"]) == (1, 0, 1)


def test_persons_that_merge_when_a_client_is_described_otherwise_have_a_reason() -> None:
    found = counted([{1: (1, 0), 2: (2, 0)}, {1: (1, 5), 2: (1, 0)}], "flicker_counts")
    assert (found["changed_persons"], found["described_otherwise"], found["changed_without_reason"]) == (1, 1, 0)


def test_a_split_without_any_other_change_is_flicker_of_both_parts() -> None:
    found = counted([{1: (1, 0), 2: (1, 0), 9: (9, 0)}, {1: (1, 0), 2: (2, 0), 9: (9, 0)}], "flicker_counts")
    assert (found["changed_persons"], found["changed_without_reason"]) == (2, 2)


def test_what_parts_and_comes_together_again_is_counted_once() -> None:
    together, apart = {1: (1, 0), 2: (1, 0)}, {1: (1, 0), 2: (2, 0)}
    found = counted([together, apart, together, together], "flicker_backs")
    assert (found["pairs"], found["back_together"], found["apart_again"]) == (1, 1, 0)
    found = counted([apart, together, apart], "flicker_backs")
    assert (found["pairs"], found["back_together"], found["apart_again"]) == (1, 0, 1)
