"""What an agency is told to do about a value out of bounds is the bound of its contract."""

from __future__ import annotations

from datetime import date

import pytest

from pipelines.validate.mends import of_column
from schemas.data_contract import Column


@pytest.mark.parametrize(
    ("column", "low", "high"),
    [
        (Column("nights", "integer", minimum=0.0, maximum=366.0), "0", "366"),
        (Column("fee", "decimal", minimum=-0.5, maximum=0.0), "-0.5", "0"),
        (Column("born", "date", minimum=date(1900, 1, 1), maximum=date(2026, 1, 1)), "1900-01-01", "2026-01-01"),
        (Column("seen", "timestamp"), "the year 1850", "the year 2199"),
    ],
)
def test_a_value_out_of_bounds_is_told_the_contracts_bound(column: Column, low: str, high: str) -> None:
    assert of_column("below_minimum", column) == f"send a value not below {low}"
    assert of_column("above_maximum", column) == f"send a value not above {high}"
