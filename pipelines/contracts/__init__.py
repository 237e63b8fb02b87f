"""Turn outcomes into what an outcomes contract pays, line by line."""

from pipelines.contracts.cohorts import cohort_members
from pipelines.contracts.definitions import OutcomesContract, load_outcome_contracts, read_outcome_contract
from pipelines.contracts.state import OUTCOME_CONTRACTS, state

__all__ = [
    "OUTCOME_CONTRACTS",
    "OutcomesContract",
    "cohort_members",
    "load_outcome_contracts",
    "read_outcome_contract",
    "state",
]
