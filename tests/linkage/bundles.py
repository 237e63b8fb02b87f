"""Linkage models for tests: the shipped one with another threshold is another model, whole and pinned."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from linkage_rules.bundle import Bundle, load_bundle, shipped_bundle, write_manifest


def stricter_bundle(folder: Path) -> Bundle:
    """A model that leaves together only what almost everything speaks for."""
    shipped = shipped_bundle()
    shutil.copytree(shipped.folder, folder)
    thresholds = replace(shipped.thresholds, cut_weight=45, weight_clip=90)
    write_manifest(folder, "stricter", shipped.trained_on, shipped.unseen_value_frequency, thresholds)
    return load_bundle(folder)
