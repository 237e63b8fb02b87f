"""Every bad input gets what its case says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bad_inputs.cases import Case, all_cases
from tests.bad_inputs.outcomes import must_always_be, must_be, outcome
from tests.intake import county


def test_every_kind_of_bad_input_has_a_case() -> None:
    assert set(range(1, 64)) <= {case.number for case in all_cases()}


@pytest.mark.parametrize("case", all_cases(), ids=lambda case: f"{case.number}: {case.title}")
def test_a_bad_input_comes_out_as_its_case_says(case: Case, tmp_path: Path) -> None:
    made = county(tmp_path)
    for table, terms in case.terms.items():
        made.add_terms(table, terms)
    case.send(made)
    found = outcome(made)
    must_always_be(found)
    must_be(case, made, found)
