"""`python -m benchmarks.comparison`: how often 95 % intervals hold the effect that a simulated county was given.

Each county has people with a lasting rate of jail days and years that are worse or better than it. A programme takes
people by what they used in the year before, so it takes them at their worst: they would have had fewer days without it
(regression to the mean). It averts a set share of the days that would have come. The matched difference-in-differences
should hold the truth in at least 90 of 100 counties; pre/post of the same people should not.

Counties are made at the level of the comparison's candidates; everything from there on is the package's own.
"""

from __future__ import annotations

import time
from datetime import date, timedelta
from typing import Any

import click
import numpy as np
import polars as pl

from pipelines.comparison import Specification, compare_candidates

OUTCOME = "jail_days"
AVERTED = 0.3
"""The share of each treated person's jail days that the programme averts."""
PEOPLE_OF_THE_TRUTH = 400_000
"""The truth is taken from a county so large that drawing it anew would change it by less than one percent."""
AIM = 0.90

SPECIFICATION = Specification.model_validate(
    {
        "id": "simulated",
        "version": "1.0.0",
        "title": "A programme of a simulated county",
        "text": "Takes people by their prior use",
        "source": "benchmarks/comparison.py",
        "population": {
            "text": "Everybody",
            "index": "first_tenancy",
            "program_code": "SIM",
            "first_index_on": date(2022, 1, 1),
            "at_least": {"prior_bookings": 1},
            "is_at_liberty": False,
            "reason": "Simulated",
            "source": "Simulated",
        },
        "covariates": [
            {"covariate": "prior_jail_days", "transform": "log1p", "reason": "Decides who is taken"},
            {"covariate": "prior_bookings", "transform": "log1p", "reason": "Decides who is taken"},
            {"covariate": "prior_psychiatric_emergency_visits", "transform": "log1p", "reason": "Goes with jail"},
            {"covariate": "age_years", "reason": "Decides who is taken"},
        ],
        "exact": {"columns": ["sex_code", "age_group_code", "index_half_year"], "reason": "As shipped"},
        "caliper": {"standard_deviations": 0.2, "reason": "As shipped", "source": "Austin 2011"},
        "neighbours": {"at_most": 5, "reason": "As shipped"},
        "outcomes": [
            {"id": OUTCOME, "title": "Jail days", "outcome": OUTCOME, "window_days": 365, "reason": "The set effect"}
        ],
        "follow_up": {"at_least_days": 90, "reason": "As shipped"},
        "jail_return_within_days": 365,
        "seed": 1,
    }
)


@click.command()
@click.option("--counties", default=100, show_default=True, type=click.IntRange(1), help="Simulated counties.")
@click.option("--people", default=4_000, show_default=True, type=click.IntRange(200), help="People in each.")
def main(counties: int, people: int) -> None:
    """Print how often each method's interval held the truth; exit code 1 if the aim was missed."""
    began = time.process_time()
    truth = true_effect()
    found = [
        compare_candidates(candidates(people, seed).drop("days_without"), SPECIFICATION) for seed in range(counties)
    ]
    print(f"{counties} counties of {people:,} people; the set effect is {truth:.1f} jail days per person-year")
    held = {method: report(method, found, truth) for method in ("difference_in_differences", "pre_post")}
    apart = [one.balance.select(pl.col("difference_after").abs().max()).item() for one in found]
    print(f"largest standardised difference after matching: median {np.median(apart):.3f}")
    print(f"{time.process_time() - began:.0f} s of CPU")
    if held["difference_in_differences"] < AIM:
        raise SystemExit(1)


def report(method: str, found: list[Any], truth: float) -> float:
    """Print and return the share of counties whose interval held the truth."""
    rows = [one.effects.row(by_predicate=pl.col("method") == method, named=True) for one in found]
    held = sum(row["lower"] <= truth <= row["upper"] for row in rows)
    mean = np.mean([row["estimate"] for row in rows])
    width = np.mean([row["upper"] - row["lower"] for row in rows])
    print(f"{method:26} {rows[0]['causal_strength']:12} held the truth in {held} of {len(rows)}; "
          f"mean estimate {mean:6.1f}, mean width {width:.1f}")  # fmt: skip
    return held / len(rows)


def true_effect() -> float:
    """What the programme changes among those whom it takes: averted days, on average."""
    county = candidates(PEOPLE_OF_THE_TRUTH, seed=-1).filter("is_treated")
    return -AVERTED * float(county.select(pl.col("days_without").mean()).item())


def candidates(people: int, seed: int) -> pl.DataFrame:
    """A county: a row a person, with covariates, the treatment by them, and what came after.

    `days_without`, which no extract would tell, are the days that would have come without the programme.
    """
    draw = np.random.default_rng([7, seed + 1])
    age = draw.integers(18, 75, people)
    lasting = draw.gamma(0.9, 22, people) * np.where(age > 50, 0.8, 1.1)
    before, after = (draw.gamma(1.5, 1 / 1.5, people) for _ in range(2))
    prior_days = np.minimum(draw.poisson(lasting * before), 365)
    bookings = draw.poisson(0.3 + prior_days / 25)
    crises = draw.poisson(0.2 + lasting / 60)
    odds = -5.2 + 0.55 * np.log1p(prior_days) + 0.5 * np.log1p(bookings) - 0.01 * (age - 40)
    is_treated = draw.random(people) < 1 / (1 + np.exp(-odds))
    without = np.minimum(draw.poisson(lasting * after), 365)
    days = np.where(is_treated, draw.binomial(without, 1 - AVERTED), without)
    back = np.ceil(draw.exponential(365 / np.maximum(lasting / 12, 0.05)))
    half = draw.integers(0, 2, people)
    return pl.DataFrame(
        {
            "person_id": np.arange(people),
            "index_on": [date(2023, 1, 1) + timedelta(days=int(one) * 182) for one in half],
            "is_treated": is_treated,
            "sex_code": np.where(draw.random(people) < 0.8, "male", "female"),
            "age_years": age,
            "age_group_code": np.where(age < 26, "tay", np.where(age < 60, "adult", "older_adult")),
            "index_half_year": np.where(half == 0, "2023H1", "2023H2"),
            "prior_jail_days": prior_days,
            "prior_bookings": bookings,
            "prior_psychiatric_emergency_visits": crises,
            f"post_{OUTCOME}": days.astype(np.float64),
            "followed_days": np.full(people, 365),
            "jail_return_days": np.where(back <= 365, back, np.nan),
            "days_without": without,
        }
    ).with_columns(pl.col("jail_return_days").fill_nan(None))


if __name__ == "__main__":
    main()
