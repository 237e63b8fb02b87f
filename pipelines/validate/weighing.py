"""Whether a table as a whole is good enough: too few rows, too many bad ones, a detail that changed its meaning."""

from __future__ import annotations

from pipelines.ingest import Delivery, Problem
from pipelines.validate.tables import TableResult
from schemas.data_contract import DataContract


def weigh(
    contract: DataContract, result: TableResult, semantics: str, delivery: Delivery
) -> tuple[list[Problem], list[Problem]]:
    """Why a table holds its delivery, and what is only worth a warning. `semantics` is what the delivery told."""
    held = [*_empty(contract, result, semantics), *_too_many_bad_rows(contract, result, delivery)]
    warnings = []
    for (column, rule), cells in sorted(result.set_aside.items()):
        file = contract.file_names[0]
        warnings.append(Problem(rule, file, column, f"{cells} values were set aside; their rows stay"))
        most = max(contract.bad_rows_tolerated, contract.max_set_aside_share * result.counts.rows_in)
        # Empty cells of a detail are poor data; cells full of something else mean another thing than was agreed.
        if cells > most and not rule.endswith(".missing"):
            share = f"{cells} of {result.counts.rows_in} values break {rule}"
            held.append(
                Problem("column.mostly_broken", file, column, f"{share}; send it as the contract says, or change that")
            )
    return held, warnings


def _empty(contract: DataContract, result: TableResult, semantics: str) -> list[Problem]:
    is_change_set = semantics == "delta" and contract.semantics != "delta"
    if result.counts.rows_in or contract.may_be_empty or is_change_set:
        return []
    mend = "send the rows; under this contract an empty table cannot be true"
    return [Problem("table.empty", contract.file_names[0], "", mend)]


def _too_many_bad_rows(contract: DataContract, result: TableResult, delivery: Delivery) -> list[Problem]:
    counts = result.counts
    share = counts.quarantined / counts.rows_in if counts.rows_in else 0.0
    if counts.quarantined <= contract.bad_rows_tolerated or share <= contract.max_bad_row_share:
        return []
    (rule, rows), *_ = result.broken.group_by("rule_id").len().sort(["len", "rule_id"], descending=True).rows()
    mend = (
        f"{counts.quarantined} of {counts.rows_in} rows are bad, and {contract.max_bad_row_share:.1%} may be; "
        f"most often broken: {rule} ({rows} rows); see quarantine/{delivery.agency}/{delivery.delivery_id}"
    )
    return [Problem("table.too_many_bad_rows", contract.file_names[0], "", mend)]
