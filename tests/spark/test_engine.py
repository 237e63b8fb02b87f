"""Spark on this machine makes the same pairs as DuckDB and, but for one spelling in some hundreds, the same persons."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import duckdb
import pytest

from linkage_rules.blocking import RULES
from linkage_rules.bundle import shipped_bundle
from pipelines import sql
from pipelines.errors import EngineError
from pipelines.lake import Lake
from pipelines.link import LinkReport, candidates, link
from pipelines.link import keys as duckdb_keys
from pipelines.link.engine import EngineChoice, open_engine
from pipelines.link.spark import keys
from pipelines.link.spark.session import open_session, unquoted_errors
from tests.linkage.test_linking import PEOPLE, lake_of, persons
from tests.spark.comparing import (
    OTHER_SPELLING_SHARE,
    copy_of,
    needs_spark,
    rules_of,
    share_in_other_persons,
    share_weighed_otherwise,
)

SPARK = EngineChoice("spark", "local[2]")


@pytest.fixture(scope="module")
def by_spark(by_duckdb: tuple[Lake, LinkReport], tmp_path_factory: pytest.TempPathFactory) -> tuple[Lake, LinkReport]:
    """The same clients, linked by Spark."""
    lake = copy_of(by_duckdb[0], tmp_path_factory.mktemp("linked_by_spark"))
    return lake, link(lake, shipped_bundle(), choice=SPARK)


@needs_spark
def test_both_engines_score_as_many_pairs_and_meet_each_by_the_same_rule(by_duckdb, by_spark) -> None:
    assert by_spark[1].candidate_pairs == by_duckdb[1].candidate_pairs > 1000
    ours, theirs = rules_of(by_duckdb[0]), rules_of(by_spark[0])
    shared = [(ours[pair], theirs[pair]) for pair in ours.keys() & theirs.keys()]
    assert all(one == other for one, other in shared if "same_component" not in (one, other))
    assert len(shared) >= (1 - OTHER_SPELLING_SHARE) * len(ours)


@needs_spark
def test_both_engines_weigh_all_but_a_few_names_alike(by_duckdb, by_spark) -> None:
    assert share_weighed_otherwise(by_duckdb[0], by_spark[0]) <= OTHER_SPELLING_SHARE


@needs_spark
def test_both_engines_find_the_same_persons(by_duckdb, by_spark) -> None:
    assert by_spark[1].clusters < by_spark[1].clients
    assert share_in_other_persons(by_duckdb[0], by_spark[0]) <= OTHER_SPELLING_SHARE


@needs_spark
def test_nothing_of_spark_stays_when_it_has_ended(by_spark) -> None:
    lake, _ = by_spark
    assert list(lake.spill.iterdir()) == []
    assert "java" not in children()


@needs_spark
def test_blocks_are_refined_and_left_out_alike(by_duckdb, tmp_path, monkeypatch) -> None:
    for module in (duckdb_keys, keys):
        monkeypatch.setattr(module, "max_block", lambda _, is_weak: 3 if is_weak else 2)
        monkeypatch.setattr(module, "LAST_BLOCK_FACTOR", 2)
    with sql.connect(by_duckdb[0].spill, places=[tmp_path]) as connection:
        sql.open_views(connection, by_duckdb[0], [("standard", "identities")])
        rules = candidates.make_candidates(connection)
        asked, target = (*RULES, *candidates.shared_id_rules(connection)), tmp_path / "candidates"
        with open_session("local[2]", tmp_path) as spark:
            spark.read.parquet(str(by_duckdb[0].path("standard", "identities"))).createOrReplaceTempView("identities")
            assert keys.make_candidates(spark, asked, target) == rules
        connection.execute(f"create view on_spark as from read_parquet('{target}/*.parquet')")
        assert any(rule.name == "same_cin" for rule in rules)
        for rule in rules:
            made = blocks(connection, candidates.TABLE, rule.column)
            assert made == blocks(connection, "on_spark", rule.column)


@needs_spark
def test_linking_on_spark_says_nothing_of_anybody(tmp_path, capfd, caplog) -> None:
    caplog.set_level("DEBUG")
    lake = lake_of(tmp_path / "lake", PEOPLE)
    link(lake, shipped_bundle(), choice=SPARK)
    assert persons(lake) == {frozenset("123"), frozenset("45"), frozenset("6")}
    said = "".join(capfd.readouterr()) + caplog.text
    assert not any(value in said.upper() for value in ("QUISTG", "OKONKWO", "139476997", "6997"))


@needs_spark
def test_an_error_of_spark_is_told_without_the_row_it_quotes(tmp_path, capfd) -> None:
    with open_session("local[1]", tmp_path) as spark, pytest.raises(EngineError) as told, unquoted_errors("counting"):
        spark.sql("select cast('QUISTGAARD' as int)").collect()
    assert "counting on Spark failed" in str(told.value)
    assert "QUISTGAARD" not in "".join((str(told.value), *capfd.readouterr()))


@needs_spark
def test_a_master_that_is_none_stops_the_run_and_leaves_no_java_behind(tmp_path) -> None:
    with pytest.raises(EngineError, match="starting on Spark failed"):
        link(lake_of(tmp_path / "lake", PEOPLE), shipped_bundle(), choice=EngineChoice("spark", "nowhere"))
    assert "java" not in children()


@needs_spark
def test_no_clients_are_no_clusters_on_spark_either(tmp_path) -> None:
    report = link(lake_of(tmp_path / "lake", []), shipped_bundle(), choice=SPARK)
    assert (report.clients, report.clusters, report.candidate_pairs) == (0, 0, 0)


def test_an_engine_that_there_is_not_is_refused_by_name() -> None:
    with pytest.raises(EngineError, match="there is no engine 'flink'; the engines are duckdb and spark"):
        EngineChoice("flink")


def test_without_pyspark_the_way_to_it_is_told(monkeypatch) -> None:
    monkeypatch.setattr("pipelines.link.engine.find_spec", lambda _: None)
    with pytest.raises(EngineError, match=r"countylink\[spark\]"), open_engine(SPARK):
        pytest.fail("an engine without pyspark")


def test_without_java_the_way_to_it_is_told(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(EngineError, match="openjdk-17-jre-headless"), open_session("local[1]", tmp_path):
        pytest.fail("a session without Java")


def blocks(connection: duckdb.DuckDBPyConnection, table: str, column: str) -> list[tuple[Any, ...]]:
    """Who is in one block, without the name of the block."""
    return connection.execute(
        f"select list(identity_id order by identity_id) as who from {table} where {column} is not null "
        f"group by {column} order by who"
    ).fetchall()


def children() -> set[str]:
    """Names of the programs that this process has started and that still run."""
    pids = Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="utf-8").split()
    return {Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip() for pid in pids}
