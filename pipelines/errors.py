"""What can go wrong, said without a person in it.

Messages of these exceptions reach logs, the Dagster UI and terminals. They name files, tables, columns, rules and
counts; never a value that a row held.
"""


class CountylinkError(Exception):
    """Something the operator can mend; its text says how."""


class ContractError(CountylinkError):
    """A data contract, outcomes contract or measure definition is not well formed: file, field and mend."""


class LakeError(CountylinkError):
    """The lake is not in a state that this step can work on."""


class TableError(CountylinkError):
    """A table of person records, or the file of its columns' roles, cannot be taken as it is: column, rule and mend."""


class ModelError(CountylinkError):
    """The linkage model bundle is absent, incomplete or untrained."""


class UnlearntError(ModelError):
    """The records at hand cannot teach a model; the text names the comparisons that nothing was learnt about."""


class ReleaseError(CountylinkError):
    """A release could not be written, or does not verify."""


class EngineError(CountylinkError):
    """The engine that is to score pairs is absent, refused or broken down."""


class AlertError(CountylinkError):
    """An alert did not reach those whom it should tell."""
