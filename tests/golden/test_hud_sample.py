"""HUD's sample export, as it is: hashed names, one system, and the numbers that a second program got from it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import duckdb
import pytest

from pipelines import episodes, ingest, outcomes, standardise, validate
from pipelines.lake import Lake
from schemas.data_contract import load_contracts

BESIDE_THE_CHECKOUT = Path(__file__).resolve().parents[3] / "shared" / "data" / "hmis_sample_fy2026.zip"
SAMPLE = Path(os.environ.get("COUNTYLINK_HMIS_SAMPLE", BESIDE_THE_CHECKOUT))

pytestmark = pytest.mark.skipif(not SAMPLE.exists(), reason="HUD's sample export is not here")

Result = tuple[int, float, int]
"""Persons in the denominator, of whom met, excluded."""


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Result]:
    """Measure → its result over everybody."""
    folder = tmp_path_factory.mktemp("hud")
    lake, landing, contracts = Lake(folder / "lake"), folder / "landing", load_contracts()
    (landing / "hmis").mkdir(parents=True)
    shutil.copy(SAMPLE, landing / "hmis" / "2023-09-08.zip")
    ingest.take_deliveries(lake, landing, contracts)
    validate.validate_deliveries(lake, contracts)
    standardise.standardise(lake, contracts)
    with duckdb.connect() as connection:
        each_client_a_person(connection, lake)
        episodes.build(lake)
        outcomes.measure(lake)
        found = connection.execute(
            "select measure_id, n, numerator, excluded from read_parquet($path) where cut_code = 'all'",
            {"path": str(lake.path("outcomes", "measure_results"))},
        ).fetchall()
    return {measure: (n, numerator, excluded) for measure, n, numerator, excluded in found}


def each_client_a_person(connection: duckdb.DuckDBPyConnection, lake: Lake) -> None:
    """Hashed names cannot be linked: every client stands alone."""
    clients = lake.path("standard", "clients")
    linkable = connection.execute(f"select count(*) from '{clients}' where is_linkable").fetchall()
    assert linkable == [(0,)]
    people = (
        f"select client_key, agency, client_id, row_number() over (order by client_key) as person_id from '{clients}'"
    )
    lake.write("person_index", "person_of_client", connection.sql(people))


def test_returns_to_homelessness_are_those_that_a_plain_reading_of_the_specification_gives(
    results: dict[str, Result],
) -> None:
    # counted apart in a few lines of Python over the CSV files: 341 exits; 28, 14 and 20 returns
    assert results["spm_returns_to_homelessness_0_180_days"] == (341, 28.0, 0)
    assert results["spm_returns_to_homelessness_181_365_days"] == (341, 14.0, 0)
    assert results["spm_returns_to_homelessness_366_730_days"] == (341, 20.0, 0)
    assert results["spm_returns_to_homelessness"] == (341, 62.0, 0)


def test_permanent_housing_retention(results: dict[str, Result]) -> None:
    assert results["permanent_housing_retention"] == (24, 21.0, 1)


def test_what_jail_and_hospital_records_would_tell_is_unknown_and_not_zero(results: dict[str, Result]) -> None:
    assert results["jail_return_after_placement_24_months"][0] == 0
    assert "psychiatric_emergency_visits_per_1000_member_months" not in results
