"""The ledger: every change of the person index, enough to rebuild the index at any version.

A ledger row has `event_number` (1, 2, … over all versions), `version_number`, `as_of_on`, `event_code`, `person_id`,
`other_person_id`, `client_key`, `cause`. Event codes:

    created        a new person id; never one that was used before
    split          `other_person_id` was created from clients of `person_id`
    merged         `person_id` is retired; ask for `other_person_id` instead
    client_left    the client is no longer of this person (`other_person_id` is where it went; null: no longer known)
    client_joined  the client is of this person (`other_person_id` is where it came from; null: new)
    retired        the last client of this person is no longer known to any agency
"""

from __future__ import annotations

import duckdb

REPLAY = """
    select client_key, person_id
    from {ledger}
    where event_code in ('client_joined', 'client_left') and version_number <= $version
    qualify row_number() over (partition by client_key order by event_number desc) = 1 and event_code = 'client_joined'
    order by client_key
"""

RESOLVE = """
    with recursive chain as (
        select person_id as asked_id, other_person_id as person_id from {ledger} where event_code = 'merged'
        union all
        select chain.asked_id, next.other_person_id
        from chain inner join {ledger} as next on chain.person_id = next.person_id and next.event_code = 'merged'
    )
    select asked_id, person_id from chain
    anti join (select person_id from {ledger} where event_code = 'merged') as retired using (person_id)
    order by asked_id
"""


def replay(connection: duckdb.DuckDBPyConnection, ledger: str, version: int | None = None) -> duckdb.DuckDBPyRelation:
    """The index that the ledger tells of, as of a version (default: the last): `client_key, person_id`."""
    return connection.sql(REPLAY.format(ledger=ledger), params={"version": 2**62 if version is None else version})


def resolve(connection: duckdb.DuckDBPyConnection, ledger: str) -> duckdb.DuckDBPyRelation:
    """For every merged id, the person that stands for it now: `asked_id, person_id`."""
    return connection.sql(RESOLVE.format(ledger=ledger))
