"""A bundle is whole, or refused; nothing is ever filled in."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from linkage_rules.bundle import load_bundle, shipped_bundle, write_manifest
from linkage_rules.settings import doublings_between, fitted_to_population, term_frequency_columns
from pipelines.errors import ModelError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "copy"
    shutil.copytree(shipped_bundle().folder, copy)
    return copy


def rewritten(folder: Path, model: object) -> Path:
    """The bundle with another model, pinned as if it had been trained so."""
    bundle = load_bundle(folder)
    (folder / "model.json").write_text(json.dumps(model), encoding="utf-8")
    write_manifest(folder, bundle.version, bundle.trained_on, bundle.unseen_value_frequency, bundle.thresholds)
    return folder


def test_the_shipped_bundle_is_whole_and_every_level_has_both_probabilities() -> None:
    bundle = shipped_bundle()
    assert bundle.identities_trained_on > 10_000
    assert all(bundle.term_frequencies(column).exists() for column in term_frequency_columns(bundle.settings))


@pytest.mark.parametrize("name", ["bundle.yaml", "model.json", "MODEL_CARD.md", "term_frequencies/last_name.parquet"])
def test_a_bundle_that_lacks_a_file_is_refused(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(ModelError, match="missing"):
        load_bundle(folder)


def test_a_bundle_that_was_changed_by_hand_is_refused(folder: Path) -> None:
    with (folder / "model.json").open("a", encoding="utf-8") as file:
        file.write(" ")
    with pytest.raises(ModelError, match=r"is not what bundle\.yaml pins"):
        load_bundle(folder)


def test_an_untrained_level_is_refused_by_name(folder: Path) -> None:
    model = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    level = model["comparisons"][0]["comparison_levels"][1]
    del level["m_probability"]
    with pytest.raises(ModelError, match="1 levels are untrained: surname_and_home: same surname, same home"):
        load_bundle(rewritten(folder, model))


def test_term_frequencies_of_a_column_that_the_model_weighs_must_be_there(folder: Path) -> None:
    model = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    (folder / "term_frequencies" / "first_name.parquet").unlink()
    with pytest.raises(ModelError):
        rewritten(folder, model)


def test_twice_the_people_halve_the_prior_and_the_chance_of_one_home_but_not_of_one_name() -> None:
    settings = shipped_bundle().settings
    doubled = fitted_to_population(settings, 1)
    prior = "probability_two_random_records_match"
    assert doubled[prior] == settings[prior] / 2
    before, after = (s["comparisons"][0]["comparison_levels"] for s in (settings, doubled))
    assert after[1]["u_probability"] == before[1]["u_probability"] / 2
    assert after[-1]["u_probability"] == before[-1]["u_probability"]


def test_the_model_is_fitted_in_whole_doublings() -> None:
    assert [doublings_between(8000, n) for n in (2000, 7200, 8800, 11192, 12000, 64000)] == [-2, 0, 0, 0, 1, 3]


def test_a_table_of_a_few_records_is_an_excerpt_and_not_a_county_of_a_few() -> None:
    assert [doublings_between(8192, n) for n in (1, 6, 1024, 2048)] == [-3, -3, -3, -2]
    assert [doublings_between(300, n) for n in (6, 300, 600)] == [0, 0, 1]
