"""The kinds of field that a contract's terms are made of: exact numbers, dollars in cents, days, names.

Belongs here: what is wrong with one value by itself, told as what to write instead.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, StrictStr
from pydantic_core import PydanticCustomError

CENT = Decimal("0.01")


def _exact(value: Any) -> Decimal:
    # a YAML float such as 0.1 is not the number that was written; text and whole numbers are
    if isinstance(value, bool | float) or value is None:
        raise PydanticCustomError("number", 'write the number as text, for example "12.50"')
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal("nan")
    if not number.is_finite():
        raise PydanticCustomError("number", "is not a number")
    return number


def _not_negative(number: Decimal) -> Decimal:
    if number < 0:
        raise PydanticCustomError("negative", "is negative; write a number of at least 0")
    return number


def _in_cents(amount: Decimal) -> Decimal:
    if amount < 0 or amount != amount.quantize(CENT):
        raise PydanticCustomError("money", "dollars are not negative and have two decimals at most")
    return amount.quantize(CENT)


def _two_digits(text: str) -> str:
    if not (len(text) == 2 and text.isascii() and text.isdigit()):
        raise PydanticCustomError("two_digits", 'is two digits in quotes, as in "15"')
    return text


def _a_day(value: Any) -> date:
    if type(value) is not date:
        raise PydanticCustomError("day", "is a day, written 2025-07-01")
    return value


Usd = Annotated[Decimal, BeforeValidator(_exact), AfterValidator(_in_cents)]
Number = Annotated[Decimal, BeforeValidator(_exact)]
Quantity = Annotated[Decimal, BeforeValidator(_exact), AfterValidator(_not_negative)]
Day = Annotated[date, BeforeValidator(_a_day)]
Text = Annotated[StrictStr, Field(min_length=1)]
TwoDigits = Annotated[StrictStr, AfterValidator(_two_digits)]
Id = Annotated[StrictStr, Field(pattern=r"^[a-z][a-z0-9_]*$")]
