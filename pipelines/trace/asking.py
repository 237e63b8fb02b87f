"""Which published number is asked for: a measure, or a line of a statement, and the cuts it stands under."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from pipelines.errors import ReleaseError

LINE = ":"
"""Between contract and clause, where a line of a statement is asked for."""


@dataclass(frozen=True)
class Question:
    """A measure id, or `<contract>:<clause>`; what is None is not asked for."""

    subject: str
    provider_id: str | None = None
    program_code: str | None = None
    period: str | None = None
    status_code: str | None = None
    person_key: str | None = None

    @property
    def is_line(self) -> bool:
        """Whether a line of a statement is meant."""
        return LINE in self.subject

    @property
    def measure_id(self) -> str:
        """The measure; ReleaseError where a line is meant."""
        if self.is_line:
            raise ReleaseError(f"{self.subject} is a line of a statement, not a measure")
        return self.subject

    @property
    def contract_and_clause(self) -> tuple[str, str]:
        """The contract and the clause of a line."""
        contract_id, _, clause_id = self.subject.partition(LINE)
        return contract_id, clause_id

    def filters(self) -> dict[str, Any]:
        """What narrows the rows down, by name; without those that are not asked for."""
        return {name: value for name, value in asdict(self).items() if name != "subject" and value is not None}
