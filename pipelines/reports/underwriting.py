"""What an underwriting leaves behind: tables, one workbook, and the memo that can be printed and signed.

Belongs here: which counts of people are withheld before anything is written, and how the findings are arranged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from pipelines.intervals import wilson
from pipelines.lake import replacing
from pipelines.publish.disclosure import MEASURE_RESULTS, MIN_CELL, PROPORTION, Shape, withhold
from pipelines.reports.charts.columns import columns
from pipelines.reports.charts.money import fan, histogram_bins, tornado
from pipelines.reports.pages import page_environment
from pipelines.reports.workbook import write_workbook
from pipelines.underwriting import Underwriting, findings, tables

MEMO, WORKBOOK, DRAWS = "memo.html", "underwriting.xlsx", "draws.parquet"

TORNADO_BARS = 12
"""What comes after the dozen that matter most is in the table."""

FLOW_TITLE = "Newly eligible persons by month"

FLOW = Shape(counts=("eligible", "newly_eligible"), denominator="eligible", numerator="newly_eligible", derived=())

AFTER = Shape(
    counts=("persons", "persons_after"),
    denominator="persons",
    numerator="persons_after",
    derived=("units_per_year_after", "variance_after"),
    with_row=("persons_with_before", "persons_before", "units_per_year_before"),
)
BEFORE = Shape(
    counts=("persons_with_before", "persons_before"),
    denominator="persons_with_before",
    numerator="persons_before",
    derived=("units_per_year_before",),
)

Row = dict[str, Any]
Tables = Mapping[str, Sequence[Row]]


def shown_tables(found: Underwriting) -> dict[str, Sequence[Row]]:
    """Every table, with small counts of people withheld from what the lake says of them."""
    return {**found.tables} | {
        "flow": withhold(found.tables["flow"], FLOW, []),
        "baselines": _baselines(found.tables["baselines"]),
        "statuses": _statuses(found.tables["statuses"]),
    }


def _baselines(rows: Sequence[Row]) -> list[Row]:
    """What is after the index day, then what is before it: each is a share of its own persons."""
    named = [{**row, "episodes": row["kind"], "kind": PROPORTION} for row in rows]
    after = withhold(named, AFTER, [])
    both = withhold(after, BEFORE, [])
    return [
        {"kind": row["episodes"]}
        | {name: value for name, value in row.items() if name not in ("kind", "episodes")}
        | {"suppressed": row["suppressed"] or first["suppressed"]}
        for row, first in zip(both, after, strict=True)
    ]


def _statuses(rows: Sequence[Row]) -> list[Row]:
    told = []
    for row in rows:
        share = wilson(row["numerator"], row["n"])
        estimate = {"estimate": share.estimate, "lower": share.lower, "upper": share.upper}
        told.append({**row, **estimate, "kind": PROPORTION})
    return withhold(told, MEASURE_RESULTS, [])


def as_json(found: Underwriting, differences: Sequence[Row] = ()) -> dict[str, Any]:
    """The findings as plain data; amounts are texts, so that no cent is lost on the way."""
    shown = dict(shown_tables(found)) | ({"what_if": differences} if differences else {})
    contract = found.case.contract
    head: dict[str, Any] = {"contract_id": contract.id, "contract_version": contract.version, "title": contract.title}
    head |= {"assumptions_version": found.case.assumptions.version, "seed": found.seed, "draws": found.draws}
    head |= {"price_by": found.price_by, "release": dict(found.release) or None}
    return head | {name: [_plain(row) for row in rows] for name, rows in shown.items()}


def _plain(row: Row) -> Row:
    return {name: value if isinstance(value, str | int | float | None) else str(value) for name, value in row.items()}


def write_underwriting(found: Underwriting, folder: Path, differences: Sequence[Row] = ()) -> list[Path]:
    """Write every table as Parquet, all of them as one workbook, the draws, and the memo; returns the files."""
    shown = dict(shown_tables(found)) | ({"what_if": differences} if differences else {})
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, rows in shown.items():
        if rows:
            written.append(folder / f"{name}.parquet")
            with replacing(written[-1]) as staged:
                pq.write_table(tables.arrow(rows), staged, compression="zstd")
    with replacing(folder / DRAWS) as staged:
        pq.write_table(tables.draws(found.run), staged, compression="zstd")
    title = f"Underwriting of {found.case.contract.title}"
    with replacing(folder / WORKBOOK) as staged:
        write_workbook(staged, shown, title=title, made_on=found.case.assumptions.enrolment.starts_on)
    with replacing(folder / MEMO) as staged:
        staged.write_text(memo(found, differences), encoding="utf-8")
    return [*written, folder / DRAWS, folder / WORKBOOK, folder / MEMO]


def memo(found: Underwriting, differences: Sequence[Row] = ()) -> str:
    """The memo: a page that needs no other file."""
    return page_environment().get_template("underwriting.html").render(**memo_values(found, differences))


def memo_values(found: Underwriting, differences: Sequence[Row] = ()) -> dict[str, Any]:
    """What the memo's template shows."""
    shown = shown_tables(found)
    totals = [float(cents) / 100 for cents in found.run.total]
    return {
        "contract": found.case.contract,
        "assumptions": found.case.assumptions,
        "found": found,
        "tables": shown,
        "total": shown["payments"][0],
        "histogram": columns(histogram_bins(totals), "Draws by what they pay in all", "US dollars", "draws"),
        "fan": fan(_by_quarter(found), "Payments"),
        "tornado": tornado(shown["tornado"][:TORNADO_BARS], float(_middle(shown))),
        "flow": columns(_by_month(shown["flow"]), FLOW_TITLE, "month", "persons"),
        "avoided": _avoided(shown["avoided"]),
        "payers": _payers(found),
        "differences": differences,
        "min_cell": MIN_CELL,
        "data_through": _data_through(found.release.get("data_through", {})),
    }


def _data_through(agencies: Mapping[str, str]) -> str:
    """`2026-10-31`, or each agency's day where they differ."""
    days = sorted(set(agencies.values()))
    return days[0] if len(days) == 1 else ", ".join(f"{agency} {day}" for agency, day in sorted(agencies.items()))


def _middle(shown: Tables) -> Decimal:
    amount: Decimal = shown["link_error"][0]["amount_usd"]
    return amount


def _by_quarter(found: Underwriting) -> list[Row]:
    return [{"quarter": quarter} | findings.spread(found.run.of(None, quarter)) for quarter in found.run.quarters]


def _payers(found: Underwriting) -> list[Row]:
    """What each payer pays over the whole contract."""
    return [
        {"payer": payer.payer, "funding_stream": payer.funding_stream} | findings.spread(found.run.of_payer(at))
        for at, payer in enumerate(found.case.contract.payers)
    ]


def _avoided(rows: Sequence[Row]) -> list[Row]:
    """A row for each cost and stream: marginal beside average."""
    by_place: dict[tuple[str, str], Row] = {}
    for row in rows:
        one = by_place.setdefault((row["unit_cost"], row["funding_stream"]), {"title": row["title"]})
        one |= {"funding_stream": row["funding_stream"], row["basis"]: row}
    return list(by_place.values())


def _by_month(rows: Sequence[Row]) -> list[Row]:
    return [
        {"part_code": f"{row['month_on']:%Y-%m}", "value": row["newly_eligible"], "suppressed": row["suppressed"]}
        for row in rows
    ]
