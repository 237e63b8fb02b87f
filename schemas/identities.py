"""standard/identities: what linkage compares, every placeholder null, one way of writing each thing."""

from __future__ import annotations

import pandera.polars as pa
import polars as pl


class Identities(pa.DataFrameModel):
    """Grain: distinct identity of a linkable client (a client with aliases has several). Sorted by identity_id.

    What an alias row leaves open (sex, address, number, …) is filled from the client's other rows.
    """

    identity_id: pl.Int64 = pa.Field(unique=True, ge=0)
    """63 bits of the MD5 of everything below: the same content is the same identity in every run."""
    client_key: pl.Int64
    agency: pl.String
    first_name: pl.String = pa.Field(nullable=True, str_matches=r"^[A-Z]+$")
    """A–Z, blanks closed, suffix out: MARY ANN and Maryann are MARYANN."""
    first_token: pl.String = pa.Field(nullable=True, str_matches=r"^[A-Z]+$")
    """The first of several given names."""
    middle_name: pl.String = pa.Field(nullable=True, str_matches=r"^[A-Z]+$")
    """A name or an initial."""
    last_name: pl.String = pa.Field(nullable=True, str_matches=r"^[A-Z]+$")
    """A–Z, blanks and hyphens closed, suffix out: De La Cruz and Delacruz are DELACRUZ."""
    surname_parts: pl.List(pl.String) = pa.Field(nullable=True)  # type: ignore[valid-type]
    """Parts that can stand alone, particles tied to what follows: GARCIA, DELACRUZ."""
    generation: pl.String = pa.Field(nullable=True, isin=("SR", "JR", "III", "IV"))
    """The suffix by how families count: II is JR."""
    birth_code: pl.String = pa.Field(nullable=True, str_matches=r"^[0-9]+$")
    """Year, month and day as eight digits, as written: an impossible date is kept, for its digits still agree."""
    birth_year: pl.Int16 = pa.Field(nullable=True)
    birth_month: pl.Int16 = pa.Field(nullable=True)
    """As it stands in the month's place; may exceed 12 where day and month were exchanged."""
    birth_day: pl.Int16 = pa.Field(nullable=True)
    ssn: pl.String = pa.Field(nullable=True, str_matches=r"^[0-9]{7,9}$")
    """Nine digits that can have been issued, or seven or eight of a number that lost some."""
    itin: pl.String = pa.Field(nullable=True, str_matches=r"^9[0-9]{8}$")
    """A taxpayer number, which is not an SSN."""
    ssn_last4: pl.String = pa.Field(nullable=True, str_matches=r"^[0-9]{4}$")
    sex_code: pl.String = pa.Field(nullable=True, isin=("F", "M"))
    phone: pl.String = pa.Field(nullable=True, str_matches=r"^[2-9][0-9]{9}$")
    address: pl.String = pa.Field(nullable=True)
    """Street line in the postal service's words, unit out; null for facilities and no fixed address."""
    house_number: pl.String = pa.Field(nullable=True)
    unit: pl.String = pa.Field(nullable=True)
    city: pl.String = pa.Field(nullable=True)
    zip5: pl.String = pa.Field(nullable=True)
    """Five digits; elsewhere the postcode without blanks."""
    shared_ids: pl.List(pl.String)  # type: ignore[valid-type]
    """`<namespace>:<id>` of every id that several agencies write, sorted."""
    shared_id_kinds: pl.List(pl.String)  # type: ignore[valid-type]
    """Namespaces of the ids given to the client of which a person has one (so not an agency's own client id)."""
    surname_first: pl.String = pa.Field(nullable=True)
    surname_last: pl.String = pa.Field(nullable=True)
    first_roots: pl.List(pl.String) = pa.Field(nullable=True)  # type: ignore[valid-type]
    """The full names that the first name can stand for, itself among them."""

    class Config:
        """No column beside these."""

        strict = True
