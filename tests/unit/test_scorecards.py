"""What a scorecard says: published cells, the limits of chance for a size, and sentences that claim no more."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from benchmarks.made_release import make_release, withheld
from pipelines.reports.limits import FEWEST, Funnel, funnel, over_dispersion, score
from pipelines.reports.scorecards.cards import Scorecards, card_of, quarter_end, quarters_up_to
from pipelines.reports.scorecards.figures import Figure, Limits, Told, limits_of, scale_of
from pipelines.reports.scorecards.reading import NOBODY, WITHHELD, readings, verdict_on_target
from pipelines.reports.scorecards.terms import scorecard_terms, thresholds
from pipelines.reports.site.learning import summary
from pipelines.reports.tables import ReleaseTables


def told(estimate: float | None, lower: float | None, upper: float | None, **more: object) -> Told:
    facts = {
        "period": "2026Q3",
        "kind": "proportion",
        "n": 50,
        "numerator": 40.0,
        "person_time": None,
        "unknown": 0,
        "immature": 0,
        "lower_total": None,
        "upper_total": None,
        "suppressed": False,
        "told_as_of": "2026-11-01",
    }
    return Told(**{**facts, "estimate": estimate, "lower": lower, "upper": upper, **more})  # type: ignore[arg-type]  # fmt: skip


def figure(own: Told | None, **more: object) -> Figure:
    facts = {"measure": "m", "heading": "Housing", "question": "?", "noun": "members", "unit": "share of persons",
             "kind": "proportion", "better": "more", "target": 0.6, "target_source": "stated", "peers": None,
             "before": None, "limits": None, "trend": (), "peers_trend": (), "top": 1.0}  # fmt: skip
    return Figure(**{**facts, "own": own, **more})  # type: ignore[arg-type]


def test_a_target_is_reached_or_missed_only_by_a_whole_interval() -> None:
    assert verdict_on_target(figure(told(0.8, 0.67, 0.89))) == "good"
    assert verdict_on_target(figure(told(0.4, 0.28, 0.54))) == "bad"
    assert verdict_on_target(figure(told(0.65, 0.51, 0.77))) == "open"
    fewer = figure(told(18.0, 12.0, 25.0, kind="rate"), better="fewer", kind="rate", target=20.0)
    assert verdict_on_target(fewer) == "open"
    assert verdict_on_target(replace(fewer, target=26.0)) == "good"
    assert verdict_on_target(replace(fewer, target=11.0)) == "bad"


def test_a_figure_is_read_beside_target_peers_and_last_quarter() -> None:
    one = figure(
        told(0.8, 0.67, 0.89),
        peers=told(0.58, 0.56, 0.6),
        before=told(0.5, 0.37, 0.63, period="2026Q2"),
        limits=Limits(0.44, 0.71, 0.36, 0.78),
    )
    assert readings(one) == [
        "40 of 50 members: 80.0 %; with chance allowed for, between 67.0 % and 89.0 %.",
        "It reaches the target of at least 60.0 %.",
        "It is better than all providers together (58.0 %), beyond the 99.8 % limits for its size.",
        "It is better than in 2026Q2 (50.0 %), by more than chance explains.",
    ]


def test_overlapping_intervals_are_called_no_change_and_unknown_people_are_named() -> None:
    one = figure(told(0.6, 0.46, 0.72, unknown=12), before=told(0.7, 0.56, 0.81, period="2026Q2"), target=None)
    assert readings(one)[1:] == [
        "Beside 2026Q2 (70.0 %) nothing can be said to have changed: the intervals overlap.",
        "For 12 further people nobody can tell: they could not be linked.",
    ]


def test_what_is_withheld_is_said_to_be_and_read_no_further() -> None:
    assert readings(figure(told(None, None, None, suppressed=True))) == [WITHHELD]
    assert readings(figure(told(None, None, None))) == [NOBODY]
    assert readings(figure(None)) == [NOBODY]


def test_limits_are_wider_for_the_small_and_hold_the_middle() -> None:
    shares = Funnel("proportion", 0.5, 1.0)
    low, high = shares.between(100, 1.96)
    assert (round(low, 3), round(high, 3)) == (0.403, 0.597)  # 0.5 ± 1.96 × 0.05, on the arcsine scale
    few_low, few_high = shares.between(11, 1.96)
    assert few_low < low < 0.5 < high < few_high
    rates = Funnel("rate", 0.04, 4.0)
    assert rates.between(300, 1.96) == pytest.approx(((0.2 - 1.96 / 300**0.5) ** 2, (0.2 + 1.96 / 300**0.5) ** 2))
    assert rates.between(10, 3.09)[0] == 0.0
    assert score("rate", 0.04, 0.04, 300) == 0.0


def test_providers_that_differ_more_than_by_chance_widen_the_limits() -> None:
    assert over_dispersion([0.1] * 9) == 1.0, "too few to tell"
    assert over_dispersion([0.5, -0.5] * 10) == 1.0, "less than chance does not narrow them"
    assert over_dispersion([2.0, -2.0] * 10) == pytest.approx(4.0)
    assert over_dispersion([2.0, -2.0] * 10 + [90.0]) == pytest.approx(4.0), "one extreme clinic is drawn in"
    assert funnel("rate", 0.04, [(0.04, 0.0)]).spread == 1.0, "who was not watched has no place in it"


def test_limits_are_told_in_the_unit_of_the_estimate() -> None:
    peers = told(40.0, 38.0, 42.0, kind="rate", numerator=400.0, person_time=10_000.0)
    assert scale_of(peers) == 1000.0
    own = told(30.0, 20.0, 41.0, kind="rate", numerator=9.0, person_time=300.0)
    found = limits_of(own, Funnel("rate", 0.04, 1.0), 1000.0)
    assert found is not None
    assert found.low_95 == pytest.approx(1000 * (0.2 - 1.96 / (2 * 300**0.5)) ** 2)
    assert limits_of(replace(own, person_time=None), Funnel("rate", 0.04, 1.0), 1000.0) is None


def test_quarters_follow_each_other_over_years() -> None:
    assert quarters_up_to("2026Q2", 4) == ["2025Q3", "2025Q4", "2026Q1", "2026Q2"]
    assert quarter_end("2025Q4") == date(2025, 12, 31)
    assert quarter_end("2026Q2") == date(2026, 6, 30)


@pytest.fixture(scope="module")
def cards(tmp_path_factory: pytest.TempPathFactory) -> Scorecards:
    return Scorecards(ReleaseTables(make_release(tmp_path_factory.mktemp("cards") / "release", 14, 9)))


def test_a_card_has_every_figure_of_the_terms_and_the_thresholds_of_the_contract(cards: Scorecards) -> None:
    card = cards.card("7003", "2026Q3")
    assert [one.measure for one in card.figures] == [one.measure for one in scorecard_terms().figures]
    jail = card.figures[5]
    assert (jail.target, jail.better) == (150.0, "fewer")
    assert jail.target_source == "Full Service Partnership incentive: at most 150 jail bed days per 1,000 member-months"
    assert [row.period for row in jail.trend] == quarters_up_to("2026Q3", 8)
    assert jail.before is not None and jail.before.period == "2026Q2"


def test_quarters_that_have_not_ended_have_no_card(cards: Scorecards) -> None:
    assert cards.quarters[0] == "2026Q3" and len(cards.quarters) == 9


def test_a_card_outlives_being_written_down(cards: Scorecards) -> None:
    card = cards.card("7003", "2026Q3")
    assert card_of(json.loads(json.dumps(card.facts()))) == card


def test_a_release_without_contracts_has_no_thresholds(tmp_path: Path) -> None:
    assert thresholds(tmp_path, "lacdmh_fsp") == {}


def test_the_made_up_release_withholds_what_is_small() -> None:
    row = {"n": 30, "numerator": 24.0, "person_time": None, "estimate": 0.8, "lower": 0.6, "upper": 0.9}
    assert withheld(row)["numerator"] is None, "six were not in it"
    assert withheld(row | {"numerator": 15.0})["suppressed"] is False


def test_from_few_providers_nobody_tells_what_chance_explains() -> None:
    shown = [{"side": "outside"}] * (FEWEST - 1)
    assert "From so few" in summary(shown, shown, has_limits=False)
    assert "lie beyond" not in summary(shown, shown, has_limits=False)
    more = [{"side": "outside", "estimate": 9.0}] * 2 + [{"side": "inside", "estimate": 4.0}] * 18
    assert summary(more, more, has_limits=True).endswith("2 lie beyond the 95 % limits; by chance alone about 1 would.")


def test_where_most_had_none_readers_are_told_that_low_counts_are_missing() -> None:
    def rows(none: int, some: int) -> list[dict[str, object]]:
        return [{"side": "inside", "estimate": 0.0}] * none + [{"side": "inside", "estimate": 4.2}] * some

    said = "12 of them had none, and 1 to 10 are withheld: those in between are missing here."
    assert said in summary(rows(12, 8), rows(12, 8), has_limits=True)
    assert summary(rows(20, 0), rows(20, 0), has_limits=True).endswith("there is nothing to set beside each other.")
    assert "had none" not in summary(rows(8, 12), rows(8, 12), has_limits=True)
