"""How an engine is chosen: on the command line, or by the environment of the schedule."""

from __future__ import annotations

from click.testing import CliRunner

from linkage_rules.bundle import shipped_bundle
from pipelines.cli import main
from pipelines.commands.nightly import RunSettings
from pipelines.defs.resources import resources
from pipelines.link.engine import USUAL
from tests.linkage.records import write_records
from tests.linkage.test_linking import PEOPLE


def test_link_table_tells_what_the_engine_lacks_and_writes_nothing(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("pipelines.link.engine.find_spec", lambda _: None)
    records, out = write_records(tmp_path / "records.parquet", PEOPLE), tmp_path / "persons.parquet"
    bundle = shipped_bundle().folder
    command = ["link-table", "--records", str(records), "--out", str(out), "--bundle", str(bundle), "--engine", "spark"]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 1
    assert "countylink[spark]" in result.output
    assert not out.exists()


def test_a_run_hands_the_engine_to_the_steps_through_the_environment(tmp_path, monkeypatch) -> None:
    settings = RunSettings(
        lake=tmp_path, landing=tmp_path, contracts=tmp_path, engine="spark", spark_master="spark://127.0.0.1:7077"
    )
    for name, value in settings.environment().items():
        monkeypatch.setenv(name, value)
    choice = resources()["county"].engine_choice()
    assert (choice.name, choice.spark_master) == ("spark", "spark://127.0.0.1:7077")


def test_duckdb_is_the_usual_engine(monkeypatch) -> None:
    monkeypatch.delenv("COUNTYLINK_ENGINE", raising=False)
    assert resources()["county"].engine_choice() == USUAL
    assert USUAL.name == "duckdb"
