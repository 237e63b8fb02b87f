"""A contract and its assumptions out of their files, changed where asked; refused with file, line, field and mend."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipelines.contracts import OutcomesContract
from pipelines.contracts.definitions import outcome_contract_of, parsed, terms_of, told
from pipelines.contracts.state import OUTCOME_CONTRACTS
from pipelines.contracts.terms import Clause
from pipelines.contracts.whole import Fault
from pipelines.errors import ContractError
from pipelines.outcomes import Measure
from pipelines.underwriting.assumptions import Assumptions, Baseline, ClauseAssumptions
from pipelines.underwriting.changes import Changes, changed, split_changes

FOLDER = OUTCOME_CONTRACTS / "underwriting"
"""The assumptions that this checkout ships, one file for each outcomes contract."""


@dataclass(frozen=True)
class Case:
    """What is underwritten: a contract, and what is assumed of it."""

    contract: OutcomesContract
    assumptions: Assumptions


def assumptions_path(contract_id: str, folder: Path = FOLDER) -> Path:
    """Where the assumptions of a contract stand; raises ContractError if there are none."""
    path = folder / f"{contract_id}.yaml"
    if not path.is_file():
        known = ", ".join(sorted(one.stem for one in folder.glob("*.yaml"))) or "none"
        raise ContractError(f"{path}: is not there; write it, or name a file with --assumptions (there are {known})")
    return path


def check_assumptions(folder: Path, contracts: Mapping[str, OutcomesContract], measures: Mapping[str, Measure]) -> int:
    """How many sets of assumptions a folder has; raises ContractError for the first that is not well formed."""
    paths = sorted(folder.glob("*.yaml"))
    for path in paths:
        contract = contracts.get(path.stem)
        if contract is None:
            raise ContractError(
                f"{path}:1: contract: there is no outcomes contract {path.stem}; name the file after one"
            )
        read_case(contract.path, path, measures)
    return len(paths)


def read_case(
    contract_path: Path, assumptions_at: Path, measures: Mapping[str, Measure], changes: Changes | None = None
) -> Case:
    """The contract and its assumptions with their changes, each checked, and one against the other."""
    own, assumed = split_changes(changes or {})
    document, root = parsed(contract_path, "an outcomes contract")
    try:
        contract = outcome_contract_of(contract_path, changed(document, own), root, measures)
        return Case(contract, _read(assumptions_at, assumed, contract))
    except ContractError as problem:
        if changes:
            raise ContractError(f"with the what-if: {problem}") from None
        raise


def _read(path: Path, changes: Changes, contract: OutcomesContract) -> Assumptions:
    document, root = parsed(path, "a set of assumptions")
    read = terms_of(Assumptions, path, {**changed(document, changes), "path": path}, root)
    for fault in faults_beside(contract, read):
        raise ContractError(told(path, root, fault))
    return read


def faults_beside(contract: OutcomesContract, assumptions: Assumptions) -> Iterator[Fault]:
    """What is wrong with assumptions beside the contract that they are for."""
    if assumptions.contract != contract.id:
        yield Fault(("contract",), f"these are assumptions of {assumptions.contract}, not of {contract.id}")
    starts_on = assumptions.enrolment.starts_on
    if not contract.starts_on <= starts_on <= contract.ends_on:
        term = f"{contract.starts_on} to {contract.ends_on}"
        yield Fault(("enrolment", "starts_on"), f"lies outside the contract's term, {term}; correct one of them")
    assumed = [clause.id for clause in assumptions.clauses]
    for clause in contract.clauses:
        if clause.id not in assumed:
            yield Fault(("clauses",), f"nothing is assumed of the clause {clause.id}; add it")
    for position, of_clause in enumerate(assumptions.clauses):
        for fault in _clause(contract, of_clause, assumed[:position], assumed):
            yield Fault(("clauses", position, *fault.place), fault.mend)
    taken = set(assumed)
    for position, cost in enumerate(assumptions.unit_costs):
        if cost.id in taken:
            yield Fault(
                ("unit_costs", position, "id"), f"{cost.id} is taken by a clause or another cost; choose another"
            )
        taken.add(cost.id)
        if abs(sum(stream.share for stream in cost.streams) - 1) > 1e-9:  # binary fractions of a sum to 1
            yield Fault(("unit_costs", position, "streams"), "the shares do not sum to 1; correct them")
        if cost.marginal_usd > cost.average_usd:
            yield Fault(("unit_costs", position, "marginal_usd"), "lies above the average cost; correct one of them")


def _clause(
    contract: OutcomesContract, assumed: ClauseAssumptions, before: list[str], all_ids: list[str]
) -> Iterator[Fault]:
    clause = contract.clause(assumed.id)
    if clause is None:
        known = ", ".join(one.id for one in contract.clauses)
        yield Fault(("id",), f"{contract.id} has no such clause; it has {known}")
        return
    if assumed.id in before:
        yield Fault(("id",), f"{assumed.id} stands there twice; take one out")
    if assumed.moves_with is not None and assumed.moves_with not in all_ids:
        yield Fault(("moves_with",), f"there is no clause {assumed.moves_with}; name one, or take the field out")
    yield from _baseline(assumed, clause)
    needed = needed_fields(clause)
    for field in ("units_per_month", "providers", "variation_between"):
        if field in needed and getattr(assumed, field) is None:
            yield Fault((field,), f"the field is missing; a clause that pays {needed[field]} needs it")
        if field not in needed and getattr(assumed, field) is not None:
            yield Fault((field,), "means nothing for this clause; take it out")
    if clause.pays_per != "provider_period" and assumed.effect.kind != "reduction" and assumed.baseline.value > 1:
        yield Fault(("baseline", "value"), "is a share, from 0 to 1")


def _baseline(assumed: ClauseAssumptions, clause: Clause) -> Iterator[Fault]:
    baseline: Baseline = assumed.baseline
    if baseline.of == "untreated" and baseline.episodes is None:
        yield Fault(("baseline", "episodes"), "the field is missing; say which episodes are followed up")
    if baseline.value > 1 and clause.pays_per == "person":
        yield Fault(("baseline", "value"), "is a share, from 0 to 1")


def needed_fields(clause: Clause) -> dict[str, str]:
    """What a clause needs assumed beyond the usual, and why."""
    if clause.pays_per == "provider_period":
        why = "a provider's quarter"
        return {"providers": why, "variation_between": why}
    if clause.pays_per == "person" and clause.counts == "numerator":
        return {"units_per_month": "days, months or visits"}
    return {}
