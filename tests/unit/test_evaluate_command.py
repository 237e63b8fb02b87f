"""`countylink evaluate`, on four clients."""

import json
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from pipelines.cli import main


@pytest.fixture
def truth(tmp_path: Path) -> Path:
    clients = {"agency": ["health", "sheriff", "hmis", "hmis"], "client_id": ["1", "2", "3", "4"]}
    pl.DataFrame({**clients, "person_id": [1, 1, 2, 2]}).write_parquet(tmp_path / "linked.parquet")
    pl.DataFrame({**clients, "person_id": ["a", "a", "a", "b"]}).write_parquet(tmp_path / "clients.parquet")
    facts = {"person_id": ["a", "b"], "sex": ["F", "M"], "ethnicity": ["white", "asian"]}
    pl.DataFrame({**facts, "housing_status": ["housed", "homeless"]}).write_parquet(tmp_path / "persons.parquet")
    return tmp_path / "clients.parquet"


def test_one_of_two_found_pairs_is_right_and_one_of_three_true_pairs_is_found(truth: Path) -> None:
    options = ["evaluate", "--persons", str(truth.with_name("linked.parquet")), "--truth", str(truth), "--json"]
    ended = CliRunner().invoke(main, options)
    assert ended.exit_code == 0
    found = json.loads(ended.output)
    assert found["overall"]["precision"] == pytest.approx(1 / 2)
    assert found["overall"]["recall"] == pytest.approx(1 / 3)
    assert found["overall"]["f1"] == pytest.approx(0.4)


def test_what_stands_beside_the_truth_is_used_for_the_subgroups(truth: Path) -> None:
    options = ["evaluate", "--persons", str(truth.with_name("linked.parquet")), "--truth", str(truth), "--json"]
    found = json.loads(CliRunner().invoke(main, options).output)
    assert {"by_sex", "by_ethnicity", "by_housing_status"} <= set(found)
    assert "health+sheriff" in found["by_agency_pair"]
