"""The page of an outcomes contract says its terms in words, and nothing that is not in it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipelines.cli import main
from pipelines.contracts import OUTCOME_CONTRACTS
from pipelines.contracts.terms import Clause
from pipelines.reports.outcomes_contract import clause_terms
from tests.unit.test_pricing import clause


def page(contract: str, folder: Path) -> str:
    out = folder / "page.html"
    ran = CliRunner().invoke(main, ["contract-page", contract, "--out", str(out)])
    assert ran.exit_code == 0, ran.output
    return out.read_text(encoding="utf-8")


@pytest.mark.parametrize("contract", [path.stem for path in sorted(OUTCOME_CONTRACTS.glob("*.yaml"))])
def test_every_shipped_contract_has_a_page_with_each_clause_payer_and_cap(contract: str, tmp_path: Path) -> None:
    text = page(contract, tmp_path)
    assert "<h2>What is paid for</h2>" in text
    assert "Caps are used up in the order" in text
    assert "None" not in text


def test_denvers_page_says_its_price_tiers_and_exits(tmp_path: Path) -> None:
    text = page("denver_sib", tmp_path)
    for said in (
        "$15.12 a day.",
        "From 30 to below 65: $4,800,000, and $38,000 for each unit above 30.",
        "Counted once 365 days were reached, or by an allowed exit.",
        "Net of jail days.",
        "At most $5,290,000 in all.",
    ):
        assert said in text


def test_minimum_raise_and_maximum_are_sentences() -> None:
    terms = {
        "escalator": {"percent_per_year": "3", "first_raise_on": date(2025, 7, 1)},
        "minimum": {"quantity": "50", "over": "period", "then_pays": "all_units"},
        "maximum": {"quantity": "90", "over": "contract"},
        "quantity_rounding": "down",
    }
    said = list(clause_terms(Clause.model_validate(clause(0, terms))))
    assert said == [
        "Paid by the day, one quantity a period for everybody together.",
        "$10 a day.",
        "The price rises by 3 % on 2025-07-01 and each year after.",
        "Nothing is paid below 50 in a period; from there on every unit is paid.",
        "At most 90 units are paid over the whole contract.",
        "Only whole units are paid.",
    ]


def test_what_stands_in_a_contract_is_escaped_on_its_page(tmp_path: Path) -> None:
    text = (OUTCOME_CONTRACTS / "denver_sib.yaml").read_text(encoding="utf-8")
    (tmp_path / "evil.yaml").write_text(text.replace("title: Denver", "title: <script>alert(1)</script> Denver", 1))
    assert "<script>alert" not in page(str(tmp_path / "evil.yaml"), tmp_path)
