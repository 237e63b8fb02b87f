"""standard/clients: every client that any agency names, linkable or not."""

from __future__ import annotations

import pandera.polars as pa
import polars as pl

RACE_ETHNICITY_CODES = (
    "hispanic",
    "black",
    "white",
    "asian",
    "american_indian",
    "pacific_islander",
    "other",
    "unknown",
)
"""One value for reporting: Hispanic before race, several races or one not listed as `other`."""

UNLINKABLE_REASONS = ("no_identity_record", "hashed_identifiers", "no_usable_name", "nothing_beside_the_name")
"""Why a client stays alone: only events name it; its delivery carries hashes; nobody named it; a name and no more."""


class Clients(pa.DataFrameModel):
    """Grain: client, `(agency, client_id)`. Sorted by client_key."""

    client_key: pl.Int64 = pa.Field(unique=True, ge=0)
    """63 bits of the MD5 of `agency|client_id`: the client's number in every table."""
    agency: pl.String
    client_id: pl.String
    sex_code: pl.String = pa.Field(nullable=True, isin=("F", "M"))
    race_ethnicity_code: pl.String = pa.Field(isin=RACE_ETHNICITY_CODES)
    birth_on: pl.Date = pa.Field(nullable=True)
    """As the agency holds it, placeholders and all."""
    is_linkable: pl.Boolean
    unlinkable_reason: pl.String = pa.Field(nullable=True, isin=UNLINKABLE_REASONS)
    merged_into_client_key: pl.Int64 = pa.Field(nullable=True)
    """The client that the agency itself merged this one into."""
    deceased_on: pl.Date = pa.Field(nullable=True)
    identity_count: pl.Int32 = pa.Field(ge=0)
    """Rows of standard/identities."""

    class Config:
        """No column beside these."""

        strict = True
