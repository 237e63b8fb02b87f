"""Which client was which person in a past version of the index, and who that person is now."""

from __future__ import annotations

import duckdb

from pipelines import sql
from pipelines.errors import LakeError
from pipelines.lake import Lake
from pipelines.person_index.ledger import replay, resolve
from pipelines.person_index.update import PACKAGE, latest_version, version_folder


def index_as_of(connection: duckdb.DuckDBPyConnection, lake: Lake, version: int) -> duckdb.DuckDBPyRelation:
    """The index as of a version: `agency, client_id, person_id, current_person_id`, by replaying the ledger.

    `current_person_id` is the person itself, the survivor of its merges, or null once its last client is gone.

    Raises:
        LakeError: there is no such version, or the ledger does not replay to what the version holds.
    """
    if not 1 <= version <= latest_version(lake):
        raise LakeError(f"the person index has no version {version}; its versions are 1 to {latest_version(lake)}")
    connection.execute("create schema if not exists work")
    _open(connection, "version_index", f"from {_table(lake, version, 'person_of_client')}")
    ledger = _ledgers(lake)
    replay(connection, ledger, version).create("work.replayed")
    resolve(connection, ledger).create("work.resolved")
    _open(
        connection,
        "current_persons",
        f"select distinct person_id from {_table(lake, latest_version(lake), 'person_of_client')}",
    )
    _refuse_difference(connection, version)
    return sql.relation(connection, PACKAGE, "as_of")


def index_changes(
    connection: duckdb.DuckDBPyConnection, lake: Lake, version: int | None, until: int | None = None
) -> duckdb.DuckDBPyRelation:
    """Who changed since a version (None: nobody is asked for): `person_id, event_code, cause`, a row a person.

    `until`: the last version that is looked at; None: the newest.

    `event_code` is the first of `merged`, `split`, `changed`, `created`, `retired` that happened to the person.
    """
    connection.execute("create schema if not exists work")
    known = latest_version(lake)
    if known:
        _open(connection, "ledger", f"from {_ledgers(lake)}")
    else:
        connection.execute(
            "create table work.ledger (event_number bigint, version_number bigint, event_code varchar, "
            "person_id bigint, other_person_id bigint, cause varchar)"
        )
    bounds = {"version": known if version is None else version, "until": known if until is None else until}
    return sql.relation(connection, PACKAGE, "index_changes", bounds)


def _refuse_difference(connection: duckdb.DuckDBPyConnection, version: int) -> None:
    ((differences,),) = connection.execute(
        "select count(*) from work.replayed as r full join work.version_index as v using (client_key) "
        "where r.person_id is distinct from v.person_id"
    ).fetchall()
    if differences:
        raise LakeError(
            f"the ledger does not replay to version {version} of the person index ({differences} clients differ); "
            "restore person_index/versions from the backup"
        )


def _open(connection: duckdb.DuckDBPyConnection, table: str, query: str) -> None:
    connection.execute(f"create or replace table work.{table} as {query}")


def _table(lake: Lake, version: int, name: str) -> str:
    return f"read_parquet({sql.literal(str(version_folder(lake, version) / f'{name}.parquet'))})"


def _ledgers(lake: Lake) -> str:
    """Every version's part of the ledger, as one table."""
    paths = [str(version_folder(lake, number) / "ledger.parquet") for number in range(1, latest_version(lake) + 1)]
    return f"read_parquet([{', '.join(map(sql.literal, paths))}])"
