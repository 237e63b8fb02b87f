"""How good a linkage is against a known truth: pairs, clients and whole persons, overall and by cut.

Belongs here: the measuring. A client that the persons table lacks counts as a person of its own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from pipelines import sql
from pipelines.errors import TableError
from pipelines.intervals import NOTHING, Estimate, person_bootstrap, seed_of
from pipelines.link.columns import ONE_SOURCE

PACKAGE = "pipelines.link"

CUTS = ("ethnicity", "sex", "housing_status")
"""Columns of the truth about persons that quality is also told by."""

CLIENT_CUTS = ("agency", "age_band", "race_ethnicity", "sex", "housing_status", "ssn")
"""Columns of person_index/client_attributes: the groups by which every run tells its quality without a truth."""

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
    precision_lower: float | None = None
    precision_upper: float | None = None
    """95 %, resampling found persons: the pairs of one person are right or wrong together."""
    recall_lower: float | None = None
    recall_upper: float | None = None
    """95 %, resampling true persons."""


@dataclass(frozen=True)
class Evaluation:
    """Quality overall, by pair of agencies (`health+sheriff`), and by what the truth knows of persons."""

    overall: Quality
    by_agency_pair: Mapping[str, Quality]
    by_attribute: Mapping[str, Mapping[str, Quality]]
    """Cut → value → quality over the clients of such persons and the pairs that touch one of them. Cuts by what the
    truth says are plain (`sex`), those by what a client's own records say begin with `client_`."""

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


def evaluate(persons: Path, truth: Path, attributes: Path | None = None, clients: Path | None = None) -> Evaluation:
    """Measure `persons` against `truth`, both Parquet of (agency or source, client_id or source_record_id, person_id).

    Tables of one source need no column for it.

    `attributes` is Parquet of person_id (the truth's) and any of ethnicity, sex, housing_status. `clients` is a lake's
    person_index/client_attributes (its keys are looked up in `persons`), to measure by the groups that every run tells.
    """
    told = [path for path in (persons, truth, attributes, clients) if path is not None]
    connection = sql.connect(places=[path.parent for path in told])
    try:
        _open(connection, persons, truth)
        cuts = [*_open_attributes(connection, attributes), *_open_client_groups(connection, persons, clients)]
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
        agency, client = _key_of(connection, path)
        connection.execute(
            f"create table measured.{name} as select {agency}::varchar as agency, {client}::varchar as client_id, "
            f"person_id::varchar as person_id from read_parquet({sql.literal(str(path))})"
        )
        ((unkeyed, shared),) = connection.execute(
            "select count(*) filter (agency is null or client_id is null or person_id is null), "
            f"count(*) - count(distinct (agency, client_id)) from measured.{name}"
        ).fetchall()
        key = client if agency == sql.literal(ONE_SOURCE) else f"{agency} and {client}"
        if unkeyed:
            raise TableError(f"{path.name}: {key} or person_id is empty in {unkeyed:,} rows; fill them")
        if shared:
            raise TableError(f"{path.name}: {shared:,} rows have the {key} of another; leave one of each")
    sql.create(connection, "measured", PACKAGE, "measured_clients")
    _refuse_strangers(connection, persons.name, truth.name)


def _refuse_strangers(connection: duckdb.DuckDBPyConnection, persons: str, truth: str) -> None:
    """Two tables of clients that are written in two ways would be measured as a linkage that found nothing."""
    ((known, all_of_truth),) = connection.execute(
        "select count(p.client_id), count(*) from measured.truth as t "
        "left join measured.persons as p on t.agency = p.agency and t.client_id = p.client_id"
    ).fetchall()
    if all_of_truth and not known and sql.count(connection, "measured.persons"):
        raise TableError(
            f"{persons}: holds none of the clients of {truth}; write sources and ids in both tables as they are in one"
        )


def _key_of(connection: duckdb.DuckDBPyConnection, path: Path) -> tuple[str, str]:
    """The columns that say whose client it is, and which; a table without the first is of one source."""
    try:
        described = connection.execute(f"describe from read_parquet({sql.literal(str(path))})").fetchall()
    except duckdb.Error:
        raise TableError(f"{path.name}: is no Parquet table that can be read; write it as Parquet") from None
    present = {str(row[0]) for row in described}
    agency = next((name for name in _AGENCY_NAMES if name in present), sql.literal(ONE_SOURCE))
    client = next((name for name in _CLIENT_NAMES if name in present), None)
    if client is None or "person_id" not in present:
        raise TableError(
            f"{path.name}: needs a column {' or '.join(_CLIENT_NAMES)}, person_id, and {' or '.join(_AGENCY_NAMES)} if "
            f"there are several sources; its columns are {', '.join(sorted(present))}"
        )
    return agency, client


def _open_attributes(connection: duckdb.DuckDBPyConnection, attributes: Path | None) -> list[str]:
    """Fill measured.groups (client, cut, cut_value) from the truth about persons; returns the cuts there are."""
    connection.execute("create table measured.groups (client bigint, cut varchar, cut_value varchar)")
    if attributes is None:
        return []
    source = f"read_parquet({sql.literal(str(attributes))})"
    present = {row[0] for row in connection.execute(f"describe from {source}").fetchall()}
    cuts = [cut for cut in CUTS if cut in present]
    for cut in cuts:
        connection.execute(
            f"insert into measured.groups select c.client, '{cut}', coalesce(a.{cut}::varchar, 'unknown') "
            f"from measured.measured_clients as c inner join {source} as a on c.true_person = a.person_id::varchar"
        )
    return cuts


def _open_client_groups(connection: duckdb.DuckDBPyConnection, persons: Path, clients: Path | None) -> list[str]:
    """Fill measured.groups from what the clients' own records say; returns the cuts, `client_<cut>`."""
    if clients is None:
        return []
    for cut in CLIENT_CUTS:
        connection.execute(
            f"insert into measured.groups select c.client, 'client_{cut}', a.{cut} "
            f"from read_parquet({sql.literal(str(clients))}) as a "
            f"inner join read_parquet({sql.literal(str(persons))}) as p using (client_key) "
            "inner join measured.measured_clients as c on p.agency = c.agency and p.client_id = c.client_id"
        )
    return [f"client_{cut}" for cut in CLIENT_CUTS]


def _by_value(connection: duckdb.DuckDBPyConnection, cut: str) -> dict[str, Quality]:
    values = connection.execute(
        "select distinct cut_value from measured.groups where cut = $cut order by cut_value", {"cut": cut}
    ).fetchall()
    return {str(value): _quality(connection, cut, str(value)) for (value,) in values}


def _quality(connection: duckdb.DuckDBPyConnection, cut: str, value: str | None = None) -> Quality:
    """Quality over the clients with this value of a cut; cut `all` is everyone."""
    sql.create(connection, "measured", PACKAGE, "counted_clients", {"cut": cut, "value": value})
    sql.create(connection, "measured", PACKAGE, "person_pairs")
    cursor = connection.execute(sql.text(PACKAGE, "quality"))
    names = [column[0] for column in cursor.description or []]
    counts = dict(zip(names, cursor.fetchall()[0], strict=True))
    precision, recall = (_rightness(connection, side, seed_of(side, cut, value)) for side in ("found", "true"))
    return replace(
        _rated(counts),
        precision_lower=precision.lower,
        precision_upper=precision.upper,
        recall_lower=recall.lower,
        recall_upper=recall.upper,
    )


def _rightness(connection: duckdb.DuckDBPyConnection, side: str, seed: int) -> Estimate:
    """One less the share of a side's pairs that are in error, with the interval over resampled persons."""
    rows = connection.execute(
        "select errors, pairs, count(*) from measured.person_pairs where side = $side and pairs > 0 "
        "group by errors, pairs order by errors, pairs",
        {"side": side},
    ).fetchall()
    wrong = person_bootstrap(np.array(rows, dtype=np.float64).reshape(-1, 3), 1.0, seed)
    if wrong.estimate is None or wrong.lower is None or wrong.upper is None:
        return NOTHING
    return Estimate(1 - wrong.estimate, 1 - wrong.upper if wrong.upper < 1 else 0.0, 1 - wrong.lower)


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
