"""What differs between two releases, by table, measure and contract, and what it may come from.

Reads the two folders and nothing else, so it says no more than their readers may know. A cause is an input that
changed: it can have moved a figure, which is not to say that it did.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pipelines import sql
from pipelines.lake import file_sha256
from pipelines.publish.verify import read_manifest
from pipelines.publish.views import open_release

PACKAGE = "pipelines.publish.differences"

CAUSES: Mapping[str, str] = {
    "as_of": "it describes another day",
    "data_contracts_sha256": "the data contracts changed",
    "outcome_contracts_sha256": "outcomes contracts or measure definitions changed",
    "published_contracts_sha256": "what the published tables promise changed",
    "code_sha256": "the code changed",
    "linkage_bundle": "the linkage model changed",
    "decisions_id": "reviewers decided on pairs of clients",
    "review_labels_id": "reviewers' labels changed",
    "person_index_sha256": "clients are other persons than before",
    "person_key_id": "the person key changed, so no person can be followed from one to the other",
}
"""Input of a manifest → what its change means."""


@dataclass(frozen=True)
class Cause:
    """An input that is not the same in both."""

    cause_code: str
    text: str
    before: str
    after: str


@dataclass(frozen=True)
class Difference:
    """Two releases beside each other; each list holds only what differs."""

    before: str
    after: str
    causes: tuple[Cause, ...]
    tables: tuple[Mapping[str, Any], ...]
    """table_name, rows_before, rows_after, same_bytes."""
    contracts: tuple[Mapping[str, Any], ...]
    """Published contracts: table_name, what became of them."""
    measures: tuple[Mapping[str, Any], ...]
    """Results of all and of programmes: measure, version, n and estimate on both sides."""
    payments: tuple[Mapping[str, Any], ...]
    """Contract × clause × period: persons and amount on both sides."""

    @property
    def is_same(self) -> bool:
        """Whether the two publish the same."""
        return not (self.tables or self.contracts or self.measures or self.payments)

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def difference(before: Path, after: Path) -> Difference:
    """Hold one release against another.

    Raises:
        ReleaseError: one of the two is no release.
    """
    told = read_manifest(before), read_manifest(after)
    with sql.connect(places=[before, after]) as connection:
        open_release(connection, "before", before)
        open_release(connection, "after", after)

        def rows(name: str) -> tuple[Mapping[str, Any], ...]:
            return tuple(sql.relation(connection, PACKAGE, name).to_arrow_table().to_pylist())

        return Difference(
            before=str(told[0]["release_id"]),
            after=str(told[1]["release_id"]),
            causes=tuple(_causes(told[0]["inputs"], told[1]["inputs"])),
            tables=tuple(_tables(before, after, rows)),
            contracts=tuple(_contracts(before / "contracts", after / "contracts")),
            measures=rows("measures"),
            payments=rows("payments"),
        )


def _causes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Cause]:
    found = [
        Cause(name, text, str(before.get(name)), str(after.get(name)))
        for name, text in CAUSES.items()
        if before.get(name) != after.get(name)
    ]
    for name, text in (("deliveries", "accepted deliveries"), ("held_deliveries", "held deliveries")):
        gone, come = _moved(before.get(name, []), after.get(name, []))
        if gone or come:
            said = f"{text} changed: {len(come)} came, {len(gone)} went"
            found.append(Cause(name, said, ", ".join(gone), ", ".join(come)))
    return found


def _moved(before: list[str], after: list[str]) -> tuple[list[str], list[str]]:
    return sorted(set(before) - set(after)), sorted(set(after) - set(before))


def _tables(before: Path, after: Path, rows: Callable[[str], tuple[Mapping[str, Any], ...]]) -> list[dict[str, Any]]:
    found = []
    for row in rows("tables"):
        paths = [folder / f"{row['table_name']}.parquet" for folder in (before, after)]
        same_bytes = all(path.exists() for path in paths) and len({file_sha256(path) for path in paths}) == 1
        if not same_bytes:
            found.append({**row, "same_bytes": same_bytes})
    return found


def _contracts(before: Path, after: Path) -> list[dict[str, Any]]:
    there = {folder: {path.name: path for path in folder.glob("*.yaml")} for folder in (before, after)}
    found = []
    for name in sorted({*there[before], *there[after]}):
        one, other = there[before].get(name), there[after].get(name)
        if one is None or other is None:
            found.append({"table_name": name.partition(".")[0], "became": "new" if one is None else "gone"})
        elif one.read_bytes() != other.read_bytes():
            found.append({"table_name": name.partition(".")[0], "became": "changed"})
    return found
