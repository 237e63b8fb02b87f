"""Whether a product may be built: purpose, agreement, and a legal basis for every source of every column and row.

Belongs here: saying which clause stands in the way of which column, and what to do. Nothing here reads a row of a
person; which rows a basis leaves out is carried as a condition.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from pipelines.errors import ReleaseError
from pipelines.outcomes import Measure
from pipelines.products.definition import Product
from pipelines.products.law import Basis, Law, regimes_by_agency
from schemas.data_contract import DataContracts


@dataclass(frozen=True)
class Refusal:
    """One thing that the law does not let a product hold."""

    place: str
    """`table.column`, a measure, or a term of the product."""
    clause: str
    mend: str

    def __str__(self) -> str:
        return f"{self.place}: {self.clause}: {self.mend}"


@dataclass(frozen=True)
class Grounds:
    """What a product may hold, and under which conditions."""

    measures: tuple[Measure, ...]
    """Of which measures it may have rows."""
    dropped_measures: tuple[str, ...]
    agencies: frozenset[str]
    """Whose records it is made from."""
    regimes: frozenset[str]
    """Before which laws it stands; their notices travel with it."""
    part2: Basis | None
    """The basis for rows of Part 2 programmes; None: they are left out."""


def grounds(product: Product, contracts: DataContracts, law: Law, measures: Mapping[str, Measure], on: date) -> Grounds:
    """What a product may hold on a day.

    Raises:
        ReleaseError: something stands in the way; the text names every clause, column and mend.
    """
    asked = _asked_measures(product, measures)
    by_agency = regimes_by_agency(contracts, law)
    allowed = {one.id: one for one in asked if not _uncovered(law.agencies_of(one), by_agency, product, law)}
    dropped = tuple(one.id for one in asked if one.id not in allowed)
    kept = tuple(allowed.values()) if product.rows_without_basis == "drop" else asked
    found = [
        *_agreement_refusals(product, on),
        *_purpose_refusals(product, contracts, law, kept),
        *_source_refusals(product, contracts, law, kept, on),
        *_basis_refusals(product, law),
        *_column_refusals(product, contracts, law, kept, by_agency),
    ]
    if dropped and not allowed:
        found.append(Refusal("measures", "no measure has a basis", "add the bases that its sources need"))
    if found:
        raise ReleaseError(f"{product.id} cannot be built: " + "; ".join(str(one) for one in dict.fromkeys(found)))
    agencies = _sources(product, contracts, law, kept)
    regimes = frozenset(name for agency in agencies for name in by_agency[agency])
    part2 = _basis_for("part2", product, law)
    return Grounds(kept, dropped if kept != asked else (), agencies, regimes | ({"part2"} if part2 else set()), part2)


def _asked_measures(product: Product, measures: Mapping[str, Measure]) -> tuple[Measure, ...]:
    if unknown := set(product.measures) - measures.keys():
        raise ReleaseError(f"{product.id}: there is no measure {', '.join(sorted(unknown))}; correct measures")
    return tuple(measures[name] for name in (product.measures or measures))


def _agreement_refusals(product: Product, on: date) -> Iterator[Refusal]:
    agreement = product.agreement
    if on > agreement.expires_on:
        yield Refusal(
            "agreement.expires_on",
            f"agreement {agreement.id} expired on {agreement.expires_on}",
            "renew it and write the new day, or take the product out",
        )
    if on < agreement.signed_on:
        yield Refusal("agreement.signed_on", f"agreement {agreement.id} is not in force yet", "wait until it is")


def _purpose_refusals(
    product: Product, contracts: DataContracts, law: Law, measures: tuple[Measure, ...]
) -> Iterator[Refusal]:
    for agency in sorted(_sources(product, contracts, law, measures)):
        for one in contracts.of(agency):
            if product.purpose in one.prohibited_purposes or product.purpose not in one.permitted_purposes:
                yield Refusal(
                    f"purpose, for records of {agency}",
                    f"agreement {one.agreement_id} permits {', '.join(one.permitted_purposes)}",
                    f"{product.purpose!r} is none of these: choose one of them, or agree with {agency} on more",
                )
                break


def _source_refusals(
    product: Product, contracts: DataContracts, law: Law, measures: tuple[Measure, ...], on: date
) -> Iterator[Refusal]:
    """Agencies whose own agreement with the county is over."""
    for agency in sorted(_sources(product, contracts, law, measures)):
        for one in contracts.of(agency):
            if one.agreement_expires_on is not None and on > one.agreement_expires_on:
                clause = f"agreement {one.agreement_id} expired on {one.agreement_expires_on}"
                yield Refusal(
                    f"records of {agency}", clause, f"renew it with {agency} and write the day into its contracts"
                )
                break


def _basis_refusals(product: Product, law: Law) -> Iterator[Refusal]:
    """Bases that the product names and that do not reach so far."""
    for name in product.bases:
        basis = law.terms.bases[name]
        if product.tier not in basis.tiers:
            yield Refusal(f"bases.{name}", basis.clause, f"reaches {', '.join(basis.tiers)}, not {product.tier}")
        elif basis.purposes and product.purpose not in basis.purposes:
            yield Refusal(f"bases.{name}", basis.clause, f"reaches {', '.join(basis.purposes)}, not {product.purpose}")
    if product.bases and all(law.terms.bases[name].is_never_alone for name in product.bases):
        clauses = ", ".join(law.terms.bases[name].clause for name in product.bases)
        yield Refusal("bases", clauses, "is never the only ground of a product; add one that reaches its purpose")


def _column_refusals(
    product: Product,
    contracts: DataContracts,
    law: Law,
    measures: tuple[Measure, ...],
    by_agency: Mapping[str, frozenset[str]],
) -> Iterator[Refusal]:
    for table, columns in product.tables.items():
        for column in columns:
            agencies = law.agencies(table, column, measures, contracts.agencies)
            for regime, agency in _uncovered(agencies, by_agency, product, law):
                yield Refusal(
                    f"{table}.{column}", law.terms.regimes[regime].clause, _mend(regime, agency, law, product)
                )


def _uncovered(
    agencies: Iterable[str], by_agency: Mapping[str, frozenset[str]], product: Product, law: Law
) -> list[tuple[str, str]]:
    """Regimes without a basis, each with the agency whose records stand under it."""
    return [
        (regime, agency)
        for agency in sorted(agencies)
        for regime in sorted(by_agency[agency])
        if _basis_for(regime, product, law) is None
    ]


def _basis_for(regime: str, product: Product, law: Law) -> Basis | None:
    """The first basis of the product that reaches past a regime, for its tier and purpose."""
    for name in product.bases:
        basis = law.terms.bases[name]
        reaches = product.tier in basis.tiers and (not basis.purposes or product.purpose in basis.purposes)
        if regime in basis.regimes and reaches:
            return basis
    return None


def _mend(regime: str, agency: str, law: Law, product: Product) -> str:
    fitting = [
        name
        for name, basis in law.terms.bases.items()
        if regime in basis.regimes
        and product.tier in basis.tiers
        and (not basis.purposes or product.purpose in basis.purposes)
    ]
    choices = " or ".join(fitting) or "none there is for this tier and purpose"
    return (
        f"it is made from records of {agency}; name a basis ({choices}), if the county has it, or take out the column, "
        "or the measures that need these records"
    )


def _sources(product: Product, contracts: DataContracts, law: Law, measures: tuple[Measure, ...]) -> frozenset[str]:
    return frozenset(
        agency
        for table, columns in product.tables.items()
        for column in columns
        for agency in law.agencies(table, column, measures, contracts.agencies)
    )
