"""What is told anew, what is told again, and what waits."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from pipelines.publish.disclosure.history import EarlierRelease, Rows
from pipelines.publish.disclosure.model import Model, load_model
from tests.disclosure.attacker import Attacker
from tests.disclosure.rows import AS_OF, column, controlled, last, nights, result
from tests.disclosure.test_attacker import Cell, county, found_out, newcomers_found_out, read, withheld

FIRST_NIGHTS = load_model().rules.nightly_tellings
WEEK = 7


def growing(nights: int) -> list[Rows]:
    """A provider that grows by twenty every night, beside one that stays."""
    return [county([[(100 + 20 * night, 40, 0), (60, 20, 0)]]) for night in range(nights)]


def test_what_did_not_change_is_told_again_with_its_nulls_and_without_a_new_proof() -> None:
    rows = county([[(60, 20, 0), (40, 15, 0), (5, 0, 0)]])
    first, second = nights(rows, rows)
    assert second.said is not None
    assert second.said.anew == frozenset()
    assert column(last([second]), "n") == column(last([first]), "n")
    assert set(column(last([second]), "told_as_of_on")) == {second.as_of}


def test_a_quarter_is_told_anew_in_its_first_nights_and_then_once_a_week() -> None:
    releases = nights(*growing(FIRST_NIGHTS + WEEK + 1))
    anew = [number for number, one in enumerate(releases) if one.said is not None and one.said.anew]
    assert anew == [*range(FIRST_NIGHTS), FIRST_NIGHTS + WEEK - 1]
    waits = releases[FIRST_NIGHTS]
    assert set(column(last([waits]), "told_as_of_on")) == {releases[FIRST_NIGHTS - 1].as_of}
    assert column(last([waits]), "n") == column(last([releases[FIRST_NIGHTS - 1]]), "n")


def test_large_units_are_told_every_four_weeks_when_they_are_no_longer_young() -> None:
    rules, young = load_model().rules, FIRST_NIGHTS + load_model().rules.weekly_tellings
    large = rules.large_block_rows
    days = [rules.days_between(told, large) for told in (FIRST_NIGHTS - 1, FIRST_NIGHTS, young - 1, young)]
    assert days == [0, WEEK, WEEK, rules.renewal_days]
    assert rules.days_between(young, large - 1) == WEEK


def test_what_changed_for_the_last_time_while_it_waited_is_told_at_its_turn() -> None:
    changing = growing(FIRST_NIGHTS + 1)
    *_, waits, turn = nights(*changing, *[changing[-1]] * (WEEK - 1))
    assert column(last([waits]), "n") == column(last(nights(*changing[:FIRST_NIGHTS])), "n")
    assert turn.said is not None and turn.said.anew
    assert column(last([turn]), "n") == column(changing[-1], "n")
    assert set(column(last([turn]), "told_as_of_on")) == {turn.as_of}


def test_a_row_that_is_new_while_its_quarter_waits_is_null() -> None:
    rows = growing(FIRST_NIGHTS + 1)
    rows[-1] = [*rows[-1], result("provider", "P9", period="Q0", measure_id=rows[-1][0]["measure_id"], n=70)]
    shown = last(nights(*rows))
    assert {row["n"] for row in shown if row["cut_value"] == "P9"} == {None}


def test_other_rules_settle_nothing() -> None:
    rows = county([[(60, 20, 0), (40, 15, 0)]])
    (first,) = nights(rows)
    model = load_model()
    stricter = Model(replace(model.rules, min_cell=16), model.tables, "other")
    shown = controlled({"measure_results": rows}, AS_OF + timedelta(days=1), stricter, earlier=[first])
    assert shown.said.anew
    assert {row["numerator"] for row in shown.tables["measure_results"] if row["cut_value"] == "P1"} == {None}


def test_a_year_of_nights_ends_with_few_tellings_and_gives_nobody_away() -> None:
    moves = [(night * 7 % 5 - 1, night * 3 % 4 - 1) for night in range(40)]
    table, rows = [[60, 20, 0], [40, 15, 3], [30, 4, 0]], []
    for by, other in moves:
        table[0][0] += by
        table[1][0] += other
        rows.append(county([[(n, numerator, unknown) for n, numerator, unknown in table]]))
    releases = nights(*rows)
    assert sum(bool(one.said and one.said.anew) for one in releases) <= FIRST_NIGHTS + 40 // WEEK + 1
    shown = [one for one in releases if one.said and one.said.anew]
    attacker = read(shown)
    targets = {}
    for number, one in enumerate(shown):
        targets |= withheld(number, one.true["measure_results"], one.told["measure_results"])
    assert found_out({attacker.name(*target): value for target, value in targets.items()}, attacker) == {}
    assert newcomers_found_out(shown, attacker) == {}


def small_county(first: list[Cell], second: list[Cell]) -> Rows:
    """Two measures of the same few people."""
    return county([first], months=6, beside=[second]) + county([second], months=12, beside=[first])


BEFORE = small_county([(13, 14, 0), (8, 6, 2), (5, 23, 1)], [(18, 14, 0), (5, 6, 2), (10, 23, 1)])
MENDED = small_county([(13, 14, 0), (6, 6, 3), (9, 23, 2)], [(18, 14, 0), (5, 6, 2), (9, 23, 1)])
"""A delivery is held, and mended the same day: some people move, and then no withholding would hide who."""


def test_a_mended_delivery_of_the_same_day_gives_away_nobody() -> None:
    first = nights(BEFORE)
    made = controlled({"measure_results": MENDED}, AS_OF, earlier=first)
    (audit,) = made.audit
    assert audit["given_away_before"] == 0
    assert made.said.anew == frozenset()
    assert column(made.tables["measure_results"], "n") == column(last(first), "n")
    mended = EarlierRelease("mended", AS_OF, {"measure_results": MENDED}, made.tables, made.said)
    alone, both = (
        Attacker().read([last([one]) for one in told], [AS_OF] * len(told)) for told in (first, [*first, mended])
    )
    assert {name[1:]: value for name, value in both.known.items()} == {
        name[1:]: value for name, value in alone.known.items()
    }


def test_it_is_tried_again_the_next_night() -> None:
    much_later = small_county([(53, 14, 0), (46, 6, 2), (45, 23, 0)], [(58, 14, 0), (43, 6, 2), (50, 23, 0)])
    releases = nights(BEFORE, MENDED, much_later)
    anew = [one.said.anew for one in releases if one.said is not None]
    assert [bool(units) for units in anew] == [True, False, True]
    attacker = read([releases[0], releases[2]])
    assert newcomers_found_out([releases[0], releases[2]], attacker) == {}


def test_what_would_take_too_much_withholding_is_told_as_it_was() -> None:
    model = load_model()
    hasty = Model(replace(model.rules, most_mends=0), model.tables)
    assert column(last(nights(BEFORE, model=hasty)), "n") == column(last(nights(BEFORE)), "n"), (
        "at first there is no way back"
    )
    anew = [one.said.anew for one in nights(*growing(3), model=hasty) if one.said is not None]
    assert all(anew), "what needs no mending is told"
