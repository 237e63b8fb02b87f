"""The card of each provider and quarter, from a release's aggregate tables: every figure is a published cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from pipelines.reports.limits import FEWEST, Funnel, funnel
from pipelines.reports.scorecards.figures import Figure, Limits, Told, limits_of, scale_of, size_of, told
from pipelines.reports.scorecards.terms import FigureTerms, ScorecardTerms, Target, scorecard_terms, thresholds
from pipelines.reports.tables import ReleaseTables

ALL = "all"


@dataclass(frozen=True)
class Card:
    """A provider's scorecard of a quarter."""

    provider_id: str
    name: str
    area: str
    quarter: str
    release_id: str
    as_of: str
    figures: tuple[Figure, ...]

    def facts(self) -> dict[str, Any]:
        """The card as plain data: what is kept when it becomes final."""
        return asdict(self)


def card_of(facts: Mapping[str, Any]) -> Card:
    """The card that facts were made from."""
    return Card(**{**facts, "figures": tuple(_figure_of(one) for one in facts["figures"])})


def _figure_of(facts: Mapping[str, Any]) -> Figure:
    singles = {name: Told(**facts[name]) if facts[name] else None for name in ("own", "peers", "before")}
    trends = {name: tuple(Told(**one) for one in facts[name]) for name in ("trend", "peers_trend")}
    limits = {"limits": Limits(**facts["limits"]) if facts["limits"] else None}
    return Figure(**{**facts, **singles, **trends, **limits})


@dataclass(frozen=True)
class Measure:
    """A measure's rows by provider and quarter; `ALL` stands for all providers together."""

    terms: FigureTerms
    title: str
    unit: str
    kind: str
    target: Target | None
    rows: Mapping[tuple[str, str], Told]
    quarters: tuple[str, ...]

    def row(self, provider_id: str, quarter: str) -> Told | None:
        """A result, if the release has one."""
        return self.rows.get((provider_id, quarter))

    def of_quarter(self, quarter: str) -> Iterator[tuple[str, Told]]:
        """Every provider's result of a quarter, in the order of provider ids."""
        return ((who, row) for (who, when), row in sorted(self.rows.items()) if when == quarter and who != ALL)

    def funnel(self, quarter: str) -> Funnel | None:
        """The funnel of a quarter: None for counts, where all providers together are withheld, or few are told of."""
        together = self.row(ALL, quarter)
        if together is None or together.estimate is None or size_of(together) is None:
            return None
        scale = scale_of(together)
        sizes = [(row.estimate / scale, size_of(row) or 0.0) for _, row in self.of_quarter(quarter)
                 if row.estimate is not None]  # fmt: skip
        if len(sizes) < FEWEST:
            return None
        return funnel(self.kind, together.estimate / scale, sizes)

    def top(self, quarter: str, widest: float) -> float:
        """Where the axis ends: at 1 for a share; else so that target and all together are well to be seen."""
        if self.kind == "proportion":
            return 1.0
        highest = max(
            (row.upper or row.estimate or 0.0 for (who, _), row in self.rows.items() if who != ALL), default=0
        )
        if self.kind == "count":
            return float(max(highest, 1.0))
        together = self.row(ALL, quarter)
        middle = (together.upper or together.estimate or 0.0) if together else 0.0
        return float(min(highest, widest * max(middle, self.target.value if self.target else 0.0)) or 1.0)


class Scorecards:
    """Every card of a release."""

    def __init__(self, tables: ReleaseTables, terms: ScorecardTerms | None = None) -> None:
        self.terms = terms or scorecard_terms()
        self._manifest = tables.manifest
        self._targets = thresholds(tables.folder, self.terms.contract)
        self.providers: dict[str, Mapping[str, Any]] = {row["provider_id"]: row for row in tables.rows("providers")}
        self.measures = self._measures(tables)
        self._funnels: dict[tuple[str, str], Funnel | None] = {}
        self._tops: dict[tuple[str, str], float] = {}

    @property
    def quarters(self) -> list[str]:
        """Quarters that ended by the release's day and in which some provider has a result, newest first."""
        as_of = date.fromisoformat(self._manifest["inputs"]["as_of"])
        found = {quarter for one in self.measures for quarter in one.quarters if quarter_end(quarter) <= as_of}
        return sorted(found, reverse=True)

    def card(self, provider_id: str, quarter: str) -> Card:
        """A provider's card of a quarter; a provider without results has a card that says so."""
        known = self.providers[provider_id]
        return Card(
            provider_id=provider_id,
            name=known["provider_name"] or provider_id,
            area=known["service_area_code"] or "",
            quarter=quarter,
            release_id=self._manifest["release_id"],
            as_of=self._manifest["inputs"]["as_of"],
            figures=tuple(self._figure(measure, provider_id, quarter) for measure in self.measures),
        )

    def funnel(self, measure: Measure, quarter: str) -> Funnel | None:
        """A funnel, reckoned once."""
        key = (measure.terms.measure, quarter)
        if key not in self._funnels:
            self._funnels[key] = measure.funnel(quarter)
        return self._funnels[key]

    def _top(self, measure: Measure, quarter: str) -> float:
        """The end of an axis, looked for once."""
        key = (measure.terms.measure, quarter)
        if key not in self._tops:
            self._tops[key] = measure.top(quarter, self.terms.widest_axis)
        return self._tops[key]

    def _figure(self, measure: Measure, provider_id: str, quarter: str) -> Figure:
        own, peers = measure.row(provider_id, quarter), measure.row(ALL, quarter)
        shown = quarters_up_to(quarter, self.terms.quarters_in_a_chart)
        limits = limits_of(own, self.funnel(measure, quarter), scale_of(peers)) if own and peers else None
        return Figure(
            measure=measure.terms.measure,
            heading=measure.terms.heading,
            question=measure.terms.question,
            noun=measure.terms.noun,
            unit=measure.unit,
            kind=measure.kind,
            better=measure.terms.better,
            target=measure.target.value if measure.target else None,
            target_source=measure.target.source if measure.target else "",
            own=own,
            peers=peers,
            before=measure.row(provider_id, shown[-2]),
            limits=limits,
            trend=tuple(row for one in shown if (row := measure.row(provider_id, one))),
            peers_trend=tuple(row for one in shown if (row := measure.row(ALL, one))),
            top=self._top(measure, quarter),
        )

    def _measures(self, tables: ReleaseTables) -> list[Measure]:
        by_measure: dict[str, list[Mapping[str, Any]]] = {one.measure: [] for one in self.terms.figures}
        for row in tables.rows("measure_results"):
            if row["measure_id"] in by_measure and row["period"] is not None and row["cut_code"] in (ALL, "provider"):
                by_measure[row["measure_id"]].append(row)
        return [self._measure(one, by_measure[one.measure]) for one in self.terms.figures if by_measure[one.measure]]

    def _measure(self, terms: FigureTerms, rows: list[Mapping[str, Any]]) -> Measure:
        return Measure(
            terms=terms,
            title=rows[0]["title"],
            unit=rows[0]["unit"],
            kind=rows[0]["kind"],
            target=terms.target(self._targets),
            rows={(row["cut_value"], row["period"]): told(row) for row in rows},
            quarters=tuple(sorted({row["period"] for row in rows if row["cut_code"] != ALL})),
        )


def quarter_end(quarter: str) -> date:
    """The last day of a quarter, as 2026Q3."""
    year, number = int(quarter[:4]), int(quarter[5])
    return date(year + number // 4, 3 * number % 12 + 1, 1).replace(day=1) - date.resolution


def quarters_up_to(quarter: str, count: int) -> list[str]:
    """So many quarters, the last of which is this one."""
    at = 4 * int(quarter[:4]) + int(quarter[5]) - 1
    return [f"{one // 4}Q{one % 4 + 1}" for one in range(at - count + 1, at + 1)]
