"""person_index/client_attributes, linkage_figures and linkage_runs: by what linkage quality is told, run by run."""

from __future__ import annotations

import pandera.polars as pa
import polars as pl

from schemas.clients import RACE_ETHNICITY_CODES

AGE_BANDS = ("00-17", "18-24", "25-44", "45-64", "65+", "unknown")
HOUSING_STATUSES = ("homeless", "housed", "neither", "unknown")
"""As of the run, by the housing agencies' own records; `unknown`: they do not know the client."""

SSN_KNOWN = ("full", "last_four", "taxpayer_number", "missing")

FIGURES = (
    "clusters_by_size",
    "largest_cluster",
    "linked_by_agency_pair",
    "links_by_rule",
    "links_by_weight",
    "placeholders",
    "unlinkable_by_agency",
)


class ClientAttributes(pa.DataFrameModel):
    """Grain: client. What its own records say of it; never used for linking. Sorted by client_key."""

    client_key: pl.Int64 = pa.Field(unique=True)
    agency: pl.String
    race_ethnicity: pl.String = pa.Field(isin=RACE_ETHNICITY_CODES)
    sex: pl.String = pa.Field(isin=("F", "M", "unknown"))
    age_band: pl.String = pa.Field(isin=AGE_BANDS)
    housing_status: pl.String = pa.Field(isin=HOUSING_STATUSES)
    ssn: pl.String = pa.Field(isin=SSN_KNOWN)

    class Config:
        """No column beside these."""

        strict = True


class LinkageFigures(pa.DataFrameModel):
    """Grain: figure × part, of one run. `value` counts what the part names, `whole` what it is a share of."""

    figure_code: pl.String = pa.Field(isin=FIGURES)
    part_code: pl.String
    value: pl.Int64 = pa.Field(ge=0)
    whole: pl.Int64 = pa.Field(nullable=True, ge=0)

    class Config:
        """No column beside these; no figure has a part twice."""

        strict = True
        unique = ["figure_code", "part_code"]  # noqa: RUF012 - pandera reads it from the class


class LinkageRuns(pa.DataFrameModel):
    """Grain: run × figure × part. `run_key`: a hash of what the run's clusters were made from."""

    run_number: pl.Int64 = pa.Field(ge=1)
    run_key: pl.String = pa.Field(str_matches=r"^[0-9a-f]{16}$")
    as_of_on: pl.Date
    model: pl.String
    figure_code: pl.String = pa.Field(isin=FIGURES)
    part_code: pl.String
    value: pl.Int64 = pa.Field(ge=0)
    whole: pl.Int64 = pa.Field(nullable=True, ge=0)

    class Config:
        """No column beside these; no run has a part twice."""

        strict = True
        unique = ["run_number", "figure_code", "part_code"]  # noqa: RUF012 - pandera reads it from the class
