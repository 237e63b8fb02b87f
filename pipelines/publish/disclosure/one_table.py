"""A table of its own, outside any release: a comparison, an underwriting. The same rules for one table and its sums."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.publish.disclosure.again import masked
from pipelines.publish.disclosure.cells import ROUNDING_SLACK
from pipelines.publish.disclosure.model import Model, TableModel, load_model
from pipelines.publish.disclosure.protect import protect
from pipelines.publish.disclosure.relations import System
from pipelines.publish.disclosure.tellings import build
from pipelines.publish.disclosure.terms import Within

PROPORTION = "proportion"
"""The kind of measure whose numerator counts some of `n`: there the people who are *not* in the numerator are a cell
as well, and the CMS policy forbids a percentage from which a small cell can be worked out."""

Row = Mapping[str, Any]

NAME, NUMBER = "table", "row_number"


@dataclass(frozen=True)
class RowSum:
    """One sum that a table shows: the row that holds a total, and the rows that add up to it."""

    total: int
    parts: tuple[int, ...]


@dataclass(frozen=True)
class Shape:
    """What disclosure control needs to know of a table.

    `counts` are columns that each count people or their events. `denominator` is the column whose withholding takes
    the whole row with it; `numerator` the one that takes the derived columns. `with_row` are further columns that go
    with the denominator (person-time, quantities, dollars).
    """

    counts: tuple[str, ...]
    denominator: str
    numerator: str
    derived: tuple[str, ...]
    with_row: tuple[str, ...] = ()

    @property
    def as_table(self) -> TableModel:
        """The same, as the tables of a release are described."""
        share = Within((self.numerator,), self.denominator, {"kind": (PROPORTION,)})
        return TableModel(
            name=NAME,
            method="withhold",
            key=(NUMBER,),
            counts=self.counts,
            of_people=self.counts,
            leading=self.denominator,
            leave_with_row=self.with_row,
            leave_with={self.numerator: self.derived},
            working={},
            within=(share,) if self.numerator != self.denominator else (),
        )


MEASURE_RESULTS = Shape(
    counts=("n", "numerator", "censored", "immature", "unknown", "excluded"),
    denominator="n",
    numerator="numerator",
    derived=("estimate", "lower", "upper"),
    with_row=("person_time",),
)
"""The shape of a row of results that stands alone."""


def withhold(rows: Sequence[Row], shape: Shape, sums: Sequence[RowSum]) -> list[dict[str, Any]]:
    """The rows with their small cells null, whatever would give those back null as well, and `suppressed` set."""
    table = shape.as_table
    numbered = [{"kind": None, **row, NUMBER: at} for at, row in enumerate(rows)]
    system = build(Model(load_model().rules, {NAME: table}), {NAME: numbered})
    for one in sums:
        for count in shape.counts:
            _add_sum(system, numbered, one, count)
    withheld = protect(system.cells).withheld
    told = []
    for at, row in enumerate(rows):
        counts = {count for count, cell in system.places[NAME, at].items() if cell in withheld}
        told.append(masked(table, row, counts))
    return told


def _add_sum(system: System, rows: Sequence[Row], one: RowSum, count: str) -> None:
    total = system.places[NAME, one.total].get(count)
    parts = [cell for at in one.parts if (cell := system.places[NAME, at].get(count)) is not None]
    if total is None or not parts:
        return
    rest = system.cells.values[total] - sum(system.cells.values[part] for part in parts)
    if rest > ROUNDING_SLACK:
        parts.append(system.rest((NAME, one, count), rest))
    system.cells.add_sum(total, parts)
