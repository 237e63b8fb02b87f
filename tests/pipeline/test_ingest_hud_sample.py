"""HUD's sample export of fiscal year 2026, as vendors write it: taken as it is."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import pytest

from pipelines.ingest import take_deliveries
from pipelines.lake import Lake
from pipelines.validate import validate_deliveries
from schemas.data_contract import load_contracts

SAMPLE = Path(__file__).resolve().parents[3] / "shared" / "data" / "hmis_sample_fy2026.zip"

ROWS = {
    "client": 4146,
    "current_living_situation": 336,
    "disabilities": 24672,
    "enrollment": 4771,
    "exit": 4295,
    "export": 1,
    "funder": 59,
    "health_and_dv": 9623,
    "organization": 3,
    "project": 27,
    "services": 4472,
}


@pytest.mark.skipif(not SAMPLE.exists(), reason="the sample export is not beside the repository")
def test_the_housing_contracts_take_the_sample_export_as_it_is(tmp_path: Path) -> None:
    lake, landing, contracts = Lake(tmp_path / "lake"), tmp_path / "landing", load_contracts()
    (landing / "hmis").mkdir(parents=True)
    shutil.copy(SAMPLE, landing / "hmis" / "2022-10-01.zip")
    take_deliveries(lake, landing, contracts)
    (receipt,) = validate_deliveries(lake, contracts)
    assert (receipt.status, receipt.is_hashed, str(receipt.data_through)) == ("accepted", True, "2022-09-30")
    assert {table: counts.rows_in for table, counts in receipt.tables.items()} == ROWS
    quarantined = {table: counts.quarantined for table, counts in receipt.tables.items() if counts.quarantined}
    # One row says 999, which is no living situation of HUD's list; the others tell of days after the export was made.
    assert quarantined == {"current_living_situation": 1, "exit": 5, "health_and_dv": 1, "services": 18}
    clients = pl.read_parquet(receipt.path(lake, "client"))
    # Vendor dates such as 03-11-21 are day, month, year.
    assert clients["DateUpdated"].null_count() == 0
    assert clients["DateUpdated"].dt.year().is_between(2009, 2022).all()
    assert clients["SSN"].drop_nulls().str.len_chars().unique().to_list() == [32]
