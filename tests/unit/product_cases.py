"""A released fake lake, a rulebook with one measure, and product definitions as text, for the tests of products."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from pyrage import x25519

from pipelines.lake import Lake
from pipelines.outcomes import load_measures
from pipelines.products import Product, Rulebook, load_law, read_product
from pipelines.publish import load_published_contracts, publish, release
from tests.unit.fake_lake import fake_lake, receipt, shipped_contracts

AS_OF = date(2026, 11, 1)
TODAY = date(2026, 11, 22)
IDENTITY = x25519.Identity.generate()

CODED: dict[str, Any] = {
    "recipient": "ucla",
    "project": "jir",
    "title": "Just in Reach",
    "tier": "coded",
    "purpose": "programme evaluation",
    "agreement": {"id": "DUA-1", "signed_on": date(2026, 7, 1), "expires_on": date(2027, 6, 30)},
    "bases": ["hipaa_limited_data_set", "wic_5328_research", "hmis_research_agreement", "pc_13202_research"],
    "tables": {
        "persons": ["person_key", "birth_year", "sex_code"],
        "person_measures": ["measure_id", "person_key", "provider_id", "index_on", "status_code"],
    },
    "age_public_key": str(IDENTITY.to_public()),
}

DE_IDENTIFIED: dict[str, Any] = CODED | {
    "recipient": "policy_lab",
    "tier": "de_identified",
    "bases": ["hipaa_safe_harbor", "wic_5328_not_identifying", "hmis_not_identifying", "pc_13202_statistics"],
    "tables": {
        "persons": ["person_key", "birth_year", "sex_code"],
        "person_measures": ["measure_id", "person_key", "period", "index_on", "status_code"],
    },
    "de_identification": {"method": "safe_harbor", "quasi_identifiers": ["birth_year", "sex_code"]},
}


@dataclass(frozen=True)
class Desk:
    """Where products are defined, and the lake that they are built from."""

    root: Path
    lake: Lake
    rulebook: Rulebook

    def product(self, terms: dict[str, Any], **changes: Any) -> Product:
        """A product of some terms, read from a file as everything is."""
        told = terms | changes
        path = self.root / f"{told['recipient']}.{told['project']}.yaml"
        path.write_text(yaml.safe_dump(told), encoding="utf-8")
        return read_product(path, self.rulebook.published, self.rulebook.law)


def released(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Publish what the fake lake holds."""
    monkeypatch.setattr(release, "accepted_deliveries", lambda lake, as_of: [receipt("sheriff", AS_OF)])
    publish(
        lake,
        contracts=shipped_contracts(),
        outcome_contracts=Path("outcome_contracts"),
        bundle_version="b1",
        as_of=AS_OF,
        held=(),
    )


def desk(root: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk with a released lake and one measure, of the Sheriff's returns of people housed by the pool."""
    lake = fake_lake(root / "lake")
    released(lake, monkeypatch)
    return Desk(root, lake, _rulebook())


def copied(made: Desk, root: Path) -> Desk:
    """The same desk, to be changed."""
    shutil.copytree(made.root, root, symlinks=True, dirs_exist_ok=True)
    return replace(made, root=root, lake=Lake(root / "lake"))


@cache
def _rulebook() -> Rulebook:
    (measure, *_) = [one for one in load_measures() if one.sql == "jail_return_after_placement"]
    measures = {"jail_return": replace(measure, id="jail_return")}
    return Rulebook(shipped_contracts(), load_law(), measures, load_published_contracts())
