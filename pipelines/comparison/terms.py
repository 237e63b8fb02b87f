"""The terms of a comparison: whom it is about, what makes two people alike, what is compared. One class a YAML mapping.

Belongs here: the fields, their types, and what is wrong with one field by itself. Every number that a reader could
doubt stands beside its reason.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr

from pipelines.contracts.fields import Day

Text = Annotated[StrictStr, Field(min_length=1)]
Id = Annotated[StrictStr, Field(pattern=r"^[a-z][a-z0-9_]*$")]

PriorUse = Literal[
    "prior_jail_days",
    "prior_bookings",
    "prior_psychiatric_emergency_visits",
    "prior_inpatient_days",
    "prior_homelessness_spells",
]
"""What a person used in the 365 days before the index date; each is a column of `candidates`."""

Covariate = Literal[
    PriorUse, "days_since_custody", "days_since_custody_unknown", "age_years", "sex_code", "race_ethnicity_code"
]
Stratum = Literal["sex_code", "age_group_code", "index_half_year"]
Outcome = Literal["jail_days", "bookings", "psychiatric_emergency_visits", "inpatient_days"]
"""What is compared, per person-year; its prior year is the column `prior_<outcome>`."""


class Terms(BaseModel):
    """Base of every mapping: no field that nobody reads, nothing changed once read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Population(Terms):
    """Who was treated, from which day, and who else could have been."""

    text: Text
    index: Literal["first_tenancy", "fsp_enrolment"]
    program_code: Text | None = None
    """The programme whose first tenancy is the index; none for an enrolment."""
    first_index_on: Day
    """The first day whose year before lies inside every agency's history."""
    at_least: Annotated[dict[PriorUse, Annotated[StrictInt, Field(ge=1)]], Field(min_length=1)]
    """Prior use that makes a person eligible, treated or not."""
    is_at_liberty: StrictBool
    """Whether who is in custody on the index date is left out."""
    reason: Text
    source: Text


class MatchedOn(Terms):
    """One covariate of the propensity."""

    covariate: Covariate
    transform: Literal["none", "log1p"] = "none"
    reason: Text


class Exact(Terms):
    """Columns in which two people who are matched never differ."""

    columns: Annotated[tuple[Stratum, ...], Field(min_length=1)]
    reason: Text


class Caliper(Terms):
    """How far apart two people who are matched may be, in standard deviations of the logit of the propensity."""

    standard_deviations: Annotated[float, Field(gt=0, le=1)]
    reason: Text
    source: Text


class Neighbours(Terms):
    """How many untreated people a treated person is matched with at most; each may serve several."""

    at_most: Annotated[StrictInt, Field(ge=1, le=10)]
    reason: Text


class Compared(Terms):
    """One outcome over one window after the index date."""

    id: Id
    title: Text
    outcome: Outcome
    window_days: Annotated[StrictInt, Field(ge=90, le=1826)]
    reason: Text


class FollowUp(Terms):
    """How long a person must have been observed to say anything of a year."""

    at_least_days: Annotated[StrictInt, Field(ge=1)]
    reason: Text


class Specification(Terms):
    """One comparison, as written down before anybody looks at an outcome."""

    id: Id
    version: Text
    title: Text
    text: Text
    source: Text
    population: Population
    covariates: Annotated[tuple[MatchedOn, ...], Field(min_length=1)]
    exact: Exact
    caliper: Caliper
    neighbours: Neighbours
    outcomes: Annotated[tuple[Compared, ...], Field(min_length=1)]
    follow_up: FollowUp
    jail_return_within_days: Annotated[StrictInt, Field(ge=90, le=1826)]
    seed: Annotated[StrictInt, Field(ge=0)]
    path: Annotated[Path, Field(exclude=True, default=Path())]

    @property
    def longest_window_days(self) -> int:
        """The days after the index date that every needed source must have reached."""
        return max(self.jail_return_within_days, *(one.window_days for one in self.outcomes))
