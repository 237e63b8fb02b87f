"""Data contracts as pages: everything that a sender needs, escaped, with links that lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipelines.reports.contract_pages import draw_contracts
from schemas.data_contract import load_contracts
from tests.intake import PATIENT, VISIT, county

LINK = re.compile(r'href="([^"#]*)(?:#([^"]+))?"')


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("pages")
    draw_contracts(load_contracts(), out)
    return out


def test_every_contract_has_a_page_and_every_link_leads_somewhere(pages: Path) -> None:
    assert len(list(pages.glob("*/*.html"))) == len(load_contracts().all()) + 5
    for page in pages.rglob("*.html"):
        for target, anchor in LINK.findall(page.read_text()):
            there = (page.parent / target).resolve() if target else page
            assert there.is_file(), (page, target)
            assert not anchor or f'id="{anchor}"' in there.read_text(), (page, anchor)


def test_a_page_tells_columns_codes_rules_mends_terms_and_legal_basis(pages: Path) -> None:
    text = (pages / "sheriff" / "booking.html").read_text()
    for said in (
        "booking_number", "brought back by court order, for sentencing or a hearing", "booked_at_in_the_future",
        "send the true booking time; it lies after the delivery’s as-of date", "booked_at.not_a_timestamp",
        "more than 2.0% of the rows, and more than 3, are bad", "DSA-SHERIFF-01", "immigration enforcement",
        "late 36 hours after its day ended", "names a person",
    ):  # fmt: skip
        assert said in text, said


def test_what_a_contract_says_is_escaped(tmp_path: Path) -> None:
    made = county(tmp_path)
    made.write_contract("visit", VISIT.replace("description: the visit", "description: <script>alert(1)</script>"))
    made.write_contract("patient", PATIENT)
    draw_contracts(made.contracts(), tmp_path / "out")
    text = (tmp_path / "out" / "clinic" / "visit.html").read_text()
    assert "<script>" not in text and "&lt;script&gt;" in text
