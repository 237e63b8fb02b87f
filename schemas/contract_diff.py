"""What changed between two versions of data contracts, and how much that breaks.

Breaking: what the sender sent yesterday may be held or quarantined today, or what we read of it may be gone. Needs
care: nobody's file is refused, and yet somebody must look, for its meaning may be another. Harmless: the rest. Every
field of a contract is compared; one that no rule names needs care, so a new kind of term is never passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from pipelines.errors import ContractError
from schemas.contract_reading import read_contract
from schemas.coverage_terms import Coverage
from schemas.data_contract import Column, DataContract

BREAKING, NEEDS_CARE, HARMLESS = "breaking", "needs-care", "harmless"
SEVERITIES = (BREAKING, NEEDS_CARE, HARMLESS)

Severity = Callable[[Any, Any], str]


def _always(severity: str) -> Severity:
    return lambda old, new: severity


def _tightens(is_tighter: Callable[[Any, Any], bool]) -> Severity:
    """Breaking when the new value asks for more, harmless when it asks for less."""
    return lambda old, new: BREAKING if is_tighter(old, new) else HARMLESS


def _of_sets(gone: str, came: str) -> Severity:
    """By whether something was taken out of a set, or only put in."""
    return lambda old, new: gone if set(old or ()) - set(new or ()) else came


def _codes(old: Mapping[str, str] | None, new: Mapping[str, str] | None) -> str:
    if new is None:
        return HARMLESS
    if old is None or set(old) - set(new):
        return BREAKING
    return NEEDS_CARE if any(old[code] != new[code] for code in old) else HARMLESS


def _limit(is_tighter: Callable[[Any, Any], bool]) -> Severity:
    """A limit that is new or narrower breaks; one that is gone or wider does not."""
    return lambda old, new: BREAKING if new is not None and (old is None or is_tighter(old, new)) else HARMLESS


def _rules(old: Sequence[Any], new: Sequence[Any]) -> str:
    before, after = ({one.id: one for one in rules} for rules in (old, new))
    if set(after) - set(before):
        return BREAKING
    return NEEDS_CARE if any(before[name] != after[name] for name in after) else HARMLESS


def _coverage(old: Coverage, new: Coverage) -> str:
    """What a delivery replaces decides what it deletes; the other terms want a look."""
    return BREAKING if old.semantics != new.semantics else NEEDS_CARE


COLUMN_SEVERITY: Mapping[str, Severity] = {
    "kind": _always(BREAKING),
    "required": _tightens(lambda old, new: new),
    "optional": _tightens(lambda old, new: old),
    "key": _always(BREAKING),
    "codes": _codes,
    "formats": _of_sets(BREAKING, HARMLESS),
    "null_tokens": _of_sets(BREAKING, NEEDS_CARE),  # a value that was read becomes nothing
    "aliases": _of_sets(BREAKING, HARMLESS),
    "minimum": _limit(lambda old, new: new > old),
    "maximum": _limit(lambda old, new: new < old),
    "pattern": lambda old, new: HARMLESS if new is None else BREAKING if old is None else NEEDS_CARE,
    "max_length": _limit(lambda old, new: new < old),
    "when_broken": _tightens(lambda old, new: new == "row"),
    "linkage_role": lambda old, new: BREAKING if old is not None else NEEDS_CARE,  # the linkage loses a field
    "description": _always(HARMLESS),
}
"""Field of a column → how much its change breaks."""

TABLE_SEVERITY: Mapping[str, Severity] = {
    "business_key": _always(BREAKING),
    "coverage": _coverage,
    "delete_marker": _always(BREAKING),
    "newest_by": _always(NEEDS_CARE),
    "file_names": _of_sets(BREAKING, HARMLESS),
    "required_table": _tightens(lambda old, new: new),
    "may_be_empty": _tightens(lambda old, new: old),
    "max_bad_row_share": _tightens(lambda old, new: new < old),
    "max_set_aside_share": _tightens(lambda old, new: new < old),
    "bad_rows_tolerated": _tightens(lambda old, new: new < old),
    "latency_hours": _tightens(lambda old, new: new < old),
    "row_rules": _rules,
    "title": _always(HARMLESS),
    "grain": _always(NEEDS_CARE),
}
"""Field of a table → how much its change breaks."""

NOT_COMPARED = {"id", "version", "agency", "table", "columns", "path", "sha256"}
"""The names of the two, and what is compared by itself."""


@dataclass(frozen=True)
class Change:
    """One change of one contract; `column` is empty where the table as a whole changed."""

    contract: str
    column: str
    what: str
    severity: str


@dataclass(frozen=True)
class ContractDiff:
    """What changed in one contract, and whether its version says so."""

    contract: str
    old_version: str | None
    new_version: str | None
    changes: tuple[Change, ...]

    @property
    def is_announced(self) -> bool:
        """Whether nothing breaks, or the major version was raised for it."""
        if all(change.severity != BREAKING for change in self.changes):
            return True
        if self.old_version is None or self.new_version is None:
            return False
        return _major(self.new_version) > _major(self.old_version)


def diff(old: Path, new: Path) -> list[ContractDiff]:
    """What changed from one file to another, or from one folder of contracts to another; unchanged ones are left out.

    Raises:
        ContractError: a file cannot be read, or a file is held against a folder.
    """
    if old.is_file() != new.is_file():
        raise ContractError("a contract is held against a contract, or a folder of contracts against another")
    if old.is_file():
        found = [_of_pair(_read(old), _read(new))]
    else:
        before, after = _folder(old), _folder(new)
        found = [_of_pair(before.get(name), after.get(name)) for name in sorted({*before, *after})]
    return [one for one in found if one.changes or one.old_version != one.new_version]


def _of_pair(old: DataContract | None, new: DataContract | None) -> ContractDiff:
    named = new or old
    assert named is not None
    changes = sorted(_of_tables(old, new), key=lambda one: (SEVERITIES.index(one.severity), one.column))
    return ContractDiff(named.id, old.version if old else None, new.version if new else None, tuple(changes))


def _of_tables(old: DataContract | None, new: DataContract | None) -> Iterator[Change]:
    if old is not None and new is not None:
        yield from _changes(old, new)
    elif old is not None:
        yield Change(old.id, "", "the table is no longer agreed", BREAKING)
    elif new is not None and new.required_table:
        yield Change(new.id, "", "the table is new, and must come", BREAKING)
    elif new is not None:
        yield Change(new.id, "", "the table is new, and may be left out", HARMLESS)


def _changes(old: DataContract, new: DataContract) -> Iterator[Change]:
    before, after = ({column.name: column for column in one.columns} for one in (old, new))
    for name in before:
        if name not in after:
            yield Change(new.id, name, "the column was removed", BREAKING)
        else:
            yield from _column_changes(new.id, before[name], after[name])
    for name, column in after.items():
        if name not in before:
            severity = HARMLESS if column.optional else BREAKING
            yield Change(new.id, name, _added(column), severity)
    for name, was, is_now in _fields(old, new):
        if name not in NOT_COMPARED:
            severity = TABLE_SEVERITY.get(name, _always(NEEDS_CARE))(was, is_now)
            yield Change(new.id, "", f"{_spoken(name)} changed{_from_to(was, is_now)}", severity)


def _added(column: Column) -> str:
    return "the column was added; files may lack it" if column.optional else "the column was added; files must have it"


def _column_changes(contract: str, old: Column, new: Column) -> Iterator[Change]:
    for name, was, is_now in _fields(old, new):
        severity = COLUMN_SEVERITY.get(name, _always(NEEDS_CARE))(was, is_now)
        yield Change(contract, new.name, f"{_spoken(name)} changed{_from_to(was, is_now)}", severity)


def _fields(old: Any, new: Any) -> Iterator[tuple[str, Any, Any]]:
    """Every field that differs, with both values."""
    for field in fields(old):
        was, is_now = getattr(old, field.name), getattr(new, field.name)
        if was != is_now:
            yield field.name, was, is_now


def _spoken(name: str) -> str:
    return name.replace("_", " ")


def _from_to(was: Any, is_now: Any) -> str:
    """Both values where they are short; of collections, what came and what went."""
    if isinstance(was, Mapping | tuple | None) and isinstance(is_now, Mapping | tuple | None):
        before, after = (set(map(str, one or ())) for one in (was, is_now))
        parts = [("without", before - after), ("with", after - before)]
        told = [f"{word} {', '.join(sorted(names))}" for word, names in parts if names]
        return f": {'; '.join(told)}" if told and len(str(told)) < LONGEST_TOLD else ""
    told_short = f" from {was} to {is_now}"
    return told_short if len(told_short) < LONGEST_TOLD else ""


LONGEST_TOLD = 160
"""Longer values say less in a line than in the files."""


def _read(path: Path) -> DataContract:
    return read_contract(path, path.resolve().parents[2])


def _folder(root: Path) -> dict[str, DataContract]:
    """Contracts of `<root>/incoming`, or of `<root>` if it is that folder itself, by agency and table."""
    incoming = root / "incoming" if (root / "incoming").is_dir() else root
    found = [_read(path) for path in sorted(incoming.glob("*/*.odcs.yaml"))]
    if not found:
        raise ContractError(f"{incoming}: no data contract is there")
    return {f"{one.agency}.{one.table}": one for one in found}


def _major(version: str) -> int:
    major = version.partition(".")[0]
    if not major.isdecimal():
        raise ContractError(f"version {version} does not begin with a number; write major.minor.patch")
    return int(major)
