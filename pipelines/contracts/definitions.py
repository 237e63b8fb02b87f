"""Outcomes contracts as data: what is paid for, at which price, up to which cap, and by whom.

Belongs here: reading the YAML and refusing what is not well formed. What a contract pays is worked out in SQL.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import yaml

from pipelines.errors import ContractError

PAYS_PER = ("person", "provider_period")
PAYS_WHEN = {"person": ("met", "not_met"), "provider_period": ("at_most", "at_least")}
"""A person earns by the status of their row; a provider and a period by the measure's estimate."""

FIELDS = frozenset(
    {
        "id",
        "version",
        "title",
        "text",
        "source",
        "population",
        "currency",
        "starts_on",
        "ends_on",
        "cap_usd",
        "payers",
        "clauses",
    }
)
PAYER_FIELDS = frozenset({"id", "name", "funding_stream", "share_percent"})
CLAUSE_FIELDS = frozenset({"id", "title", "measure", "pays_per", "pays_when", "unit", "price_usd", "price_reason"})
CLAUSE_OPTIONS = frozenset({"program_code", "threshold", "minimum_n", "cap_usd"})


@dataclass(frozen=True)
class Payer:
    """Who pays a share of every statement, and from which funding stream."""

    id: str
    name: str
    funding_stream: str
    share_percent: Decimal


@dataclass(frozen=True)
class Clause:
    """One thing that is paid for."""

    id: str
    title: str
    measure: str
    pays_per: str
    pays_when: str
    unit: str
    price_usd: Decimal
    program_code: str | None
    threshold: Decimal | None
    minimum_n: int
    cap_usd: Decimal | None


@dataclass(frozen=True)
class OutcomesContract:
    """One agreement. Amounts are dollars with two decimals."""

    id: str
    version: str
    title: str
    starts_on: date
    ends_on: date
    cap_usd: Decimal
    payers: tuple[Payer, ...]
    clauses: tuple[Clause, ...]
    path: Path


def load_outcome_contracts(folder: Path, measures: Collection[str]) -> tuple[OutcomesContract, ...]:
    """Every outcomes contract in a folder, by id; raises ContractError with file, field and mend."""
    contracts = [read_outcome_contract(path, measures) for path in sorted(folder.glob("*.yaml"))]
    seen: dict[str, str] = {}
    for contract in contracts:
        if contract.id in seen:
            raise ContractError(f"{contract.path}: id: {contract.id} is taken by {seen[contract.id]}; choose another")
        seen[contract.id] = contract.path.name
    return tuple(sorted(contracts, key=lambda contract: contract.id))


def read_outcome_contract(path: Path, measures: Collection[str]) -> OutcomesContract:
    """One outcomes contract, checked."""
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(document, dict):
        raise ContractError(f"{path}: an outcomes contract is a mapping of fields")
    _check_names(path, "", document, FIELDS, frozenset())
    contract = OutcomesContract(
        id=str(document["id"]),
        version=str(document["version"]),
        title=str(document["title"]),
        starts_on=_day(path, "starts_on", document["starts_on"]),
        ends_on=_day(path, "ends_on", document["ends_on"]),
        cap_usd=_money(path, "cap_usd", document["cap_usd"]),
        payers=tuple(_payer(path, n, entry) for n, entry in enumerate(document["payers"])),
        clauses=tuple(_clause(path, n, entry, measures) for n, entry in enumerate(document["clauses"])),
        path=path,
    )
    _check_whole(contract)
    return contract


def _payer(path: Path, position: int, entry: Mapping[str, Any]) -> Payer:
    where = f"payers[{position}]"
    _check_names(path, where, entry, PAYER_FIELDS, frozenset())
    share = _number(path, f"{where}.share_percent", entry["share_percent"])
    return Payer(str(entry["id"]), str(entry["name"]), str(entry["funding_stream"]), share)


def _clause(path: Path, position: int, entry: Mapping[str, Any], measures: Collection[str]) -> Clause:
    where = f"clauses[{position}]"
    _check_names(path, where, entry, CLAUSE_FIELDS, CLAUSE_OPTIONS)
    _check_choices(path, where, entry, measures)
    threshold, cap = entry.get("threshold"), entry.get("cap_usd")
    return Clause(
        id=str(entry["id"]),
        title=str(entry["title"]),
        measure=entry["measure"],
        pays_per=entry["pays_per"],
        pays_when=entry["pays_when"],
        unit=str(entry["unit"]),
        price_usd=_money(path, f"{where}.price_usd", entry["price_usd"]),
        program_code=entry.get("program_code"),
        threshold=None if threshold is None else _number(path, f"{where}.threshold", threshold),
        minimum_n=int(entry.get("minimum_n", 1)),
        cap_usd=None if cap is None else _money(path, f"{where}.cap_usd", cap),
    )


def _check_names(path: Path, where: str, entry: Any, needed: frozenset[str], allowed: frozenset[str]) -> None:
    prefix = f"{where}." if where else ""
    if not isinstance(entry, dict):
        raise ContractError(f"{path}: {where}: is a mapping of fields")
    for name in sorted(needed - entry.keys()):
        raise ContractError(f"{path}: {prefix}{name}: the field is missing; add it")
    for name in sorted(entry.keys() - needed - allowed):
        raise ContractError(f"{path}: {prefix}{name}: there is no such field; take it out")


def _check_choices(path: Path, where: str, entry: Mapping[str, Any], measures: Collection[str]) -> None:
    if entry["measure"] not in measures:
        raise ContractError(
            f"{path}: {where}.measure: there is no measure {entry['measure']}; the measures are "
            f"{', '.join(sorted(measures))}"
        )
    if entry["pays_per"] not in PAYS_PER:
        raise ContractError(f"{path}: {where}.pays_per: is one of {', '.join(PAYS_PER)}")
    allowed = PAYS_WHEN[entry["pays_per"]]
    if entry["pays_when"] not in allowed:
        raise ContractError(f"{path}: {where}.pays_when: per {entry['pays_per']} it is one of {', '.join(allowed)}")
    if entry["pays_per"] == "provider_period" and entry.get("threshold") is None:
        raise ContractError(f"{path}: {where}.threshold: the field is missing; say which estimate earns the payment")


def _check_whole(contract: OutcomesContract) -> None:
    total = sum((payer.share_percent for payer in contract.payers), Decimal(0))
    if total != 100:
        raise ContractError(f"{contract.path}: payers: the shares sum to {total} %; make them sum to 100")
    if contract.ends_on < contract.starts_on:
        raise ContractError(f"{contract.path}: ends_on: lies before starts_on; correct one of them")
    for kind, ids in (("payers", contract.payers), ("clauses", contract.clauses)):
        names = [each.id for each in ids]
        if not names or len(set(names)) != len(names):
            raise ContractError(f"{contract.path}: {kind}: needs one or more, each with an id of its own")


def _money(path: Path, field: str, value: Any) -> Decimal:
    amount = _number(path, field, value)
    if amount < 0 or amount != amount.quantize(Decimal("0.01")):
        raise ContractError(f"{path}: {field}: dollars are not negative and have two decimals at most")
    return amount


def _number(path: Path, field: str, value: Any) -> Decimal:
    # a YAML float such as 0.1 is not the number that was written; text and whole numbers are
    if isinstance(value, bool | float) or value is None:
        raise ContractError(f'{path}: {field}: write the number as text, for example "12.50"')
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal("nan")
    if not number.is_finite():
        raise ContractError(f"{path}: {field}: is not a number")
    return number


def _day(path: Path, field: str, value: Any) -> date:
    if not isinstance(value, date):
        raise ContractError(f"{path}: {field}: is a day, written 2025-07-01")
    return value
