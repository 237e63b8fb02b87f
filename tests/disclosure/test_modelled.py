"""What the rules of disclosure do not know does not leave as an aggregate."""

from __future__ import annotations

from dataclasses import replace

from pipelines.publish.disclosure.model import load_model
from pipelines.publish.disclosure.modelled import unmodelled_columns, unmodelled_rows
from pipelines.publish.published_contracts import load_published_contracts
from tests.disclosure.rows import result

MODEL, CONTRACTS = load_model(), load_published_contracts()


def test_every_shipped_aggregate_is_known_to_the_last_column() -> None:
    assert unmodelled_columns(CONTRACTS, MODEL) == []


def test_a_column_that_nobody_said_anything_of_does_not_leave() -> None:
    results = CONTRACTS["measure_results"]
    more = replace(results, columns=(*results.columns, replace(results.columns[-1], name="veterans")))
    (fault,) = unmodelled_columns({"measure_results": more}, MODEL)
    assert fault.startswith("measure_results.veterans: disclosure control does not know it")


def test_an_aggregate_table_that_nobody_said_anything_of_does_not_leave() -> None:
    table = replace(CONTRACTS["measure_results"], name="measure_results_by_age")
    (fault,) = unmodelled_columns({table.name: table}, MODEL)
    assert fault.startswith("measure_results_by_age: an aggregate table that disclosure control does not know")


def test_a_cut_is_refused_until_the_rules_say_how_it_adds_up() -> None:
    rows = [result(), result("provider", "P1"), result("age_group", "adult"), result("veteran", "yes")]
    (fault,) = unmodelled_rows(MODEL, {"measure_results": rows})
    assert fault.startswith("measure_results: rows by veteran: disclosure control does not know them")


def test_quarters_and_their_year_do_not_stand_in_one_measure() -> None:
    quarters = [result(period=period) for period in (None, "2025Q1", "2025Q2")]
    other = result(period="2025", measure_id="another")
    assert unmodelled_rows(MODEL, {"measure_results": [*quarters, other]}) == []
    (fault,) = unmodelled_rows(MODEL, {"measure_results": [*quarters, result(period="2025")]})
    assert fault.startswith("measure_results: jail_returns has periods of two kinds")
