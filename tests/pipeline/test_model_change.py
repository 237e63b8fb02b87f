"""Another linkage model in a lake that has releases: refused when merely named, used after its migration."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from linkage_rules.bundle import Bundle
from pipelines.cli import main
from pipelines.commands.model_migration import migrate_model
from pipelines.commands.nightly import RunSettings, run_nightly
from pipelines.commands.summary import RunSummary
from pipelines.errors import ModelError
from pipelines.link.pin import read_pin
from pipelines.publish import read_manifest
from tests.linkage.bundles import stricter_bundle
from tests.pipeline.counties import Place


def run_with(place: Place, bundle: Bundle) -> RunSummary:
    settings = RunSettings(
        lake=place.lake.root, landing=place.landing, contracts=place.contracts, bundle=str(bundle.folder)
    )
    return run_nightly(settings, place.said.append)


def test_another_model_is_refused_until_it_is_migrated_to_and_is_then_in_the_release(
    nightly: Place, tmp_path: Path
) -> None:
    place, other = nightly.copy(tmp_path / "copy"), stricter_bundle(tmp_path / "stricter")
    refused = run_with(place, other)
    assert refused.status == "failed"
    assert any("countylink migrate-model" in failure for failure in refused.failures)

    said = list(migrate_model(place.lake, other.folder, None, is_switch=True))
    assert any(line.startswith("switched to model stricter") for line in said)
    assert any(line.startswith("contract just_in_reach: ") and "persons change" in line for line in said)
    with pytest.raises(ModelError, match="already"):
        list(migrate_model(place.lake, other.folder, None, is_switch=False))

    after = place.run()
    assert after.status == "held", "so strict a model moves figures, and somebody looks before they are read"
    told = ["--lake", str(place.lake.root), "--by", "ada", "--reason", "a stricter model"]
    approved = CliRunner().invoke(main, ["release", "approve", str(after.release_id), *told])
    assert approved.exit_code == 0, approved.output
    assert "no_model_waits of person_index/linkage_runs" in after.failed_checks, "now the shipped model waits"
    assert read_manifest(place.latest)["inputs"]["linkage_bundle"].startswith("stricter ")
    assert read_pin(place.lake).version == "stricter"
    causes = place.query("select distinct cause from person_index.ledger order by cause")
    assert ("model",) in causes
