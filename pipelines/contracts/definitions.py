"""Outcomes contracts as data: YAML becomes terms, or is refused with file, line, field and mend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError

from pipelines.contracts.documents import parsed as parsed  # for whoever reads terms of another kind
from pipelines.contracts.terms import OutcomesContract, Terms
from pipelines.contracts.whole import Fault, faults_of
from pipelines.errors import ContractError
from pipelines.outcomes import Measure
from pipelines.outcomes.unavailable import load_unavailable

Place = tuple[str | int, ...]
"""Keys and positions that lead to a field: ("clauses", 0, "price_usd")."""

MENDS = {
    "missing": "the field is missing; add it",
    "extra_forbidden": "there is no such field; take it out",
    "string_type": "is a text; put it in quotes",
    "string_too_short": "is empty; write it, or take the field out",
    "string_pattern_mismatch": "is a name of small letters, digits and underscores, as in housed_12_months",
    "too_short": "is empty; at least one is needed",
    "tuple_type": "is a list",
    "model_type": "is a mapping of fields",
    "model_attributes_type": "is a mapping of fields",
    "int_type": "is a whole number",
    "int_parsing": "is a whole number",
    "int_from_float": "is a whole number",
    "greater_than_equal": "is too small",
}


def load_outcome_contracts(folder: Path, measures: Mapping[str, Measure]) -> tuple[OutcomesContract, ...]:
    """Every outcomes contract in a folder, by id; raises ContractError with file, line, field and mend."""
    contracts = [read_outcome_contract(path, measures) for path in sorted(folder.glob("*.yaml"))]
    seen: dict[str, str] = {}
    for contract in contracts:
        if contract.id in seen:
            raise ContractError(f"{contract.path}: id: {contract.id} is taken by {seen[contract.id]}; choose another")
        seen[contract.id] = contract.path.name
    return tuple(sorted(contracts, key=lambda contract: contract.id))


def read_outcome_contract(path: Path, measures: Mapping[str, Measure]) -> OutcomesContract:
    """One outcomes contract, checked; raises ContractError with file, line, field and mend."""
    document, root = parsed(path, "an outcomes contract")
    return outcome_contract_of(path, document, root, measures)


def outcome_contract_of(
    path: Path, document: Mapping[str, Any], root: yaml.Node, measures: Mapping[str, Measure]
) -> OutcomesContract:
    """An outcomes contract out of a document whose fields stand at the lines of `root`; refused as its file is."""
    contract = terms_of(OutcomesContract, path, {**document, "path": path}, root)
    for fault in faults_of(contract, measures, unavailable_beside(measures)):
        raise ContractError(told(path, root, fault))
    return contract


def unavailable_beside(measures: Mapping[str, Measure]) -> dict[str, str]:
    """Measures that are declared unavailable where these are defined: id → what an agency would have to send."""
    folders = sorted({measure.path.parent for measure in measures.values()})
    return {entry["id"]: entry["needs"] for folder in folders for entry in load_unavailable(folder)}


Read = TypeVar("Read", bound=Terms)


def terms_of(kind: type[Read], path: Path, document: Mapping[str, Any], root: yaml.Node) -> Read:
    """The terms of a document, each field by itself in order; raises ContractError for the first that is not."""
    try:
        return kind.model_validate(document)
    except ValidationError as problem:
        first = min(_own_faults(problem.errors()), key=lambda error: _line(root, error["loc"]))
        raise ContractError(told(path, root, Fault(first["loc"], _mend(first)))) from None


def _own_faults(errors: Sequence[Any]) -> Sequence[Any]:
    """Without lists that only seem too short because an entry of them is wrong."""
    places = [error["loc"] for error in errors]
    return [
        error
        for error, place in zip(errors, places, strict=True)
        if error["type"] != "too_short"
        or not any(len(one) > len(place) and one[: len(place)] == place for one in places)
    ]


def told(path: Path, root: yaml.Node, fault: Fault) -> str:
    """A fault with its file, line, field and mend."""
    return f"{path}:{_line(root, fault.place)}: {_field(fault.place)}: {fault.mend}"


def _mend(error: Any) -> str:
    if error["type"] == "literal_error":
        return f"is one of {error['ctx']['expected'].replace(' or ', ', ')}"
    return MENDS.get(error["type"], str(error["msg"]))


def _field(place: Place) -> str:
    """`("clauses", 0, "price_usd")` as `clauses[0].price_usd`."""
    text = ""
    for step in place:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return text.lstrip(".")


def _line(root: yaml.Node, place: Place) -> int:
    """The line on which a field stands; of a field that is not there, the line of what lacks it."""
    node, line = root, root.start_mark.line + 1
    for step in place:
        if isinstance(node, yaml.MappingNode):
            found = next(((key, value) for key, value in node.value if key.value == step), None)
            if found is None:
                break
            line, node = found[0].start_mark.line + 1, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line + 1
        else:
            break
    return line
