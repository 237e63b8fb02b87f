"""Candidates and specifications for tests of comparisons: small, and checked by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from pipelines.comparison import Specification

DOCUMENT: dict[str, Any] = {
    "id": "small",
    "version": "1.0.0",
    "title": "A small comparison",
    "text": "Of few people",
    "source": "A test",
    "population": {
        "text": "Booked in the year before",
        "index": "first_tenancy",
        "program_code": "JIR",
        "first_index_on": date(2022, 1, 1),
        "at_least": {"prior_bookings": 1},
        "is_at_liberty": True,
        "reason": "A rule of entry",
        "source": "A test",
    },
    "covariates": [{"covariate": "prior_jail_days", "reason": "The outcome's own past"}],
    "exact": {"columns": ["sex_code"], "reason": "Paths differ"},
    "caliper": {"standard_deviations": 0.2, "reason": "Near enough", "source": "Austin 2011"},
    "neighbours": {"at_most": 2, "reason": "Few people"},
    "outcomes": [
        {"id": "days", "title": "Jail days", "outcome": "jail_days", "window_days": 365, "reason": "A year as before"}
    ],
    "follow_up": {"at_least_days": 90, "reason": "Less says too little"},
    "jail_return_within_days": 365,
    "seed": 1,
}


def specification(**changed: Any) -> Specification:
    """The small comparison, with some fields changed."""
    return Specification.model_validate(DOCUMENT | changed)


def candidate(person: int, is_treated: bool, prior: float, post: float | None, **changed: Any) -> dict[str, Any]:
    """One candidate, followed for a year and not back in jail unless said otherwise."""
    return {
        "person_id": person,
        "index_on": date(2023, 1, 1),
        "is_treated": is_treated,
        "sex_code": "male",
        "prior_jail_days": prior,
        "post_days": post,
        "followed_days": 365,
        "jail_return_days": None,
    } | changed


def table(*rows: dict[str, Any]) -> pl.DataFrame:
    """Candidates as the frame that comparisons read."""
    return pl.DataFrame(
        list(rows),
        schema_overrides={"prior_jail_days": pl.Float64, "post_days": pl.Float64, "jail_return_days": pl.Float64},
    )
