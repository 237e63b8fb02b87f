"""A recipient's product as data: YAML becomes a definition, or is refused with file, line, field and mend.

One file a recipient and project, `data_contracts/products/<recipient>.<project>.yaml`. What is wrong with the
definition by itself is said here; whether the law lets it be built is said in `basis.py`, for that takes the sources.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Literal

import yaml
from pydantic import Field
from pyrage import RecipientError, x25519

from pipelines.contracts.definitions import parsed, terms_of, told
from pipelines.contracts.fields import Day, Id, Text
from pipelines.contracts.terms import Terms
from pipelines.contracts.whole import Fault
from pipelines.errors import ContractError
from pipelines.places import COUNTY
from pipelines.products.law import Law, Tier
from pipelines.publish.published_contracts import PublishedTable

PRODUCTS = COUNTY / "data_contracts" / "products"

MADE_HERE: Mapping[str, tuple[str, ...]] = {"persons": ("zip3",)}
"""Columns that no release has, and that a de-identified product can ask for."""

KEY_COLUMN = "person_key"

QUASI_IDENTIFIERS = ("birth_year", "is_90_or_older", "sex_code", "race_ethnicity_code", "zip3")
"""Columns of persons that others know of somebody: no product may leave them out of its measure."""


class Agreement(Terms):
    """The data use agreement under which a product leaves."""

    id: Text
    signed_on: Day
    expires_on: Day


class Population(Terms):
    """Whose rows a product holds: persons with a row of these programmes or measures; everybody, if none is named."""

    programs: tuple[Text, ...] = ()
    measures: tuple[Id, ...] = ()


class Expert(Terms):
    """Who found the risk very small (45 CFR 164.514(b)(1)), when, and where it is written down."""

    name: Text
    determined_on: Day
    document: Text


class DeIdentified(Terms):
    """How a de-identified product is made so, and held to it."""

    method: Literal["safe_harbor", "expert"]
    expert: Expert | None = None
    birth_year_band: int = Field(default=1, ge=1, le=50)
    """So many years share one: 1 keeps the year, 10 makes 1983 into 1980."""
    quasi_identifiers: tuple[Id, ...] = Field(min_length=1)
    sensitive: tuple[Id, ...] = ()
    leave_out_share: float = Field(default=0, ge=0, le=0.1)
    """Persons whose group is too small are left out, if they are no more than this share of all; else it is held."""
    smallest_k: int | None = Field(default=None, ge=2)
    """People a group must have; default: that of the law files. Never below it."""
    smallest_l: int | None = Field(default=None, ge=1)


class Product(Terms):
    """What one recipient gets for one project."""

    recipient: Id
    project: Id
    title: Text
    tier: Tier
    purpose: Text
    agreement: Agreement
    bases: tuple[Id, ...]
    tables: Mapping[Id, tuple[Id, ...]] = Field(min_length=1)
    measures: tuple[Id, ...] = ()
    """Of which measures there are rows; all that are published, if none is named."""
    rows_without_basis: Literal["refuse", "drop"] = "refuse"
    population: Population = Population()
    de_identification: DeIdentified | None = None
    age_public_key: Text | None = None
    """To which the delivery is encrypted; without it there are no bundles."""
    path: Path

    @property
    def id(self) -> str:
        """`<recipient>.<project>`."""
        return f"{self.recipient}.{self.project}"

    @property
    def has_persons(self) -> bool:
        """Whether rows are of persons, under a key or without one."""
        return self.tier != "public_aggregates"

    def has_expired(self, on: date) -> bool:
        """Whether the agreement is over by a day."""
        return not self.agreement.signed_on <= on <= self.agreement.expires_on


def load_products(folder: Path, published: Mapping[str, PublishedTable], law: Law) -> tuple[Product, ...]:
    """Every product in a folder, by id; raises ContractError with file, line, field and mend."""
    return tuple(read_product(path, published, law) for path in sorted(folder.glob("*.yaml")))


def read_product(path: Path, published: Mapping[str, PublishedTable], law: Law) -> Product:
    """One product, checked by itself; raises ContractError with file, line, field and mend."""
    document, root = parsed(path, "a product")
    _refuse_identified(path, document, root)
    product = terms_of(Product, path, {**document, "path": path}, root)
    for fault in _faults(product, published, law):
        raise ContractError(told(path, root, fault))
    return product


def product_named(name: str, folder: Path, published: Mapping[str, PublishedTable], law: Law) -> Product:
    """The product of a name; raises ContractError that lists the others."""
    products = {one.id: one for one in load_products(folder, published, law)}
    if name not in products:
        raise ContractError(f"there is no product {name}; there are {', '.join(products) or 'none'} in {folder}")
    return products[name]


def _refuse_identified(path: Path, document: Mapping[str, object], root: yaml.Node) -> None:
    if document.get("tier") == "identified":
        mend = "identified rows stay in the linkage zones and are never exported; choose coded or de_identified"
        raise ContractError(told(path, root, Fault(("tier",), mend)))


def _faults(product: Product, published: Mapping[str, PublishedTable], law: Law) -> Iterator[Fault]:
    if product.path.name != f"{product.id}.yaml":
        yield Fault(("recipient",), f"the file must be called {product.id}.yaml")
    if product.agreement.expires_on < product.agreement.signed_on:
        yield Fault(("agreement", "expires_on"), "lies before the day of signing; correct one of the two")
    for at, basis in enumerate(product.bases):
        if basis not in law.terms.bases:
            yield Fault(("bases", at), f"there is no such basis; there are {', '.join(law.terms.bases)}")
    yield from _table_faults(product, published)
    yield from _de_identification_faults(product, law)
    if product.age_public_key is not None and not _is_age_key(product.age_public_key):
        yield Fault(("age_public_key",), "is no age public key (age1…); ask the recipient for theirs, `age-keygen -y`")


def _table_faults(product: Product, published: Mapping[str, PublishedTable]) -> Iterator[Fault]:
    wanted = "aggregate" if product.tier == "public_aggregates" else "coded"
    for name, columns in product.tables.items():
        if name not in published:
            yield Fault(("tables", name), f"there is no such table; there are {', '.join(published)}")
            continue
        if published[name].tier == "coded" and wanted == "aggregate":
            yield Fault(("tables", name), "has a row a person; public aggregates hold aggregate tables only")
        yield from _column_faults(product, name, columns, published[name])


def _column_faults(product: Product, table: str, columns: Iterable[str], told_of: PublishedTable) -> Iterator[Fault]:
    known = {column.name for column in told_of.columns}
    if product.tier == "de_identified":
        known |= {*MADE_HERE.get(table, ())}
    for at, column in enumerate(columns):
        if column not in known:
            yield Fault(("tables", table, at), f"there is no such column; there are {', '.join(sorted(known))}")


def _de_identification_faults(product: Product, law: Law) -> Iterator[Fault]:
    terms, place = product.de_identification, "de_identification"
    if product.tier != "de_identified":
        if terms is not None:
            yield Fault((place,), "belongs to the tier de_identified; take it out, or change the tier")
        return
    if terms is None:
        yield Fault((place,), "is missing; say the method and the quasi-identifiers")
        return
    if (terms.method == "expert") != (terms.expert is not None):
        yield Fault((place, "expert"), "names who made the determination, when and where, for the method expert only")
    floors = law.rules.floors
    if terms.smallest_k is not None and terms.smallest_k < floors.smallest_k:
        yield Fault((place, "smallest_k"), f"is below the county's floor of {floors.smallest_k}; raise it")
    if terms.smallest_l is not None and terms.smallest_l < floors.smallest_l:
        yield Fault((place, "smallest_l"), f"is below the county's floor of {floors.smallest_l}; raise it")
    for table, columns in product.tables.items():
        if terms.leave_out_share and KEY_COLUMN not in columns:
            yield Fault(("tables", table), "lacks person_key, without which nobody can be left out; add it")
    yield from _rule_faults(product, terms, law)
    yield from _declaration_faults(product, terms)


def _rule_faults(product: Product, terms: DeIdentified, law: Law) -> Iterator[Fault]:
    rules = law.rules_of(terms.method)
    for table, columns in product.tables.items():
        for at, column in enumerate(columns):
            rule = rules.get(table, {}).get(column)
            if rule is None or rule.action == "drop":
                why = rule.reason if rule else "nobody has said what becomes of it"
                yield Fault(("tables", table, at), f"cannot be de-identified by {terms.method}: {why}; take it out")


def _declaration_faults(product: Product, terms: DeIdentified) -> Iterator[Fault]:
    """Every column of persons is declared: what is not said to be harmless is looked at."""
    held = product.tables.get("persons", ())
    for name in ("quasi_identifiers", "sensitive"):
        for at, column in enumerate(getattr(terms, name)):
            if column not in held:
                yield Fault(("de_identification", name, at), "is no column of persons in this product")
    for at, column in enumerate(held):
        if column in QUASI_IDENTIFIERS and column not in terms.quasi_identifiers:
            yield Fault(("tables", "persons", at), "is a quasi-identifier; name it in quasi_identifiers")


def _is_age_key(text: str) -> bool:
    try:
        x25519.Recipient.from_str(text)
    except (RecipientError, ValueError):
        return False
    return True
