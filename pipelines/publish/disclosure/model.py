"""What aggregates hold, read from `data_contracts/published/disclosure_rules.yaml`: rules and relations."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from pipelines.errors import ContractError
from pipelines.places import COUNTY
from pipelines.publish.disclosure.terms import (
    Adding,
    Dominance,
    Joined,
    Nested,
    NestedRows,
    Population,
    Repeat,
    Rules,
    Total,
    Where,
    Within,
    holds,
)

DISCLOSURE = COUNTY / "data_contracts" / "published" / "disclosure_rules.yaml"

METHODS = ("withhold", "round", "none")
"""`withhold`: small cells and what gives them back are null. `round`: every count is rounded. `none`: told as it is."""


@dataclass(frozen=True)
class TableModel:
    """What one aggregate table holds."""

    name: str
    method: str
    key: tuple[str, ...]
    counts: tuple[str, ...]
    of_people: tuple[str, ...]
    """Counts of people or of what happened to them one by one: small ones are withheld."""
    leading: str | None
    """The count whose withholding takes the whole row with it."""
    leave_with_row: tuple[str, ...]
    leave_with: Mapping[str, tuple[str, ...]]
    """Count → columns that would give it back."""
    working: Mapping[str, str]
    """Columns that disclosure control looks at and that do not leave, with their types."""
    version: str | None = None
    """The key column in which rows differ that are otherwise of one place: the version of a definition."""
    blocks: tuple[str, ...] = ()
    """Two key columns that tell apart rows which never stand in one sum: one of families, one that totals leave null.
    """
    together: tuple[str, ...] = ()
    plain: tuple[str, ...] = ()
    """Columns that say nothing of how many people there are."""
    cuts: Where = field(default_factory=dict)
    """Key column → the values that it may have: for those alone it is said how they add up."""
    grain: str | None = None
    """The column of periods; those of one family are all as long, so that none is the sum of others."""
    base: int | None = None
    """What counts are rounded to, by the method `round`."""
    one_draw: bool = False
    """Whether all counts of a row are rounded by one draw: then none that is larger becomes the smaller one."""
    dominance: Dominance | None = None
    within: tuple[Within, ...] = ()
    totals: tuple[Total, ...] = ()
    nested_rows: tuple[NestedRows, ...] = ()
    adding: tuple[Adding, ...] = ()
    nested: tuple[Nested, ...] = ()
    populations: tuple[Population, ...] = ()
    joined: tuple[Joined, ...] = ()
    repeats: tuple[Repeat, ...] = ()

    def small_counts(self, rules: Rules, row: Mapping[str, Any]) -> list[str]:
        """The columns of a row as it may leave that tell a small cell."""
        told = [count for count in self.of_people if count not in self.working]
        return [count for count in told if rules.is_small(row[count])]

    def tells_small_rest(self, rules: Rules, row: Mapping[str, Any]) -> bool:
        """Whether a row as it may leave tells the few who are left out of a part."""
        for within in self.within:
            counts = [row[within.of], *(row[part] for part in within.parts)]
            if holds(within.where, row) and None not in counts and rules.is_small(counts[0] - sum(counts[1:])):
                return True
        return False

    def family(self, value: str) -> str:
        """The first value of a key column that relations tie this one to, directly or by way of others."""
        ties = [(one.total, *one.parts) for one in self.adding]
        ties += [nested.members for nested in self.nested] + [shared.members for shared in self.populations]
        family, before = {value}, 0
        while len(family) > before:
            before = len(family)
            family.update(*(tie for tie in ties if not family.isdisjoint(tie)))
        return min(family)

    def told_by(self, count: str) -> str:
        """The column that tells a count: itself, or one that would give it back where it does not leave itself."""
        if count not in self.working:
            return count
        return next(self.leave_with[one][0] for one in (count, *self.together) if one in self.leave_with)


@dataclass(frozen=True)
class Model:
    """The rules, and every aggregate table that counts people."""

    rules: Rules
    tables: Mapping[str, TableModel]
    sha256: str = ""
    """Of the file."""
    not_of_people: Mapping[str, str] = field(default_factory=dict)
    """Aggregate tables that count nobody, each with the reason."""

    def tied(self, name: str) -> str:
        """The first of the tables that share counts with one; itself, if none does."""
        tied, before = {name}, 0
        while len(tied) > before:
            before = len(tied)
            shared = {one.name for table in tied if table in self.tables for one in self.tables[table].repeats}
            tied |= {other for other, table in self.tables.items() if shared & {one.name for one in table.repeats}}
        return min(tied)


@cache
def load_model(path: Path = DISCLOSURE) -> Model:
    """Read the rules and relations.

    Raises:
        ContractError: the file is not well formed, or a rule has no reason.
    """
    try:
        text = path.read_text(encoding="utf-8")
        document = yaml.safe_load(text)
        rules = {name: entry["value"] for name, entry in document["rules"].items() if entry["reason"].strip()}
        tables = {name: _table(name, entry) for name, entry in document["tables"].items()}
        return Model(Rules(**rules), tables, hashlib.sha256(text.encode()).hexdigest(), document["not_of_people"])
    except (yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise ContractError(f"published/{path.name} is not well formed: {type(error).__name__} {error}") from None


def _table(name: str, entry: Mapping[str, Any]) -> TableModel:
    unknown = entry.keys() - {one.name for one in fields(TableModel)} - {"population"}
    if unknown:
        raise ValueError(f"{name}: {', '.join(sorted(unknown))}: no such field; take it out")
    if entry["method"] not in METHODS:
        raise ValueError(f"{name}: method is one of {', '.join(METHODS)}")
    if entry["method"] == "round" and not entry.get("base"):
        raise ValueError(f"{name}: base: say what counts are rounded to")
    return TableModel(
        name=name,
        method=entry["method"],
        key=tuple(entry["key"]),
        counts=tuple(entry["counts"]),
        of_people=tuple(entry["of_people"]),
        leading=entry.get("leading"),
        leave_with_row=tuple(entry["leave_with_row"]),
        leave_with={count: tuple(columns) for count, columns in entry["leave_with"].items()},
        working=dict(entry.get("working", {})),
        version=entry.get("version"),
        blocks=tuple(entry.get("blocks", ())),
        together=tuple(entry.get("together", ())),
        plain=tuple(entry.get("plain", ())),
        cuts=_where(entry.get("cuts", {})),
        grain=entry.get("grain"),
        base=entry.get("base"),
        one_draw=bool(entry.get("one_draw", False)),
        dominance=Dominance(**entry["dominance"]) if "dominance" in entry else None,
        **_relations(name, entry),
    )


def _relations(table: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    for kind in ("within", "totals", "nested_rows", "adding", "nested", "populations", "joined"):
        if not all(str(one.get("reason", "")).strip() for one in entry.get(kind, ())):
            raise ValueError(f"{table}: {kind}: each needs a reason")
    return {
        "within": tuple(
            Within(tuple(one["parts"]), one["of"], _where(one["where"])) for one in entry.get("within", ())
        ),
        "totals": tuple(_total(entry, one) for one in entry.get("totals", ())),
        "nested_rows": tuple(
            NestedRows(one["part"], one["total"], one["column"], one["fills"]) for one in entry.get("nested_rows", ())
        ),
        "adding": tuple(
            Adding(one["total"], tuple(one["parts"]), one["column"], one["count"]) for one in entry.get("adding", ())
        ),
        "nested": tuple(
            Nested(tuple(one["members"]), one["column"], one["count"], one["same"]) for one in entry.get("nested", ())
        ),
        "populations": tuple(_population(entry["population"], one) for one in entry.get("populations", ())),
        "joined": tuple(
            Joined(one["whole"], one["part"], one["column"], one["by"], tuple(one["counts"]))
            for one in entry.get("joined", ())
        ),
        "repeats": tuple(_repeat(one) for one in entry.get("repeats", ())),
    }


def _total(entry: Mapping[str, Any], one: Mapping[str, Any]) -> Total:
    return Total(
        of=one["of"],
        each=tuple(one["each"]),
        counts=tuple(one.get("counts", entry["counts"])),
        but_not=_where(one["but_not"]) if "but_not" in one else None,
        may_overlap=bool(one.get("may_overlap", False)),
    )


def _population(shared: Mapping[str, Any], one: Mapping[str, Any]) -> Population:
    twice = {count: _where(where) for count, where in shared.get("counted_twice", {}).items()}
    return Population(tuple(one["members"]), shared["column"], tuple(shared["counts"]), twice)


def _repeat(one: Mapping[str, Any]) -> Repeat:
    return Repeat(
        count=one["count"],
        name=one["as"],
        by=tuple(one["by"]),
        where=_where(one.get("where", {})),
        in_any_order=bool(one.get("in_any_order", False)),
    )


def _where(entry: Mapping[str, Any]) -> Where:
    return {column: tuple(values) for column, values in entry.items()}
