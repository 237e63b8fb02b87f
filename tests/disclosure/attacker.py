"""Somebody who has the files of all releases and wants to know what was withheld.

Nothing here knows how disclosure control works: it reads Parquet and what `docs/disclosure.md` tells every evaluator of
how counts hang together, writes that down as equations, and asks a linear programme for the least and the most that
each withheld count can be. It is given more than a reader has: which counts did *not* change from one release to the
next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

Row = Mapping[str, Any]
Place = tuple[str, str, str | None]
"""(measure, cut value under its cut, period)"""
Unknown = tuple[int, Place, str]
"""(release, place, count): a count as it was on the day of a release."""
COUNTS = ("n", "numerator", "censored", "immature", "unknown", "excluded")
RETURNS = {"jail_return_after_placement": (6, 12, 24), "jail_return_after_release": (6, 12, 24, 36)}
SHARED_PEOPLE = (
    *([f"{name}_{months}_months" for months in many] for name, many in RETURNS.items()),
    ["housing_stability_6_months", "housing_stability_12_months"],
)
FEW = 1e-6


@dataclass(frozen=True)
class Bounds:
    """What the attacker knows of one withheld count."""

    low: float
    high: float

    @property
    def is_pinned(self) -> bool:
        """Whether only one whole number is left."""
        return self.high - self.low < 1 - FEW


@dataclass
class Attacker:
    """What is known, what is not, and the equations between them."""

    knows_unchanged: Callable[[int, Place, str], int] = lambda release, place, count: release
    """The first release in which a count had the value that it has in this one."""
    known: dict[Unknown, float] = field(default_factory=dict)
    least: dict[Unknown, float] = field(default_factory=dict)
    equations: list[dict[Unknown, float]] = field(default_factory=list)
    """Each adds up to zero: count → sign."""

    def read(self, releases: Sequence[Sequence[Row]], days: Sequence[date]) -> Attacker:
        """Take in what each release says of its results."""
        for release, (rows, day) in enumerate(zip(releases, days, strict=True)):
            shown = {place_of(row): row for row in rows}
            for place, row in shown.items():
                for count in COUNTS:
                    self._note(self.name(release, place, count), row, count, is_of_day=row["told_as_of_on"] == day)
            for equation in equations(shown):
                self.equations.append({self._any(release, name): sign for name, sign in equation.items()})
        return self

    def name(self, release: int, place: Place, count: str) -> Unknown:
        """A count of a release, under the name it had when it got its value."""
        return self.knows_unchanged(release, place, count), place, count

    def _any(self, release: int, name: tuple[Place, str]) -> Unknown:
        place, count = name
        return self.name(release, place, count) if count in COUNTS else (release, place, count)

    def _note(self, name: Unknown, row: Row, count: str, *, is_of_day: bool) -> None:
        if row[count] is not None and is_of_day:
            self.known[name] = float(row[count])
        elif is_of_day and (count == "n" or row["n"] is not None):
            self.least[name] = 1.0  # zeros are shown, so what is withheld is one at least; without n, all others go too

    def attack(self, targets: Iterable[Unknown]) -> dict[Unknown, Bounds]:
        """The least and the most that each target can be."""
        groups = _Groups(self.equations, self.known)
        return {target: self._bounds(target, groups) for target in targets}

    def _bounds(self, target: Unknown, groups: _Groups) -> Bounds:
        if target in self.known:
            return Bounds(self.known[target], self.known[target])
        names, matrix, right = groups.of(target)
        floors = [(self.least.get(name, 0.0), None) for name in names]
        if not matrix.shape[0]:
            return Bounds(self.least.get(target, 0.0), np.inf)
        goal = np.array([float(name == target) for name in names])
        ends = [linprog(sign * goal, A_eq=matrix, b_eq=right, bounds=floors, method="highs") for sign in (1, -1)]
        assert all(one.status in (0, 3) for one in ends), "what is published contradicts itself"
        return Bounds(ends[0].fun, -ends[1].fun if ends[1].status == 0 else np.inf)


class _Groups:
    """Unknowns that equations tie together, each group with its own equations."""

    def __init__(self, equations: Sequence[Mapping[Unknown, float]], known: Mapping[Unknown, float]) -> None:
        self.equations, self.known = equations, known
        self.neighbours: dict[Unknown, list[int]] = {}
        for number, one in enumerate(equations):
            for name in one.keys() - known.keys():
                self.neighbours.setdefault(name, []).append(number)

    def of(self, target: Unknown) -> tuple[list[Unknown], csr_matrix, np.ndarray]:
        """The unknowns tied to one, and their equations."""
        names, seen, waiting = {target: 0}, set[int](), [target]
        while waiting:
            for number in self.neighbours.get(waiting.pop(), ()):
                if number not in seen:
                    seen.add(number)
                    new = [name for name in self.equations[number] if name not in self.known and name not in names]
                    names |= {name: len(names) + at for at, name in enumerate(new)}
                    waiting += new
        used = [self.equations[number] for number in sorted(seen)]
        rows, columns, signs, right = [], [], [], []
        for at, one in enumerate(used):
            right.append(-sum(sign * self.known[name] for name, sign in one.items() if name in self.known))
            for name, sign in one.items():
                if name in names:
                    rows.append(at)
                    columns.append(names[name])
                    signs.append(sign)
        return list(names), csr_matrix((signs, (rows, columns)), shape=(len(used), len(names))), np.array(right)


def place_of(row: Row) -> Place:
    """Where a row stands."""
    return (
        row["measure_id"],
        "all" if row["cut_code"] == "all" else f"{row['cut_code']}={row['cut_value']}",
        row["period"],
    )


def equations(shown: Mapping[Place, Row]) -> Iterator[dict[tuple[Place, str], float]]:
    """What `docs/disclosure.md` says of how counts hang together; every equation adds up to zero."""
    yield from _cuts(shown)
    yield from _periods(shown)
    yield from _shares(shown)
    yield from _people(shown)


def _cuts(shown: Mapping[Place, Row]) -> Iterator[dict[tuple[Place, str], float]]:
    parts: dict[tuple[Place, str], list[Place]] = {}
    for measure, cut, period in shown:
        whole = (measure, "all", period)
        if cut != "all" and whole in shown:
            parts.setdefault((whole, cut.split("=")[0]), []).append((measure, cut, period))
    for (whole, _), members in parts.items():
        yield from _added(whole, members)


def _periods(shown: Mapping[Place, Row]) -> Iterator[dict[tuple[Place, str], float]]:
    parts: dict[Place, list[Place]] = {}
    for measure, cut, period in shown:
        if period is not None and (measure, cut, None) in shown:
            parts.setdefault((measure, cut, None), []).append((measure, cut, period))
    for whole, members in parts.items():
        yield from _added(whole, members)


def _added(whole: Place, members: Sequence[Place]) -> Iterator[dict[tuple[Place, str], float]]:
    for count in COUNTS:
        yield {(whole, count): 1.0} | {(member, count): -1.0 for member in members}


def _shares(shown: Mapping[Place, Row]) -> Iterator[dict[tuple[Place, str], float]]:
    """A share's numerator and the others come to its n; the censored of a rate are among its n."""
    for place, row in shown.items():
        part = {"proportion": "numerator", "rate": "censored"}.get(row["kind"])
        if part is not None:
            yield {(place, "n"): 1.0, (place, part): -1.0, (place, f"not {part}"): -1.0}


def _people(shown: Mapping[Place, Row]) -> Iterator[dict[tuple[Place, str], float]]:
    """Measures of the same people look at equally many of them."""
    for members in SHARED_PEOPLE:
        for first, second in pairwise(members):
            for measure, cut, period in shown:
                if measure == first and (second, cut, period) in shown:
                    others = ("n", "censored", "immature", "unknown", "excluded")
                    one = {((first, cut, period), count): 1.0 for count in others}
                    yield one | {((second, cut, period), count): -1.0 for count in others}


def results_of(release: Path) -> tuple[list[dict[str, Any]], date]:
    """The rows of results of a release folder, and its day, as anybody reads them."""
    import json

    told = json.loads((release / "manifest.json").read_text(encoding="utf-8"))
    return pq.read_table(release / "measure_results.parquet").to_pylist(), date.fromisoformat(told["inputs"]["as_of"])
