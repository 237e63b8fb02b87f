"""The small parts of the synthetic county, on literal values."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from synthetic.agencies.extract import ENTERED, Table
from synthetic.agencies.registry import register
from synthetic.chance import Numbers, scramble, stream, top
from synthetic.deltas import by_night
from synthetic.errors.names import _surname
from synthetic.errors.numbers import calendar_parts, from_calendar
from synthetic.errors.spelling import misspelt, respelt
from synthetic.likenesses import one_letter_apart
from synthetic.lives.programmes import programmes
from synthetic.lives.tenancies import PROGRAMMES
from synthetic.lives.whole import draw_lives
from synthetic.names import NameBook
from synthetic.needs import quota
from synthetic.population import draw_people
from synthetic.settings import Book, SettingsError, load_settings
from synthetic.spans import clear_of_earlier, merged
from synthetic.times import CUTS, HISTORY_START, HORIZON, NEVER, add_months, day_number, night_of


def ints(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def test_scrambled_numbers_are_a_permutation():
    assert sorted(scramble(np.arange(1000), 1000, "x").tolist()) == list(range(1000))


def test_neighbours_do_not_get_neighbouring_numbers():
    numbers = scramble(np.arange(1000), 10**7, "x")
    assert np.abs(np.diff(numbers)).min() > 1


def test_numbers_of_one_kind_are_handed_out_once():
    numbers = Numbers(1)
    both = [*numbers.texts("booking", 50, 7).tolist(), *numbers.texts("booking", 50, 7).tolist()]
    assert len(set(both)) == 100
    assert {len(number) for number in both} == {7}


def test_a_county_with_more_rows_than_numbers_is_refused():
    with pytest.raises(ValueError, match="too few digits"):
        Numbers(1).texts("booking", 11, 1)


def test_parts_of_a_quota_add_up_to_the_whole():
    parts = [quota(0.015, 300, 50_000, start, 20_000) for start in (0, 20_000)]
    parts.append(quota(0.015, 300, 50_000, 40_000, 10_000))
    assert sum(parts) == 300


def test_top_takes_the_highest_of_the_eligible_only():
    chosen = top(np.array([1.0, 9.0, 5.0]), np.array([True, False, True]), 1)
    assert chosen.tolist() == [False, False, True]


def test_touching_spans_become_one_and_persons_stay_apart():
    spans = merged(ints(1, 1, 2), ints(0, 10, 5), ints(10, 20, 7))
    assert (spans.person.tolist(), spans.start.tolist(), spans.end.tolist()) == ([1, 2], [0, 5], [20, 7])
    assert spans.hold(ints(1, 1, 2, 3), ints(19, 20, 5, 5)).tolist() == [True, False, True, False]


def test_a_stay_that_begins_within_another_is_not_clear_of_it():
    clear = clear_of_earlier(ints(1, 1, 1, 2), ints(0, 5, 20, 6), ints(10, 6, 30, 9), 1)
    assert clear.tolist() == [True, False, True, True]


def test_six_months_after_the_last_of_august_is_the_last_of_february():
    assert add_months(ints(day_number(2023, 8, 31)), 6).tolist() == [day_number(2024, 2, 29)]


def test_calendar_parts_come_back_to_the_same_day():
    days = ints(day_number(1899, 12, 31), day_number(1970, 1, 1), day_number(2024, 2, 29))
    assert from_calendar(*calendar_parts(days)).tolist() == days.tolist()


def test_twins_names_differ_in_one_letter():
    assert one_letter_apart("Maria") == "Marie"
    assert one_letter_apart("Ng") == "Nga"


def test_a_slip_changes_a_name_a_little():
    rng = np.random.default_rng(1)
    for _ in range(200):
        assert abs(len(misspelt(rng, "Rodriguez")) - 9) <= 1


def test_armenian_surnames_end_either_way():
    assert respelt(np.random.default_rng(1), "Chakmakjian", "surname") == "Chakmakjyan"


@pytest.mark.parametrize(
    ("style", "written"),
    [
        ("both", ("Garcia Lopez", None)),
        ("hyphen", ("Garcia-Lopez", None)),
        ("swapped", ("Lopez Garcia", None)),
        ("paternal", ("Garcia", None)),
        ("maternal", ("Lopez", None)),
        ("paternal_in_middle", ("Lopez", "Garcia")),
    ],
)
def test_a_double_surname_is_written_in_many_styles(style: str, written: tuple[str, str | None]):
    assert _surname(style, "Garcia", "Lopez", None) == written


def test_a_second_record_never_takes_the_first_contact():
    person, at = np.repeat(np.arange(200), 3), np.tile(ints(10, 20, 30), 200)
    registry, client = register(
        np.random.default_rng(1), person, at, 0.2, lambda count: np.arange(count).astype(object)
    )
    assert registry.second.sum() > 20
    assert (registry.first_at[~registry.second] == 10).all()
    assert (registry.person[client] == person).all()
    assert (registry.person[registry.original[registry.second]] == registry.person[registry.second]).all()


def rows(*values: tuple[str, str, int, str]) -> pl.DataFrame:
    """Key, content, night in which the version is first seen, action."""
    entered = [int(CUTS[night]) - 10 for _, _, night, _ in values]
    return pl.DataFrame(
        {
            "booking_number": [key for key, *_ in values],
            "facility_code": [content for _, content, *_ in values],
            "record_action": [action for *_, action in values],
            ENTERED: entered,
        }
    )


def content(frame: pl.DataFrame) -> list[tuple[str, str]]:
    return sorted(frame.select("facility_code", "record_action").iter_rows())


def test_a_first_delivery_holds_the_newest_version_and_nothing_deleted():
    versions = rows(("1", "old", 0, "U"), ("2", "gone", 0, "U"), ("2", "gone", 0, "D"), ("1", "later", 2, "U"))
    (first,) = by_night(Table("booking", versions, ("booking_number",)), [1])
    assert content(first) == [("old", "U")]


def test_a_delta_holds_what_changed_since_the_night_before():
    versions = rows(("1", "old", 0, "U"), ("1", "new", 1, "U"), ("2", "late", 2, "U"), ("1", "new", 2, "D"))
    _, second, third = by_night(Table("booking", versions, ("booking_number",)), [0, 1, 2])
    assert content(second) == [("new", "U")]
    assert content(third) == [("late", "U"), ("new", "D")]


def test_a_full_table_delivers_everything_in_force_every_night():
    versions = rows(("1", "old", 0, "U"), ("1", "new", 1, "U"), ("2", "still", 0, "U"))
    first, second = by_night(Table("booking", versions, ("booking_number",), full=True), [0, 1])
    assert [content(first), content(second)] == [[("old", "U"), ("still", "U")], [("new", "U"), ("still", "U")]]


def test_what_is_entered_after_three_in_the_morning_waits_for_the_next_night():
    assert night_of(ints(int(CUTS[0]), int(CUTS[0]) + 1)).tolist() == [0, 1]


def test_programmes_multiply_rates_only_while_they_are_at_work():
    settings = load_settings()
    tenancies = pl.DataFrame({"person": [1], "program_code": ["JIR"], "moved_in_on": [100], "moved_out_on": [200]})
    partnerships = pl.DataFrame({"person": [2], "started_on": [100], "ended_on": [NEVER], "provider": [0]})
    at_work = programmes(tenancies, partnerships, settings, seed=1)
    ratio = at_work.ratio(ints(1, 1, 2, 2, 3), ints(150, 200, 150, 50, 150), "jail_booking")
    partner = settings.effects.number("full_service_partnership.jail_booking_rate_ratio") * at_work.provider_ratio[0]
    housed = settings.effects.number(f"{PROGRAMMES['JIR']}.jail_booking_rate_ratio")
    assert ratio.tolist() == pytest.approx([housed, 1.0, partner, 1.0, 1.0])


def test_partners_have_as_many_fewer_emergencies_as_is_set_once_regression_to_the_mean_is_taken_off():
    settings = load_settings()
    people = draw_people(
        stream(4, 0, "population"), 0, 8_000, NameBook(settings.lives.part("names")), settings.lives.part("population")
    )
    lives = draw_lives(people, 8_000, 4, 0, settings)
    person, day = lives.visits["person"].to_numpy(), lives.visits["start"].to_numpy() // 86_400
    before, during = lives.at_work.before_partnership, lives.at_work.partnership
    rates = []
    for spans in (before, during):
        days = np.minimum(spans.end, HORIZON) - np.maximum(spans.start, HISTORY_START)
        rates.append(spans.hold(person, day).sum() / days.sum())
    set_ratio = settings.effects.number("full_service_partnership.psychiatric_emergency_rate_ratio")
    off_peak = settings.lives.number("psychiatric.off_peak_ratio")
    assert rates[1] / (rates[0] * off_peak) == pytest.approx(set_ratio, abs=0.12)


def test_a_missing_rate_is_named():
    with pytest.raises(SettingsError, match=r"lives\.yaml has no entry population\.nothing"):
        Book("lives", {"population": {}}).number("population.nothing")
