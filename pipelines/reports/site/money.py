"""Contracts: what each has come to, what it may come to, what was restated; its terms and its underwriting memo.

Terms, measures and assumptions are those that lie in the release, so that an old release is drawn by its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.reports import wording
from pipelines.reports.charts.providers import bar_chart
from pipelines.reports.site.frame import Frame
from pipelines.reports.tables import ReleaseTables

if TYPE_CHECKING:
    from pipelines.contracts import OutcomesContract
    from pipelines.outcomes import Measure
    from pipelines.underwriting import Underwriting

TERMS = "outcome_contracts"
"""The folder of a release in which contracts, measures and assumptions lie."""

SEED = 1
"""The same draws on every page, and on every day."""

Row = dict[str, Any]


@dataclass(frozen=True)
class ContractFacts:
    """One contract as the pages need it; underwritten if the release states anything under it."""

    id: str
    title: str
    text: str
    clauses: Mapping[str, str]
    cap_usd: float | None
    rows: Sequence[Row]
    terms: OutcomesContract | None
    found: Underwriting | None

    @property
    def has_terms(self) -> bool:
        """Whether its terms lie in the release."""
        return self.terms is not None

    @property
    def has_memo(self) -> bool:
        """Whether assumptions lie beside them."""
        return self.found is not None

    def named(self, rows: Sequence[Row]) -> list[Row]:
        """Rows with the title of their clause."""
        return [{**row, "title": self.clauses.get(row["clause_id"], row["clause_id"])} for row in rows]


def write_money(frame: Frame, tables: ReleaseTables, against: ReleaseTables | None, draws: int) -> int:
    """Write the pages of contracts and memos; returns how many contracts there are.

    Args:
        draws: of an underwriting; 0 draws no memo.
    """
    measures = _measures(tables.folder)
    contracts = [_contract(tables, measures, one, draws) for one in _ids(tables)]
    for one in contracts:
        _write_contract(frame, one, measures, _rows(against, one.id) if against else [], against, draws)
    frame.page("site_contracts.html", "contracts/index.html", contracts=[_summary(one) for one in contracts])
    return len(contracts)


def _ids(tables: ReleaseTables) -> list[str]:
    """Contracts with a statement or with terms in the release."""
    stated = {row["contract_id"] for row in tables.rows("contract_statements")}
    return sorted(stated | {path.stem for path in (tables.folder / TERMS).glob("*.yaml")})


def _measures(release: Path) -> dict[str, Measure]:
    from pipelines.outcomes import load_measures

    folder = release / TERMS / "measures"
    return {measure.id: measure for measure in load_measures(folder)} if folder.is_dir() else {}


def _rows(tables: ReleaseTables, contract_id: str) -> list[Row]:
    return [row for row in tables.rows("contract_statements") if row["contract_id"] == contract_id]


def _contract(tables: ReleaseTables, measures: Mapping[str, Measure], contract_id: str, draws: int) -> ContractFacts:
    from pipelines.contracts import read_outcome_contract

    path = tables.folder / TERMS / f"{contract_id}.yaml"
    terms = read_outcome_contract(path, measures) if path.exists() else None
    rows = _rows(tables, contract_id)
    return ContractFacts(
        id=contract_id,
        title=terms.title if terms else contract_id,
        text=terms.text if terms else "",
        clauses={clause.id: clause.title for clause in terms.clauses} if terms else {},
        cap_usd=float(terms.cap_usd) if terms else None,
        rows=rows,
        terms=terms,
        found=_underwriting(path, measures, draws, tables.manifest) if terms and rows and draws else None,
    )


def _underwriting(
    path: Path, measures: Mapping[str, Measure], draws: int, manifest: Mapping[str, Any]
) -> Underwriting | None:
    """What a contract may come to by its stated assumptions, without looking into any record."""
    from pipelines.underwriting import NO_EVIDENCE, read_case, underwrite

    assumptions = path.parent / "underwriting" / path.name
    if not assumptions.exists():
        return None
    case = read_case(path, assumptions, measures)
    release = {"release_id": manifest["release_id"], "data_through": manifest["data_through"]}
    return underwrite(case, NO_EVIDENCE, seed=SEED, draws=draws, price_by="policy", release=release)


def _write_contract(
    frame: Frame, one: ContractFacts, measures: Mapping[str, Measure], before: Sequence[Row],
    against: ReleaseTables | None, draws: int,
) -> None:  # fmt: skip
    from pipelines.reports.outcomes_contract import clause_terms
    from pipelines.reports.underwriting import memo_values

    lines = one.named([row for row in one.rows if row["period"] is None])
    periods = one.named([row for row in one.rows if row["period"] is not None])
    expected = one.found.tables["payments"] if one.found else []
    restated = restatements(one.named(before), periods)
    frame.page(
        "site_contract.html",
        f"contracts/{one.id}.html",
        sheets={"progress": lines, "by_period": periods, "expected": list(expected), "restated": restated},
        contract=one,
        lines=lines,
        periods=sorted(periods, key=lambda row: (row["period"], row["title"]), reverse=True),
        chart=payments_chart(one, periods),
        expected=expected,
        draws=draws,
        restated=restated,
        against=against.manifest["release_id"] if against else None,
    )
    if one.terms is not None:
        clauses = [(clause, one.terms.metric(clause), list(clause_terms(clause))) for clause in one.terms.clauses]
        frame.page("outcomes_contract.html", f"contracts/{one.id}_terms.html", contract=one.terms, terms=clauses,
                   measures=measures)  # fmt: skip
    if one.found is not None:
        frame.page("underwriting.html", f"underwriting/{one.id}.html", **memo_values(one.found))


def restatements(before: Sequence[Row], now: Sequence[Row]) -> list[Row]:
    """Clauses and periods whose amount both tell, and tell otherwise."""
    was = {(row["clause_id"], row["period"]): row["amount_usd"] for row in before}
    found = []
    for row in now:
        old, new = was.get((row["clause_id"], row["period"])), row["amount_usd"]
        if old is not None and new is not None and old != new:
            found.append(
                {"period": row["period"], "title": row["title"], "before": old, "now": new, "difference": new - old}
            )
    return found


def payments_chart(one: ContractFacts, periods: Sequence[Row]) -> Any:
    """US dollars by period; empty where nothing is told."""
    sums: dict[str, float] = {}
    for row in periods:
        if row["amount_usd"] is not None:
            sums[row["period"]] = sums.get(row["period"], 0.0) + row["amount_usd"]
    if len(sums) < 2:
        return ""
    rows = [{"part": period, "value": sums[period]} for period in sorted(sums)]
    said = "; ".join(f"{period} {wording.usd(sums[period])}" for period in sorted(sums))
    terms = {"title": f"Payments by period: {one.title}", "unit": "US dollars", "description": said}
    return bar_chart(rows, terms, f"payments-{one.id}")


def _summary(one: ContractFacts) -> Row:
    whole = [row for row in one.rows if row["period"] is None]
    stated = sum(row["amount_usd"] for row in whole if row["amount_usd"] is not None)
    total = one.found.tables["payments"][0] if one.found else None
    return {
        "id": one.id,
        "title": one.title,
        "stated": wording.usd(stated) if whole else wording.NOTHING,
        "cap": wording.usd(one.cap_usd),
        "median": wording.usd(total["p50_usd"]) if total else wording.NOTHING,
        "range": f"{wording.usd(total['p5_usd'])} to {wording.usd(total['p95_usd'])}" if total else wording.NOTHING,
    }
