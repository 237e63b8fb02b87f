"""What the sender should do about a broken rule. Says what the contract wants, never what the row had."""

from __future__ import annotations

from datetime import date

from pipelines.validate.references import POINTS_NOWHERE
from schemas.coverage_terms import OUTSIDE_PERIOD
from schemas.data_contract import Column, DataContract

UNREADABLE_ROWS = {
    "row.too_few_fields": "send a field for every column of the header",
    "row.too_many_fields": "send one field for every column of the header; quote a field that holds a comma",
    "row.malformed_quotes": "double a quote that stands inside a field, and quote the field",
    "row.too_long": "the row is longer than a mebibyte; check its quoting",
}

POINTS_NOWHERE_MEND = "send the row that this one belongs to, or leave this one out"
DUPLICATE_KEY_MEND = "versions of one key with different contents and no newest one; send the one in force"


def mend(column_name: str, rule_id: str, contract: DataContract) -> str:
    """The mend of a rule that a row broke."""
    if rule_id in UNREADABLE_ROWS:
        return UNREADABLE_ROWS[rule_id]
    if rule_id == POINTS_NOWHERE:
        return POINTS_NOWHERE_MEND
    if rule_id == OUTSIDE_PERIOD and contract.coverage.period:
        return f"send a row of another {contract.coverage.period.unit} in a delivery whose as-of date lies in it"
    for rule in contract.row_rules:
        if rule.id == rule_id:
            return rule.mend
    if "." not in rule_id:
        return DUPLICATE_KEY_MEND
    return of_column(rule_id.rpartition(".")[2], contract.column(column_name))


def of_column(fault: str, column: Column) -> str:
    """The mend of a fault that any column of its kind can have."""
    formats = " or ".join(column.formats)
    wanted = {
        "missing": "send a value; the contract requires one",
        "unknown_code": f"send one of the contract's {len(column.codes or {})} codes",
        "not_an_integer": "send a whole number, digits only",
        "not_a_number": "send a decimal number: digits and one point",
        "not_a_date": f"send a date that exists, written {formats}",
        "not_a_timestamp": f"send a time that exists, written {formats}",
        "below_minimum": f"send a value not below {_bound(column.minimum, 'the year 1850')}",
        "above_maximum": f"send a value not above {_bound(column.maximum, 'the year 2199')}",
        "too_long": f"send at most {column.max_length} characters",
        "wrong_form": f"send a value of the form {column.pattern}",
    }
    return wanted[fault]


def _bound(stated: float | date | None, usual: str) -> str:
    """A bound as people write it: a stated 0 is a bound, and whole numbers have no point."""
    if stated is None:
        return usual
    return f"{stated:.0f}" if isinstance(stated, float) and stated.is_integer() else str(stated)
