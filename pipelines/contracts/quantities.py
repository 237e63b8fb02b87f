"""Quantities out of a file: published ones, or made by hand, to be priced without a lake.

CSV with the columns `clause_id, period, quantity`. A period is a year (`2024`), a quarter (`2024Q3`), a month
(`2024-07`), a day (`2024-07-31`), or any other text, which then stands for no time. What a period earned is earned on
its first day that lies in the contract's term.
"""

from __future__ import annotations

import csv
import re
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path

from pipelines.contracts.pricing import Unit
from pipelines.contracts.terms import OutcomesContract
from pipelines.errors import ContractError

COLUMNS = ("clause_id", "period", "quantity")

YEAR = re.compile(r"(?P<year>\d{4})")
QUARTER = re.compile(r"(?P<year>\d{4})-?Q(?P<quarter>[1-4])")
MONTH = re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})")
DAY = re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})")
FORMS = {YEAR: 12, QUARTER: 3, MONTH: 1, DAY: 0}
"""How a period is written → its months; 0: a day."""


def read_quantities(path: Path, contract: OutcomesContract) -> list[Unit]:
    """A unit for every row; raises ContractError with file, line, column and mend."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.reader(stream, strict=True))
    except (UnicodeDecodeError, csv.Error):
        raise ContractError(f"{path.name}: is not a CSV in UTF-8; export it again") from None
    if not rows:
        raise ContractError(f"{path.name}:1: is empty; begin with the header {','.join(COLUMNS)}")
    header = [name.strip().casefold() for name in rows[0]]
    for name in COLUMNS:
        if header.count(name) != 1:
            raise ContractError(f"{path.name}:1: {name}: the header must name it once; its columns are {COLUMNS}")
    units = []
    for line, row in enumerate(rows[1:], start=2):
        if any(cell.strip() for cell in row):
            if len(row) != len(header):
                raise ContractError(f"{path.name}:{line}: has {len(row)} fields, and the header {len(header)}")
            units.append(_unit(path, line, dict(zip(header, row, strict=True)), contract))
    return units


def _unit(path: Path, line: int, row: dict[str, str], contract: OutcomesContract) -> Unit:
    clause_id, period = row["clause_id"].strip(), told_period(row["period"].strip())
    if contract.clause(clause_id) is None:
        known = ", ".join(clause.id for clause in contract.clauses)
        raise ContractError(f"{path.name}:{line}: clause_id: {contract.id} has no such clause; it has {known}")
    if not period:
        raise ContractError(f"{path.name}:{line}: period: is empty; write 2024, 2024Q3, 2024-07 or a name of your own")
    earned_on = earned_day(period, contract.starts_on)
    if earned_on is None and contract.is_dated:
        raise ContractError(
            f"{path.name}:{line}: period: must be a year, quarter, month or day, for {contract.id} has prices, shares "
            "or budgets that change with time; write 2024, 2024Q3, 2024-07 or 2024-07-31"
        )
    if all(payer.share_on(earned_on) == 0 for payer in contract.payers):
        raise ContractError(
            f"{path.name}:{line}: period: {period} lies before the first share of {contract.id} runs; write a period "
            f"from {contract.starts_on} on, or the day from which somebody pays"
        )
    return Unit(clause_id, period, earned_on, f"{line:09d}", _quantity(path, line, row["quantity"].strip()))


def _quantity(path: Path, line: int, text: str) -> Decimal:
    try:
        # No thousands separators: 1,000 and 1.000 mean different things to different people.
        quantity = Decimal(text) if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text) else Decimal("nan")
    except InvalidOperation:
        quantity = Decimal("nan")
    if not quantity.is_finite():
        raise ContractError(f"{path.name}:{line}: quantity: is no number of at least 0; digits and one point at most")
    return quantity


def told_period(text: str) -> str:
    """A period in the one way in which we write it: `2024-Q3` is `2024Q3`, so that it has one cap and one tier."""
    match = QUARTER.fullmatch(text)
    return f"{match['year']}Q{match['quarter']}" if match else text


def first_day(period: str) -> date | None:
    """The first day of a year, quarter or month; None for a text that is no time."""
    days = days_of(period)
    return days[0] if days else None


def earned_day(period: str, starts_on: date) -> date | None:
    """The first day of a period, or that of the term where it begins within the period; None for no time."""
    days = days_of(period)
    if days is None:
        return None
    return starts_on if days[0] < starts_on <= days[1] else days[0]


def days_of(period: str) -> tuple[date, date] | None:
    """The first and last day of a year, quarter, month or day; None for a text that is no time."""
    for form, months in FORMS.items():
        match = form.fullmatch(period)
        if match is not None:
            parts = {name: int(value) for name, value in match.groupdict().items()}
            month = parts["quarter"] * 3 - 2 if "quarter" in parts else parts.get("month", 1)
            try:
                first = date(parts["year"], month, parts.get("day", 1))
                return first, (_months_on(first, months) - timedelta(days=1) if months else first)
            except (ValueError, OverflowError):
                return None
    return None


def length_of(period: str) -> int:
    """How many months a period has; 0 for a day, -1 for a text that is no time."""
    return next((months for form, months in FORMS.items() if form.fullmatch(period)), -1)


def _months_on(day: date, months: int) -> date:
    at = day.year * 12 + day.month - 1 + months
    return date(at // 12, at % 12 + 1, 1)
