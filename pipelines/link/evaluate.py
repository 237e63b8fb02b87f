"""How good a linkage is against a known truth: pairs, clients and whole persons, overall and by cut.

Belongs here: the measuring. A client that the persons table lacks counts as a person of its own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from pipelines import sql
from pipelines.errors import LakeError

PACKAGE = "pipelines.link"

CUTS = ("ethnicity", "sex", "housing_status")
"""Columns of the truth about persons that quality is also told by."""

_AGENCY_NAMES = ("agency", "source")
_CLIENT_NAMES = ("client_id", "source_record_id")


@dataclass(frozen=True)
class Quality:
    """Counts and rates; a rate is null where nothing could be counted. A pair is two clients of one person."""

    true_pairs: int
    found_pairs: int
    right_pairs: int
    precision: float | None
    recall: float | None
    f1: float | None
    clients: int | None = None
    bcubed_precision: float | None = None
    bcubed_recall: float | None = None
    bcubed_f1: float | None = None
    persons: int | None = None
    persons_exactly_right: float | None = None
    """Share of true persons whose clients are one found person with no one else in it."""


@dataclass(frozen=True)
class Evaluation:
    """Quality overall, by pair of agencies (`health+sheriff`), and by what the truth knows of persons."""

    overall: Quality
    by_agency_pair: Mapping[str, Quality]
    by_attribute: Mapping[str, Mapping[str, Quality]]
    """Cut → value → quality over the clients of such persons and the pairs that touch one of them."""

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON or a table."""
        cuts = {
            f"by_{cut}": {value: asdict(q) for value, q in values.items()} for cut, values in self.by_attribute.items()
        }
        pairs = {pair: asdict(quality) for pair, quality in self.by_agency_pair.items()}
        return {"overall": asdict(self.overall), "by_agency_pair": pairs, **cuts}

    def as_json(self) -> str:
        """JSON text."""
        return json.dumps(self.as_dict(), indent=2)


def evaluate(persons: Path, truth: Path, attributes: Path | None = None) -> Evaluation:
    """Measure `persons` against `truth`, both Parquet of (agency or source, client_id or source_record_id, person_id).

    `attributes` is Parquet of person_id (the truth's) and any of ethnicity, sex, housing_status.
    """
    connection = sql.connect()
    try:
        _open(connection, persons, truth)
        cuts = _open_attributes(connection, attributes)
        return Evaluation(
            overall=_quality(connection, "all"),
            by_agency_pair=_by_agency_pair(connection),
            by_attribute={cut: _by_value(connection, cut) for cut in cuts},
        )
    finally:
        connection.close()


def _open(connection: duckdb.DuckDBPyConnection, persons: Path, truth: Path) -> None:
    connection.execute("create schema measured")
    for name, path in (("persons", persons), ("truth", truth)):
        agency, client = _named(connection, path, _AGENCY_NAMES), _named(connection, path, _CLIENT_NAMES)
        connection.execute(
            f"create table measured.{name} as select {agency}::varchar as agency, {client}::varchar as client_id, "
            f"person_id::varchar as person_id from read_parquet({sql.literal(str(path))})"
        )
    sql.create(connection, "measured", PACKAGE, "measured_clients")


def _named(connection: duckdb.DuckDBPyConnection, path: Path, names: tuple[str, ...]) -> str:
    present = {row[0] for row in connection.execute(f"describe from read_parquet({sql.literal(str(path))})").fetchall()}
    found = next((name for name in names if name in present), None)
    if found is None or "person_id" not in present:
        raise LakeError(f"{path.name}: needs a column {' or '.join(names)}, and person_id")
    return found


def _open_attributes(connection: duckdb.DuckDBPyConnection, attributes: Path | None) -> list[str]:
    """measured.attributes: person_id, cut, cut_value; returns the cuts there are."""
    connection.execute("create table measured.attributes (person_id varchar, cut varchar, cut_value varchar)")
    if attributes is None:
        return []
    source = f"read_parquet({sql.literal(str(attributes))})"
    present = {row[0] for row in connection.execute(f"describe from {source}").fetchall()}
    cuts = [cut for cut in CUTS if cut in present]
    for cut in cuts:
        connection.execute(
            "insert into measured.attributes "
            f"select person_id::varchar, '{cut}', coalesce({cut}::varchar, 'unknown') from {source}"
        )
    return cuts


def _by_value(connection: duckdb.DuckDBPyConnection, cut: str) -> dict[str, Quality]:
    values = connection.execute(
        "select distinct cut_value from measured.attributes where cut = $cut order by cut_value", {"cut": cut}
    ).fetchall()
    return {str(value): _quality(connection, cut, str(value)) for (value,) in values}


def _quality(connection: duckdb.DuckDBPyConnection, cut: str, value: str | None = None) -> Quality:
    """Quality over the clients of persons with this value of a cut; cut `all` is everyone."""
    cursor = connection.execute(sql.text(PACKAGE, "quality"), {"cut": cut, "value": value})
    names = [column[0] for column in cursor.description or []]
    return _rated(dict(zip(names, cursor.fetchall()[0], strict=True)))


def _by_agency_pair(connection: duckdb.DuckDBPyConnection) -> dict[str, Quality]:
    cursor = connection.execute(sql.text(PACKAGE, "quality_by_agency_pair"))
    names = [column[0] for column in cursor.description or []]
    rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return {str(row.pop("agency_pair")): _rated(row) for row in rows}


def _rated(counts: dict[str, Any]) -> Quality:
    precision = _share(counts["right_pairs"], counts["found_pairs"])
    recall = _share(counts["right_pairs"], counts["true_pairs"])
    bcubed = (counts.get("bcubed_precision"), counts.get("bcubed_recall"))
    return Quality(**counts, precision=precision, recall=recall, f1=_f1(precision, recall), bcubed_f1=_f1(*bcubed))


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _f1(precision: float | None, recall: float | None) -> float | None:
    if precision is None or recall is None or precision + recall == 0:
        return None
    return 2 * precision * recall / (precision + recall)
