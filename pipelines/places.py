"""Where a county's own files lie, and where those lie that come with the program.

A process serves one county: the folder that `COUNTYLINK_COUNTY` names, else the folder that it is started in or one
above it, if `countylink.yaml` stands there (`countylink init` writes it); else the shipped example, Los Angeles.
Belongs here: which folder. Does not belong here: what is in it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import yaml

from pipelines.errors import ContractError

MARK = "countylink.yaml"
"""Stands in the folder of a county, and says its name and time zone."""

VARIABLE = "COUNTYLINK_COUNTY"
"""Names the folder of the county for a process that is started elsewhere, such as a daemon."""

SHIPPED = Path(__file__).resolve().parents[1]
"""What comes with the program: the checkout, or where the wheel was unpacked."""

SHIPPED_TERMS = {"name": "Los Angeles County", "timezone": "America/Los_Angeles"}
"""What `countylink.yaml` would say of the shipped example."""


def county_root() -> Path:
    """The folder of the county that this process serves.

    Raises:
        ContractError: `COUNTYLINK_COUNTY` names a folder that is no county's.
    """
    if named := os.environ.get(VARIABLE):
        if not (Path(named) / MARK).is_file():
            raise ContractError(f"{VARIABLE} names {named}, and no {MARK} stands there; `countylink init` makes one")
        return Path(named).resolve()
    here = Path.cwd()
    return next((folder for folder in (here, *here.parents) if (folder / MARK).is_file()), SHIPPED)


COUNTY = county_root()
"""The county of this process, asked once: all of a run rests on the same files."""


def rules_file(name: str) -> Path:
    """A file of `linkage_rules/`: the county's own where it has one, else the shipped one."""
    own = COUNTY / "linkage_rules" / name
    return own if own.exists() else SHIPPED / "linkage_rules" / name


def county_terms(folder: Path = COUNTY) -> dict[str, Any]:
    """What `countylink.yaml` says: `name` and `timezone`."""
    if folder == SHIPPED:
        return dict(SHIPPED_TERMS)
    return {**SHIPPED_TERMS, **(yaml.safe_load((folder / MARK).read_text(encoding="utf-8")) or {})}
