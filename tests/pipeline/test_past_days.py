"""A backfill of a past day in Dagster: the same release as then, beside a lake that stays as it is."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest

from pipelines.commands.dagster_home import instance_at
from pipelines.definitions import defs
from pipelines.defs.past_days import JOB, KEY
from pipelines.publish import read_manifest
from tests.pipeline.counties import NIGHTS, OUTCOME_CONTRACTS, Place, contents


def test_a_past_day_comes_to_what_was_published_then_and_nothing_else_moves(
    nightly: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = nightly.copy(tmp_path / "copy")
    root = place.lake.root
    index, latest = contents(root / "person_index"), place.latest
    for name, value in (("LAKE", root), ("CONTRACTS", place.contracts), ("OUTCOME_CONTRACTS", OUTCOME_CONTRACTS)):
        monkeypatch.setenv(f"COUNTYLINK_{name}", str(value))
    with instance_at(root / "dagster") as instance:
        job = defs().resolve_job_def(JOB)
        ended = job.execute_in_process(partition_key=NIGHTS[0], instance=instance, raise_on_error=False)
        assert ended.success
        (made,) = ended.asset_materializations_for_node("past_days__release")
        assert [check.passed for check in ended.get_asset_check_evaluations()] == [True]
        assert instance.get_materialized_partitions(dg.AssetKey(KEY)) == {NIGHTS[0]}
    assert made.metadata["is_the_same"].value is True
    assert made.metadata["tables_that_differ"].value == []
    (release,) = (root / "past_days" / NIGHTS[0]).iterdir()
    assert release.name == made.metadata["published_then"].value, "the same inputs have the same name"
    assert read_manifest(release)["inputs"]["as_of"] == NIGHTS[0]
    assert place.latest == latest
    assert contents(root / "person_index") == index
    assert not (root / "past_days" / ".work").exists()
