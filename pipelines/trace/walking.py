"""From a published number to persons, episodes and rows, and to everything else that it was made from."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from pipelines import sql
from pipelines.contracts import OutcomesContract
from pipelines.episodes import open_spans
from pipelines.errors import ReleaseError
from pipelines.lake import Lake
from pipelines.link.decision_store import recorded
from pipelines.outcomes import Measure
from pipelines.person_index import index_as_of
from pipelines.person_index.update import latest_version
from pipelines.publish import read_manifest
from pipelines.publish.folders import PRODUCT
from pipelines.publish.person_keys import open_key_ring
from pipelines.publish.views import open_release
from pipelines.trace.asking import Question
from pipelines.trace.delivered_rows import as_of_then
from pipelines.trace.reading import kinds_of
from pipelines.validate import accepted_deliveries
from schemas.data_contract import DataContracts

PACKAGE = "pipelines.trace"

TABLES = (
    ("episodes", "episode_sources"),
    ("standard", "mental_health_services"),
    ("standard", "residential_settings"),
    ("person_index", "person_of_client"),
)

PUBLISHED = """
    select cut_code, cut_value, period, n, numerator, estimate, lower, upper, suppressed
    from release.measure_results
    where measure_id = $measure_id and period is not distinct from $period and (
        (cut_code = 'provider' and cut_value = $provider_id) or (cut_code = 'program' and cut_value = $program_code)
        or (cut_code = 'all' and $provider_id is null and $program_code is null))
"""

PAID = """
    select contract_id, clause_id, period, lines, persons, quantity, amount_usd, suppressed
    from release.contract_statements
    where contract_id = $contract_id and clause_id = $clause_id and period is not distinct from $period
"""

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Trace:
    """A number walked back. Identified: it names clients and rows of deliveries."""

    release_id: str
    question: Mapping[str, Any]
    made_from: Mapping[str, Any]
    """The inputs of the release: code, model, contracts, decisions, deliveries."""
    definitions: tuple[Mapping[str, Any], ...]
    """The measures behind it, with version, SQL file and kinds of episode."""
    published: Rows
    """The number as the release tells it."""
    rows: Rows
    """Person rows or lines behind it, each with its clients and the rows of deliveries."""
    counted: int
    """How many of them count."""
    total: float
    """What they add up to."""
    ties_out: bool | None
    """Whether that is the published number; None where it is withheld, or the question is narrower than any cut."""
    is_as_it_was: bool
    """Whether the lake still holds what the release was made from; else episodes are those that the lake knows now."""
    decisions: Rows
    """What reviewers said of the clients behind it."""

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def trace(
    lake: Lake,
    release: Path,
    question: Question,
    measures: Mapping[str, Measure],
    contracts: Sequence[OutcomesContract],
    data_contracts: DataContracts,
) -> Trace:
    """Walk a number of a release back.

    Persons and person rows are those of the release. Episodes are those that the lake knows now, each told by the rows
    of deliveries that the release rests on; what only came later is marked.

    Raises:
        ReleaseError: the release has no such number, or its person key is no longer the lake's.
        LakeError: the version of the person index that it was made with is gone.
    """
    told = read_manifest(release)
    clauses = {(one.id, clause.id): str(one.metric(clause).measure) for one in contracts for clause in one.clauses}
    with sql.connect(lake.spill, places=[release]) as connection:
        open_release(connection, "release", release)
        sql.open_views(connection, lake, TABLES)
        open_spans(connection, lake)
        _open_persons(connection, lake, told)
        _open_clauses(connection, clauses)
        rows = _asked(connection, question)
        named = [measures[name] for name in sorted({row["measure_id"] for row in rows} - {None}) if name in measures]
        _open_rows(connection, rows, named)
        found = sql.relation(connection, PACKAGE, "sources").to_arrow_table().to_pylist()
        clients = _clients(connection)
        published = _published(connection, question)
    as_of_then(lake, found, data_contracts, set(told["inputs"]["deliveries"]))
    _attach(rows, found, clients)
    counted, total = _sum(rows, question, {name for name, one in measures.items() if one.kind == "rate"})
    return Trace(
        release_id=str(told["release_id"]),
        question={"subject": question.subject, **question.filters()},
        made_from=told["inputs"],
        definitions=tuple(_definition(one) for one in named),
        published=published,
        rows=rows,
        counted=counted,
        total=total,
        ties_out=_ties_out(question, published, counted, total),
        is_as_it_was=_is_as_it_was(lake, told),
        decisions=_decisions(lake, rows),
    )


def _open_persons(connection: duckdb.DuckDBPyConnection, lake: Lake, told: Mapping[str, Any]) -> None:
    """`asked.persons` (person_key, person_id, current_person_id) and `asked.clients`, as of the release."""
    keys = open_key_ring(lake, PRODUCT)
    if keys.key_id != told["inputs"]["person_key_id"]:
        raise ReleaseError(f"{told['release_id']} was made with another person key than the lake's; restore that key")
    connection.execute("create schema asked")
    index_as_of(connection, lake, int(told["inputs"]["person_index_version"])).create("asked.clients")
    ids = [row[0] for row in connection.execute("select distinct person_id from asked.clients").fetchall()]
    named = keys.person_keys(ids)
    table = pa.table({"person_id": pa.array(ids, pa.int64()), "person_key": [named[one] for one in ids]})
    connection.register("named_persons", table)
    connection.execute(
        "create table asked.persons as select person_key, person_id, any_value(current_person_id) as current_person_id "
        "from named_persons inner join asked.clients using (person_id) group by all"
    )


def _open_clauses(connection: duckdb.DuckDBPyConnection, clauses: Mapping[tuple[str, str], str]) -> None:
    connection.execute(
        "create table asked.clause_measures (contract_id varchar, clause_id varchar, measure_id varchar)"
    )
    for (contract_id, clause_id), measure_id in clauses.items():
        connection.execute("insert into asked.clause_measures values (?, ?, ?)", [contract_id, clause_id, measure_id])


def _asked(connection: duckdb.DuckDBPyConnection, question: Question) -> Rows:
    name, params = ("line_rows", _line_params(question)) if question.is_line else ("measure_rows", _params(question))
    rows: Rows = sql.relation(connection, PACKAGE, name, params).to_arrow_table().to_pylist()
    if not rows:
        raise ReleaseError(f"the release has no row of {question.subject} under these filters")
    return [{"row_number": number, **row} for number, row in enumerate(rows, start=1)]


def _params(question: Question) -> dict[str, Any]:
    names = ("provider_id", "program_code", "period", "status_code", "person_key")
    return {"measure_id": question.measure_id, **{name: getattr(question, name) for name in names}}


def _line_params(question: Question) -> dict[str, Any]:
    contract_id, clause_id = question.contract_and_clause
    names = ("provider_id", "period", "person_key")
    return {"contract_id": contract_id, "clause_id": clause_id, **{name: getattr(question, name) for name in names}}


def _open_rows(connection: duckdb.DuckDBPyConnection, rows: Rows, measures: Sequence[Measure]) -> None:
    """`asked.rows` with the person as of now, and `asked.kinds`."""
    columns = {"row_number": pa.int64(), "person_id": pa.int64(), "measure_id": pa.string(), "index_on": pa.date32(),
               "window_end_on": pa.date32()}  # fmt: skip
    table = pa.table({name: pa.array([row[name] for row in rows], kind) for name, kind in columns.items()})
    connection.register("asked_rows", table)
    connection.execute(
        "create table asked.rows as select r.*, p.current_person_id from asked_rows as r "
        "left join asked.persons as p using (person_id)"
    )
    connection.execute("create table asked.kinds (measure_id varchar, kind varchar)")
    for measure in measures:
        for kind in kinds_of(measure):
            connection.execute("insert into asked.kinds values (?, ?)", [measure.id, kind])


def _clients(connection: duckdb.DuckDBPyConnection) -> dict[int, list[str]]:
    query = """
        select person_id, list(agency || ':' || client_id order by agency, client_id)
        from asked.clients where person_id in (select person_id from asked.rows) group by person_id
    """
    return {int(person): list(clients) for person, clients in connection.execute(query).fetchall()}


def _published(connection: duckdb.DuckDBPyConnection, question: Question) -> Rows:
    if question.is_line:
        contract_id, clause_id = question.contract_and_clause
        params = {"contract_id": contract_id, "clause_id": clause_id, "period": question.period}
        found = connection.sql(PAID, params=params)
    else:
        names = ("measure_id", "provider_id", "program_code", "period")
        found = connection.sql(PUBLISHED, params={name: getattr(question, name) for name in names})
    rows: Rows = found.to_arrow_table().to_pylist()
    return rows


def _attach(rows: Rows, found: Rows, clients: Mapping[int, list[str]]) -> None:
    """Give each row its clients and its sources."""
    sources: dict[int, Rows] = {}
    for one in found:
        told = {name: value for name, value in one.items() if name not in ("person_id", "row_number")}
        sources.setdefault(one["row_number"], []).append(told)
    for row in rows:
        row["clients"] = clients.get(row["person_id"], [])
        row["sources"] = sources.get(row["row_number"], [])


def _sum(rows: Rows, question: Question, rates: Collection[str]) -> tuple[int, float]:
    if question.is_line:
        return len(rows), float(sum(row["amount_usd"] or 0 for row in rows))
    counting = [row for row in rows if _counts(row, rates)]
    return len(counting), float(sum(row["numerator"] or 0 for row in counting))


def _counts(row: Mapping[str, Any], rates: Collection[str]) -> bool:
    """Whether a row is in the denominator: people observed long enough, or, of rates, for as long as they were."""
    is_observed = row["status_code"] in ("met", "not_met")
    return is_observed or (row["status_code"] == "censored" and row["measure_id"] in rates)


def _ties_out(question: Question, published: Rows, counted: int, total: float) -> bool | None:
    narrower = question.person_key or question.status_code or (question.provider_id and question.program_code)
    if narrower or len(published) != 1 or (question.is_line and question.provider_id):
        return None
    (one,) = published
    pair = (one["lines"], one["amount_usd"]) if question.is_line else (one["n"], one["numerator"])
    if None in pair:
        return None
    return bool(pair[0] == counted and abs(pair[1] - total) < HALF_A_CENT)


HALF_A_CENT = 0.005
"""Sums of doubles that are closer are the same sum."""


def _definition(measure: Measure) -> dict[str, Any]:
    return {
        "measure_id": measure.id,
        "version": measure.version,
        "file": measure.path.name,
        "sql": f"{measure.sql}.sql",
        "parameters": dict(measure.parameters),
        "kinds": list(kinds_of(measure)),
        "source": measure.source,
    }


def _is_as_it_was(lake: Lake, told: Mapping[str, Any]) -> bool:
    """Whether persons and accepted deliveries are those of the release."""
    inputs = told["inputs"]
    accepted = sorted(one.delivery_id for one in accepted_deliveries(lake, date.fromisoformat(inputs["as_of"])))
    return bool(inputs["person_index_version"] == latest_version(lake) and accepted == inputs["deliveries"])


def _decisions(lake: Lake, rows: Rows) -> Rows:
    known = {client for row in rows for client in row["clients"]}
    return [one.as_json() for one in recorded(lake) if known & {":".join(client) for client in one.clients}]
