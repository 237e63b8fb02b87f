"""Made-up counts of a county by measure, provider and quarter that drift from night to night, as aggregates have them.

Nobody stands behind a count. The open quarter fills up; those before it are still corrected now and then.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

NIGHTS_A_QUARTER = 91
RATES = {"psychiatric_emergency_visits": 0.13, "jail_bed_days": 1.4, "psychiatric_inpatient_days": 0.9,
         "crisis_residential_days": 0.2, "subacute_days": 0.3, "state_hospital_days": 0.1}  # fmt: skip
"""Measures of members with events a member and quarter."""
COUNTS = ("n", "numerator", "censored", "immature", "unknown", "excluded")
GROUPS = {
    "age_group": {"adult": 0.55, "older_adult": 0.2, "tay": 0.15, "child": 0.07, "unknown": 0.03},
    "sex": {"F": 0.44, "M": 0.53, "unknown": 0.03},
    "race_ethnicity": {"hispanic": 0.44, "black": 0.24, "white": 0.2, "asian": 0.07, "other": 0.03, "unknown": 0.02},
    "service_area": {f"SPA{number}": 0.125 for number in range(1, 9)},
}
"""Cuts by what is known of persons. Here a provider's members are all of one group: sums and their changes are those of
a county, while nobody is followed one by one."""
CHANGED_A_NIGHT = 0.15
"""Of the providers, in the open quarter."""
CORRECTED_A_NIGHT = 0.3
"""Chance that an earlier quarter has a provider corrected."""

Row = dict[str, Any]
Counts = dict[str, np.ndarray]
"""Count → its value by provider."""


class County:
    """Counts by quarter, the open one last."""

    def __init__(self, providers: int = 196, quarters: int = 4, seed: int = 1) -> None:
        self.draw = np.random.default_rng(seed)
        self.sizes = self.draw.lognormal(4.0, 0.8, providers).round() + 5
        self.programs = [f"PROGRAM{at % 3}" for at in range(providers)]
        grouping = np.random.default_rng([seed, 1])
        self.groups = {
            cut: grouping.choice(list(shares), size=providers, p=list(shares.values()))
            for cut, shares in GROUPS.items()
        }
        self.quarters = [self._begun() for _ in range(quarters)]
        self.nights = 0

    def night(self) -> list[Row]:
        """The rows of the next night."""
        if self.nights and self.nights % NIGHTS_A_QUARTER == 0:
            self.quarters = [*self.quarters[1:], self._begun()]
        self.nights += 1
        self._change(self.quarters[-1], self.draw.random(len(self.sizes)) < CHANGED_A_NIGHT)
        for quarter in self.quarters[:-1]:
            if self.draw.random() < CORRECTED_A_NIGHT:
                self._change(quarter, np.arange(len(self.sizes)) == self.draw.integers(len(self.sizes)))
        first = self.nights // NIGHTS_A_QUARTER
        return [row for at, quarter in enumerate(self.quarters) for row in self._rows(quarter, f"Q{first + at:03d}")]

    def _begun(self) -> Counts:
        members = self.draw.poisson(self.sizes)
        quarter = {"members": members, "unknown": self.draw.poisson(0.02 * members)}
        quarter |= {name: self.draw.poisson(share * members) for name, share in RATES.items()}
        housed = self.draw.binomial(members, 0.58)
        enrolled = self.draw.poisson(members / 8)
        kept = self.draw.binomial(enrolled, 0.78)
        return quarter | {"housed": housed, "enrolled": enrolled, "kept": kept, "longer": self.draw.binomial(kept, 0.8)}

    def _change(self, quarter: Counts, where: np.ndarray) -> None:
        """Some providers have a person or an event more or less."""
        for name in quarter:
            by = self.draw.integers(-1, 3, len(where)) * (where & (self.draw.random(len(where)) < 0.5))
            quarter[name] = np.maximum(0, quarter[name] + by)
        quarter["housed"] = np.minimum(quarter["housed"], quarter["members"])
        quarter["kept"] = np.minimum(quarter["kept"], quarter["enrolled"])
        quarter["longer"] = np.minimum(quarter["longer"], quarter["kept"])

    def _rows(self, quarter: Counts, period: str) -> Iterator[Row]:
        nobody = np.zeros_like(quarter["members"])
        for name in RATES:
            counts = {"n": quarter["members"], "numerator": quarter[name], "unknown": quarter["unknown"]}
            yield from self._measure(f"{name}_per_1000_member_months", "rate", period, counts, nobody)
        housed = {"n": quarter["members"], "numerator": quarter["housed"], "unknown": quarter["unknown"]}
        yield from self._measure("stably_housed_members", "proportion", period, housed, nobody)
        enrolled = quarter["enrolled"]
        yield from self._measure("fsp_enrolment", "count", period, {"n": enrolled, "numerator": enrolled}, nobody)
        for months, kept in (("6", "kept"), ("12", "longer")):
            counts = {"n": enrolled, "numerator": quarter[kept]}
            yield from self._measure(f"fsp_retention_{months}_months", "proportion", period, counts, nobody)

    def _measure(self, name: str, kind: str, period: str, counts: Counts, nobody: np.ndarray) -> Iterator[Row]:
        by_count = np.array([counts.get(count, nobody) for count in COUNTS])
        same = {"measure_id": name, "definition_version": "1", "period": period, "kind": kind}
        yield _row(same, "all", "all", by_count.sum(axis=1), None)
        for program in sorted(set(self.programs)):
            inside = [at for at, one in enumerate(self.programs) if one == program]
            yield _row(same, "program", program, by_count[:, inside].sum(axis=1), None)
        for cut, groups in self.groups.items():
            for group in sorted(set(groups)):
                yield _row(same, cut, str(group), by_count[:, groups == group].sum(axis=1), None)
        for at, values in enumerate(by_count.T):
            if values.any():
                yield _row(same, "provider", f"{7001 + at}", values, self.programs[at])


def _row(same: Row, cut: str, value: str, counts: np.ndarray, program: str | None) -> Row:
    told = {name: int(count) for name, count in zip(COUNTS, counts, strict=True)} | {"numerator": float(counts[1])}
    derived = dict.fromkeys(("estimate", "lower", "upper"), 0.5) | {"person_time": 3.0 * float(counts[0])}
    none = dict.fromkeys(("lower_total", "upper_total", "link_error"))
    return same | {"cut_code": cut, "cut_value": value} | told | derived | none | {
        "suppressed": False, "program_of_provider": program}  # fmt: skip
