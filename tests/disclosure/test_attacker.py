"""An attacker with the files of all releases works out no withheld count, and could if less were withheld."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from pipelines.publish.disclosure import MIN_CELL, is_small
from pipelines.publish.disclosure.history import EarlierRelease, Rows
from tests.disclosure.attacker import COUNTS, Attacker, Bounds, Place, Unknown, place_of
from tests.disclosure.rows import AS_OF, nights, result, told

MEASURE = "jail_return_after_placement_{}_months"
Cell = tuple[int, int, int]
"""(n, numerator, unknown) of a provider in a quarter."""


def county(
    table: Sequence[Sequence[Cell]],
    kind: str = "proportion",
    months: int = 6,
    beside: Sequence[Sequence[Cell]] | None = None,
) -> Rows:
    """Quarters (outer) of providers (inner), with every total: numerators never above their n.

    `beside`: the same providers and quarters under another measure of the same people; who is in one alone is immature.
    """
    cells = {
        (f"Q{q}", f"P{p}"): (n, min(n, numerator), unknown, max(0, _people(beside, q, p) - n - unknown))
        for q, line in enumerate(table)
        for p, (n, numerator, unknown) in enumerate(line)
    }
    rows = []
    for period in [None, *sorted({q for q, _ in cells})]:
        for provider in [None, *sorted({p for _, p in cells})]:
            inside = [v for (q, p), v in cells.items() if period in (None, q) and provider in (None, p)]
            n, numerator, unknown, immature = (sum(counts) for counts in zip(*inside, strict=True))
            cut = ("all", "all") if provider is None else ("provider", provider)
            counts = {"n": n, "numerator": float(numerator), "unknown": unknown, "immature": immature}
            if n + unknown + immature:
                rows.append(result(*cut, period=period, measure_id=MEASURE.format(months), kind=kind, **counts))
    return rows


def _people(table: Sequence[Sequence[Cell]] | None, quarter: int, provider: int) -> int:
    if table is None:
        return 0
    n, _, unknown = table[quarter][provider]
    return n + unknown


def only_small_cells_withheld(rows: Rows) -> Rows:
    """What a release told if nothing but small cells were withheld."""
    return [
        {name: None if name in COUNTS and is_small(value) else value for name, value in row.items()}
        | {"told_as_of_on": AS_OF}
        for row in rows
    ]


def withheld(release: int, true: Rows, shown: Rows) -> dict[Unknown, float]:
    """The counts above zero that a release did not tell, with what they are."""
    return {
        (release, place_of(row), count): float(row[count])
        for row, told_row in zip(true, shown, strict=True)
        for count in COUNTS
        if told_row[count] is None and row[count]
    }


def unchanged(tables: Sequence[Rows]) -> Callable[[int, Place, str], int]:
    """What the attacker is told beside the releases: since when a count has had its value."""
    values = [{(place_of(row), count): row[count] for row in rows for count in COUNTS} for rows in tables]

    def since(release: int, place: Place, count: str) -> int:
        now = values[release].get((place, count))
        return next(at for at in range(release + 1) if values[at].get((place, count)) == now)

    return since


def is_found_out(value: float, found: Bounds) -> bool:
    """Whether a small count is known to be small, or known to within fewer values than there are small counts."""
    return found.high < MIN_CELL - 1 or found.high - found.low < MIN_CELL - 2


def found_out(targets: dict[Unknown, float], attacker: Attacker) -> dict[Unknown, Bounds]:
    """The small counts that the attacker can narrow too far."""
    found = attacker.attack(target for target, value in targets.items() if is_small(value))
    return {target: bounds for target, bounds in found.items() if is_found_out(targets[target], bounds)}


FEW_TABLES = settings(max_examples=12, deadline=None, derandomize=True, phases=[Phase.generate])
counts = st.integers(min_value=0, max_value=30)


def line_of(width: int) -> st.SearchStrategy[list[Cell]]:
    """A quarter of so many providers."""
    return st.lists(st.tuples(counts, counts, st.integers(0, 4)), min_size=width, max_size=width)


lines = st.integers(2, 4).flatmap(lambda width: st.lists(line_of(width), min_size=1, max_size=3))


def test_with_small_cells_alone_withheld_the_attacker_recovers_them() -> None:
    rows = county([[(60, 20, 12), (40, 4, 3), (30, 15, 0)]])
    shown = only_small_cells_withheld(rows)
    targets = withheld(0, rows, shown)
    found = Attacker().read([shown], [AS_OF]).attack(targets)
    assert len(targets) >= 4
    assert all(bounds.is_pinned and abs(bounds.low - targets[target]) < 0.5 for target, bounds in found.items())


def test_the_attacker_recovers_none_of_them_under_control() -> None:
    rows = county([[(60, 20, 12), (40, 4, 3), (30, 15, 0)]])
    shown = told(rows)
    targets = withheld(0, rows, shown)
    assert any(is_small(value) for value in targets.values())
    assert not any(bounds.is_pinned for bounds in Attacker().read([shown], [AS_OF]).attack(targets).values())


@FEW_TABLES
@given(lines, st.sampled_from(["proportion", "rate"]))
def test_no_small_count_of_any_table_is_narrowed(table: list[list[Cell]], kind: str) -> None:
    rows = county(table, kind)
    shown = told(rows)
    assert found_out(withheld(0, rows, shown), Attacker().read([shown], [AS_OF])) == {}


@FEW_TABLES
@given(lines)
def test_the_few_without_an_outcome_are_not_narrowed_either(table: list[list[Cell]]) -> None:
    rows = county(table)
    shown = told(rows)
    others = {(0, place_of(row), "not numerator"): row["n"] - row["numerator"] for row in rows}
    assert found_out(others, Attacker().read([shown], [AS_OF])) == {}


two_measures = st.integers(1, 2).flatmap(
    lambda quarters: st.tuples(*[st.lists(line_of(3), min_size=quarters, max_size=quarters)] * 2)
)


@FEW_TABLES
@given(two_measures)
def test_measures_of_the_same_people_give_nothing_back(both: tuple[list[list[Cell]], list[list[Cell]]]) -> None:
    rows = [*county(both[0], months=6, beside=both[1]), *county(both[1], months=12, beside=both[0])]
    shown = told(rows)
    assert found_out(withheld(0, rows, shown), Attacker().read([shown], [AS_OF])) == {}


changes = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 2), st.integers(-3, 14)), min_size=1, max_size=4)


@FEW_TABLES
@given(
    st.lists(line_of(3), min_size=2, max_size=2),
    st.lists(changes, min_size=1, max_size=3),
)
def test_no_release_gives_back_what_another_withheld(
    table: list[list[Cell]], edits: list[list[tuple[int, int, int]]]
) -> None:
    history = [county(table)]
    for changed in edits:
        for quarter, provider, by in changed:
            n, numerator, unknown = table[quarter][provider]
            table[quarter][provider] = (max(0, n + by), numerator, unknown)
        history.append(county(table))
    releases = nights(*history)
    attacker = read(releases)
    targets = {}
    for number, one in enumerate(releases):
        targets |= withheld(number, one.true["measure_results"], one.told["measure_results"])
    named = {attacker.name(*target): value for target, value in targets.items()}
    assert found_out(named, attacker) == {}
    assert newcomers_found_out(releases, attacker) == {}


def read(releases: Sequence[EarlierRelease]) -> Attacker:
    """The attacker, with all releases in hand."""
    true = [one.true["measure_results"] for one in releases]
    shown = [one.told["measure_results"] for one in releases]
    return Attacker(unchanged(true)).read(shown, [one.as_of for one in releases])


def newcomers_found_out(releases: Sequence[EarlierRelease], attacker: Attacker) -> dict[Unknown, Bounds]:
    """Counts of which the attacker knows that, and by how few, they changed since they were told."""
    found = {}
    for later in range(1, len(releases)):
        for row in releases[later].true["measure_results"]:
            for count in COUNTS:
                name = attacker.name(later, place_of(row), count)
                before = [
                    value for (at, *rest), value in attacker.known.items() if rest == list(name[1:]) and at < later
                ]
                if name[0] == later and any(is_small(abs(row[count] - value)) for value in before):
                    bounds = attacker.attack([name])[name]
                    if is_found_out(row[count], bounds):
                        found[name] = bounds
    return found


def test_a_total_that_grew_by_one_does_not_show_the_newcomer() -> None:
    before, after = county([[(60, 20, 0), (40, 15, 0)]]), county([[(60, 20, 0), (41, 15, 0)]])
    first, second = nights(before, after)
    assert [row["n"] for row in second.told["measure_results"]] == [row["n"] for row in first.told["measure_results"]]
    days = {place_of(row)[1:]: row["told_as_of_on"] for row in second.told["measure_results"]}
    assert days["all", None] == first.as_of
    assert days["provider=P0", None] == second.as_of


def test_a_newcomer_is_found_where_releases_are_not_held_against_each_other() -> None:
    before, after = county([[(60, 20, 0), (40, 15, 0)]]), county([[(60, 20, 0), (41, 15, 0)]])
    days = [AS_OF, AS_OF + timedelta(days=1)]
    shown = [told(rows, as_of=day) for rows, day in zip((before, after), days, strict=True)]
    releases = [EarlierRelease(str(day), day, {"measure_results": true}, {"measure_results": rows})
                for day, true, rows in zip(days, (before, after), shown, strict=True)]  # fmt: skip
    assert newcomers_found_out(releases, read(releases))


def test_what_changed_by_many_is_told_anew() -> None:
    before, after = county([[(60, 20, 0), (40, 15, 0)]]), county([[(60, 20, 0), (80, 40, 0)]])
    _, second = nights(before, after)
    assert {row["told_as_of_on"] for row in second.told["measure_results"]} == {date(2026, 11, 2)}
    assert [row["n"] for row in second.told["measure_results"]] == [row["n"] for row in after]


def test_a_small_count_is_not_given_back_by_withholding_others_the_next_night() -> None:
    before = county([[(60, 30, 0), (40, 20, 0), (5, 0, 0)]])
    after = county([[(60, 30, 0), (100, 50, 0), (5, 0, 0)]])
    releases = nights(before, after)
    attacker = read(releases)
    name = attacker.name(1, (MEASURE.format(6), "provider=P2", None), "n")
    assert not is_found_out(5, attacker.attack([name])[name])
