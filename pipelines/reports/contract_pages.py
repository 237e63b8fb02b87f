"""Data contracts as pages for those who keep them: what to send, how, by when, and what becomes of what is not so.

Drawn from the contracts alone; every word on a page is a contract's own, or says what a term means.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.reports.writing import write_page
from pipelines.validate.mends import mend
from schemas.data_contract import Column, DataContract, DataContracts
from schemas.from_contract import FORMAT_RULES

KINDS = {
    "text": "text",
    "integer": "whole number",
    "decimal": "decimal number",
    "date": "date",
    "timestamp": "date and time",
}
CLASSES = {
    "direct_identifier": "names a person",
    "quasi_identifier": "helps to find a person",
    "sensitive": "sensitive",
    "none": "",
}
SEMANTICS = {
    "full": "every delivery is the whole table",
    "delta": "every delivery holds what was added, changed or deleted since the last",
    "period": "every delivery is whole for its period",
}
"""What the words of a contract mean to its reader."""

MOST_CODES = 60
"""Longer code lists are folded away."""


@dataclass(frozen=True)
class ColumnLine:
    """A column as its page tells it."""

    column: Column
    kind: str
    classification: str
    limits: tuple[str, ...]
    rules: tuple[tuple[str, str], ...]
    """Rule id and mend."""


def draw_contracts(contracts: DataContracts, out: Path) -> list[Path]:
    """Write `index.html`, `<agency>/index.html` and `<agency>/<table>.html`; returns the pages."""
    agencies = {agency: contracts.of(agency) for agency in contracts.agencies}
    pages = [write_page("contracts_index.html", out / "index.html", agencies=agencies)]
    for agency, own in agencies.items():
        pages.append(write_page("contracts_agency.html", out / agency / "index.html", agency=agency, contracts=own,
                                semantics=SEMANTICS))  # fmt: skip
        pages += [_table_page(contract, out / agency / f"{contract.table}.html") for contract in own]
    return pages


def _table_page(contract: DataContract, target: Path) -> Path:
    return write_page(
        "contracts_table.html",
        target,
        contract=contract,
        columns=[_line(column, contract) for column in contract.columns],
        semantics=SEMANTICS.get(contract.semantics, contract.semantics),
        terms=list(_terms(contract)),
        breakers=list(_breakers(contract)),
        most_codes=MOST_CODES,
    )


def _line(column: Column, contract: DataContract) -> ColumnLine:
    return ColumnLine(
        column=column,
        kind=KINDS[column.kind],
        classification=CLASSES[column.classification],
        limits=tuple(_limits(column)),
        rules=tuple((rule, mend(column.name, rule, contract)) for rule in _rules(column)),
    )


def _rules(column: Column) -> Iterator[str]:
    """Ids of the rules that a value of the column can break by itself."""
    faults = {
        "missing": column.required,
        "unknown_code": bool(column.codes),
        FORMAT_RULES.get(column.kind, ""): column.kind != "text" and not column.codes,
        "below_minimum": column.minimum is not None,
        "above_maximum": column.maximum is not None or column.kind in ("date", "timestamp"),
        "too_long": column.max_length is not None,
        "wrong_form": column.pattern is not None,
    }
    return (f"{column.name}.{fault}" for fault, can_be in faults.items() if can_be)


def _limits(column: Column) -> Iterator[str]:
    if column.formats:
        yield f"written {' or '.join(column.formats)}"
    if column.max_length is not None:
        yield f"at most {column.max_length} characters"
    if column.pattern is not None:
        yield f"of the form {column.pattern}"
    if column.minimum is not None:
        yield f"not below {_plain(column.minimum)}"
    if column.maximum is not None:
        yield f"not above {_plain(column.maximum)}"
    if column.null_tokens:
        yield f"nothing is known: {', '.join(token or 'empty' for token in column.null_tokens)}"
    if column.aliases:
        yield f"may also be called {', '.join(column.aliases)}"


def _terms(contract: DataContract) -> Iterator[tuple[str, str]]:
    """What is agreed of a delivery, in a reader's words."""
    yield "File", ", ".join(contract.file_names)
    yield "A delivery", SEMANTICS.get(contract.semantics, contract.semantics)
    yield "Key", ", ".join(contract.business_key)
    if contract.newest_by:
        yield "Newest version by", contract.newest_by
    if marker := contract.delete_marker:
        said = f" is {' or '.join(marker.values)}" if marker.values else " has a value"
        yield "A record is gone when", f"{marker.column}{said}"
    yield "The file", "must come" if contract.required_table else "may be left out"
    yield "Rows", "may be none" if contract.may_be_empty else "must be there"
    yield "Due", f"{contract.schedule} ({contract.timezone}); late {contract.latency_hours} hours after its day ended"
    bad = (
        f"more than {contract.max_bad_row_share:.1%} of the rows, and more than {contract.bad_rows_tolerated}, are bad"
    )
    yield "Held when", f"{bad}, or more than {contract.max_set_aside_share:.0%} of the values of a column are set aside"


def _breakers(contract: DataContract) -> Iterator[str]:
    terms = contract.breakers
    window = f"the last {terms.over} accepted deliveries (none acts before there are {terms.at_least})"
    if terms.row_count:
        low, high = 1 - terms.row_count.fall, 1 + terms.row_count.rise
        yield f"fewer than {low:.0%} or more than {high:.0%} of the usual rows, by the median of {window}"
    for segment in terms.segments:
        yield f"a value of {segment.column} lost {segment.fall:.0%} of its rows"
    if terms.months:
        yield f"a month of {terms.months.column} lost {terms.months.fall:.0%} of its rows"
    if terms.null_rate_rise is not None:
        yield f"a column is empty in {terms.null_rate_rise:.0%} more of the rows than usual"
    if terms.codes_psi is not None:
        yield f"the codes of a column are distributed otherwise (population stability index above {terms.codes_psi})"


def _plain(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
