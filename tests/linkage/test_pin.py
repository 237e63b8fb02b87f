"""A lake keeps the model that it was linked with, until a migration."""

from __future__ import annotations

from pathlib import Path

import pytest

from linkage_rules.bundle import Bundle, shipped_bundle
from pipelines.errors import ModelError
from pipelines.lake import Lake
from pipelines.link import bundle_of, is_waiting, read_pin
from pipelines.link.pin import pin
from tests.linkage.bundles import stricter_bundle


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


@pytest.fixture
def other(tmp_path: Path) -> Bundle:
    return stricter_bundle(tmp_path / "stricter")


def test_the_first_model_that_is_offered_is_pinned_by_a_copy(lake: Lake) -> None:
    assert read_pin(lake) is None
    found = bundle_of(lake, shipped_bundle(), is_named=False)
    assert found.sha256 == shipped_bundle().sha256
    assert lake.zone("linked") in found.folder.parents, "term frequencies are names, and stay in an identified zone"
    assert not any(path.stat().st_mode & 0o077 for path in found.folder.rglob("*") if path.is_dir())


def test_a_model_that_is_shipped_later_waits(lake: Lake, other: Bundle) -> None:
    bundle_of(lake, shipped_bundle(), is_named=False)
    assert not is_waiting(lake, shipped_bundle())
    assert bundle_of(lake, other, is_named=False).sha256 == shipped_bundle().sha256
    assert is_waiting(lake, other)


def test_another_model_that_is_named_is_refused_with_the_way_to_it(lake: Lake, other: Bundle) -> None:
    bundle_of(lake, shipped_bundle(), is_named=False)
    with pytest.raises(ModelError, match="countylink migrate-model"):
        bundle_of(lake, other, is_named=True)


def test_the_pinned_model_may_be_named(lake: Lake, other: Bundle) -> None:
    bundle_of(lake, other, is_named=True)
    assert bundle_of(lake, other, is_named=True).version == "stricter"


def test_a_pinned_copy_that_was_edited_is_refused(lake: Lake) -> None:
    found = bundle_of(lake, shipped_bundle(), is_named=False)
    model = found.folder / "model.json"
    model.write_text(model.read_text().replace("0.5", "0.6", 1))
    with pytest.raises(ModelError, match=r"is not what bundle\.yaml pins"):
        bundle_of(lake, shipped_bundle(), is_named=False)


def test_a_pin_names_the_model_that_it_took_over_from(lake: Lake, other: Bundle) -> None:
    pin(lake, shipped_bundle())
    pin(lake, other)
    told = read_pin(lake)
    assert told is not None
    assert (told.version, told.replaced) == ("stricter", shipped_bundle().sha256)
