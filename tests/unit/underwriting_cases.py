"""A small contract with its assumptions: $100 for everyone housed a year later, written as files for the reader."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import yaml

from pipelines.underwriting import Case, read_case


def certain(value: float) -> dict[str, Any]:
    """A range that leaves no doubt."""
    return {"low": value, "base": value, "high": value, "source": "s"}


CONTRACT: dict[str, Any] = {
    "id": "small",
    "version": "1",
    "title": "Small",
    "text": "t",
    "source": "s",
    "population": {"text": "p", "targeted_number": 1000},
    "currency": "USD",
    "starts_on": "2024-01-01",
    "ends_on": "2029-12-31",
    "cap_usd": "100000.00",
    "outcome_payment_commitments": [
        {"id": "county", "payer": "County", "funding_stream": "general_fund", "share_percent": "60"},
        {"id": "state", "payer": "State", "funding_stream": "state", "share_percent": "40"},
    ],
    "outcome_metrics": [
        {"id": "m", "title": "t", "definition": "d", "data_source": "s", "verification_method": "v"}
    ],
    "clauses": [
        {"id": "housed", "title": "Housed", "metric": "m", "unit": "person", "pays_per": "person", "pays_when": "met",
         "price_usd": "100.00", "price_reason": "r"},
    ],
    "evaluation": {"method": "validation", "text": "t"},
    "calendar": {"statement_every": "quarter", "freeze_after_days": 30},
    "investments": [{"investor": "Lender", "type": "loan", "amount_usd": "1000.00"}],
}  # fmt: skip

ASSUMPTIONS: dict[str, Any] = {
    "contract": "small",
    "version": "1",
    "text": "t",
    "enrolment": {
        "starts_on": "2024-01-01",
        "months": 6,
        "referred_per_month": certain(20),
        "ramp_up": {"shares": [0.5], "source": "s"},
    },
    "take_up": {"low": 0.4, "base": 0.5, "high": 0.6, "source": "s"},
    "death_per_year": certain(0),
    "move_per_year": certain(0),
    "linkage": {"recall": certain(1), "precision": certain(1)},
    "clauses": [
        {"id": "housed", "months": 12, "is_linked": False,
         "baseline": {"of": "stated", "value": 0.3, "persons": 100, "source": "s"},
         "effect": {"kind": "difference", "low": 0.1, "base": 0.3, "high": 0.5, "source": "s"}},
    ],
    "programme": {"fixed_usd": "500.00", "per_person_month_usd": "5.00", "months_per_person": 12,
                  "funding_stream": "general_fund", "source": "s"},
    "unit_costs": [
        {"id": "jail_day", "title": "A day in jail", "episodes": "custody", "reduction": certain(0.5),
         "baseline_per_year": {"of": "stated", "value": 10, "persons": 100, "source": "s"},
         "average_usd": "100.00", "marginal_usd": "20.00", "source": "s",
         "streams": [{"funding_stream": "sheriff", "share": 1}]},
    ],
    "value": {"share": 0.5, "at": "average", "source": "s"},
}  # fmt: skip


def small_case(
    folder: Path, changes: dict[str, str] | None = None, *, contract: Any = None, assumptions: Any = None
) -> Case:
    """The small case out of two files in a folder, changed as a what-if changes it."""
    one, other = folder / "small.yaml", folder / "assumptions.yaml"
    one.write_text(text_of(contract or CONTRACT), encoding="utf-8")
    other.write_text(text_of(assumptions or ASSUMPTIONS), encoding="utf-8")
    return read_case(one, other, {}, changes)


def text_of(document: Any) -> str:
    """YAML whose days are days again."""
    text = yaml.safe_dump(copy.deepcopy(document), sort_keys=False)
    for day in ("2024-01-01", "2029-12-31", "2024-07-01"):
        text = text.replace(f"'{day}'", day)
    return text
