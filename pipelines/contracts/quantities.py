"""Quantities out of a file: published ones, or made by hand, to be priced without a lake.

CSV with the columns `clause_id, period, quantity`. A period is a year (`2024`), a quarter (`2024Q3`), a month
(`2024-07`), a day (`2024-07-31`), or any other text, which then stands for no time.
"""

from __future__ import annotations

import csv
import re
from datetime import date
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
    clause_id, period = row["clause_id"].strip(), row["period"].strip()
    if contract.clause(clause_id) is None:
        known = ", ".join(clause.id for clause in contract.clauses)
        raise ContractError(f"{path.name}:{line}: clause_id: {contract.id} has no such clause; it has {known}")
    if not period:
        raise ContractError(f"{path.name}:{line}: period: is empty; write 2024, 2024Q3, 2024-07 or a name of your own")
    earned_on = first_day(period)
    if earned_on is None and contract.is_dated:
        raise ContractError(
            f"{path.name}:{line}: period: must be a year, quarter, month or day, for {contract.id} has prices, shares "
            "or budgets that change with time; write 2024, 2024Q3, 2024-07 or 2024-07-31"
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


def first_day(period: str) -> date | None:
    """The first day of a year, quarter or month; None for a text that is no time."""
    for form in (YEAR, QUARTER, MONTH, DAY):
        match = form.fullmatch(period)
        if match is not None:
            parts = match.groupdict()
            month = int(parts.get("quarter") or 0) * 3 - 2 if "quarter" in parts else int(parts.get("month") or 1)
            try:
                return date(int(parts["year"]), month, int(parts.get("day") or 1))
            except ValueError:
                return None
    return None
