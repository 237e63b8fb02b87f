"""What an agency promises about one table it sends: the data contract, read from ODCS 3.1 YAML.

Belongs here: the model that the stages code against, and `load_contracts`. How YAML becomes the model is in
`contract_reading.py`; what makes a contract ill-formed is in `contract_checks.py`. Nothing here reads a delivery.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache, cached_property
from pathlib import Path

from pipelines.errors import ContractError
from schemas.breaker_terms import Breakers
from schemas.coverage_terms import Coverage
from schemas.file_terms import FileTerms
from schemas.row_rules import RowRule

SHIPPED_ROOT = Path(__file__).resolve().parents[1] / "data_contracts"
"""The contracts that come with Countylink. A county may keep its own folder of the same shape."""

KINDS = ("text", "integer", "decimal", "date", "timestamp")
CLASSIFICATIONS = ("direct_identifier", "quasi_identifier", "sensitive", "none")

LINKAGE_ROLES = (
    "client_id",
    "merged_into_client_id",
    "first_name",
    "middle_name",
    "last_name",
    "name_suffix",
    "full_name",
    "birth_date",
    "ssn",
    "ssn_last4",
    "sex",
    "race",
    "ethnicity",
    "phone",
    "address_line",
    "city",
    "state",
    "zip_code",
    "death_date",
)
"""What a column tells about a person; beside these, `race_flag:<race>` and `shared_id:<namespace>`."""

STANDARD_CODES: Mapping[str, tuple[str, ...]] = {
    "sex": ("F", "M"),
    "race": (
        "american_indian",
        "asian",
        "black",
        "pacific_islander",
        "white",
        "hispanic",
        "middle_eastern",
        "other",
    ),
    "ethnicity": ("hispanic", "not_hispanic"),
}
"""Our own codes, by linkage role; a source code may also stand for nothing known (null)."""

IDENTITY_ROLES = frozenset({"first_name", "last_name", "full_name", "birth_date", "ssn", "ssn_last4"})
"""A table with a client id and one of these describes persons."""


@dataclass(frozen=True)
class Column:
    """One column of a table, under the source's own name."""

    name: str
    kind: str
    required: bool = False
    optional: bool = False
    key: bool = False
    codes: Mapping[str, str] | None = None
    formats: tuple[str, ...] = ()
    century_from: int | None = None
    """A year of two digits lies in the hundred years that begin with this one; needed where a format has `%y`."""
    time_zone: str | None = None
    """Times are local to this zone: those its clocks skip or tell twice are read by rule, and counted."""
    null_tokens: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    minimum: float | date | None = None
    maximum: float | date | None = None
    pattern: str | None = None
    max_length: int | None = None
    classification: str = "none"
    linkage_role: str | None = None
    also_shared_id: str | None = None
    """Namespace under which other agencies quote this client id (`hmis_personal_id`); beside `linkage_role`."""
    standard_codes: Mapping[str, str | None] | None = None
    when_broken: str = "row"
    """`row`: a broken value quarantines its row. `cell`: the value is set aside and counted, and the row stays."""
    description: str = ""


@dataclass(frozen=True)
class DeleteMarker:
    """Which rows say that their record is gone; `values` None means that any value says so."""

    column: str
    values: tuple[str, ...] | None


@dataclass(frozen=True)
class Reference:
    """Columns whose values stand in columns of another table of the same agency."""

    columns: tuple[str, ...]
    table: str
    to_columns: tuple[str, ...]
    when_broken: str | None = None
    """`row`: a row that points nowhere is quarantined; `warn`: it is counted, and stays. None: `warn` between whole
    tables; in a delta nothing is said, because the row pointed at may have come long ago."""


@dataclass(frozen=True)
class HashedWhen:
    """A delivery whose `table.column` is none of `plain` carries hashes for names: counted, not linkable."""

    table: str
    column: str
    plain: tuple[str, ...]


@dataclass(frozen=True)
class DataThrough:
    """Up to which day a delivery tells what happened: `lag_days` before its as-of date, or what a column says."""

    lag_days: int | None = None
    table: str | None = None
    column: str | None = None


@dataclass(frozen=True)
class DataContract:
    """What one agency promises about one table."""

    id: str
    version: str
    agency: str
    table: str
    title: str
    grain: str
    file_names: tuple[str, ...]
    columns: tuple[Column, ...]
    business_key: tuple[str, ...]
    coverage: Coverage
    """What a delivery speaks of, and so what it replaces."""
    newest_by: str | None
    delete_marker: DeleteMarker | None
    row_rules: tuple[RowRule, ...]
    references: tuple[Reference, ...]
    required_table: bool
    may_be_empty: bool
    max_bad_row_share: float
    bad_rows_tolerated: int
    """So many bad rows never hold a delivery, whatever their share: a nightly delta may have only ten rows."""
    max_set_aside_share: float
    """Past this share of broken values in a column whose values are set aside, the column has changed its meaning."""
    refused_columns: tuple[str, ...]
    """Patterns of names (`*substance*`) that no undeclared column may have: what the agreement does not cover."""
    hashed_when: HashedWhen | None
    data_through: DataThrough
    owner: str
    steward_contact: str
    legal_basis: str
    legal_regimes: tuple[str, ...]
    agreement_id: str
    permitted_purposes: tuple[str, ...]
    prohibited_purposes: tuple[str, ...]
    access_tier: str
    retention_days: int
    schedule: str
    """Cron expression, in `timezone`, by which the delivery is due."""
    timezone: str
    latency_hours: int
    """A delivery is late when it has not come so many hours after the end of its as-of date."""
    breakers: Breakers
    """How far a delivery may lie from those before it."""
    path: Path = field(compare=False)
    sha256: str = ""
    agreement_expires_on: date | None = None
    """Last day of the agreement, if it has one; no product is built from the agency's records after it."""
    files: FileTerms = field(default_factory=FileTerms)

    @property
    def semantics(self) -> str:
        """Whether deliveries are `full`, `delta` or `period`; where the delivery itself says it, what is usual."""
        return self.coverage.semantics

    @cached_property
    def column_names(self) -> tuple[str, ...]:
        """Source names in the contract's order."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """A column by its source name."""
        for column in self.columns:
            if column.name == name:
                return column
        raise ContractError(f"{self.path.name}: there is no column {name}; its columns are in schema.properties")

    def with_role(self, role: str) -> Column | None:
        """The column of a linkage role, if the table has one."""
        return next((column for column in self.columns if column.linkage_role == role), None)

    @property
    def describes_persons(self) -> bool:
        """Whether rows of this table say who a client is."""
        roles = {column.linkage_role for column in self.columns}
        return "client_id" in roles and bool(roles & IDENTITY_ROLES)


class DataContracts:
    """Every data contract of a county, by agency and table."""

    def __init__(self, root: Path, contracts: tuple[DataContract, ...]) -> None:
        self.root = root
        self._contracts = tuple(sorted(contracts, key=lambda contract: (contract.agency, contract.table)))
        self._by_name = {(contract.agency, contract.table): contract for contract in self._contracts}

    @property
    def agencies(self) -> tuple[str, ...]:
        """Agency codes, sorted."""
        return tuple(sorted({contract.agency for contract in self._contracts}))

    def of(self, agency: str) -> tuple[DataContract, ...]:
        """An agency's contracts, sorted by table."""
        return tuple(contract for contract in self._contracts if contract.agency == agency)

    def get(self, agency: str, table: str) -> DataContract | None:
        """The contract of a table, if there is one."""
        return self._by_name.get((agency, table))

    def all(self) -> tuple[DataContract, ...]:
        """Every contract, sorted by agency and table."""
        return self._contracts

    @property
    def sha256(self) -> str:
        """Changes when any contract or code list changes."""
        return _digest(self._contracts)

    def agency_sha256(self, agency: str) -> str:
        """Changes when a contract of this agency, or a code list it uses, changes."""
        return _digest(self.of(agency))


def load_contracts(root: Path = SHIPPED_ROOT) -> DataContracts:
    """Read and check `<root>/incoming/<agency>/<table>.odcs.yaml`; raises ContractError with file, field and mend.

    Code lists are looked up in `<root>/code_lists`, then among those shipped.
    """
    from schemas import contract_checks, contract_reading

    incoming = root / "incoming"
    files = sorted(incoming.glob("*/*.odcs.yaml"))
    if not files:
        raise ContractError(
            f"{incoming}: no data contract is there; put one YAML a table at incoming/<agency>/<table>.odcs.yaml"
        )
    contracts = DataContracts(root, tuple(contract_reading.read_contract(path, root) for path in files))
    contract_checks.check_contracts(contracts)
    return contracts


@cache
def contracts_at(root: Path) -> DataContracts:
    """The contracts of a folder; a process reads and checks them once, so that all its steps use the same."""
    return load_contracts(root)


def _digest(contracts: tuple[DataContract, ...]) -> str:
    lines = "".join(f"{contract.agency}.{contract.table} {contract.sha256}\n" for contract in contracts)
    return hashlib.sha256(lines.encode()).hexdigest()
