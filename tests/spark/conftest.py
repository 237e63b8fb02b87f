"""A standardised county and what DuckDB makes of it, for Spark to be held against."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from linkage_rules.bundle import shipped_bundle
from pipelines import ingest, standardise, validate
from pipelines.lake import Lake
from pipelines.link import LinkReport, link
from schemas.data_contract import load_contracts
from synthetic.county import generate
from tests.pipeline.counties import CONTRACTS

PEOPLE = 800

QUICK_START = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"


FEW_TASKS = """
spark.default.parallelism 4
spark.sql.shuffle.partitions 4
"""
"""Two hundred tasks, which are Spark's usual number, would hold five rows each."""


@pytest.fixture(scope="session", autouse=True)
def _quick(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A test is over before Java's optimising compiler has paid for itself, or many tasks for their start."""
    conf = tmp_path_factory.mktemp("spark_conf")
    (conf / "spark-defaults.conf").write_text(FEW_TASKS, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_SUBMIT_OPTS", QUICK_START)
        patch.setenv("SPARK_CONF_DIR", str(conf))
        yield


@pytest.fixture(scope="session")
def by_duckdb(tmp_path_factory: pytest.TempPathFactory) -> tuple[Lake, LinkReport]:
    """About a thousand clients of five agencies, ids shared between some, linked by the usual engine."""
    folder = tmp_path_factory.mktemp("linked_by_duckdb")
    generate(folder, people=PEOPLE, seed=5, days=1)
    lake, contracts = Lake(folder / "lake"), load_contracts(CONTRACTS)
    ingest.take_deliveries(lake, folder / "landing", contracts)
    validate.validate_deliveries(lake, contracts)
    standardise.standardise(lake, contracts)
    return lake, link(lake, shipped_bundle())
