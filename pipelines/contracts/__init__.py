"""Turn outcomes into what an outcomes contract pays, line by line.

fields.py      the kinds of field              terms.py       the fields of a contract
whole.py       what is wrong with one as a whole
documents.py   a YAML file that knows its lines
definitions.py YAML → contract                 pricing.py     units → lines, in cents
quantities.py  units out of a file             state.py       units out of the lake, all contracts
statement.py   lines, and what they come to    due.py         what is due, restatements included
freezing.py    make a statement final          frozen.py      statements that are final
programmes.py  clauses of programmes that nobody can be in
known.py       the lines that a release rests on
crossings.py   steps that the linkage crosses  scenarios.py   what each linkage would pay
reimbursement.py  what reimbursing cost would have paid
dispute.py     a provider's own rows, and what decided them
line_rows.py   a statement line by line, with its source rows
"""

from pipelines.contracts.cohorts import cohort_members
from pipelines.contracts.definitions import load_outcome_contracts, read_outcome_contract
from pipelines.contracts.dispute import dispute_rows
from pipelines.contracts.due import DueStatement, due
from pipelines.contracts.freezing import freeze
from pipelines.contracts.frozen import frozen_statements
from pipelines.contracts.known import keep
from pipelines.contracts.line_rows import line_rows
from pipelines.contracts.programmes import unknown_programmes
from pipelines.contracts.quantities import read_quantities
from pipelines.contracts.state import OUTCOME_CONTRACTS, state
from pipelines.contracts.statement import Statement, state_quantities
from pipelines.contracts.terms import OutcomesContract

__all__ = [
    "OUTCOME_CONTRACTS",
    "DueStatement",
    "OutcomesContract",
    "Statement",
    "cohort_members",
    "dispute_rows",
    "due",
    "freeze",
    "frozen_statements",
    "keep",
    "line_rows",
    "load_outcome_contracts",
    "read_outcome_contract",
    "read_quantities",
    "state",
    "state_quantities",
    "unknown_programmes",
]
