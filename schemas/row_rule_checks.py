"""What makes the row rules and relationships of contracts ill-formed: names that lead nowhere, circles."""

from __future__ import annotations

from typing import NoReturn

from pipelines.errors import ContractError
from schemas.data_contract import Column, DataContract, DataContracts, Reference
from schemas.row_rules import RowRule, is_elsewhere

DATED = ("date", "timestamp")


def check_row_rules(contract: DataContract, contracts: DataContracts) -> None:
    """Raise ContractError, naming file, rule and mend, for the first thing that is wrong."""
    for rule in contract.row_rules:
        columns = {name: _column(contract, contracts, rule, name) for name in rule.columns}
        for name in rule.dates:
            if columns[name].kind not in DATED:
                _refuse(contract, rule, f"compares {name}, which is neither date nor timestamp")
        if any(is_elsewhere(name) for name in rule.of):
            _refuse(contract, rule, "must group by columns of its own table; of names another table's")
        _check_values(contract, rule, columns)
    _check_circles(contract, contracts)


def relationship_to(contract: DataContract, table: str, contracts: DataContracts) -> tuple[Reference, bool] | None:
    """The one relationship between a table and another of its agency, and whether it points at that other."""
    other = contracts.get(contract.agency, table)
    there = [(reference, True) for reference in contract.references if reference.table == table]
    back = [(one, False) for one in (other.references if other else ()) if one.table == contract.table]
    found = there or back
    return found[0] if len(found) == 1 else None


def _column(contract: DataContract, contracts: DataContracts, rule: RowRule, name: str) -> Column:
    table, _, column = name.rpartition(".")
    owner = contracts.get(contract.agency, table) if table else contract
    if owner is None or column not in owner.column_names:
        _refuse(contract, rule, f"names {name}, which is no column of {table or 'this table'}")
    if table:
        _check_relationship(contract, contracts, rule, table)
    return owner.column(column)


def _check_relationship(contract: DataContract, contracts: DataContracts, rule: RowRule, table: str) -> None:
    found = relationship_to(contract, table, contracts)
    if found is None:
        _refuse(contract, rule, f"names a column of {table}; exactly one relationship must lead there, or back")
    reference, points_there = found
    target = contracts.get(contract.agency, table) if points_there else contract
    if target is None or set(reference.to_columns) != set(target.business_key):
        _refuse(contract, rule, f"names a column of {table}, and the relationship does not point at a business key")


def _check_values(contract: DataContract, rule: RowRule, columns: dict[str, Column]) -> None:
    if rule.when is None:
        return
    column = columns[rule.when.column]
    if column.codes is not None and not set(rule.when.values) <= set(column.codes):
        _refuse(contract, rule, f"when: names a value that is no code of {rule.when.column}")


def _check_circles(contract: DataContract, contracts: DataContracts) -> None:
    seen: set[str] = set()
    waiting = [contract.table]
    while waiting:
        one = contracts.get(contract.agency, waiting.pop())
        for reference in one.references if one else ():
            if reference.table == contract.table:
                raise ContractError(
                    f"{contract.agency}/{contract.path.name}: relationships lead from {contract.table} back to itself; "
                    "leave out the one that is not about belonging"
                )
            if reference.table not in seen:
                seen.add(reference.table)
                waiting.append(reference.table)


def _refuse(contract: DataContract, rule: RowRule, mend: str) -> NoReturn:
    raise ContractError(f"{contract.agency}/{contract.path.name}: rowRules {rule.id} {mend}")
