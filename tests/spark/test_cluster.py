"""A standalone cluster of two workers makes the same persons; one that anybody could listen to is refused."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from linkage_rules.bundle import shipped_bundle
from pipelines.errors import EngineError
from pipelines.link import link
from pipelines.link.engine import EngineChoice
from pipelines.link.spark.session import refuse_open_cluster
from tests.spark.cluster import standalone_cluster, write_conf
from tests.spark.comparing import (
    OTHER_SPELLING_SHARE,
    copy_of,
    needs_spark,
    share_in_other_persons,
    share_weighed_otherwise,
)


@needs_spark
@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_two_workers_find_the_same_persons(by_duckdb, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("SPARK_CONF_DIR", str(write_conf(tmp_path)))
    lake = copy_of(by_duckdb[0], tmp_path / "lake")
    with standalone_cluster(tmp_path, workers=2) as master:
        report = link(lake, shipped_bundle(), choice=EngineChoice("spark", master))
    assert report.candidate_pairs == by_duckdb[1].candidate_pairs
    assert share_weighed_otherwise(by_duckdb[0], lake) <= OTHER_SPELLING_SHARE
    assert share_in_other_persons(by_duckdb[0], lake) <= OTHER_SPELLING_SHARE
    assert all(list((tmp_path / f"work_{number}").glob("app-*/*")) for number in range(2)), "a worker had no work"
    assert list(lake.spill.iterdir()) == []


@pytest.mark.parametrize(
    "settings", [{}, {"spark.authenticate": "true"}, {"spark.network.crypto.enabled": "true"}], ids=str
)
def test_a_cluster_that_anybody_could_listen_to_is_refused(settings: dict[str, str]) -> None:
    session = SimpleNamespace(sparkContext=SimpleNamespace(getConf=lambda: settings))
    with pytest.raises(EngineError, match=r"spark\.authenticate\.secret"):
        refuse_open_cluster(session, "spark://10.1.2.3:7077")
