"""A made-up release: as many providers as asked for, results by quarter, and nothing that was ever a person's.

It has the tables, contracts and companions of a published release, so that pages can be drawn from it; counts of 1 to
10 are withheld where they stand, without the search for what would give them back.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from math import exp, sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.intervals import wilson
from pipelines.publish.companions import linkage_rules
from pipelines.publish.disclosure import MIN_CELL
from pipelines.publish.published_contracts import PUBLISHED_CONTRACTS, SUFFIX, load_published_contracts
from pipelines.reports.scorecards.cards import quarters_up_to

AS_OF = date(2026, 11, 1)
RELEASE_ID = "2026-11-01-000000000000"
OUTCOME_CONTRACTS = Path(__file__).parents[1] / "outcome_contracts"

SHARES = {"fsp_retention_6_months": 0.78, "fsp_retention_12_months": 0.66, "stably_housed_members": 0.58}
RATES = {
    "jail_returns_per_1000_member_months": (22.0, "returns to jail per 1,000 member-months"),
    "jail_bed_days_per_1000_member_months": (470.0, "jail bed days per 1,000 member-months"),
    "psychiatric_emergency_visits_per_1000_member_months": (45.0, "visits per 1,000 member-months"),
}
"""Measures with what all providers come to; a provider lies around it."""

Row = dict[str, Any]


def make_release(folder: Path, providers: int = 196, quarters: int = 12, seed: int = 1) -> Path:
    """Write a release of so many providers and quarters; returns its folder. The same seed gives the same figures."""
    folder.mkdir(parents=True, exist_ok=True)
    contracts = load_published_contracts()
    tables = {name: list(rows) for name, rows in _tables(providers, quarters, seed).items()}
    for name, contract in contracts.items():
        if name in tables:
            rows = [{column.name: row.get(column.name) for column in contract.columns} for row in tables[name]]
            pq.write_table(pa.Table.from_pylist(rows, contract.arrow_schema), folder / f"{name}.parquet")
    (folder / "contracts").mkdir(exist_ok=True)
    for name in contracts:
        (folder / "contracts" / f"{name}{SUFFIX}").write_bytes((PUBLISHED_CONTRACTS / f"{name}{SUFFIX}").read_bytes())
    _copy_outcome_contracts(folder / "outcome_contracts")
    (folder / "linkage_rules.json").write_text(json.dumps(linkage_rules(), default=str), encoding="utf-8")
    (folder / "manifest.json").write_text(json.dumps(_manifest(tables)), encoding="utf-8")
    return folder


def _copy_outcome_contracts(to: Path) -> None:
    for name in ("", "measures", "underwriting"):
        (to / name).mkdir(parents=True, exist_ok=True)
        for path in sorted((OUTCOME_CONTRACTS / name).glob("*.yaml")):
            (to / name / path.name).write_bytes(path.read_bytes())


def _manifest(tables: Mapping[str, list[Row]]) -> dict[str, Any]:
    inputs = {"as_of": AS_OF.isoformat(), "deliveries": [], "linkage_bundle": "made", "code_sha256": "0" * 64,
              "data_contracts_sha256": "0" * 64, "person_key_id": "made"}  # fmt: skip
    rows = {name: len(own) for name, own in tables.items()} | {"persons": 0}
    return {"release_id": RELEASE_ID, "inputs": inputs, "rows": rows, "stale_sources": [],
            "data_through": {"mental_health": "2026-10-31"}, "disclosure": {"min_cell": MIN_CELL}}  # fmt: skip


def _tables(providers: int, quarters: int, seed: int) -> dict[str, Iterator[Row]]:
    return {
        "providers": _providers(providers),
        "measure_results": _results(providers, quarters, np.random.default_rng(seed)),
        "measure_definitions": _definitions(),
        "contract_statements": _statements(quarters),
        "data_through": _through(),
        "deliveries": _deliveries(),
        "delivery_faults": _faults(),
        "linkage_quality": _linkage(),
        "linkage_by_group": iter([{"cut_code": "all", "cut_value": "all", "clients": 9000, "linked": 0.6,
                                   "linked_lower": 0.59, "linked_upper": 0.61, "told_as_of_on": AS_OF,
                                   "suppressed": False}]),
        "linkage_figures": iter([{"figure_code": "links_by_weight", "part_code": "20", "value": 500,
                                  "told_as_of_on": AS_OF, "suppressed": False}]),
    }  # fmt: skip


def _providers(count: int) -> Iterator[Row]:
    for at in range(count):
        yield {"provider_id": f"{7001 + at}", "provider_name": f"Clinic {at + 1} <&> Sons",
               "service_area_code": f"SPA{at % 8 + 1}"}  # fmt: skip


def _results(providers: int, quarters: int, draw: np.random.Generator) -> Iterator[Row]:
    members = draw.lognormal(4.0, 0.8, providers).round() + 5
    better = draw.normal(0, 0.3, providers)
    for quarter in quarters_up_to("2026Q3", quarters):
        yield from _with_all(("fsp_enrolment", "count", "persons"), quarter,
                             [_count(draw.poisson(size / 8)) for size in members])  # fmt: skip
        for measure, share in SHARES.items():
            odds = [share / (1 - share) * exp(lean) for lean in better]
            rows = [_share(draw.binomial(int(size), odd / (1 + odd)), int(size))
                    for size, odd in zip(members, odds, strict=True)]  # fmt: skip
            yield from _with_all((measure, "proportion", "share of persons"), quarter, rows)
        for measure, (rate, unit) in RATES.items():
            rows = [_rate(draw.poisson(3 * size * rate / 1000 * exp(-lean)), 3.0 * size)
                    for size, lean in zip(members, better, strict=True)]  # fmt: skip
            yield from _with_all((measure, "rate", unit), quarter, rows)


def _with_all(measure: tuple[str, str, str], quarter: str, rows: list[Row]) -> Iterator[Row]:
    """The rows of a measure's providers, withheld where they are small, and that of all of them."""
    name, kind, unit = measure
    same = {"measure_id": name, "definition_version": "1.0.0", "title": name.replace("_", " "), "kind": kind,
            "unit": unit, "period": quarter, "link_version": "made", "told_as_of_on": AS_OF}  # fmt: skip
    whole = {column: sum(row[column] or 0 for row in rows) for column in ("n", "numerator", "person_time")}
    remade = {"count": lambda: _count(whole["n"]), "proportion": lambda: _share(whole["numerator"], whole["n"]),
              "rate": lambda: _rate(whole["numerator"], whole["person_time"])}  # fmt: skip
    yield same | {"cut_code": "all", "cut_value": "all"} | remade[kind]() | {"suppressed": False}
    for at, row in enumerate(rows):
        yield same | {"cut_code": "provider", "cut_value": f"{7001 + at}"} | withheld(row)


def withheld(row: Row) -> Row:
    """A row with its small counts, and what rests on them, taken out."""
    small = {name for name in ("n", "numerator") if row[name] is not None and 0 < row[name] < MIN_CELL}
    if row["n"] is not None and row["numerator"] is not None and 0 < row["n"] - row["numerator"] < MIN_CELL:
        small.add("numerator")
    if not small:
        return row | {"suppressed": False}
    gone = ("numerator", "estimate", "lower", "upper", *small)
    return row | dict.fromkeys(gone) | {"suppressed": True}


def _count(found: float) -> Row:
    reach = 1.96 * sqrt(found)
    return {"n": int(found), "numerator": float(found), "person_time": None, "estimate": float(found),
            "lower": max(0.0, found - reach), "upper": found + reach}  # fmt: skip


def _share(found: float, of: int) -> Row:
    told = wilson(int(found), int(of))
    return {"n": int(of), "numerator": float(found), "person_time": None, "estimate": told.estimate,
            "lower": told.lower, "upper": told.upper}  # fmt: skip


def _rate(found: float, time: float) -> Row:
    reach = 1.96 * sqrt(found + 1)
    return {"n": int(time / 3), "numerator": float(found), "person_time": time, "estimate": 1000 * found / time,
            "lower": max(0.0, 1000 * (found - reach) / time), "upper": 1000 * (found + reach) / time}  # fmt: skip


def _definitions() -> Iterator[Row]:
    for name in ("fsp_enrolment", *SHARES, *RATES):
        yield dict.fromkeys(("text", "numerator", "denominator", "person_time", "window", "exclusions",
                             "needs_agencies", "source"), "made up") | {
            "measure_id": name, "definition_version": "1.0.0", "title": name, "kind": "rate", "unit": "u"}  # fmt: skip


def _statements(quarters: int) -> Iterator[Row]:
    same = {"contract_id": "lacdmh_fsp", "clause_id": "enrol", "unit": "person", "told_as_of_on": AS_OF}
    for period in (None, *quarters_up_to("2026Q3", quarters)):
        count = 600 if period else 600 * quarters
        yield same | {"period": period, "lines": count, "persons": count, "quantity": float(count),
                      "amount_usd": 250.0 * count, "suppressed": False}  # fmt: skip


def _through() -> Iterator[Row]:
    yield {"agency": "mental_health", "data_through_on": date(2026, 10, 31), "latest_as_of_on": AS_OF,
           "latest_delivery_id": "mental_health_20261101_r1", "days_behind": 0, "is_stale": False}  # fmt: skip


def _deliveries() -> Iterator[Row]:
    for day in (31, 1):
        on = date(2026, 10 if day == 31 else 11, day)
        yield {"delivery_id": f"mental_health_{on:%Y%m%d}_r1", "agency": "mental_health", "as_of_on": on, "revision": 1,
               "status": "accepted", "table_name": "client", "rows_in": 9000, "accepted": 8950, "quarantined": 30,
               "superseded": 20, "rows_held": 0}  # fmt: skip


def _faults() -> Iterator[Row]:
    yield {"agency": "mental_health", "delivery_id": "mental_health_20261101_r1", "table_name": "client",
           "column_name": "birth_date", "rule_id": "birth_date.not_a_date", "mend": "send a date that exists",
           "rows_band": "11 to 100"}  # fmt: skip


def _linkage() -> Iterator[Row]:
    yield {"agency": "mental_health", "other_agency": "mental_health", "clients": 9000, "unlinkable_clients": 90,
           "persons": 8800, "persons_in_both": 8800, "told_as_of_on": AS_OF, "suppressed": False}  # fmt: skip
