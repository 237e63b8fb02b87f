"""The law as data: which regimes stand before which records, which bases reach past them, and where columns come from.

Read from `data_contracts/law/`. Belongs here: reading and checking those files. Whether a product may be built is said
in `basis.py`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import Field

from pipelines.contracts.definitions import parsed, terms_of
from pipelines.contracts.fields import Id, Text
from pipelines.contracts.terms import Terms
from pipelines.errors import ContractError
from pipelines.outcomes import Measure
from pipelines.places import COUNTY
from schemas.data_contract import DataContracts

LAW = COUNTY / "data_contracts" / "law"

EVERYONE, OURS, OF_MEASURE = "everyone", "ours", "measure"
"""Sources that are no list of agencies."""

Tier = Literal["coded", "de_identified", "public_aggregates"]
"""What a product may be. `identified` is none of them: it stays in the linkage zones and cannot be exported."""

Action = Literal["keep", "drop", "year", "zip3", "shift"]

Read = TypeVar("Read", bound=Terms)


class Regime(Terms):
    """One law that stands before records."""

    title: Text
    clause: Text
    notice: str = ""
    needs_no_basis: bool = False


class Basis(Terms):
    """A ground on which records under some regimes may be disclosed."""

    regimes: tuple[Id, ...] = Field(min_length=1)
    clause: Text
    tiers: tuple[Tier, ...] = Field(min_length=1)
    purposes: tuple[Text, ...] = ()
    """Empty: whatever the purpose, so long as the sources' agreements permit it."""
    needs_consent: bool = False
    is_never_alone: bool = False
    notice: str = ""
    """What the recipient must be told because the product rests on this, beside the notices of the regimes."""
    reason: Text


class Regimes(Terms):
    """`legal_regimes.yaml`."""

    regimes: Mapping[Id, Regime]
    bases: Mapping[Id, Basis]


class ColumnSources(Terms):
    """`column_sources.yaml`."""

    tables: Mapping[Id, Mapping[str, Literal["ours", "everyone", "measure"] | tuple[Id, ...]]]
    measure_populations: Mapping[Id, tuple[Id, ...]]


class Rule(Terms):
    """What becomes of a column, and why."""

    action: Action
    reason: Text


class Floors(Terms):
    """How many people a group must have, and how many values of what is sensitive."""

    smallest_k: int = Field(ge=2)
    smallest_l: int = Field(ge=1)


class DeIdentification(Terms):
    """`safe_harbor.yaml`: rules by method, table and column."""

    safe_harbor: Mapping[Id, Mapping[Id, Rule]]
    expert: Mapping[Id, Mapping[Id, Rule]]
    greatest_shift_days: int = Field(ge=1)
    floors: Floors


@dataclass(frozen=True)
class Law:
    """Everything in `data_contracts/law/` that decides what a product may hold."""

    folder: Path
    terms: Regimes
    sources: ColumnSources
    rules: DeIdentification
    restricted_zip3: frozenset[str]
    part2_providers: frozenset[str]

    @cached_property
    def needing_a_basis(self) -> frozenset[str]:
        """Regimes before which a product needs a basis."""
        return frozenset(name for name, one in self.terms.regimes.items() if not one.needs_no_basis)

    def rules_of(self, method: str) -> Mapping[str, Mapping[str, Rule]]:
        """Rules by table and column of a method of de-identification."""
        return self.rules.safe_harbor if method == "safe_harbor" else self.rules.expert

    def agencies(self, table: str, column: str, measures: Iterable[Measure], known: tuple[str, ...]) -> frozenset[str]:
        """The agencies whose records a column is made from, where its rows are of some measures.

        Raises:
            ContractError: nobody said where the column comes from.
        """
        named = self.sources.tables.get(table, {})
        source = named.get(column, named.get("*"))
        if source is None:
            raise ContractError(f"law/column_sources.yaml does not say where {table}.{column} comes from; add it")
        if source == OURS:
            return frozenset()
        if source == EVERYONE:
            return frozenset(known)
        if source == OF_MEASURE:
            return frozenset().union(*(self.agencies_of(one) for one in measures))
        return frozenset(source)

    def agencies_of(self, measure: Measure) -> frozenset[str]:
        """The agencies that a measure's rows are made from: those it needs, and those of its population."""
        if measure.sql not in self.sources.measure_populations:
            raise ContractError(
                f"law/column_sources.yaml: measure_populations does not name {measure.sql}; say whose records put "
                "somebody into its population"
            )
        needed = (agency for agencies in measure.needs_agencies.values() for agency in agencies)
        return frozenset((*needed, *self.sources.measure_populations[measure.sql]))

    def notices(self, regimes: Iterable[str]) -> list[str]:
        """The redisclosure notices of some regimes, each with its clause."""
        named = [self.terms.regimes[name] for name in sorted(regimes)]
        return [f"{one.title} ({one.clause})\n{one.notice.strip()}" for one in named if one.notice]


def load_law(folder: Path = LAW) -> Law:
    """Read and check the law; raises ContractError with file, line, field and mend."""
    terms = _read(Regimes, folder / "legal_regimes.yaml")
    for name, basis in terms.bases.items():
        for regime in basis.regimes:
            if regime not in terms.regimes:
                raise ContractError(f"law/legal_regimes.yaml: bases.{name}.regimes names {regime}, which is not there")
    return Law(
        folder=folder,
        terms=terms,
        sources=_read(ColumnSources, folder / "column_sources.yaml"),
        rules=_read(DeIdentification, folder / "safe_harbor.yaml"),
        restricted_zip3=frozenset(_column(folder / "restricted_zip3.csv", "zip3")),
        part2_providers=frozenset(_column(folder / "part2_programs.csv", "provider_id")),
    )


def regimes_by_agency(contracts: DataContracts, law: Law) -> dict[str, frozenset[str]]:
    """The regimes that need a basis, by agency, as its contracts name them.

    Raises:
        ContractError: a contract names a regime of which the law files say nothing.
    """
    for one in contracts.all():
        if strange := set(one.legal_regimes) - law.terms.regimes.keys():
            raise ContractError(
                f"{one.path.name}: legalRegimes names {', '.join(sorted(strange))}, of which law/legal_regimes.yaml "
                "says nothing; add the regime there, or mend the name"
            )
    return {
        agency: frozenset(name for one in contracts.of(agency) for name in one.legal_regimes) & law.needing_a_basis
        for agency in contracts.agencies
    }


def _read(kind: type[Read], path: Path) -> Read:
    document, root = parsed(path, "a file of the law")
    return terms_of(kind, path, document, root)


def _column(path: Path, name: str) -> list[str]:
    with path.open(newline="", encoding="utf-8") as text:
        return [row[name] for row in csv.DictReader(text)]
