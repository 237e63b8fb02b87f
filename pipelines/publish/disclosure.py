"""Small numbers stay unsaid: which cells of an aggregate table are withheld before it leaves.

Belongs here: the thresholds, which cells are small, which other cells must go with them so that no total gives them
back. Does not belong here: where the rows come from, and the person-level tables (they leave only under an agreement).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MIN_CELL = 11
"""The smallest count of people that is published; 1 to 10 are withheld.

Source: California Health and Human Services, Data De-Identification Guidelines (numerator below 11 needs masking), and
the same threshold in the cell size policy of the Centers for Medicare & Medicaid Services. Zero is not masked: it says
that no one is there, and so describes no one."""

PROPORTION = "proportion"
"""The kind of measure whose numerator counts some of `n`: there the people who are *not* in the numerator are a cell
as well, and the CMS policy forbids a percentage from which a small cell can be worked out."""

DERIVED_FROM_COUNTS = ("estimate", "lower", "upper", "lower_total", "upper_total", "link_error")
"""Columns that would give the count back by arithmetic: they go when their numerator or denominator goes."""

ROUNDING_SLACK = 1e-9
"""Numerators are stored as doubles; a count this close to a whole number is that number."""

ADDING_MEASURES = {
    "spm_returns_to_homelessness": (
        "spm_returns_to_homelessness_0_180_days",
        "spm_returns_to_homelessness_181_365_days",
        "spm_returns_to_homelessness_366_730_days",
    )
}
"""Measures whose numerators are the sum of others' over the same people: HUD's measure 2 is told whole and in bands."""

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Sum:
    """One published sum: the row that holds a total, and the rows that add up to it."""

    total: int
    parts: tuple[int, ...]
    column: str | None = None
    """The only count that adds up; None: all of them do."""


@dataclass(frozen=True)
class Shape:
    """What disclosure control needs to know of an aggregate table.

    `counts` are columns that each count people or their events. `denominator` is the column whose withholding takes
    the whole row with it; `numerator` the one that takes the derived columns. `with_row` are further columns that go
    with the denominator (person-time, quantities, dollars).
    """

    counts: tuple[str, ...]
    denominator: str
    numerator: str
    derived: tuple[str, ...]
    with_row: tuple[str, ...] = ()
    together: tuple[str, ...] = ()
    """Counts that leave or stay together, since they add up to one that is known elsewhere."""


MEASURE_RESULTS = Shape(
    counts=("n", "numerator", "censored", "immature", "unknown", "excluded"),
    denominator="n",
    numerator="numerator",
    derived=DERIVED_FROM_COUNTS,
    with_row=("person_time",),
)
"""The shape of `measure_results`."""


def is_small(count: float | None) -> bool:
    """Whether a count is a small cell: above zero and below `MIN_CELL`."""
    return count is not None and ROUNDING_SLACK < count < MIN_CELL - ROUNDING_SLACK


def withhold(rows: Sequence[Row], shape: Shape, sums: Sequence[Sum]) -> list[dict[str, Any]]:
    """The rows with their small cells null, whatever would give those back null as well, and `suppressed` set."""
    hidden = hidden_cells(rows, shape, sums)
    return [_masked(row, shape, {column for column in shape.counts if at in hidden[column]})
            for at, row in enumerate(rows)]  # fmt: skip


def hidden_cells(rows: Sequence[Row], shape: Shape, sums: Sequence[Sum]) -> dict[str, set[int]]:
    """By count column, the positions of the rows whose cell is withheld: small ones, and those that protect them."""
    hidden = {column: _small_cells(rows, column) for column in shape.counts}
    hidden[shape.numerator] |= _small_complements(rows, shape)
    before = -1
    while before != (before := sum(map(len, hidden.values()))):
        for column in shape.counts:
            if column != shape.denominator:
                hidden[column] |= hidden[shape.denominator] & _positive(rows, column)
            for one in sums:
                if one.column in (None, column):
                    _protect(rows, column, hidden[column], one)
        shared = set().union(*(hidden[column] for column in shape.together))
        for column in shape.together:
            hidden[column] |= shared
    return hidden


def _small_cells(rows: Sequence[Row], column: str) -> set[int]:
    return {at for at, row in enumerate(rows) if is_small(row.get(column))}


def _small_complements(rows: Sequence[Row], shape: Shape) -> set[int]:
    return {
        at
        for at, row in enumerate(rows)
        if row.get("kind") == PROPORTION
        and row[shape.denominator] is not None
        and row[shape.numerator] is not None
        and is_small(row[shape.denominator] - row[shape.numerator])
    }


def _positive(rows: Sequence[Row], column: str) -> set[int]:
    """Cells that say something of someone; a zero that can be worked out tells of no one, and so needs no cover."""
    return {at for at in range(len(rows)) if _value(rows, at, column) > 0}


def _protect(rows: Sequence[Row], column: str, hidden: set[int], one: Sum) -> None:
    """Withhold further cells of a sum until its hidden parts cannot be worked out from what is shown.

    With the total shown, the hidden parts must be two or more and come to at least `MIN_CELL` together (two cells that
    add up to 2 are known to be 1 and 1). With the total withheld, one hidden part is enough.
    """
    if one.total not in hidden and not any(part in hidden for part in one.parts):
        return
    shown = sorted((at for at in one.parts if at not in hidden and _value(rows, at, column) > 0),
                   key=lambda at: (_value(rows, at, column), at), reverse=True)  # fmt: skip
    while not _is_protected(rows, column, hidden, one):
        if not shown:
            hidden.add(one.total)
            return
        hidden.add(shown.pop())


def _is_protected(rows: Sequence[Row], column: str, hidden: set[int], one: Sum) -> bool:
    parts = [at for at in one.parts if at in hidden]
    if one.total in hidden:
        return bool(parts)
    return len(parts) >= 2 and sum(_value(rows, at, column) for at in parts) >= MIN_CELL


def _value(rows: Sequence[Row], at: int, column: str) -> float:
    value = rows[at].get(column)
    return 0.0 if value is None else float(value)


def _masked(row: Row, shape: Shape, columns: set[str]) -> dict[str, Any]:
    gone = set(columns)
    if shape.denominator in columns:
        gone |= {*shape.counts, *shape.with_row}
    if {shape.denominator, shape.numerator} & gone:
        gone |= set(shape.derived)
    return {**{name: None if name in gone else value for name, value in row.items()}, "suppressed": bool(columns)}


def sums_of_results(rows: Sequence[Row]) -> list[Sum]:
    """Every sum that `measure_results` shows: cut values under `all` of a period, periods under the whole time."""
    whole = {_place(row): at for at, row in enumerate(rows)}
    by_total: dict[tuple[str, str, int], list[int]] = {}
    for at, row in enumerate(rows):
        measure, cut, value, period = _place(row)
        if cut != "all" and (total := whole.get((measure, "all", "all", period))) is not None:
            by_total.setdefault(("cut", cut, total), []).append(at)
        if period is not None and (total := whole.get((measure, cut, value, None))) is not None:
            by_total.setdefault(("period", "", total), []).append(at)
    added = [Sum(total, tuple(parts)) for (_, _, total), parts in by_total.items()]
    return added + [one for at, row in enumerate(rows) for one in _sum_of_measures(at, row, whole)]


def _sum_of_measures(at: int, row: Row, whole: Mapping[Any, int]) -> list[Sum]:
    measure, *place = _place(row)
    parts = [whole.get((part, *place)) for part in ADDING_MEASURES.get(measure, ())]
    return [Sum(at, tuple(one for one in parts if one is not None), "numerator")] if parts and None not in parts else []


def _place(row: Row) -> tuple[str, str, str, str | None]:
    cut = str(row["cut_code"])
    return str(row["measure_id"]), cut, "all" if cut == "all" else str(row["cut_value"]), row["period"]
