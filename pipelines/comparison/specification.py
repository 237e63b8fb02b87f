"""Comparisons as data: YAML becomes a specification, or is refused with file, field and mend."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pipelines.comparison.terms import Specification
from pipelines.contracts.definitions import MENDS
from pipelines.contracts.documents import parsed
from pipelines.errors import ContractError
from pipelines.standardise.code_sets import CODE_SETS

COMPARISONS = CODE_SETS.parent / "comparisons"
"""The comparisons that this checkout ships."""

MORE_MENDS = {
    "greater_than": "is too small",
    "less_than_equal": "is too large",
    "bool_type": "is true or false",
    "float_type": "is a number",
    "dict_type": "is a mapping of fields",
}


def read_specification(path: Path) -> Specification:
    """One comparison, checked; raises ContractError with file, field and mend."""
    document, _ = parsed(path, "a comparison")
    try:
        specification = Specification.model_validate(document | {"path": path})
    except ValidationError as problem:
        first = problem.errors()[0]
        raise ContractError(f"{path}: {_field(first['loc'])}: {_mend(first)}") from None
    for field, mend in _faults(specification):
        raise ContractError(f"{path}: {field}: {mend}")
    return specification


def load_specifications(folder: Path = COMPARISONS) -> tuple[Specification, ...]:
    """Every comparison in a folder, by file name; raises ContractError with file, field and mend."""
    return tuple(read_specification(path) for path in sorted(folder.glob("*.yaml")))


def _faults(one: Specification) -> Iterator[tuple[str, str]]:
    """What is wrong with a specification as a whole: field and mend."""
    if one.path.stem != one.id:
        yield "id", f"is {one.id} in a file called {one.path.name}; give both one name"
    is_tenancy = one.population.index == "first_tenancy"
    if is_tenancy and one.population.program_code is None:
        yield "population.program_code", "is missing; name the programme whose first tenancy is the index"
    if not is_tenancy and one.population.program_code is not None:
        yield "population.program_code", "an enrolment has no programme; take the field out"
    yield from _twice("covariates", [each.covariate for each in one.covariates])
    yield from _twice("outcomes", [each.id for each in one.outcomes])
    yield from _twice("exact.columns", list(one.exact.columns))
    for at, each in enumerate(one.covariates):
        if each.transform != "none" and each.covariate in ("sex_code", "race_ethnicity_code"):
            yield f"covariates[{at}].transform", f"{each.covariate} is a code and has no logarithm; write none"
    for at, compared in enumerate(one.outcomes):
        if f"prior_{compared.outcome}" not in [each.covariate for each in one.covariates]:
            wanted = f"prior_{compared.outcome}"
            yield f"outcomes[{at}].outcome", f"people must be alike in it beforehand; add {wanted} to the covariates"
        if one.follow_up.at_least_days > compared.window_days:
            yield f"outcomes[{at}].window_days", "is shorter than follow_up.at_least_days; lengthen it"


def _twice(field: str, names: list[str]) -> Iterator[tuple[str, str]]:
    for at, name in enumerate(names):
        if name in names[:at]:
            yield f"{field}[{at}]", f"{name} is there twice; take one out"


def _field(place: tuple[str | int, ...]) -> str:
    """`("outcomes", 0, "id")` as `outcomes[0].id`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place).lstrip(".")


def _mend(error: Mapping[str, Any]) -> str:
    if error["type"] == "literal_error":
        return f"is one of {error['ctx']['expected'].replace(' or ', ', ')}"
    return (MENDS | MORE_MENDS).get(error["type"], str(error["msg"]))
