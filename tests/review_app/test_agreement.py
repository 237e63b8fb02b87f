"""Kappa as the textbooks reckon it, and what the audit of single decisions found."""

from __future__ import annotations

import pytest

from pipelines.intervals import NOTHING
from pipelines.review_app.agreement import agreement, audit, by_reviewers, judged_twice, kappa
from pipelines.review_app.standing import standing
from tests.review_app.records import said


def test_kappa_of_two_by_two_is_the_agreement_beyond_chance() -> None:
    found = kappa([[20, 5], [10, 15]])  # observed .7, by chance .5
    assert found.estimate == pytest.approx(0.4)
    # (.4 × .17² + .3 × .23²) + .3² (.1 × 1.1² + .2 × .9²) - .05² = .0504; its root over .5² √50: an error of .1270
    assert (found.lower, found.upper) == pytest.approx((0.4 - 1.96 * 0.1270, 0.4 + 1.96 * 0.1270), abs=1e-4)


def test_kappa_of_the_table_that_fleiss_gives_an_error_for() -> None:
    """Fleiss, Levin & Paik, Statistical Methods for Rates and Proportions, table 18.1: kappa .676, error .088."""
    found = kappa([[75, 1, 4], [5, 4, 1], [0, 0, 10]])
    assert found.estimate == pytest.approx(0.676, abs=0.001)
    assert found.upper is not None and found.lower is not None
    assert (found.upper - found.lower) / 2 / 1.96 == pytest.approx(0.088, abs=0.001)


def test_no_kappa_where_everybody_always_says_one_thing_or_nobody_said_anything() -> None:
    assert kappa([[30, 0], [0, 0]]) == NOTHING
    assert kappa([[0, 0], [0, 0]]) == NOTHING


def test_no_kappa_is_told_of_few_pairs_but_the_counts_are() -> None:
    few = agreement([("same", "same"), ("same", "different")], least_pairs=10)
    assert (few.pairs, few.agreed, few.kappa) == (2, 1, NOTHING)
    assert few.table == ((1, 1, 0), (0, 0, 0), (0, 0, 0))
    enough = agreement([("same", "same"), ("same", "different")] * 5, least_pairs=10)
    assert enough.kappa.estimate == pytest.approx(0.0)


def test_an_adjudicator_knows_both_words_and_does_not_enter() -> None:
    stand = [
        standing([said(1, "ada", "same"), said(2, "ben", "different"), said(3, "cyd", "same", stage="adjudication")])
    ]
    assert judged_twice(stand) == [("same", "different")]
    assert by_reviewers(stand) == {("ada", "ben"): [("same", "different")]}


def test_the_audit_counts_pairs_that_one_would_have_decided_alone() -> None:
    stand = [
        standing([said(1, "ada", "same", is_audit=True), said(2, "ben", "same", is_audit=True)]),
        standing([said(3, "ada", "same", is_audit=True), said(4, "ben", "unsure", is_audit=True)]),
        standing([said(5, "ada", "same", is_audit=True)]),
        standing([said(6, "ada", "same", is_audit=True, wants_second=True), said(7, "ben", "same", wants_second=True)]),
        standing([said(8, "ada", "same")]),
    ]
    found = audit(stand)
    assert (found.drawn, found.looked_at, found.confirmed.estimate) == (3, 2, 0.5)
