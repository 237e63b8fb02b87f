"""HUD's sample export, written back into the columns of fiscal year 2024: it comes out as the original does."""

from __future__ import annotations

import io
import os
import shutil
import zipfile
from pathlib import Path

import polars as pl
import pytest

from pipelines.ingest import take_deliveries
from pipelines.lake import Lake
from pipelines.validate import Receipt, validate_deliveries
from schemas.data_contract import load_contracts
from tests.hmis import CLIENT_2024, ENROLLMENT_2024, FLAGS

BESIDE_THE_CHECKOUT = Path(__file__).resolve().parents[3] / "shared" / "data" / "hmis_sample_fy2026.zip"
SAMPLE = Path(os.environ.get("COUNTYLINK_HMIS_SAMPLE", BESIDE_THE_CHECKOUT))

pytestmark = pytest.mark.skipif(not SAMPLE.exists(), reason="HUD's sample export is not here")

NOT_ASKED_IN_2024 = ("MentalHealthConsultation",)
UNASKED = ("8", "9", "99")


def write_2024(target: Path) -> None:
    """The sample's files; Export, Client and Enrollment as fiscal year 2024 had them."""
    with zipfile.ZipFile(SAMPLE) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in source.namelist():
            text = source.read(name)
            if name in ("Export.csv", "Client.csv", "Enrollment.csv"):
                rows = pl.read_csv(io.BytesIO(text), infer_schema=False)
                text = as_2024(name, rows).write_csv().encode()
            archive.writestr(name, text)


def as_2024(name: str, rows: pl.DataFrame) -> pl.DataFrame:
    if name == "Export.csv":
        return rows.with_columns(CSVVersion=pl.lit("2024 v1.7"))
    if name == "Enrollment.csv":
        return rows.drop("MentalHealthConsultation").with_columns(pl.lit("").alias(one) for one in ENROLLMENT_2024)
    sex = pl.col("Sex")
    flags = {flag: pl.lit("0") for flag in FLAGS} | {
        "Woman": (sex == "0").cast(pl.Int8).cast(pl.String),
        "Man": (sex == "1").cast(pl.Int8).cast(pl.String),
    }
    unasked = pl.when(sex.is_in(UNASKED)).then(sex)
    named = rows.rename({"HispanicLatinao": "HispanicLatinaeo"})
    return named.with_columns(**flags, GenderNone=unasked, DifferentIdentityText=pl.lit("")).drop("Sex")


def validated(folder: Path, sample: Path) -> tuple[Lake, Receipt]:
    lake, landing, contracts = Lake(folder / "lake"), folder / "landing", load_contracts()
    (landing / "hmis").mkdir(parents=True)
    shutil.copy(sample, landing / "hmis" / "2022-10-01.zip")
    take_deliveries(lake, landing, contracts)
    (receipt,) = validate_deliveries(lake, contracts)
    return lake, receipt


def test_the_sample_as_of_2024_gives_the_rows_that_it_gives_as_of_2026(tmp_path: Path) -> None:
    write_2024(tmp_path / "sample_2024.zip")
    lakes = [
        validated(tmp_path / "of_2024", tmp_path / "sample_2024.zip"),
        validated(tmp_path / "of_2026", SAMPLE),
    ]
    assert [receipt.told.version for _, receipt in lakes] == ["2024 v1.7", "2026 v1"]
    (before, of_2024), (_, of_2026) = lakes
    assert of_2024.tables == of_2026.tables
    for table in ("client", "enrollment", "exit"):
        older, newer = (
            pl.read_parquet(receipt.path(lake, table)).drop("_delivery_id", *NOT_ASKED_IN_2024, strict=False)
            for lake, receipt in lakes
        )
        assert older.equals(newer.select(older.columns)), table
    assert not set(CLIENT_2024) & set(pl.read_parquet_schema(of_2024.path(before, "client")))
