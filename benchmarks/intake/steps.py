"""`python -m benchmarks.intake.steps STEP FOLDER`: one side of the intake benchmark, measured as a process of its own.

FOLDER holds `contracts/` (one shipped contract) and `landing/mental_health/<date>/client.csv`.
"""

from __future__ import annotations

import shutil
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.processes import tell
from pipelines import sql
from schemas.data_contract import SHIPPED_ROOT, DataContract, load_contracts

AGENCY, TABLE = "mental_health", "client"
AS_OF = date(2026, 11, 1)


def make(folder: Path, rows: int) -> None:
    """The extract and its contract."""
    contracts = folder / "contracts" / "incoming" / AGENCY
    contracts.mkdir(parents=True, exist_ok=True)
    shutil.copy(SHIPPED_ROOT / "incoming" / AGENCY / f"{TABLE}.odcs.yaml", contracts)
    target = extract(folder)
    target.parent.mkdir(parents=True, exist_ok=True)
    select = sql.text("benchmarks.intake", "extract").replace("$rows", str(int(rows)))
    with sql.connect(folder / "spill") as connection:
        connection.sql(select).write_csv(str(target), header=True)
    tell(bytes=target.stat().st_size)


def extract(folder: Path) -> Path:
    """The file that both sides read."""
    return folder / "landing" / AGENCY / AS_OF.isoformat() / f"{TABLE}.csv"


def ours(folder: Path) -> None:
    """Ingest and validate into a new lake: raw, validated and quarantine, with every promise of theirs."""
    from pipelines.ingest import take_deliveries
    from pipelines.lake import Lake
    from pipelines.validate import validate_deliveries

    lake = Lake(folder / "lake")
    shutil.rmtree(lake.root, ignore_errors=True)
    contracts = load_contracts(folder / "contracts")
    began = time.monotonic()
    take_deliveries(lake, folder / "landing", contracts)
    taken = time.monotonic()
    (receipt,) = validate_deliveries(lake, contracts)
    counts = receipt.tables[TABLE]
    tell(
        ingest_seconds=taken - began,
        validate_seconds=time.monotonic() - taken,
        status=receipt.status,
        accepted=counts.accepted,
        quarantined=counts.quarantined,
        superseded=counts.superseded,
        cpu_seconds=time.process_time(),
    )


def bare(folder: Path) -> None:
    """The plainest way: DuckDB's read_csv, all text, to Parquet; then pandera on the whole frame, eagerly."""
    import polars as pl

    contract = load_contracts(folder / "contracts").of(AGENCY)[0]
    target = folder / "bare.parquet"
    began = time.monotonic()
    with sql.connect(folder / "spill") as connection:
        connection.read_csv(str(extract(folder)), all_varchar=True, header=True).write_parquet(str(target))
    read = time.monotonic()
    broken = _pandera(pl.read_parquet(target), contract)
    tell(
        read_seconds=read - began,
        pandera_seconds=time.monotonic() - read,
        broken=broken,
        cpu_seconds=time.process_time(),
    )


def _pandera(text: Any, contract: DataContract) -> int:
    from schemas.from_contract import compile_contract, failures

    compiled = compile_contract(contract, AS_OF)
    broken = failures(compiled.as_text.as_pandera(), text)
    typed = text.select(compiled.cast)
    return len(broken) + len(failures(compiled.typed.as_pandera(), typed))


if __name__ == "__main__":
    step, place = sys.argv[1], Path(sys.argv[2])
    if step == "make":
        make(place, int(sys.argv[3]))
    else:
        {"ours": ours, "bare": bare}[step](place)
