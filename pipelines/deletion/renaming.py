"""The history of persons without the client: in the ledger and in every version of the index it becomes a number.

A ledger cannot lose rows and still explain. So the client's key, which is made from its id, gives way to one that is
made from the number of its deletion: the same in every version, negative as no client's key is. The ledger still
replays to every version of the index, to the row.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from pipelines import sql
from pipelines.deletion.erasing import DELETED, Erasure, open_gone
from pipelines.lake import Lake, replacing
from pipelines.products.vault import forget

DELETIONS_APART = 1_000_000
"""Clients in one deletion at most; keys of two deletions never meet."""


def rename_in_history(lake: Lake, erasure: Erasure) -> int:
    """Rename the clients in the person index, all versions; returns how many rows. Persons without clients leave the
    vault."""
    with sql.connect(lake.spill) as connection:
        open_gone(connection, erasure.clients)
        paths = [path for path in sorted(lake.zone("person_index").rglob("*.parquet")) if _has_key(connection, path)]
        renamed = sum(_rename(connection, path, erasure.number) for path in paths)
        _empty_vault(connection, lake)
    return renamed


def _has_key(connection: duckdb.DuckDBPyConnection, path: Path) -> bool:
    rows = connection.execute(f"describe from read_parquet({sql.literal(str(path))})").fetchall()
    return "client_key" in {name for name, *_ in rows}


def _rename(connection: duckdb.DuckDBPyConnection, path: Path, number: int) -> int:
    source = f"read_parquet({sql.literal(str(path))})"
    ((rows,),) = connection.execute(f"select count(*) from {source} semi join gone using (client_key)").fetchall()
    if not rows:
        return 0
    names = {name for name, *_ in connection.execute(f"describe from {source}").fetchall()}
    new_id = ", if(gone.place is null, t.client_id, $word || '-' || $number || '-' || gone.place) as client_id"
    with replacing(path) as staged:
        connection.sql(
            f"""
            select t.* replace (
                if(gone.place is null, t.client_key, -($number * {DELETIONS_APART} + gone.place)) as client_key
                {new_id if "client_id" in names else ""}
            )
            from (select *, row_number() over () as row_at from {source}) as t left join gone using (client_key)
            order by t.row_at
            """,
            params={"number": number} | ({"word": DELETED} if "client_id" in names else {}),
        ).project("* exclude (row_at)").write_parquet(str(staged), compression="zstd")
        staged.chmod(0o600)
    return int(rows)


def _empty_vault(connection: duckdb.DuckDBPyConnection, lake: Lake) -> None:
    """Persons of whom no client is left have no vault id any longer: no recipient's key leads to them."""
    sql.open_views(connection, lake, [("person_index", "person_of_client"), ("person_index", "ledger")])
    gone = connection.execute(
        "select distinct person_id from person_index.ledger anti join person_index.person_of_client using (person_id)"
    ).fetchall()
    forget(lake, (int(person_id) for (person_id,) in gone))
