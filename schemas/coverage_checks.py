"""What makes the terms of `coverage_terms.py` ill-formed: they point at nothing, or contradict each other."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NoReturn

from pipelines.errors import ContractError
from schemas.coverage_terms import SEMANTICS, UNITS, Scope, listing_column, reference_to

if TYPE_CHECKING:
    from schemas.data_contract import DataContract, DataContracts


def check(contract: DataContract, contracts: DataContracts) -> None:
    """Raise ContractError for the first term that points at nothing, or contradicts another."""
    terms = contract.coverage
    if terms.semantics not in SEMANTICS:
        _refuse(contract, "semantics", f"must be one of {', '.join(SEMANTICS)}")
    _check_period(contract)
    if terms.semantics_by:
        _need_there(contract, contracts, "semanticsBy", terms.semantics_by.table, terms.semantics_by.columns)
    if terms.window:
        ends = (terms.window.start, terms.window.end)
        header = _need_there(contract, contracts, "window", terms.window.table, ends)
        _need_dates(contract, "window", header, ends)
    if terms.version_by:
        _need_there(contract, contracts, "versionBy", terms.version_by.table, [terms.version_by.column])
    if terms.refused_when:
        _need_there(contract, contracts, "refusedWhen", contract.table, [terms.refused_when.column])
    if terms.scope:
        _check_scope(contract, terms.scope, contracts)


def _check_period(contract: DataContract) -> None:
    period, semantics = contract.coverage.period, contract.coverage.semantics
    if semantics == "period" and not (period and period.column):
        _refuse(contract, "period", "is missing or has no column; a table replaced by periods needs both")
    if contract.coverage.semantics_by and semantics == "period":
        _refuse(contract, "semanticsBy", "can choose between full and delta only; take it out, or the period")
    if period is None:
        return
    if period.unit not in UNITS:
        _refuse(contract, "period.unit", f"must be one of {', '.join(UNITS)}")
    if period.column:
        _need(contract, "period.column", contract, [period.column])
        _need_dates(contract, "period.column", contract, [period.column])
        column = contract.column(period.column)
        if not column.required or column.when_broken == "cell":
            _refuse(
                contract,
                "period.column",
                f"names {period.column}, which must be required and never set aside",
            )


def _check_scope(contract: DataContract, scope: Scope, contracts: DataContracts) -> None:
    ways = (scope.column is not None, scope.parent is not None, bool(scope.children), scope.each_delivery)
    if sum(ways) != 1:
        _refuse(contract, "scope", "must give one of column, parent, children and each")
    if contract.coverage.semantics == "period":
        _refuse(contract, "scope", "stands beside semantics period; keep one of them")
    if scope.column:
        _need(contract, "scope.column", contract, [scope.column])
        if contract.column(scope.column).classification == "direct_identifier":
            _refuse(contract, "scope.column", f"names {scope.column}, which tells who somebody is; receipts list units")
        if scope.listed_in != contract.table and listing_column(contract, scope.listed_in) is None:
            _refuse(
                contract, "scope.listedIn", f"names {scope.listed_in}; relationships must lead {scope.column} there"
            )
    if scope.parent:
        parent = contracts.get(contract.agency, scope.parent)
        if reference_to(contract, scope.parent) is None or parent is None:
            _refuse(contract, "scope.parent", f"names {scope.parent}, and no relationship leads there")
        if not (parent.coverage.scope and parent.coverage.scope.column):
            _refuse(contract, "scope.parent", f"names {scope.parent}, whose scope must be a column")
    for child in scope.children:
        other = contracts.get(contract.agency, child)
        if other is None or reference_to(other, contract.table) is None:
            _refuse(contract, "scope.children", f"names {child}, from which no relationship leads here")
        if other.coverage.scope is None or not other.coverage.scope.column:
            _refuse(contract, "scope.children", f"names {child}, whose scope must be a column")
    _check_active(contract, scope, contracts)


def _check_active(contract: DataContract, scope: Scope, contracts: DataContracts) -> None:
    if scope.active_from:
        _need(contract, "scope.activeFrom", contract, [scope.active_from])
        _need_dates(contract, "scope.activeFrom", contract, [scope.active_from])
        if contract.coverage.window is None:
            _refuse(contract, "scope.activeFrom", "needs a window: the days of which a delivery tells")
    if scope.active_to:
        table, column = scope.active_to
        other = _need_there(contract, contracts, "scope.activeTo", table, [column])
        _need_dates(contract, "scope.activeTo", other, [column])
        if table != contract.table and reference_to(other, contract.table) is None:
            _refuse(contract, "scope.activeTo", f"names {table}, from which no relationship leads here")


def _need(contract: DataContract, field: str, other: DataContract, wanted: Iterable[str]) -> None:
    for name in wanted:
        if name not in other.column_names:
            _refuse(contract, field, f"names {name}, which is no column of {other.table}")


def _need_there(
    contract: DataContract, contracts: DataContracts, field: str, table: str, wanted: Iterable[str]
) -> DataContract:
    other = contracts.get(contract.agency, table)
    if other is None:
        _refuse(contract, field, f"names {table}, for which {contract.agency} has no contract")
    _need(contract, field, other, wanted)
    return other


def _need_dates(contract: DataContract, field: str, other: DataContract, names: Iterable[str]) -> None:
    for name in names:
        if other.column(name).kind not in ("date", "timestamp"):
            _refuse(contract, field, f"names {name}, which is neither date nor timestamp")


def _refuse(contract: DataContract, field: str, mend: str) -> NoReturn:
    raise ContractError(f"{contract.agency}/{contract.path.name}: {field} {mend}")
