"""The gallery of hard cases: invented pairs of records, what must become of them, and why (`gallery.yaml`)."""

from __future__ import annotations

from importlib import resources
from typing import Any

import yaml

Case = dict[str, Any]
"""`case`, `why`, `left`, `right` (fields of a flat table), `guard` (the guard that forbids the pair, or None)."""


def gallery() -> list[Case]:
    """Every case, in the order of the file."""
    cases: list[Case] = yaml.safe_load(
        resources.files("linkage_rules").joinpath("gallery.yaml").read_text(encoding="utf-8")
    )
    return cases
