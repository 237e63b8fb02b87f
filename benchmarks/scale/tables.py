"""The tables that are linked: a first night's, and the next night's, in which one record in a hundred differs."""

from __future__ import annotations

import math
import shutil
import time
from pathlib import Path

import duckdb

from pipelines import sql
from pipelines.lake import Lake
from pipelines.link.table import open_table
from synthetic.person_records import generate_records

PACKAGE = "benchmarks.scale"
SEED = 5
NOISE, SSN_KEPT = "hard", 0.3

NEW_SHARE, CHANGED_SHARE, DELETED_SHARE = 0.005, 0.004, 0.001
"""Of the records of the first night: what a night brings, one record in a hundred altogether."""


def make_records(folder: Path, records: int) -> None:
    """Write tonight.parquet with so many records, tomorrow.parquet with what has changed by then, and truth.parquet."""
    shutil.rmtree(folder, ignore_errors=True)
    beyond = math.ceil(records * NEW_SHARE)
    generate_records(folder, records=records + beyond, seed=SEED, ssn_kept=SSN_KEPT, noise=NOISE)
    shares = {"records": records, "changed": CHANGED_SHARE, "deleted": DELETED_SHARE}
    with duckdb.connect() as connection:
        connection.execute("create schema made")
        connection.execute(f"create view made.records as from read_parquet('{folder / 'records.parquet'}')")
        for night in ("tonight", "tomorrow"):
            statement = sql.text(PACKAGE, night)
            used = {name: value for name, value in shares.items() if f"${name}" in statement}
            connection.execute(f"create or replace table made.{night} as {statement}", used)
            connection.execute(f"copy made.{night} to '{folder / night}.parquet'")
    (folder / "records.parquet").unlink()


def standardise(records: Path, lake: Lake) -> dict[str, float]:
    """Write standard/identities and standard/clients of a lake from flat records; returns counts and seconds."""
    began = time.monotonic()
    with sql.connect(lake.spill, places=[records.parent]) as connection:
        open_table(connection, records)
        identities, clients = (
            lake.write("standard", table, connection.sql(f"from standard.{table} order by {key}"))
            for table, key in (("identities", "identity_id"), ("clients", "client_key"))
        )
    return {"identities": identities, "clients": clients, "standardise": time.monotonic() - began}
