"""Literal rows of aggregates, and control of them as a release does it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from pipelines.publish.disclosure.control import Controlled, control
from pipelines.publish.disclosure.history import EarlierRelease, Rows
from pipelines.publish.disclosure.model import Model, load_model

AS_OF = date(2026, 11, 1)


def result(cut_code: str = "all", cut_value: str = "all", period: str | None = None, **cells: Any) -> dict[str, Any]:
    """A row of results; what is not named is of no interest."""
    row = {"measure_id": "jail_returns", "definition_version": "1", "cut_code": cut_code, "cut_value": cut_value}
    row |= {"period": period, "kind": "rate", "n": 100, "numerator": 50.0, "censored": 0, "immature": 0, "unknown": 0}
    row |= {"excluded": 0, "person_time": 9.0, "estimate": 0.5, "lower": 0.4, "upper": 0.6, "suppressed": False}
    return {**row, "program_of_provider": None, **cells}


def seal(text: str) -> str:
    """Names a text, as the key of a release does."""
    return hashlib.sha256(text.encode()).hexdigest()


def controlled(tables: Mapping[str, Rows], as_of: date = AS_OF, model: Model | None = None, **more: Any) -> Controlled:
    """Tables as they may leave."""
    return control(model or load_model(), tables, as_of, seal=seal, **more)


def told(rows: Rows, **more: Any) -> Rows:
    """Rows of results as they may leave."""
    return list(controlled({"measure_results": rows}, **more).tables["measure_results"])


def nights(*tables: Rows, **more: Any) -> list[EarlierRelease]:
    """The releases of following days over one table of results, each held against those before it."""
    releases: list[EarlierRelease] = []
    for number, rows in enumerate(tables):
        day = AS_OF + timedelta(days=number)
        made = controlled({"measure_results": rows}, as_of=day, earlier=releases, **more)
        releases.append(EarlierRelease(f"r{number + 1}", day, {"measure_results": rows}, made.tables, made.said))
    return releases


def last(releases: Sequence[EarlierRelease]) -> Rows:
    """What the newest of several releases tells."""
    return releases[-1].told["measure_results"]


def column(rows: Iterable[Mapping[str, Any]], name: str) -> list[Any]:
    """One column of rows."""
    return [row[name] for row in rows]


def with_method(table: str, method: str, **more: Any) -> Model:
    """The shipped model, with one table controlled in another way."""
    model = load_model()
    return Model(model.rules, {**model.tables, table: replace(model.tables[table], method=method, **more)})
