"""A linkage model as it is shipped, pinned and reviewed: a folder that is whole or refused.

    bundles/<version>/model.json              Splink settings, every parameter trained or stated
                      term_frequencies/*.parquet   how common each value was (frozen; a nightly run counts nothing)
                      bundle.yaml             version, what it was trained on, floors, thresholds, sha256 of every file
                      MODEL_CARD.md           what it is for, how good it was, on whom

Term frequencies hold names and so are as confidential as the county they were counted in; those shipped come from a
synthetic one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from linkage_rules import thresholds as threshold_rules
from linkage_rules.settings import Settings, term_frequency_columns, untrained_levels
from linkage_rules.thresholds import Thresholds
from pipelines.errors import ModelError
from pipelines.places import rules_file

BUNDLES = rules_file("bundles")
"""The county's own bundles if it keeps any, else those that come with Countylink."""


@dataclass(frozen=True)
class Bundle:
    """A trained model and everything a run needs beside it."""

    version: str
    folder: Path
    settings: Settings
    thresholds: Thresholds
    trained_on: Mapping[str, Any]
    unseen_value_frequency: float
    """What a value counts as that training never saw: as rare as one client in the training table."""

    @property
    def identities_trained_on(self) -> int:
        """How many identities the model was trained on."""
        return int(self.trained_on["identities"])

    @cached_property
    def sha256(self) -> str:
        """Changes with any file of the bundle."""
        return hashlib.sha256((self.folder / "bundle.yaml").read_bytes()).hexdigest()

    @property
    def model_card(self) -> str:
        """What the model is for and how it was trained, as Markdown; it holds no value of a record."""
        return (self.folder / "MODEL_CARD.md").read_text(encoding="utf-8")

    def term_frequencies(self, column: str) -> Path:
        """The frozen table of how common each value of a column is: `<column>`, `tf_<column>`."""
        return self.folder / "term_frequencies" / f"{column}.parquet"


def shipped_bundle() -> Bundle:
    """The newest bundle that comes with Countylink."""
    folders = sorted(path.parent for path in BUNDLES.glob("*/bundle.yaml"))
    if not folders:
        raise ModelError(f"no model bundle is in {BUNDLES.name}/; train one with `countylink train`")
    return load_bundle(folders[-1])


def load_bundle(folder: Path) -> Bundle:
    """Read a bundle, or raise ModelError saying what is missing, changed or untrained. Nothing is ever filled in."""
    stated = _manifest(folder)
    _check_files(folder, stated["files"])
    settings: Settings = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    bundle = Bundle(
        version=str(stated["version"]),
        folder=folder,
        settings=settings,
        thresholds=threshold_rules.from_mapping(stated["thresholds"]),
        trained_on=stated["trained_on"],
        unseen_value_frequency=float(stated["unseen_value_frequency"]),
    )
    _check_model(bundle)
    return bundle


def write_manifest(
    folder: Path, version: str, trained_on: Mapping[str, Any], unseen_value_frequency: float, thresholds: Thresholds
) -> None:
    """Write bundle.yaml over the files that are in the folder; last, so that a half-written bundle has none."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "bundle.yaml")
    manifest = {
        "version": version,
        "trained_on": dict(trained_on),
        "unseen_value_frequency": unseen_value_frequency,
        "thresholds": asdict(thresholds),
        "files": {path.relative_to(folder).as_posix(): _sha256(path) for path in files},
    }
    (folder / "bundle.yaml").write_text(yaml.safe_dump(manifest, sort_keys=False), encoding="utf-8")


def _manifest(folder: Path) -> Mapping[str, Any]:
    path = folder / "bundle.yaml"
    if not path.exists():
        raise ModelError(f"{folder.name}: bundle.yaml is missing; a bundle without it was never finished")
    stated: Mapping[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    fields = ("version", "trained_on", "unseen_value_frequency", "thresholds", "files")
    missing = [field for field in fields if field not in stated]
    if missing:
        raise ModelError(f"{folder.name}/bundle.yaml: {', '.join(missing)} missing; train the bundle anew")
    return stated


def _check_files(folder: Path, files: Mapping[str, str]) -> None:
    for name in ("model.json", "MODEL_CARD.md", *files):
        if not (folder / name).exists():
            raise ModelError(f"{folder.name}/{name}: missing; restore the bundle or train it anew")
        if name not in files or _sha256(folder / name) != files[name]:
            raise ModelError(f"{folder.name}/{name}: is not what bundle.yaml pins; restore the bundle or train it anew")


def _check_model(bundle: Bundle) -> None:
    untrained = untrained_levels(bundle.settings)
    if untrained:
        raise ModelError(
            f"{bundle.folder.name}/model.json: {len(untrained)} levels are untrained: {'; '.join(untrained)}"
        )
    for column in term_frequency_columns(bundle.settings):
        if not bundle.term_frequencies(column).exists():
            raise ModelError(f"{bundle.folder.name}: term frequencies of {column} are missing; train the bundle anew")


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
